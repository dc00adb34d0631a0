"""A user that may not read everything gets what can be read; the rest is null, and named with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.live import kernel
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, by_id, cgroups, play, task

# A user that every Linux has, become by a program that every Linux has.
AS_NOBODY = {
    "become": True,
    "become_user": "nobody",
    "become_method": "ansible.builtin.su",
    "become_flags": "-s /bin/sh",
}
SYSTEM_PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def containers(fleet: Fleet) -> dict[str, Any]:
    """One that everybody may read, and one with a file that only root may."""
    started = {purpose: fleet.run(purpose, mem_limit=64 * MIB, cpu_shares=512) for purpose in ("open", "closed")}
    for path in _closed(pid_of(started["closed"])):
        path.chmod(0o600)
    return started


@pytest.fixture(scope="module")
def result(containers: dict[str, Any]) -> Json:
    ids = [container.id for container in containers.values()]
    run = {**task(containers=ids, gather_subset=["all"]), **AS_NOBODY}
    return play(run, vars={"ansible_python_interpreter": SYSTEM_PYTHON})[0]


def test_engine_that_denies_costs_a_warning(result: Json) -> None:
    (docker,) = [engine for engine in cgroups(result)["host"]["engines"] if engine["name"] == "docker"]
    assert docker["reachable"] is False
    assert "Permission denied" in docker["error"]
    assert [warning for warning in result["warnings"] if docker["error"] in warning]


def test_what_can_be_read_is_there(containers: dict[str, Any], result: Json) -> None:
    record = by_id(cgroups(result))[containers["open"].id]
    pid = pid_of(containers["open"])
    memory = kernel.cgroup(pid, "memory")
    assert record["pid"] == pid
    assert record["hierarchies"] == kernel.hierarchies(pid)
    assert record["memory"]["limit_bytes"] == kernel.memory_limit(memory) == 64 * MIB
    assert record["memory"]["effective_limit_source"] == memory.path
    assert record["pids"]["current"] == kernel.cgroup(pid, "pids").number("pids.current")
    assert [process["pid"] for process in record["processes"]] == [pid]
    assert record["unreadable"] == []
    assert (record["engine_known"], record["name"], record["drift"]) == (False, None, None)


def test_what_can_not_be_read_is_null_and_named(containers: dict[str, Any], result: Json) -> None:
    record = by_id(cgroups(result))[containers["closed"].id]
    assert (record["memory"]["limit_state"], record["memory"]["limit_bytes"]) == ("unknown", None)
    assert record["memory"]["swap_limit_bytes"] is None
    assert record["pids"]["limit_state"] == "unknown"
    assert record["memory"]["usage_bytes"] > 0
    denied = {entry["path"]: entry["reason"] for entry in record["unreadable"]}
    assert denied == {str(path): "Permission denied" for path in _closed(pid_of(containers["closed"]))}


def _closed(pid: int) -> list[Path]:
    memory = kernel.cgroup(pid, "memory")
    return [
        memory.file("memory.limit_in_bytes", "memory.max"),
        kernel.cgroup(pid, "pids").directory / "pids.max",
    ]
