# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroups import confirm, read_cgroups
from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import Found
from ansible_collections.fathom.containers.plugins.module_utils.containers.identify import identify
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import Container
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim
from ansible_collections.fathom.containers.plugins.module_utils.errors import Gone
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    A,
    B,
    hybrid_host,
    legacy_host,
    unified_host,
    v1_container,
    v2_container,
)

PATH = f"/docker/{A}"


def container(path=PATH, pids=(7,), claimed_pid=None):
    claim = claimed_pid and Claim(A, "web", "docker", None, "running", claimed_pid, {}, None)
    return Container(Found(identify(path)[-1], None, list(pids)) if path else None, claim)


def read(tree, one):
    host = read_host(tree.files)
    files = host.files.again()
    return read_cgroups(host, files, one), files


def test_v2(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7, init="/init.scope", start_time=99)
    cgroups, files = read(tree, container())
    assert (cgroups.pid, cgroups.start_time) == (7, 99)
    assert cgroups.unified[1:4] == (PATH, "/sys/fs/cgroup" + PATH, True)
    assert {"memory", "cpu", "io", "pids", "cpuset"} <= set(cgroups.by_controller)
    assert set(cgroups.by_controller.values()) == {cgroups.unified}
    assert cgroups.memberships[0].path == PATH + "/init.scope"
    assert files.unreadable == []


def test_v1_each_controller_where_it_is(tmp_path):
    tree = legacy_host(tmp_path)
    v1_container(tree, PATH, 7)
    cgroups, files = read(tree, container())
    assert {name: cgroup.directory for name, cgroup in cgroups.by_controller.items()} == {
        "name=systemd": "/sys/fs/cgroup/systemd" + PATH,
        "cpu": "/sys/fs/cgroup/cpu,cpuacct" + PATH,
        "cpuacct": "/sys/fs/cgroup/cpu,cpuacct" + PATH,
        "cpuset": "/sys/fs/cgroup/cpuset" + PATH,
        "memory": "/sys/fs/cgroup/memory" + PATH,
        "pids": "/sys/fs/cgroup/pids" + PATH,
        "blkio": "/sys/fs/cgroup/blkio" + PATH,
    }
    assert cgroups.unified is None
    assert files.unreadable == []


SCOPE = f"/machine.slice/libpod-{A}.scope"


@pytest.mark.parametrize(
    ("init", "inner"), [("", None), ("/init.scope", None), ("/container", True), ("/container/x", True)]
)
def test_v2_with_crun_a_limit_may_be_below_the_unit(tmp_path, init, inner):
    tree = unified_host(tmp_path)
    v2_container(tree, SCOPE, 7, init=init)
    cgroups, _files = read(tree, container(SCOPE))
    assert cgroups.unified[1:4] == (SCOPE, "/sys/fs/cgroup" + SCOPE, True)
    assert cgroups.unified.inner == (inner and f"/sys/fs/cgroup{SCOPE}/container")


@pytest.mark.parametrize("init", ["/container", "/container/init.scope"])
def test_v1_with_crun_the_limits_are_below_the_unit(tmp_path, init):
    tree = hybrid_host(tmp_path)
    v1_container(tree, SCOPE, 7)
    tree.process(7, f"6:memory:{SCOPE}{init}\n1:name=systemd:{SCOPE}\n0::{SCOPE}{init}")
    cgroups, _files = read(tree, container(SCOPE))
    memory = cgroups.by_controller["memory"]
    assert memory[1:4] == (f"{SCOPE}/container", f"/sys/fs/cgroup/memory{SCOPE}/container", True)
    assert cgroups.by_controller["name=systemd"].path == SCOPE
    assert cgroups.unified.path == SCOPE


@pytest.mark.parametrize(("path", "init"), [(SCOPE, "/containers"), (SCOPE, "/init.scope"), (PATH, "/container")])
def test_v1_what_runs_deeper_inside_is_not_the_runtimes(tmp_path, path, init):
    tree = hybrid_host(tmp_path)
    v1_container(tree, path, 7)
    tree.process(7, f"6:memory:{path}{init}\n0::/")
    assert read(tree, container(path))[0].by_controller["memory"].path == path


