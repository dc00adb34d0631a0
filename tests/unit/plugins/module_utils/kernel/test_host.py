# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    INITIAL_CGROUP_NAMESPACE,
    INITIAL_PID_NAMESPACE,
    MEMORY_V1,
    A,
    Tree,
    host_files,
    hybrid_host,
    legacy_host,
    unified_host,
    v1_mount,
)


def points(host):
    return {name: hierarchy.point for name, hierarchy in host.controllers.items()}


def test_unified(tmp_path):
    host = read_host(unified_host(tmp_path, memory_total_kib=1024, swap_total_kib=4).files)
    assert (host.mode, host.scope, host.swap_accounting) == ("unified", "host", True)
    assert host.controllers["memory"].version == 2
    assert set(host.controllers) == {"cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"}
    assert set(points(host).values()) == {"/sys/fs/cgroup"}
    assert host.tree == host.unified == host.hierarchy(())
    assert host.meminfo == (1048576, 4096, None)
    assert host.kernel == "6.1.0-28-amd64"
    assert host.files.unreadable == []


def test_hybrid(tmp_path):
    host = read_host(hybrid_host(tmp_path).files)
    assert (host.mode, host.scope, host.swap_accounting) == ("hybrid", "host", True)
    assert host.unified.point == "/sys/fs/cgroup/unified"
    assert points(host)["memory"] == "/sys/fs/cgroup/memory"
    assert points(host)["cpuacct"] == points(host)["cpu"] == "/sys/fs/cgroup/cpu,cpuacct"
    assert host.tree.names == ("memory",)
    assert host.hierarchy(("cpu", "cpuacct")).point == "/sys/fs/cgroup/cpu,cpuacct"
    assert host.hierarchy(()) == host.unified
    assert host.hierarchy(("freezer",)) is None


def test_hybrid_with_a_controller_on_v2(tmp_path):
    tree = hybrid_host(tmp_path)
    tree.write("/sys/fs/cgroup/unified/cgroup.controllers", "hugetlb memory")
    host = read_host(tree.files)
    assert host.controllers["hugetlb"].version == 2
    assert host.controllers["memory"].version == 1, "a v1 hierarchy that is mounted has its controller"


def test_legacy(tmp_path):
    host = read_host(legacy_host(tmp_path).files)
    assert (host.mode, host.unified, host.tree.version) == ("legacy", None, 1)
    assert host.hierarchy(()) is None


def test_v1_in_odd_places(tmp_path):
    tree = Tree(tmp_path)
    host_files(
        tree,
        "2:memory:/\n1:cpu:/",
        r"32 31 0:32 / /dev/cg\040mem rw - cgroup none rw,memory" + "\n33 31 0:33 / /cpu rw - cgroup none rw,cpu\n",
    )
    assert points(read_host(tree.files)) == {"memory": "/dev/cg mem", "cpu": "/cpu"}


@pytest.mark.parametrize(("present", "accounting"), [(True, True), (False, False)])
def test_swap_accounting_on_v1(tmp_path, present, accounting):
    tree = legacy_host(tmp_path)
    if not present:
        tree.remove("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")
    assert read_host(tree.files).swap_accounting is accounting


def test_swap_accounting_on_v2_is_told_by_a_cgroup_below_the_root(tmp_path):
    tree = unified_host(tmp_path)
    tree.remove("/sys/fs/cgroup/system.slice/memory.swap.max")
    assert read_host(tree.files).swap_accounting is False
    tree.remove("/sys/fs/cgroup/system.slice/memory.max")
    assert read_host(tree.files).swap_accounting is None


def test_no_memory_controller(tmp_path):
    tree = Tree(tmp_path)
    host_files(tree, "2:pids:/\n1:cpu:/", v1_mount(32, "pids", "pids") + v1_mount(33, "cpu", "cpu"))
    host = read_host(tree.files)
    assert host.swap_accounting is None
    assert host.tree.names == ("pids",)


def test_no_cgroup_file_system_is_an_error_with_a_way_out(tmp_path):
    tree = Tree(tmp_path)
    host_files(tree, "0::/", "")
    with pytest.raises(
        FathomError, match=r"no cgroup file system is mounted here .*/proc/self/mountinfo.*; mount one, or"
    ):
        read_host(tree.files)


@pytest.mark.parametrize(
    ("pid", "cgroup", "scope"),
    [
        (INITIAL_PID_NAMESPACE, INITIAL_CGROUP_NAMESPACE, "host"),
        ("pid:[4026532270]", INITIAL_CGROUP_NAMESPACE, "container"),
        (INITIAL_PID_NAMESPACE, "cgroup:[4026532271]", "container"),
        (INITIAL_PID_NAMESPACE, None, "host"),
        (None, "cgroup:[4026532271]", "container"),
        (None, None, None),
    ],
)
def test_scope(tmp_path, pid, cgroup, scope):
    tree = unified_host(tmp_path)
    for kind, target in (("pid", pid), ("cgroup", cgroup)):
        tree.remove("/proc/self/ns/" + kind)
        if target is not None:
            tree.link("/proc/self/ns/" + kind, target)
    assert read_host(tree.files).scope == scope


def test_inside_a_v1_container_that_sees_its_own_part_only(tmp_path):
    tree = Tree(tmp_path)
    host_files(
        tree,
        "4:memory:/docker/" + A,
        f"36 31 0:32 /docker/{A} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
    )
    tree.directory("/sys/fs/cgroup/memory", MEMORY_V1)
    host = read_host(tree.files)
    assert host.tree.root == "/docker/" + A
    assert host.tree.directory("/docker/" + A) == "/sys/fs/cgroup/memory"
    assert host.tree.directory("/docker") is None


def test_page_size_is_the_kernels_unless_given(tmp_path):
    files = unified_host(tmp_path).files
    assert read_host(files).page_size_bytes == os.sysconf("SC_PAGE_SIZE")
    assert read_host(files, page_size_bytes=65536).page_size_bytes == 65536


def test_nothing_but_mounts_can_be_read(tmp_path):
    tree = unified_host(tmp_path)
    for path in ("/proc/meminfo", "/proc/sys/kernel/osrelease", "/sys/fs/cgroup/cgroup.controllers"):
        tree.unreadable(path)
    host = read_host(tree.files)
    assert host.meminfo == (None, None, None)
    assert host.kernel is None
    assert [one["path"] for one in host.files.unreadable] == [
        "/sys/fs/cgroup/cgroup.controllers",
        "/proc/meminfo",
        "/proc/sys/kernel/osrelease",
    ]
