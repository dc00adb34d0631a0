# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import SUBSETS
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_record import Once, container_record
from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import discover
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import Container
from ansible_collections.fathom.containers.plugins.module_utils.containers.memory import AncestorLimits
from ansible_collections.fathom.containers.plugins.module_utils.containers.systemd import UnitFiles
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import DECLARABLE, Claim, declare
from ansible_collections.fathom.containers.plugins.module_utils.errors import Gone
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import Files
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    MIB,
    A,
    hybrid_host,
    legacy_host,
    unified_host,
    v1_container,
    v2_container,
)

PATH = f"/docker/{A}"
CLAIM = Claim(A, "web", "docker", "goweb", "running", 7, {}, declare(memory_bytes=64 * MIB, pids_limit=100))


def record(tree, subsets=SUBSETS, claim=None, host=None):
    host = host or read_host(tree.files)
    (found,) = discover(host)
    once = Once(AncestorLimits(host.files), UnitFiles(host.files))
    made = container_record(host, Container(found, claim), set(subsets), once)
    json.dumps(made, allow_nan=False)
    return made


@pytest.fixture
def v2(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, PATH, 7, {"io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4"})
    return tree


@pytest.fixture
def v1(tmp_path):
    tree = legacy_host(tmp_path)
    v1_container(tree, PATH, 7)
    tree.write(f"/sys/fs/cgroup/blkio{PATH}/blkio.throttle.io_service_bytes_recursive", "8:0 Read 1\n8:0 Write 2")
    return tree


def test_v2(v2):
    made = record(v2)
    assert made["hierarchies"] == [{"id": 0, "controllers": [], "path": PATH}]
    assert made["memory"]["version"] == 2
    assert made["stat"] == {"anon": 1187840, "file": 6594560, "inactive_file": 6594560}
    assert (made["cpu"]["weight"], made["cpu"]["cpuset_cpus"]) == (100, "0-1")
    assert made["pids"] == {"limit_state": "unlimited", "limit": None, "current": 1, "limit_hits": 0}
    assert [(row["device"], row["read_bytes"]) for row in made["io"]] == [("8:0", 1)]
    assert [process["pid"] for process in made["processes"]] == [7]
    assert made["processes_truncated"] is False
    assert made["unreadable"] == []


def test_v1(v1):
    made = record(v1)
    assert {tuple(one["controllers"]): one["path"] for one in made["hierarchies"]} == dict.fromkeys(
        [("name=systemd",), ("cpu", "cpuacct"), ("cpuset",), ("memory",), ("pids",), ("blkio",)], PATH
    )
    assert made["memory"]["version"] == 1
    assert (made["cpu"]["shares"], made["cpu"]["usage_usec"]) == (1024, 1500)
    assert [(row["device"], row["read_bytes"]) for row in made["io"]] == [("8:0", 1)]
    assert made["unreadable"] == []


@pytest.mark.parametrize("subset", SUBSETS)
def test_a_subset_alone(v2, subset):
    parts = {*SUBSETS, "processes_truncated"} & set(record(v2, [subset]))
    assert parts == ({"processes", "processes_truncated"} if subset == "processes" else {subset})


def test_no_engine_knows_it_so_there_is_no_drift_to_tell(v2):
    made = record(v2)
    assert made["declared"] == dict.fromkeys(DECLARABLE)
    assert made["drift"] is None


def test_an_engine_that_listed_it_only(v2):
    made = record(v2, claim=CLAIM._replace(declared=None))
    assert (made["engine_known"], made["drift"]) == (True, None)
    assert made["declared"] == dict.fromkeys(DECLARABLE)


def test_drift(v2):
    made = record(v2, claim=CLAIM)
    assert made["drift"] == [
        {"setting": "memory_bytes", "declared": 64 * MIB, "enforced": "unlimited"},
        {"setting": "pids_limit", "declared": 100, "enforced": "unlimited"},
    ]
    v2.directory("/sys/fs/cgroup" + PATH, {"memory.max": 64 * MIB, "pids.max": 100})
    assert record(v2, claim=CLAIM)["drift"] == []


def test_drift_of_what_was_gathered_only(v2):
    assert [one["setting"] for one in record(v2, ["pids"], CLAIM)["drift"]] == ["pids_limit"]
    assert record(v2, ["io"], CLAIM)["drift"] is None


def test_systemds_word(tmp_path):
    tree = unified_host(tmp_path)
    scope = f"docker-{A}.scope"
    v2_container(tree, "/system.slice/" + scope, 7, {"memory.max": 64 * MIB, "memory.swap.max": 0})
    tree.write("/run/systemd/transient/" + scope, "[Scope]\nMemoryMax=67108864")
    made = record(tree, claim=CLAIM)
    assert made["systemd"]["unit"] == scope
    assert made["reload_drift"] == [{"setting": "swap_bytes", "enforced": 0, "after_reload": "unlimited"}]
    assert record(tree, ["pids"])["reload_drift"] is None


