# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_headroom
from ansible_collections.fathom.containers.plugins.module_utils.limits.use import Use
from ansible_collections.fathom.containers.tests.unit.hosttree import GIB, MIB
from hypothesis import given
from hypothesis import strategies as st

TEXTS = ["10%", "0 %", "12.5%", "64MiB", "64M", "0", "1048576"]


@pytest.mark.parametrize(
    ("text", "used_mib", "smallest_mib"),
    [
        ("10%", 40, 72),
        ("10%", 320, 352),
        ("10%", 2048, 2252),
        ("12.5%", 1024, 1152),
        ("0%", 40, 72),
        ("64MiB", 40, 104),
        ("64M", 2048, 2112),
        ("1048576", 40, 41),
        ("0", 40, 40),
    ],
)
def test_the_smallest_limit_above_what_is_in_use(text, used_mib, smallest_mib):
    assert read_headroom(text).above(used_mib * MIB) // MIB == smallest_mib


@given(text=st.sampled_from(TEXTS), used_bytes=st.integers(0, 64 * GIB))
def test_what_leaves_headroom_upwards_leaves_it_downwards(text, used_bytes):
    headroom = read_headroom(text)
    assert abs(headroom.below(headroom.above(used_bytes)) - used_bytes) <= 1


@pytest.mark.parametrize("text", ["", "some", "-1", "-5%", "10 percent", "unlimited", "1000%x", "64Mb"])
def test_what_is_no_headroom_is_told_with_what_is(text):
    with pytest.raises(FathomError) as caught:
        read_headroom(text)
    for part in ("headroom", repr(text), "256MiB", "10%"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("swap_limit_mib", "swap_free_mib", "stuck_mib"),
    [(0, 500, 110), (30, 500, 80), (500, 30, 80), (500, None, 110), (500, 500, 10)],
)
def test_swap_takes_what_its_limit_and_the_host_have_room_for(swap_limit_mib, swap_free_mib, stuck_mib):
    use = Use(200 * MIB, anonymous_bytes=100 * MIB, unevictable_bytes=0, kernel_bytes=10 * MIB, swap_bytes=0)
    free_bytes = None if swap_free_mib is None else swap_free_mib * MIB
    assert use.stuck_bytes(swap_limit_mib * MIB, free_bytes) == stuck_mib * MIB
