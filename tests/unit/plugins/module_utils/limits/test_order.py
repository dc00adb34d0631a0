# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order the files are written: so that a kernel takes each, and nothing lacks room between."""

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.limits.holders import Limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.order import spell, writes
from hypothesis import given
from hypothesis import strategies as st

MAX, SWAP, LOW = "memory.max", "memory.swap.max", "memory.low"
LIMIT, TOGETHER, SOFT = "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.soft_limit_in_bytes"
BYTES = st.one_of(st.integers(0, 9), st.just(UNLIMITED))
LIMITS = st.builds(Limits, BYTES, BYTES, st.integers(0, 9))


@pytest.mark.parametrize(
    ("now", "target", "expected"),
    [
        # What is pushed out finds its room in swap, and what is taken from swap its room in memory.
        (Limits(8, 0, 0), Limits(4, 4, 0), [(SWAP, 4), (MAX, 4)]),
        (Limits(4, 4, 0), Limits(8, 0, 0), [(MAX, 8), (SWAP, 0)]),
        (Limits(UNLIMITED, UNLIMITED, 0), Limits(4, 4, 0), [(SWAP, 4), (MAX, 4)]),
        (Limits(4, 4, 0), Limits(UNLIMITED, 0, 0), [(MAX, UNLIMITED), (SWAP, 0)]),
        (Limits(4, 4, 0), Limits(4, 2, 0), [(SWAP, 2)]),
        (Limits(4, 4, 0), Limits(4, 4, 2), [(LOW, 2)]),
        (Limits(4, 4, 2), Limits(4, 4, 0), [(LOW, 0)]),
        (Limits(8, None, 0), Limits(4, None, 0), [(MAX, 4)]),
        (Limits(4, 4, 2), Limits(4, 4, 2), []),
        (Limits(4, 4, 2), Limits(4, 4, None), []),
    ],
)
def test_on_v2(now, target, expected):
    assert writes(2, now, target) == expected


@pytest.mark.parametrize(
    ("now", "target", "expected"),
    [
        (Limits(8, 0, 0), Limits(4, 0, 0), [(LIMIT, 4), (TOGETHER, 4)]),
        (Limits(4, 0, 0), Limits(8, 0, 0), [(TOGETHER, 8), (LIMIT, 8)]),
        (Limits(4, 2, 0), Limits(5, 4, 0), [(LIMIT, 5), (TOGETHER, 9)]),
        (Limits(4, 2, 0), Limits(7, 0, 0), [(TOGETHER, 7), (LIMIT, 7)]),
        # The sum stays, so it is not written.
        (Limits(4, 4, 0), Limits(6, 2, 0), [(LIMIT, 6)]),
        (Limits(4, 4, 0), Limits(4, UNLIMITED, 0), [(TOGETHER, UNLIMITED)]),
        (Limits(4, 0, 0), Limits(UNLIMITED, UNLIMITED, 0), [(TOGETHER, UNLIMITED), (LIMIT, UNLIMITED)]),
        (Limits(UNLIMITED, UNLIMITED, 0), Limits(4, 0, 0), [(LIMIT, 4), (TOGETHER, 4)]),
        (Limits(4, 4, 0), Limits(4, 4, 2), [(SOFT, 2)]),
        # The kernel writes "no reservation" as an unlimited one.
        (Limits(4, 4, 2), Limits(4, 4, 0), [(SOFT, UNLIMITED)]),
        (Limits(8, None, 0), Limits(4, None, 0), [(LIMIT, 4)]),
        (Limits(4, None, 0), Limits(8, None, 0), [(LIMIT, 8)]),
    ],
)
def test_on_v1(now, target, expected):
    assert writes(1, now, target) == expected


@given(now=LIMITS, target=LIMITS)
def test_v1_takes_each_write_and_ends_at_the_target(now, target):
    held = {LIMIT: now.memory, TOGETHER: now.memory_swap, SOFT: now.reservation or UNLIMITED}
    for name, value in writes(1, now, target):
        held[name] = value
        assert held[LIMIT] <= held[TOGETHER], name
    assert held == {LIMIT: target.memory, TOGETHER: target.memory_swap, SOFT: target.reservation or UNLIMITED}


@given(now=LIMITS, target=LIMITS)
def test_v2_never_has_room_for_less_than_before_or_after(now, target):
    held = {MAX: now.memory, SWAP: now.swap, LOW: now.reservation}
    least = min(now.memory + now.swap, target.memory + target.swap)
    for name, value in writes(2, now, target):
        held[name] = value
        assert held[MAX] + held[SWAP] >= least, name
    assert held == {MAX: target.memory, SWAP: target.swap, LOW: target.reservation}


@pytest.mark.parametrize(
    ("version", "value", "text"), [(1, UNLIMITED, "-1"), (2, UNLIMITED, "max"), (1, 4096, "4096"), (2, 4096.0, "4096")]
)
def test_spelling(version, value, text):
    assert spell(version, value) == text
