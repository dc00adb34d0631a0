# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroups import Cgroup, Cgroups
from ansible_collections.fathom.containers.plugins.module_utils.containers.cpu import (
    cpu_record,
    read_container_cpuset,
    read_cpu,
)
from ansible_collections.fathom.containers.plugins.module_utils.kernel.cpu import Cpu
from ansible_collections.fathom.containers.plugins.module_utils.kernel.cpuset import Cpuset
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.kernel.mounts import Hierarchy
from ansible_collections.fathom.containers.tests.unit.hosttree import CPU_V1, CPUSET_V1, V2, Tree


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.directory("/cpu", dict(CPU_V1, **{"cpu.cfs_quota_us": 50000}))
    tree.directory("/cpuacct", {"cpuacct.usage": 7000})
    tree.directory("/cpuset", CPUSET_V1)
    tree.directory("/v2", dict(V2, **{"cpu.max": "150000 100000"}))
    return tree


def cgroups(version, **directories):
    return Cgroups(
        7,
        1,
        [],
        {name: Cgroup(Hierarchy(version, (name,), "/", "/"), "/", place, True) for name, place in directories.items()},
        None,
    )


def test_v1_separate(tree):
    cpu = read_cpu(tree.files, cgroups(1, cpu="/cpu", cpuacct="/cpuacct"))
    assert (cpu.quota_usec, cpu.usage_usec) == (50000, 7)


def test_v1_only_one_of_them(tree):
    assert read_cpu(tree.files, cgroups(1, cpu="/cpu")).usage_usec is None
    assert read_cpu(tree.files, cgroups(1, cpuacct="/cpuacct")).usage_usec == 7


def test_v2(tree):
    assert read_cpu(tree.files, cgroups(2, cpu="/v2")).quota_usec == 150000


def test_nowhere(tree):
    assert read_cpu(tree.files, cgroups(1, memory="/m")) is None
    assert read_container_cpuset(tree.files, cgroups(1, memory="/m")) is None


@pytest.mark.parametrize(("version", "where"), [(1, "/cpuset"), (2, "/v2")])
def test_cpuset(tree, version, where):
    assert read_container_cpuset(tree.files, cgroups(version, cpuset=where)).effective_cpus == "0-1"


CPU = Cpu(50000, 100000, 512, None, 1500, 10, 4, 2999)


def test_record():
    assert cpu_record(CPU, Cpuset("0-3", "0-1")) == {
        "limit_state": "limited",
        "limit_cpus": 0.5,
        "quota_usec": 50000,
        "period_usec": 100000,
        "shares": 512,
        "weight": None,
        "cpuset_cpus": "0-1",
        "usage_usec": 1500,
        "periods": 10,
        "throttled_periods": 4,
        "throttled_usec": 2999,
    }


@pytest.mark.parametrize(
    ("quota", "period", "state", "cpus"),
    [
        (UNLIMITED, 100000, "unlimited", None),
        (None, 100000, "unknown", None),
        (50000, None, "limited", None),
        (300000, 100000, "limited", 3.0),
    ],
)
def test_limit(quota, period, state, cpus):
    record = cpu_record(CPU._replace(quota_usec=quota, period_usec=period), None)
    assert (record["limit_state"], record["limit_cpus"]) == (state, cpus)


@pytest.mark.parametrize(("cpuset", "told"), [(None, None), (Cpuset("0-1", None), "0-1"), (Cpuset("", "0-1"), "0-1")])
def test_cpus_it_may_run_on(cpuset, told):
    assert cpu_record(CPU, cpuset)["cpuset_cpus"] == told
