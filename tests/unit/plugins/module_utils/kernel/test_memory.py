# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.kernel import memory_v1, memory_v2
from ansible_collections.fathom.containers.tests.unit.hosttree import MEMORY_V1, MIB, V2, Tree


def test_both_versions_tell_the_same_container_alike(tmp_path):
    """--memory 64m --memory-swap 96m, as either version of cgroups keeps it."""
    tree = Tree(tmp_path)
    tree.directory(
        "/v1", dict(MEMORY_V1, **{"memory.limit_in_bytes": 64 * MIB, "memory.memsw.limit_in_bytes": 96 * MIB})
    )
    tree.directory("/v2", dict(V2, **{"memory.max": 64 * MIB, "memory.swap.max": 32 * MIB}))
    own = {"minimum", "high", "kernel_limit", "zswap_usage", "oom_group", "stat"}
    first, second = (
        {key: value for key, value in memory._asdict().items() if key not in own}
        for memory in (memory_v1.read_memory(tree.files, "/v1"), memory_v2.read_memory(tree.files, "/v2"))
    )
    assert first == second
    assert None not in first.values()
