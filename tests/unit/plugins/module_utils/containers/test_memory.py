# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroups import Cgroup
from ansible_collections.fathom.containers.plugins.module_utils.containers.memory import (
    AncestorLimits,
    effective_limit,
    memory_record,
    read_memory,
)
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.plugins.module_utils.kernel.mounts import Hierarchy
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    GIB,
    MIB,
    A,
    hybrid_host,
    legacy_host,
    unified_host,
    v1_container,
    v2_container,
)

OWN = "/small/" + A


@pytest.mark.parametrize(
    ("chain", "kernel_limit", "total", "expected"),
    [
        pytest.param([(OWN, 64), ("/small", 32), ("/", UNLIMITED)], None, 1000, (32, "/small"), id="an ancestor"),
        pytest.param([(OWN, 16), ("/small", 32), ("/", UNLIMITED)], None, 1000, (16, OWN), id="its own"),
        pytest.param([(OWN, 32), ("/small", 32)], None, 1000, (32, OWN), id="a tie is the nearest's"),
        pytest.param([(OWN, UNLIMITED), ("/small", UNLIMITED)], None, 1000, (1000, "host"), id="nobody but the host"),
        pytest.param([(OWN, 2000), ("/small", UNLIMITED)], None, 1000, (1000, "host"), id="more than the host has"),
        pytest.param([(OWN, 1000)], None, 1000, (1000, "host"), id="as much as the host has"),
        pytest.param([(OWN, 0), ("/small", 32)], None, 1000, (0, OWN), id="zero is a limit"),
        pytest.param([(OWN, None), ("/small", 32)], None, 1000, (None, None), id="its own is unknown"),
        pytest.param([(OWN, None), ("/small", None)], None, 1000, (None, None), id="nothing is known"),
        pytest.param([(OWN, 64), ("/small", None)], 32, 1000, (32, None), id="v1: out of sight"),
        pytest.param([(OWN, 64), ("/small", 32)], 64, 1000, (64, OWN), id="v1: a parent without use_hierarchy"),
        pytest.param([(OWN, 64), ("/small", 32)], 32, 1000, (32, "/small"), id="v1: an ancestor"),
        pytest.param([(OWN, UNLIMITED)], UNLIMITED, 1000, (1000, "host"), id="v1: unlimited"),
        pytest.param([(OWN, UNLIMITED)], None, None, (None, None), id="unlimited and the host's memory unknown"),
        pytest.param([(OWN, UNLIMITED)], UNLIMITED, None, (None, None), id="v1: the same"),
        pytest.param([(OWN, 64)], None, None, (64, OWN), id="limited and the host's memory unknown"),
    ],
)
def test_effective_limit(chain, kernel_limit, total, expected):
    assert effective_limit(chain, kernel_limit, total) == expected


def record(host, path, own=True):
    cgroup = Cgroup(host.controllers["memory"], path, host.controllers["memory"].directory(path), own)
    unified = host.unified and Cgroup(host.unified, path, host.unified.directory(path), own)
    files = host.files.again()
    memory = read_memory(files, cgroup)
    return memory_record(host, files, memory, cgroup, unified, AncestorLimits(host.files))


def test_v2_record(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, OWN, 7, {"memory.max": 64 * MIB, "memory.swap.max": 0, "memory.high": 48 * MIB})
    tree.directory("/sys/fs/cgroup/small", {"memory.max": 32 * MIB})
    assert record(read_host(tree.files), OWN) == {
        "path": OWN,
        "own": True,
        "version": 2,
        "limit_state": "limited",
        "limit_bytes": 64 * MIB,
        "effective_limit_bytes": 32 * MIB,
        "effective_limit_source": "/small",
        "swap_limit_state": "limited",
        "swap_limit_bytes": 0,
        "memory_swap_limit_bytes": 64 * MIB,
        "reservation_bytes": 0,
        "minimum_bytes": 0,
        "high_state": "limited",
        "high_bytes": 48 * MIB,
        "usage_bytes": 7782400,
        "working_set_bytes": 1187840,
        "peak_bytes": 8122368,
        "swap_usage_bytes": 0,
        "zswap_usage_bytes": 0,
        "limit_hits": 0,
        "oom_kills": 0,
        "oom_kill_disabled": False,
        "oom_group": False,
        "pressure": {
            "some": {"avg10": 0.0, "avg60": 0.0, "avg300": 0.0, "total_usec": 0},
            "full": {"avg10": 0.0, "avg60": 0.0, "avg300": 0.0, "total_usec": 0},
        },
    }


