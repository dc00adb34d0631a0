# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.kernel.memory_v1 import read_limit, read_memory
from ansible_collections.fathom.containers.tests.unit.hosttree import GIB, MEMORY_V1, MIB, Tree

# What Linux 6.18 prints for a container of Docker 20.10 started with --memory 64m, and its figures after some work.
LIMITED = dict(
    MEMORY_V1,
    **{
        "memory.limit_in_bytes": 67108864,
        "memory.memsw.limit_in_bytes": 134217728,
        "memory.usage_in_bytes": 50331648,
        "memory.max_usage_in_bytes": 67108864,
        "memory.failcnt": 12,
        "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3",
        "memory.stat": "cache 0\nrss 49152\ninactive_file 7\nswap 5\nhierarchical_memory_limit 33554432\n"
        "hierarchical_memsw_limit 67108864\ntotal_cache 0\ntotal_rss 49152\ntotal_swap 8192\ntotal_inactive_file 4096",
    },
)


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.directory("/m", LIMITED)
    return tree


def test_every_figure(tree):
    files = tree.files
    memory = read_memory(files, "/m")
    assert files.unreadable == []
    assert memory._replace(stat=None)._asdict() == {
        "limit": 64 * MIB,
        "swap_limit": 64 * MIB,
        "memory_swap_limit": 128 * MIB,
        "reservation": 0,
        "minimum": None,
        "high": None,
        "kernel_limit": 32 * MIB,
        "usage": 48 * MIB,
        "peak": 64 * MIB,
        "swap_usage": 8192,
        "zswap_usage": None,
        "limit_hits": 12,
        "oom_kills": 3,
        "oom_kill_disabled": False,
        "oom_group": None,
        "inactive_file": 4096,
        "stat": None,
    }
    assert memory.stat["hierarchical_memsw_limit"] == 67108864


@pytest.mark.parametrize("page_bytes", [4096, 16384, 65536])
def test_unlimited_for_every_page_size(tree, page_bytes):
    written = ((1 << 63) - 1) // page_bytes * page_bytes
    tree.directory(
        "/m",
        {
            "memory.limit_in_bytes": written,
            "memory.memsw.limit_in_bytes": written,
            "memory.soft_limit_in_bytes": written,
            "memory.stat": f"hierarchical_memory_limit {written}",
        },
    )
    memory = read_memory(tree.files, "/m")
    assert memory.limit == memory.swap_limit == memory.memory_swap_limit == memory.kernel_limit == UNLIMITED
    assert memory.reservation == 0


def test_no_swap_is_zero(tree):
    tree.write("/m/memory.memsw.limit_in_bytes", "67108864")
    assert read_memory(tree.files, "/m").swap_limit == 0


def test_unlimited_swap_beside_limited_memory(tree):
    tree.write("/m/memory.memsw.limit_in_bytes", "9223372036854771712")
    assert read_memory(tree.files, "/m").swap_limit == UNLIMITED


def test_without_swap_accounting_the_swap_limit_is_absent(tree):
    tree.remove("/m/memory.memsw.limit_in_bytes")
    files = tree.files
    memory = read_memory(files, "/m")
    assert (memory.limit, memory.swap_limit, memory.memory_swap_limit) == (64 * MIB, None, None)
    assert files.unreadable == []


def test_an_unreadable_limit_is_no_unlimited_one(tree):
    tree.unreadable("/m/memory.limit_in_bytes")
    files = tree.files
    memory = read_memory(files, "/m")
    assert (memory.limit, memory.swap_limit, memory.memory_swap_limit) == (None, None, 128 * MIB)
    assert files.unreadable == [{"path": "/m/memory.limit_in_bytes", "reason": "Is a directory"}]


@pytest.mark.parametrize("limit", ["9223372036854771712", "268435456"])
def test_a_limit_that_changed_between_two_reads_gives_no_swap_limit(tree, limit):
    """The kernel keeps memory <= memory + swap; less is one read before a change and one after it."""
    tree.write("/m/memory.limit_in_bytes", limit)
    assert read_memory(tree.files, "/m").swap_limit is None


def test_a_reservation(tree):
    tree.write("/m/memory.soft_limit_in_bytes", str(GIB))
    assert read_memory(tree.files, "/m").reservation == GIB


@pytest.mark.parametrize(
    ("word", "disabled"), [("oom_kill_disable 1", True), ("oom_kill_disable 0", False), ("under_oom 0", None)]
)
def test_oom_kill_disable(tree, word, disabled):
    tree.write("/m/memory.oom_control", word)
    memory = read_memory(tree.files, "/m")
    assert memory.oom_kill_disabled is disabled
    assert memory.oom_kills is None  # Linux before 4.13


def test_a_cgroup_that_is_empty_of_files_has_no_figure(tree):
    tree.directory("/nothing")
    memory = read_memory(tree.files, "/nothing")
    assert set(memory._replace(stat=None)) == {None}


def test_read_limit(tree):
    assert read_limit(tree.files, "/m") == 64 * MIB
    assert read_limit(tree.files, "/nothing") is None
