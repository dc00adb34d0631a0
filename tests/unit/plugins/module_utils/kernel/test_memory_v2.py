# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.kernel.memory_v2 import read_limit, read_memory
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, V2, Tree


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.directory(
        "/m",
        dict(
            V2,
            **{
                "memory.max": 67108864,
                "memory.high": 50331648,
                "memory.low": 8388608,
                "memory.min": 4194304,
                "memory.swap.max": 33554432,
                "memory.swap.current": 8192,
                "memory.zswap.current": 2048,
                "memory.events": "low 1\nhigh 2\nmax 12\noom 4\noom_kill 3\noom_group_kill 0",
                "memory.oom.group": 1,
            },
        ),
    )
    return tree


def test_every_figure(tree):
    files = tree.files
    memory = read_memory(files, "/m")
    assert files.unreadable == []
    assert memory._asdict() == {
        "limit": 64 * MIB,
        "swap_limit": 32 * MIB,
        "memory_swap_limit": 96 * MIB,
        "reservation": 8 * MIB,
        "minimum": 4 * MIB,
        "high": 48 * MIB,
        "kernel_limit": None,
        "usage": 7782400,
        "peak": 8122368,
        "swap_usage": 8192,
        "zswap_usage": 2048,
        "limit_hits": 12,
        "oom_kills": 3,
        "oom_kill_disabled": False,
        "oom_group": True,
        "inactive_file": 6594560,
        "stat": {"anon": 1187840, "file": 6594560, "inactive_file": 6594560},
    }


@pytest.mark.parametrize(
    ("limit", "swap", "both"),
    [
        ("max", "max", UNLIMITED),
        ("max", "0", UNLIMITED),
        ("4096", "max", UNLIMITED),
        ("4096", "0", 4096),
        ("0", "0", 0),
    ],
)
def test_memory_and_swap_together(tree, limit, swap, both):
    tree.directory("/m", {"memory.max": limit, "memory.swap.max": swap})
    assert read_memory(tree.files, "/m").memory_swap_limit == both


def test_a_kernel_without_swap_accounting_and_without_newer_files(tree):
    for name in ("swap.max", "swap.current", "zswap.current", "peak", "oom.group"):
        tree.remove("/m/memory." + name)
    files = tree.files
    memory = read_memory(files, "/m")
    assert (memory.swap_limit, memory.memory_swap_limit, memory.swap_usage) == (None, None, None)
    assert (memory.zswap_usage, memory.peak, memory.oom_group) == (None, None, None)
    assert memory.limit == 64 * MIB
    assert files.unreadable == []


def test_the_root_has_no_limit_of_its_own(tree):
    tree.write("/root/memory.stat", "anon 1")
    files = tree.files
    assert read_limit(files, "/root") == UNLIMITED
    assert read_memory(files, "/root").usage is None
    assert files.unreadable == []


def test_an_unreadable_limit_is_no_unlimited_one(tree):
    tree.unreadable("/m/memory.max")
    files = tree.files
    assert read_memory(files, "/m").limit is None
    assert files.unreadable == [{"path": "/m/memory.max", "reason": "Is a directory"}]


def test_events_of_an_older_kernel(tree):
    tree.write("/m/memory.events", "low 0\nhigh 0\nmax 0\noom 0")
    assert read_memory(tree.files, "/m").oom_kills is None