def test_v1_record(tmp_path):
    tree = hybrid_host(tmp_path, memory_total_kib=1024)
    v1_container(tree, OWN, 7, unified=True)
    found = record(read_host(tree.files), OWN)
    assert (found["version"], found["limit_state"], found["limit_bytes"]) == (1, "unlimited", None)
    assert (found["effective_limit_bytes"], found["effective_limit_source"]) == (1 << 20, "host")
    assert (found["swap_limit_state"], found["swap_limit_bytes"]) == ("unlimited", None)
    assert (found["high_state"], found["high_bytes"], found["minimum_bytes"]) == ("absent", None, None)
    assert found["pressure"]["some"]["total_usec"] == 0


def test_v1_without_swap_accounting(tmp_path):
    tree = legacy_host(tmp_path)
    v1_container(tree, OWN, 7, {"memory.limit_in_bytes": 64 * MIB})
    for path in ("", OWN):
        tree.remove(f"/sys/fs/cgroup/memory{path}/memory.memsw.limit_in_bytes")
    found = record(read_host(tree.files), OWN)
    assert (found["limit_bytes"], found["swap_limit_state"], found["swap_limit_bytes"]) == (64 * MIB, "absent", None)
    assert found["pressure"] is None


def test_an_unreadable_swap_limit_is_unknown_and_not_absent(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, OWN, 7)
    tree.unreadable(f"/sys/fs/cgroup{OWN}/memory.swap.max")
    assert record(read_host(tree.files), OWN)["swap_limit_state"] == "unknown"


def test_a_working_set_is_never_negative_and_unknown_where_a_part_is(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, OWN, 7, {"memory.current": 4096, "memory.stat": "inactive_file 8192"})
    assert record(read_host(tree.files), OWN)["working_set_bytes"] == 0
    tree.write(f"/sys/fs/cgroup{OWN}/memory.stat", "anon 1")
    assert record(read_host(tree.files), OWN)["working_set_bytes"] is None


def test_pressure_of_a_v2_cgroup_that_is_not_the_containers_is_not_its_pressure(tmp_path):
    """Where an engine leaves its containers in the root of a hybrid host's v2 hierarchy, that is the whole host's."""
    tree = hybrid_host(tmp_path)
    v1_container(tree, OWN, 7)
    tree.write("/sys/fs/cgroup/unified/memory.pressure", "some avg10=9.00 avg60=0.00 avg300=0.00 total=9")
    host = read_host(tree.files)
    cgroup = Cgroup(host.controllers["memory"], OWN, "/sys/fs/cgroup/memory" + OWN, True)
    root = Cgroup(host.unified, "/", "/sys/fs/cgroup/unified", False)
    memory = read_memory(host.files, cgroup)
    assert memory_record(host, host.files, memory, cgroup, root, AncestorLimits(host.files))["pressure"] is None


def test_ancestors_are_read_once(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, OWN, 7)
    tree.directory("/sys/fs/cgroup/small", {"memory.max": GIB})
    host = read_host(tree.files)
    cgroup = Cgroup(host.unified, OWN, "/sys/fs/cgroup" + OWN, True)
    ancestors = AncestorLimits(host.files)
    chain = [(OWN, 5), ("/small", GIB), ("/", UNLIMITED)]
    assert ancestors.along(cgroup, 5) == chain
    tree.write("/sys/fs/cgroup/small/memory.max", "1")
    assert ancestors.along(cgroup, 5) == chain


def test_ancestors_outside_the_mount_are_unknown(tmp_path):
    tree = legacy_host(tmp_path)
    part = Hierarchy(1, ("memory",), "/small", "/sys/fs/cgroup/memory")
    cgroup = Cgroup(part, OWN, part.directory(OWN), True)
    chain = AncestorLimits(tree.files).along(cgroup, 5)
    assert chain == [(OWN, 5), ("/small", UNLIMITED), ("/", None)]


def test_a_path_that_is_no_utf8_is_told_as_text(tmp_path):
    tree = unified_host(tmp_path)
    path = "/lxc.payload.\udcff"
    v2_container(tree, path, 7, {"memory.max": 64 * MIB})
    found = record(read_host(tree.files), path)
    assert found["limit_bytes"] == 64 * MIB
    assert found["path"] == found["effective_limit_source"] == "/lxc.payload.\\xff"
