"""The subset processes against /proc."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import Any

import pytest

from tests.live import kernel
from tests.live.fleet import Fleet, eventually, pid_of, sleeps
from tests.live.plays import Json, by_name, gather

FAMILY = ["sh", "-c", "sleep 900 & sleep 901 & exec sleep 902"]


@pytest.fixture(scope="module")
def members(fleet: Fleet) -> dict[str, set[int]]:
    """The PIDs that each container's cgroup has, by name."""
    options: dict[str, dict[str, Any]] = {
        "family": {"command": FAMILY},
        "other-user": {"user": "1234:1234"},
        "host-pid": {"pid_mode": "host"},
        "many": {"command": ["sh", "-c", "for i in $(seq 40); do sleep 900 & done; exec sleep 900"]},
    }
    expected = {"family": 3, "other-user": 1, "host-pid": 1, "many": 41}
    found = {}
    for purpose, count in expected.items():
        pid = pid_of(fleet.run(purpose, **options[purpose]))
        eventually(partial(_is_complete, pid, count))
        found[fleet.name(purpose)] = _members(pid)
    return found


@pytest.fixture(scope="module")
def records(fleet: Fleet, members: dict[str, set[int]]) -> dict[str, Json]:
    assert members
    return by_name(gather(containers=[fleet.glob], gather_subset=["processes"]))


def test_processes_are_those_of_proc(members: dict[str, set[int]], records: dict[str, Json]) -> None:
    for name, pids in members.items():
        processes = records[name]["processes"]
        assert [process["pid"] for process in processes] == sorted(pids)
        assert records[name]["processes_truncated"] is False
        for process in processes:
            status = kernel.process_status(process["pid"])
            assert process == {
                "pid": int(status["Pid"]),
                "namespace_pid": int(status["NSpid"].split()[-1]),
                "ppid": int(status["PPid"]),
                "uid": int(status["Uid"].split()[0]),
                "name": status["Name"],
                "rss_bytes": int(status["VmRSS"].split()[0]) * 1024,
            }


def test_inside_of_its_namespace_the_init_is_1(fleet: Fleet, records: dict[str, Json]) -> None:
    family, host_pid = records[fleet.name("family")], records[fleet.name("host-pid")]
    inside = {process["pid"]: process["namespace_pid"] for process in family["processes"]}
    assert inside[family["pid"]] == 1
    assert len(set(inside.values())) == 3
    assert host_pid["processes"][0]["namespace_pid"] == host_pid["pid"] == host_pid["processes"][0]["pid"]


def test_user_is_told_as_the_host_counts(fleet: Fleet, records: dict[str, Json]) -> None:
    assert [process["uid"] for process in records[fleet.name("other-user")]["processes"]] == [1234]


def test_process_that_entered_the_container_counts(fleet: Fleet) -> None:
    name, pid = fleet.name("entered"), pid_of(fleet.run("entered"))
    with subprocess.Popen(["docker", "exec", name, "sleep", "321"]) as client:
        try:
            eventually(lambda: len(_members(pid)) == 2)
            record = by_name(gather(containers=[name], gather_subset=["processes"]))[name]
            assert {process["pid"] for process in record["processes"]} == _members(pid)
            assert record["pid"] == pid
        finally:
            client.kill()


def _is_complete(pid: int, count: int) -> bool:
    return len(_members(pid)) == count and sleeps(pid)


def _members(pid: int) -> set[int]:
    return {int(word) for word in kernel.cgroup(pid, "pids").text("cgroup.procs").split()}
