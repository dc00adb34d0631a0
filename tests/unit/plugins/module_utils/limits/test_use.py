# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel import memory_v1, memory_v2
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_headroom
from ansible_collections.fathom.containers.plugins.module_utils.limits.use import Headroom, Use, read_use
from ansible_collections.fathom.containers.tests.unit.hosttree import GIB, MIB, Tree
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


def test_a_share_without_its_sign_is_no_headroom():
    with pytest.raises(FathomError, match=r"headroom is '10', and a number without a unit is bytes.*, such as 10%\Z"):
        read_headroom("10")


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


def test_the_larger_half_of_the_headroom_counts_downwards_too():
    headroom = Headroom(0.25, 32 * MIB)
    assert headroom.below(1000 * MIB) == 800 * MIB
    assert headroom.below(64 * MIB) == 32 * MIB
    assert headroom.below(16 * MIB) == -16 * MIB


STUCK = Use(200 * MIB, anonymous_bytes=100 * MIB, unevictable_bytes=0, kernel_bytes=10 * MIB, swap_bytes=0)


def test_memory_that_is_locked_stays_whatever_swap_there_is():
    locked = STUCK._replace(unevictable_bytes=150 * MIB)
    assert locked.stuck_bytes(500 * MIB, 500 * MIB) == 160 * MIB
    # It may be anonymous too, so it is not counted twice.
    assert STUCK._replace(unevictable_bytes=60 * MIB).stuck_bytes(0, 500 * MIB) == 110 * MIB


def test_what_is_swapped_out_counts_as_it_comes_back():
    swapped = STUCK._replace(swap_bytes=50 * MIB)
    assert swapped.stuck_bytes(0, 0) == 160 * MIB
    assert swapped.stuck_bytes(50 * MIB, 0) == 110 * MIB
    assert swapped.stuck_bytes(500 * MIB, 30 * MIB) == 80 * MIB
    assert swapped.stuck_bytes(500 * MIB, 500 * MIB) == 10 * MIB


DIRECTORY = "/sys/fs/cgroup/web"


def use_of(tmp_path, version, stat, **figures):
    tree = Tree(tmp_path)
    tree.directory(DIRECTORY, {"memory.stat": "\n".join(f"{key} {value}" for key, value in stat.items())})
    tree.directory(DIRECTORY, {name.replace("__", "."): value for name, value in figures.items()})
    reader = {1: memory_v1, 2: memory_v2}[version]
    return read_use(reader.read_memory(tree.files, DIRECTORY), version)


def test_use_on_v1_is_that_of_the_cgroup_and_all_below_it(tmp_path):
    own = {"rss": 1, "shmem": 2, "swap": 3, "unevictable": 4, "kernel_stack": 5, "sock": 6}
    total = {"total_rss": 100, "total_shmem": 20, "total_swap": 7, "total_unevictable": 30, "total_cache": 400}
    assert use_of(tmp_path, 1, {**own, **total}, memory__usage_in_bytes=900) == Use(900, 120, 30, 0, 7)


V2_STAT = {"anon": 100, "shmem": 20, "file": 400, "unevictable": 30, "slab": 50, "slab_reclaimable": 30, "sock": 6}
V2_PARTS = {"kernel_stack": 1, "pagetables": 2, "percpu": 4}


def test_use_on_v2_with_the_kernels_sum_of_its_own_memory(tmp_path):
    use = use_of(tmp_path, 2, {**V2_STAT, **V2_PARTS, "kernel": 80}, memory__current=900, memory__swap__current=7)
    assert use == Use(900, 120, 30, 80 - 30 + 6, 7)


def test_use_on_v2_with_the_parts_of_it_on_kernels_before_5_18(tmp_path):
    use = use_of(tmp_path, 2, {**V2_STAT, **V2_PARTS}, memory__current=900, memory__swap__current=7)
    assert use == Use(900, 120, 30, 1 + 2 + 4 + 50 - 30 + 6, 7)


def test_kernel_memory_is_never_less_than_nothing(tmp_path):
    """The kernel counts its figures one after the other."""
    use = use_of(tmp_path, 2, {**V2_STAT, "kernel": 20}, memory__current=900)
    assert (use.kernel_bytes, use.swap_bytes) == (6, 0)


@pytest.mark.parametrize("version", [1, 2])
def test_use_that_the_kernel_does_not_tell(version, tmp_path):
    usage = {1: "memory__usage_in_bytes", 2: "memory__current"}[version]
    assert use_of(tmp_path / "usage", version, {}, **{usage: 900}) is None
    assert use_of(tmp_path / "stat", version, V2_STAT) is None