def test_systemds_word_on_v1_is_of_the_unit_and_not_of_crun_s_cgroup_below_it(tmp_path):
    tree = hybrid_host(tmp_path)
    scope = f"libpod-{A}.scope"
    path = "/machine.slice/" + scope
    v1_container(tree, path, 7)
    v1_container(tree, path + "/container", 7, {"memory.limit_in_bytes": 64 * MIB})
    tree.write("/run/systemd/transient/" + scope, "[Scope]\nMemoryAccounting=yes")
    made = record(tree)
    assert made["memory"]["limit_bytes"] == 64 * MIB
    assert made["reload_drift"] == []


def test_cgroups_that_systemd_did_not_make(v2):
    made = record(v2)
    assert (made["systemd"], made["reload_drift"]) == (None, None)


def test_a_container_that_does_not_run(v2):
    host = read_host(v2.files)
    stopped = Container(None, CLAIM._replace(state="exited", pid=None))
    once = Once(AncestorLimits(host.files), UnitFiles(host.files))
    made = container_record(host, stopped, set(SUBSETS), once)
    assert (made["state"], made["pid"], made["hierarchies"], made["processes"]) == ("exited", None, [], [])
    assert [made[part] for part in ("memory", "stat", "cpu", "pids", "io", "drift")] == [None] * 6
    assert made["declared"]["memory_bytes"] == 64 * MIB
    assert made["unreadable"] == []


def test_what_can_not_be_read_is_null_and_named(v2):
    for name in ("memory.max", "memory.current", "cpu.max", "pids.max"):
        v2.unreadable(f"/sys/fs/cgroup{PATH}/{name}")
    made = record(v2, ["memory", "cpu", "pids"])
    assert (made["memory"]["limit_state"], made["memory"]["limit_bytes"]) == ("unknown", None)
    assert made["memory"]["usage_bytes"] is None
    assert made["memory"]["working_set_bytes"] is None
    assert (made["cpu"]["limit_state"], made["pids"]["limit_state"]) == ("unknown", "unknown")
    assert {one["path"].rpartition("/")[2] for one in made["unreadable"]} == {
        "memory.max",
        "memory.current",
        "cpu.max",
        "pids.max",
    }
    assert {one["reason"] for one in made["unreadable"]} == {"Is a directory"}


def test_a_controller_that_is_mounted_nowhere_is_null_and_named(tmp_path):
    tree = hybrid_host(tmp_path)
    v1_container(tree, PATH, 7)
    tree.process(7, f"6:memory:{PATH}")
    made = record(tree)
    assert (made["cpu"], made["pids"], made["io"]) == (None, None, None)
    reasons = [f"no cgroup of the {names} controller is visible from here" for names in ("blkio or io", "cpu", "pids")]
    assert sorted(one["reason"] for one in made["unreadable"]) == reasons
    assert {one["path"] for one in made["unreadable"]} == {"/proc/7/cgroup"}


def test_each_containers_unreadable_is_its_own(v2):
    v2.unreadable(f"/sys/fs/cgroup{PATH}/memory.max")
    host = read_host(v2.files)
    assert record(v2, host=host)["unreadable"]
    assert host.files.unreadable == []


class Changing(Files):
    """Calls ``change`` when ``path`` has been read once."""

    def __init__(self, root, path, change):
        super().__init__(root)
        self.path = path
        self.change = change

    def again(self):
        return self

    def data(self, path):
        found = super().data(path)
        if path == self.path and self.change is not None:
            change, self.change = self.change, None
            change()
        return found


@pytest.mark.parametrize("read", ["memory.max", "memory.current", "cpu.stat", "pids.current"])
@pytest.mark.parametrize("becomes", ["another process", "nobody"])
def test_a_container_that_ends_while_it_is_read_is_gone_and_never_mixed(v2, read, becomes):
    def change():
        if becomes == "nobody":
            v2.remove("/proc/7/stat")
        else:
            v2.process(7, "0::/user.slice", start_time=5000)

    host = read_host(v2.files)
    changing = Changing(v2.root, f"/sys/fs/cgroup{PATH}/{read}", change)
    with pytest.raises(Gone):
        record(v2, claim=CLAIM, host=host._replace(files=changing))
    assert changing.change is None


def test_a_process_that_is_another_ones_between_start_time_and_cgroup(v2):
    host = read_host(v2.files)
    changing = Changing(v2.root, "/proc/7/stat", lambda: v2.process(7, "0::/user.slice", start_time=5000))
    with pytest.raises(Gone, match="no process of this container"):
        record(v2, claim=CLAIM, host=host._replace(files=changing))
