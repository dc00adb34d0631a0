# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import discover, find_init
from ansible_collections.fathom.containers.plugins.module_utils.errors import Gone
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    MEMORY_V1,
    A,
    B,
    C,
    Tree,
    host_files,
    hybrid_host,
    legacy_host,
    unified_host,
    v1_container,
    v2_container,
)


def found(tree):
    """{id: (engine, path, pids, nested in)}."""
    return {
        one.identity.id: (one.identity.engine, one.identity.path, sorted(one.pids), one.nested_in)
        for one in discover(read_host(tree.files))
    }


def test_containers_of_a_v2_host(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/system.slice/docker-{A}.scope", 7)
    v2_container(tree, f"/machine.slice/libpod-{B}.scope", 8, init="/container")
    v2_container(tree, f"/machine.slice/libpod-conmon-{B}.scope", 9)
    v2_container(tree, "/machine.slice/machine-web.scope", 10, init="/payload")
    tree.write("/sys/fs/cgroup/machine.slice/machine-web.scope/supervisor/cgroup.procs", "6")
    assert found(tree) == {
        A: ("docker", f"/system.slice/docker-{A}.scope", [7], None),
        B: ("podman", f"/machine.slice/libpod-{B}.scope", [8], None),
        "web": ("nspawn", "/machine.slice/machine-web.scope", [6, 10], None),
    }


@pytest.mark.parametrize("host", [hybrid_host, legacy_host])
def test_containers_of_a_v1_host(tmp_path, host):
    tree = host(tmp_path)
    v1_container(tree, f"/docker/{A}", 7)
    v1_container(tree, "/lxc.payload.web", 8)
    assert found(tree) == {
        A: ("docker", f"/docker/{A}", [7], None),
        "web": ("lxc", "/lxc.payload.web", [8], None),
    }


def test_a_bare_runtimes_container(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, "/lab/c1", 7)
    tree.write("/run/containerd/io.containerd.runtime.v2.task/lab/c1/init.pid", b"7")
    assert found(tree) == {"c1": ("containerd", "/lab/c1", [7], None)}


def test_a_cgroup_without_processes_is_no_container(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    tree.write(f"/sys/fs/cgroup/docker/{A}/cgroup.procs", b"")
    tree.directory(f"/sys/fs/cgroup/docker/{B}")
    assert found(tree) == {}


def test_what_runs_in_a_nested_container_is_not_its_outers(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7, init="/init")
    v2_container(tree, f"/docker/{A}/docker/{B}", 8)
    v2_container(tree, f"/docker/{A}/docker/{B}/libpod-{C}.scope", 9, init="/container")
    assert found(tree) == {
        A: ("docker", f"/docker/{A}", [7], None),
        B: ("docker", f"/docker/{A}/docker/{B}", [8], A),
        C: ("podman", f"/docker/{A}/docker/{B}/libpod-{C}.scope", [9], B),
    }


def test_a_pod_of_podmans_cgroupfs_manager_is_no_container_and_holds_none(tmp_path):
    """Its cgroup is called by the pod's id alone, as a container's with a custom parent would be."""
    tree = unified_host(tmp_path)
    v2_container(tree, f"/libpod_parent/{B}/libpod-{A}", 7)
    tree.write(f"/sys/fs/cgroup/libpod_parent/{B}/cgroup.procs", b"")
    assert found(tree) == {A: ("podman", f"/libpod_parent/{B}/libpod-{A}", [7], None)}


def test_a_cgroup_that_ends_while_it_is_walked(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    tree.directory(f"/sys/fs/cgroup/docker/{B}")
    assert set(found(tree)) == {A}


def test_processes_out_of_sight_are_not_counted(tmp_path):
    """cgroup.procs says 0 for a process in no PID namespace of the reader's."""
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    v2_container(tree, f"/docker/{B}", 8)
    tree.write(f"/sys/fs/cgroup/docker/{A}/cgroup.procs", "0\n0")
    tree.write(f"/sys/fs/cgroup/docker/{B}/cgroup.procs", "0\n8")
    assert found(tree) == {B: ("docker", f"/docker/{B}", [8], None)}


def test_an_unreadable_list_of_processes_is_told(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    path = f"/sys/fs/cgroup/docker/{A}/cgroup.procs"
    tree.unreadable(path)
    host = read_host(tree.files)
    assert discover(host) == []
    assert {"path": path, "reason": "Is a directory"} in host.files.unreadable


def test_inside_a_v1_container_with_an_engine(tmp_path):
    """The mount shows the container's own part only, and paths begin above it."""
    tree = Tree(tmp_path)
    mount = f"36 31 0:32 /docker/{A} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
    host_files(tree, f"4:memory:/docker/{A}", mount)
    tree.directory("/sys/fs/cgroup/memory", MEMORY_V1)
    tree.directory(f"/sys/fs/cgroup/memory/docker/{B}", dict(MEMORY_V1, **{"cgroup.procs": 7}))
    assert found(tree) == {B: ("docker", f"/docker/{A}/docker/{B}", [7], None)}


def test_a_name_that_is_no_utf8(tmp_path):
    tree = unified_host(tmp_path)
    tree.write(b"/sys/fs/cgroup/lxc.payload.\xff{{ x }}/cgroup.procs", "7")
    assert found(tree) == {"\\xff{{ x }}": ("lxc", "/lxc.payload.\udcff{{ x }}", [7], None)}


def init_of(tmp_path, *processes):
    """``processes``: (PID, start time, PIDs in the namespaces)."""
    tree = Tree(tmp_path)
    for pid, start_time, inside in processes:
        tree.process(pid, "0::/", start_time=start_time, namespace_pids=inside)
    return find_init(tree.files, [pid for pid, _start_time, _inside in reversed(processes)])


def test_init_is_pid_1_of_its_own_namespace(tmp_path):
    assert init_of(tmp_path, (6, 50, [6]), (9, 100, [9, 1]), (8, 200, [8, 7])) == 9


def test_init_is_the_oldest_of_several_inits(tmp_path):
    assert init_of(tmp_path, (8, 200, [8, 1]), (9, 100, [9, 1])) == 9


def test_init_of_a_container_in_a_container(tmp_path):
    assert init_of(tmp_path, (8, 100, [8, 30, 1]), (9, 200, [9, 31, 2])) == 8


def test_init_of_a_container_in_the_hosts_pid_namespace_is_the_oldest(tmp_path):
    assert init_of(tmp_path, (8, 200, [8]), (9, 100, [9])) == 9


def test_the_hosts_own_pid_1_is_no_containers_init(tmp_path):
    assert init_of(tmp_path, (1, 1, [1]), (9, 100, [9, 1])) == 9


def test_a_process_that_ended_is_no_init(tmp_path):
    tree = Tree(tmp_path)
    tree.process(9, "0::/")
    assert find_init(tree.files, [7, 8, 9]) == 9


def test_nobody_is_left(tmp_path):
    with pytest.raises(Gone):
        find_init(Tree(tmp_path).files, [7, 8])
    with pytest.raises(Gone):
        find_init(Tree(tmp_path).files, [])


def test_the_only_process_needs_no_search(tmp_path):
    assert find_init(Tree(tmp_path).files, [7]) == 7
