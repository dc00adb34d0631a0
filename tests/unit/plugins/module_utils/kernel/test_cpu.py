# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.kernel import cpu_v1, cpu_v2
from ansible_collections.fathom.containers.tests.unit.hosttree import CPU_V1, V2, Tree


def test_both_versions_tell_the_same_container_alike(tmp_path):
    """--cpus 0.5, as either version of cgroups keeps it."""
    tree = Tree(tmp_path)
    tree.directory("/v1", dict(CPU_V1, **{"cpu.cfs_quota_us": 50000, "cpuacct.usage": 1500000}))
    tree.directory("/v2", dict(V2, **{"cpu.max": "50000 100000"}))
    own = {"shares", "weight"}
    first, second = (
        {key: value for key, value in cpu._asdict().items() if key not in own}
        for cpu in (cpu_v1.read_cpu(tree.files, "/v1", "/v1"), cpu_v2.read_cpu(tree.files, "/v2"))
    )
    assert first == second
    assert None not in first.values()
