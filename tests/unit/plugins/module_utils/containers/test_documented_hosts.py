# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that nobody captured: laid out as the documentation of Kubernetes, CRI-O, containerd and nerdctl says."""

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import gather_cgroup_facts
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    MIB,
    A,
    B,
    C,
    legacy_host,
    unified_host,
    v1_container,
    v2_container,
)

POD = "0b5e7c3a-4f1d-4c57-9a39-2f1d8a6c9e10"
POD_ = POD.replace("-", "_")
KUBEPODS = "/kubepods.slice"
BURSTABLE = f"{KUBEPODS}/kubepods-burstable.slice"
BURSTABLE_POD = f"{BURSTABLE}/kubepods-burstable-pod{POD_}.slice"
GUARANTEED_POD = f"{KUBEPODS}/kubepods-pod{POD_}.slice"


def gathered(tree):
    """{id: (engine, effective limit, who sets it)}."""
    facts, warnings = gather_cgroup_facts([], root=tree.root)
    assert warnings == []
    assert all(one["unreadable"] == [] and one["memory"]["own"] for one in facts["containers"])
    return {
        one["id"]: (
            one["engine"],
            one["memory"]["effective_limit_bytes"],
            one["memory"]["effective_limit_source"],
        )
        for one in facts["containers"]
    }


@pytest.mark.parametrize(("prefix", "engine"), [("cri-containerd", "containerd"), ("crio", "crio")])
def test_a_kubernetes_node_with_systemds_cgroups(tmp_path, prefix, engine):
    """A limited pod in the burstable class, one container of which has a limit of its own, and a guaranteed pod."""
    tree = unified_host(tmp_path)
    limited, unlimited = f"{BURSTABLE_POD}/{prefix}-{A}.scope", f"{BURSTABLE_POD}/{prefix}-{B}.scope"
    guaranteed = f"{GUARANTEED_POD}/{prefix}-{C}.scope"
    v2_container(tree, limited, 7, {"memory.max": 64 * MIB})
    v2_container(tree, unlimited, 8)
    v2_container(tree, guaranteed, 9, {"memory.max": 32 * MIB})
    v2_container(tree, f"/system.slice/{prefix}-conmon-{A}.scope", 10)
    tree.directory("/sys/fs/cgroup" + KUBEPODS, {"memory.max": 2048 * MIB})
    tree.directory("/sys/fs/cgroup" + BURSTABLE, {"memory.max": "max"})
    tree.directory("/sys/fs/cgroup" + BURSTABLE_POD, {"memory.max": 128 * MIB})
    tree.directory("/sys/fs/cgroup" + GUARANTEED_POD, {"memory.max": 32 * MIB})
    found = gathered(tree)
    if engine == "containerd":
        # Only CRI-O and Podman have a monitor; this name would be a container's own choice.
        assert found.pop(f"conmon-{A}")[0] == "containerd"
    assert found == {
        A: (engine, 64 * MIB, limited),
        B: (engine, 128 * MIB, BURSTABLE_POD),
        C: (engine, 32 * MIB, guaranteed),
    }


def test_a_kubernetes_node_with_cgroup_v1_and_cgroupfs(tmp_path):
    tree = legacy_host(tmp_path)
    pod = f"/kubepods/burstable/pod{POD}"
    v1_container(
        tree,
        f"{pod}/{A}",
        7,
        {"memory.stat": f"hierarchical_memory_limit {128 * MIB}\ntotal_inactive_file 0"},
    )
    tree.directory("/sys/fs/cgroup/memory" + pod, {"memory.limit_in_bytes": 128 * MIB})
    assert gathered(tree) == {A: ("containerd", 128 * MIB, pod)}


@pytest.mark.parametrize("path", [f"/system.slice/nerdctl-{A}.scope", f"/default/{A}", f"/k8s.io/{A}"])
def test_nerdctl(tmp_path, path):
    tree = unified_host(tmp_path)
    v2_container(tree, path, 7, {"memory.max": 64 * MIB})
    assert gathered(tree) == {A: ("containerd", 64 * MIB, path)}


def test_nerdctl_in_a_namespace_of_ones_own_is_known_by_its_id_only(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/team/{A}", 7, {"memory.max": 64 * MIB})
    assert gathered(tree) == {A: ("unknown", 64 * MIB, f"/team/{A}")}
