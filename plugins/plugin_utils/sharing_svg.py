# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sharing picture as SVG: a line for each namespace that is shared, a dot on it for each row in it. Pure."""

from __future__ import annotations

from html import escape

from .sharing import OWN, UNKNOWN, label, picture, sentences
from .text import harmless

_ROW, _HEAD, _LABEL, _LANE, _GAP, _EDGE, _WIDTH = 44, 74, 300, 20, 34, 16, 560

STYLE = """
.sharing{--ink:#1f2328;--quiet:#59636e;--line:#d1d9e0;--host:#b4442c;--peer:#2f6fab;max-width:none}
@media (prefers-color-scheme:dark){.sharing{--ink:#e6e9ec;--quiet:#9aa4ae;--line:#3a424b;--host:#f08a70;--peer:#7db4e8}}
.sharing text{font:14px/1 system-ui,sans-serif;fill:var(--ink)}
.sharing .small{font-size:12px;fill:var(--quiet)}.sharing .mid{text-anchor:middle}
.sharing .own{fill:none;stroke:var(--quiet);stroke-opacity:.6;stroke-width:1.5}
.sharing .host{stroke:var(--host);fill:var(--host)}.sharing .peer{stroke:var(--peer);fill:var(--peer)}
.sharing path{fill:none!important;stroke-width:3;stroke-linecap:round}.sharing .ring{fill:none;stroke-width:1.5}
.sharing .rule{stroke:var(--line);stroke-width:1}
""".strip()


def sharing_svg(containers, shared, name="this host", prefix="sharing", style=True):
    """SVG text. ``prefix`` begins the ids in it, which have to be its own where a page has several pictures.

    Without ``style`` it takes STYLE from the page that it is put into.
    """
    drawn = picture(containers, shared)
    lanes = _lanes(drawn)
    lefts, right = _columns(drawn, lanes)
    width = max(right + _EDGE, _WIDTH)
    height = _HEAD + _ROW * len(drawn.rows) + (28 if drawn.left_out or not drawn.columns else 0) + 40
    title = f"Namespaces shared on {harmless(name, 80)}"
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    named = f'role="img" aria-labelledby="{prefix}-title {prefix}-desc"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sharing" {named} {size}>',
        f'<title id="{prefix}-title">{escape(title)}</title>',
        f'<desc id="{prefix}-desc">{escape(_description(drawn))}</desc>',
        f"<style>{STYLE}</style>" if style else "",
        *_heads(drawn, lefts, width),
        *_line_paths(drawn, lefts, lanes),
        *(part for number, row in enumerate(drawn.rows) for part in _row(drawn, number, row, lefts, lanes, width)),
        _foot(drawn, height - 44),
        *_legend(height - 12),
        "</svg>",
    ]
    return "".join(parts)


def _description(drawn):
    more = f" {drawn.left_out} more containers are not drawn." if drawn.left_out else ""
    if not drawn.rows:
        return "No container runs here."
    return " ".join(harmless(text, 400) for text in sentences(drawn)) + more


def _lanes(drawn):
    """For each line its place within its column: the host's is the first, others side by side where they overlap."""
    lanes, ends = [], {}
    for line in drawn.lines:
        taken = ends.setdefault(line.kind, [])
        if line.with_host:
            lanes.append(0)
            continue
        first = 1 if any(other.with_host and other.kind == line.kind for other in drawn.lines) else 0
        lane = first
        while lane < len(taken) and line.rows and taken[lane] >= line.rows[0]:
            lane += 1
        taken.extend([-1] * (lane + 1 - len(taken)))
        taken[lane] = line.rows[-1] if line.rows else -1
        lanes.append(lane)
    return lanes


def _columns(drawn, lanes):
    """(x of the first lane of each column, the right edge.)"""
    lefts, at = [], _LABEL + _GAP
    for kind in drawn.columns:
        most = max((lane for line, lane in zip(drawn.lines, lanes, strict=True) if line.kind == kind), default=0)
        lefts.append(at)
        at += most * _LANE + _GAP * 2
    return lefts, at - _GAP


