# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tour's pictures to scale, as SVG of numbers alone: all words stand beside them, and nothing in them is free text.

They are stretched to the width that there is, so that they hold no letters. Pure.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from markupsafe import Markup

from ...module_utils.limits.sizes import binary_size
from .words import size

_STACK_HEIGHT, _THINNEST = 320.0, 3.0
_BAR_WIDTH, _BAR_HEIGHT, _TICK_WIDTH = 1000.0, 40.0, 4.0
# A bar of which less than this is in use is drawn a second time, magnified.
_TOO_LITTLE = 0.05


class Bar(NamedTuple):
    """A bar, and how many bytes its whole width stands for, in words."""

    svg: Markup
    whole: str


class Key(NamedTuple):
    """What a colour of the bar stands for."""

    style: str
    name: str
    size: str


def stack_svg(layers: list[tuple[int | None, bool]]) -> Markup:
    """Layers, the lowest first, as (bytes, whether other images have it): as high as they have bytes.

    A layer with hardly any is a thin line, so that it is seen at all.
    """
    height = max(_STACK_HEIGHT, 2 * _THINNEST * len(layers))
    total = sum(size_bytes or 0 for size_bytes, _shared in layers)
    scale = (height - _THINNEST * len(layers)) / total if total else 0.0
    shapes = []
    top = height
    for number, (size_bytes, shared) in enumerate(layers, 1):
        tall = _THINNEST + (size_bytes or 0) * scale
        top -= tall
        style = "unknown" if size_bytes is None else "shared" if shared else "own"
        shapes.append(_rect(style, 0, top, 100, tall, f"layer {number}: {size(size_bytes)}"))
    return _svg(100, height, shapes)


def memory_bars(memory: dict[str, int | None]) -> list[Bar]:
    """The limits and what is in use, to scale; and once more up to the peak, where the first has hardly any of it."""
    peak = max(memory["peak_bytes"] or 0, memory["usage_bytes"] or 0)
    whole = max(peak, memory["limit_bytes"] or 0, memory["effective_limit_bytes"] or 0)
    bars = [_bar(memory, whole)] if whole else []
    if 0 < peak < whole * _TOO_LITTLE:
        bars.append(_bar(memory, round(peak * 1.25)))
    return bars


def memory_keys(memory: dict[str, int | None]) -> list[Key]:
    return [Key(style, name, binary_size(memory[key] or 0)) for key, style, name in _MEMORY if memory[key] is not None]


_MEMORY = (
    ("usage_bytes", "usage", "in use"),
    ("working_set_bytes", "working", "working set"),
    ("peak_bytes", "peak", "peak"),
    ("limit_bytes", "limit", "limit"),
    ("effective_limit_bytes", "effective", "effective limit"),
)


def _bar(memory: dict[str, int | None], whole: int) -> Bar:
    shapes = [_rect("track", 0, 0, _BAR_WIDTH, _BAR_HEIGHT)]
    for key, style, _name in _MEMORY:
        value = memory[key]
        if value is None or value > whole:
            continue
        x = value / whole * _BAR_WIDTH
        if style in ("usage", "working"):
            inset = 0 if style == "usage" else _BAR_HEIGHT / 4
            shapes.append(_rect(style, 0, inset, max(x, 1.0), _BAR_HEIGHT - 2 * inset))
        else:
            # The two limits are mostly the same: each has a half of the height.
            top, tall = {"peak": (0.0, 1.0), "limit": (0.0, 0.5), "effective": (0.5, 0.5)}[style]
            left = min(max(x - _TICK_WIDTH / 2, 0), _BAR_WIDTH - _TICK_WIDTH)
            shapes.append(_rect(style, left, top * _BAR_HEIGHT, _TICK_WIDTH, tall * _BAR_HEIGHT))
    return Bar(_svg(_BAR_WIDTH, _BAR_HEIGHT, shapes), binary_size(whole))


def _svg(width: float, height: float, shapes: list[str]) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {width:g} {height:g}" preserveAspectRatio="none" aria-hidden="true">{"".join(shapes)}</svg>'
    )


def _rect(style: str, x: float, y: float, width: float, height: float, title: str = "") -> str:
    inside = f"<title>{title}</title>" if title else ""
    return f'<rect class="{style}" x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}">{inside}</rect>'


def nest(owners: list[tuple[str, str, list[str]]]) -> list[tuple[str, list[str], list[str]]]:
    """The boxes around a container, the outermost first: (whose, with whom, the namespaces that are told there).

    ``owners``: (type of the namespace, whose it is, the other containers in it), as namespace_chapters.owner tells.
    """
    boxes: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for kind, whose, others in owners:
        boxes.setdefault((whose, tuple(others)), []).append(kind)
    order: list[Any] = sorted(boxes, key=lambda box: (_OUTWARD.index(box[0]), -len(box[1]), box[1]))
    return [(whose, list(others), boxes[whose, others]) for whose, others in order]


_OUTWARD = ("unknown", "host", "others", "own")
