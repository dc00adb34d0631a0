# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.pictures import (
    memory_bars,
    memory_keys,
    nest,
    stack_svg,
)
from ansible_collections.fathom.containers.tests.unit.tourresults import MIB
from hypothesis import given
from hypothesis import strategies as st


def shapes(svg):
    """(The picture's width and height, (style, x, y, width, height) of each rectangle)."""
    root = ET.fromstring(svg)
    _x, _y, width, height = map(float, root.get("viewBox").split())
    rects = [
        (one.get("class"), *(float(one.get(key)) for key in ("x", "y", "width", "height"))) for one in root.iter("rect")
    ]
    return width, height, rects


def memory(**changes):
    empty = dict.fromkeys(
        ("usage_bytes", "working_set_bytes", "peak_bytes", "limit_bytes", "effective_limit_bytes"), None
    )
    return {**empty, **changes}


@given(st.lists(st.tuples(st.none() | st.integers(0, 1 << 40), st.booleans()), max_size=130))
def test_layers_are_as_high_as_they_have_bytes_and_fill_the_picture(layers):
    _width, height, rects = shapes(stack_svg(layers))
    assert len(rects) == len(layers)
    assert [style for style, *_rest in rects] == [
        "unknown" if size is None else "shared" if shared else "own" for size, shared in layers
    ]
    bottom = height
    for (_style, _x, y, _width, tall), (size, _shared) in zip(rects, layers):
        assert tall >= 2.99
        assert abs(y + tall - bottom) < 0.2
        bottom = y
        if not size:
            assert tall < 3.01
    if any(size for size, _shared in layers):
        assert abs(bottom) < 2


def test_twice_the_bytes_are_twice_as_high():
    _w, _h, rects = shapes(stack_svg([(2 * MIB, True), (4 * MIB, False), (0, False)]))
    assert rects[1][4] - 3 == pytest.approx(2 * (rects[0][4] - 3), abs=0.1)


def test_memory_to_scale():
    (drawn,) = memory_bars(
        memory(
            usage_bytes=16 * MIB,
            working_set_bytes=8 * MIB,
            peak_bytes=32 * MIB,
            limit_bytes=64 * MIB,
            effective_limit_bytes=32 * MIB,
        )
    )
    width, _height, rects = shapes(drawn.svg)
    found = {style: (x, wide) for style, x, _y, wide, _tall in rects}
    assert drawn.whole == "64 MiB"
    assert found["usage"] == (0, width / 4)
    assert found["working"] == (0, width / 8)
    for style, place in (("peak", width / 2), ("limit", width), ("effective", width / 2)):
        x, wide = found[style]
        assert x <= place <= x + wide


def test_hardly_any_of_a_large_limit_is_magnified():
    whole, near = memory_bars(memory(usage_bytes=MIB, peak_bytes=2 * MIB, effective_limit_bytes=1024 * MIB))
    assert (whole.whole, near.whole) == ("1 GiB", "2.5 MiB")
    assert {style for style, *_rest in shapes(near.svg)[2]} == {"track", "usage", "peak"}


@pytest.mark.parametrize("told", [memory(), memory(usage_bytes=0)])
def test_nothing_known_is_nothing_drawn(told):
    assert memory_bars(told) == []


def test_keys_of_what_is_known():
    keys = memory_keys(memory(usage_bytes=0, limit_bytes=64 * MIB))
    assert [tuple(key) for key in keys] == [("usage", "in use", "0 B"), ("limit", "limit", "64 MiB")]


SIZE = st.none() | st.integers(0, 1 << 62)


@given(SIZE, SIZE, SIZE, SIZE, SIZE)
def test_all_of_a_bar_lies_in_it(usage, working, peak, limit, effective):
    told = memory(
        usage_bytes=usage,
        working_set_bytes=working,
        peak_bytes=peak,
        limit_bytes=limit,
        effective_limit_bytes=effective,
    )
    for drawn in memory_bars(told):
        width, height, rects = shapes(drawn.svg)
        for _style, x, y, wide, tall in rects:
            assert x >= 0 <= y
            assert x + wide <= width + 0.1
            assert y + tall <= height + 0.1
        assert not re.search("nan|inf", str(drawn.svg))


def test_boxes_from_the_outermost_to_the_container():
    owners = [("pid", "own", []), ("net", "others", ["b"]), ("ipc", "others", ["a", "b"]), ("user", "host", [])]
    assert nest([*owners, ("mnt", "own", []), ("time", "unknown", [])]) == [
        ("unknown", [], ["time"]),
        ("host", [], ["user"]),
        ("others", ["a", "b"], ["ipc"]),
        ("others", ["b"], ["net"]),
        ("own", [], ["pid", "mnt"]),
    ]