def _y(row):
    return _HEAD + _ROW * row + _ROW // 2


def _heads(drawn, lefts, width):
    yield f'<text x="0" y="52" font-weight="600">the host</text><path class="rule" d="M0 {_HEAD}H{width}"/>'
    for kind, left in zip(drawn.columns, lefts, strict=True):
        yield f'<text class="mid" x="{left}" y="20">{kind}</text>'
        hosts = any(line.with_host and line.kind == kind for line in drawn.lines)
        yield (
            f'<rect class="host" x="{left - 7}" y="40" width="14" height="14" rx="2"/>'
            if hosts
            else f'<circle class="own" cx="{left}" cy="47" r="4"/>'
        )


def _line_paths(drawn, lefts, lanes):
    for line, lane in zip(drawn.lines, lanes, strict=True):
        if not line.rows or line.kind not in drawn.columns:
            continue
        x = lefts[drawn.columns.index(line.kind)] + lane * _LANE
        begin = 47 if line.with_host else _y(line.rows[0])
        yield f'<path class="{"host" if line.with_host else "peer"}" d="M{x} {begin}V{_y(line.rows[-1])}"/>'


def _row(drawn, number, row, lefts, lanes, width):
    y = _y(number)
    own_lines = {cell for cell in row.cells if cell not in (OWN, UNKNOWN) and drawn.lines[cell].rows == (number,)}
    named = label(row, 2)
    many = f"{row.count} containers" if row.count > 1 else ""
    if row.copies > 1:
        many = f"{row.count} containers in {row.copies} sets alike"
    yield f"<g><title>{escape(harmless(sentences(drawn)[number], 400))}</title>"
    yield f'<path class="rule" d="M0 {y + _ROW // 2}H{width}"/>'
    yield f'<text x="0" y="{y + (-2 if many else 5)}">{escape(harmless(named, 40))}</text>'
    if many:
        yield f'<text class="small" x="0" y="{y + 14}">{many}</text>'
    for cell, left in zip(row.cells, lefts, strict=True):
        if cell == OWN:
            yield f'<circle class="own" cx="{left}" cy="{y}" r="4"/>'
        elif cell == UNKNOWN:
            yield f'<text class="mid small" x="{left}" y="{y + 4}">?</text>'
        else:
            sort = "host" if drawn.lines[cell].with_host else "peer"
            x = left + lanes[cell] * _LANE
            yield f'<circle class="{sort}" cx="{x}" cy="{y}" r="6"/>'
            if sort == "peer" and cell in own_lines:
                yield f'<circle class="peer ring" cx="{x}" cy="{y}" r="9.5"/>'
    yield "</g>"


def _foot(drawn, y):
    text = f"{drawn.left_out} more containers are not drawn" if drawn.left_out else ""
    if not drawn.rows:
        text = "no container runs here"
    elif not drawn.columns:
        text = "no namespace is shared"
    return f'<text class="small" x="0" y="{y}">{text}</text>' if text else ""


def _legend(y):
    """What the marks mean, in one line."""
    dot = f'<circle class="peer" cx="217" cy="{y - 4}" r="4"/>'
    marks = (
        (0, f'<rect class="host" x="0" y="{y - 10}" width="11" height="11" rx="2"/>', "the host's"),
        (96, f'<circle class="peer" cx="102" cy="{y - 4}" r="5.5"/>', "of containers"),
        (210, f'{dot}<circle class="peer ring" cx="217" cy="{y - 4}" r="7"/>', "of those in this row"),
        (372, f'<circle class="own" cx="378" cy="{y - 4}" r="4"/>', "its own"),
        (454, f'<text class="small" x="454" y="{y}">?</text>', "not known"),
    )
    for x, mark, text in marks:
        yield f'{mark}<text class="small" x="{x + 18}" y="{y}">{text}</text>'