def test_hybrid_has_both(tmp_path):
    tree = hybrid_host(tmp_path)
    tree.write("/sys/fs/cgroup/unified/cgroup.controllers", "hugetlb memory")
    v1_container(tree, PATH, 7, unified=True)
    cgroups, _files = read(tree, container())
    assert cgroups.unified.directory == "/sys/fs/cgroup/unified" + PATH
    assert cgroups.by_controller["memory"].hierarchy.version == 1
    assert cgroups.by_controller["hugetlb"] == cgroups.unified


def test_a_hierarchy_in_which_it_shares_somebody_elses_cgroup(tmp_path):
    tree = hybrid_host(tmp_path)
    v1_container(tree, PATH, 7)
    tree.process(7, f"6:memory:{PATH}\n3:pids:/user.slice\n0::/")
    cgroups, _files = read(tree, container())
    assert cgroups.by_controller["memory"].own
    assert cgroups.by_controller["pids"][1:4] == ("/user.slice", "/sys/fs/cgroup/pids/user.slice", False)
    assert cgroups.unified[1:4] == ("/", "/sys/fs/cgroup/unified", False)


def test_a_hierarchy_that_is_mounted_nowhere_is_known_by_its_path_only(tmp_path):
    tree = legacy_host(tmp_path)
    v1_container(tree, PATH, 7)
    tree.process(7, f"12:rdma:{PATH}\n6:memory:{PATH}\n0::{PATH}")
    cgroups, files = read(tree, container())
    assert set(cgroups.by_controller) == {"memory"}
    assert len(cgroups.memberships) == 3
    assert files.unreadable == []


def test_a_cgroup_outside_of_what_is_mounted_is_refused(tmp_path):
    tree = legacy_host(tmp_path)
    v1_container(tree, PATH, 7)
    tree.process(7, f"6:memory:{PATH}\n3:pids:/../{B}")
    cgroups, files = read(tree, container())
    assert set(cgroups.by_controller) == {"memory"}
    reason = "outside the cgroup file system that is mounted at /sys/fs/cgroup/pids"
    assert files.unreadable == [{"path": f"/../{B}", "reason": reason}]


def test_the_engines_pid_stands_for_the_container(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7, start_time=1)
    tree.process(8, f"0::{PATH}/init", start_time=2)
    assert read(tree, container(pids=[7, 8], claimed_pid=8))[0].pid == 8
    assert read(tree, container(pids=[7, 8]))[0].pid == 7


def test_a_container_that_only_its_engine_knows(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, "/user.slice", 7)
    cgroups, _files = read(tree, container(path=None, claimed_pid=7))
    assert cgroups.unified[1:4] == ("/user.slice", "/sys/fs/cgroup/user.slice", False)


@pytest.mark.parametrize("line", [f"0::/docker/{B}", "0::/", "0::/user.slice"])
def test_a_pid_that_is_another_process_by_now(tmp_path, line):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7)
    tree.process(7, line)
    with pytest.raises(Gone, match="PID 7 is no process of this container"):
        read(tree, container())


def test_a_container_that_has_ended(tmp_path):
    tree = unified_host(tmp_path)
    for one in (container(), container(claimed_pid=7), container(pids=[]), container(path=None, claimed_pid=7)):
        with pytest.raises(Gone):
            read(tree, one)


def test_a_process_without_cgroups_any_more(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7)
    tree.remove("/proc/7/cgroup")
    with pytest.raises(Gone):
        read(tree, container())


def test_confirm(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7, start_time=99)
    cgroups, files = read(tree, container())
    confirm(files, cgroups)
    tree.process(7, f"0::{PATH}", start_time=100)
    with pytest.raises(Gone, match="PID 7 was reused"):
        confirm(files, cgroups)
    tree.remove("/proc/7/stat")
    with pytest.raises(Gone):
        confirm(files, cgroups)


def test_a_path_that_was_deleted(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7)
    tree.process(7, f"0::{PATH} (deleted)")
    assert read(tree, container())[0].unified.path == PATH


def test_a_wrong_pid_of_an_engine_does_not_hide_the_container(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7)
    tree.process(9, "0::/init.scope")
    cgroups, _files = read(tree, container(claimed_pid=9))
    assert (cgroups.pid, cgroups.unified.path) == (7, PATH)
