"""Containers that no engine tells of: what the report says of them, against the kernel's own files on each host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from testinfra.host import Host

MIB = 1 << 20
_V1_UNLIMITED = 1 << 62
NAMES = ("bare", "free", "orphan")


@dataclass(frozen=True)
class Seen:
    """A container as the host shows it: None for no limit of memory."""

    id: str
    pid: int
    path: str
    limit_bytes: int | None
    net: str


@pytest.fixture(scope="module")
def seen(host: Host) -> dict[str, Seen]:
    """By name."""
    orphan, pid = host.file("/run/orphan").content_string.split()
    pids = {name: (name, int(host.file(f"/run/{name}.pid").content_string)) for name in ("bare", "free")}
    return {name: _look(host, *there) for name, there in {**pids, "orphan": (orphan, int(pid))}.items()}


def _look(host: Host, container_id: str, pid: int) -> Seen:
    lines = [line.split(":", 2) for line in host.file(f"/proc/{pid}/cgroup").content_string.splitlines()]
    path = next((path for _number, names, path in lines if "memory" in names.split(",")), None)
    if path is not None:
        text = host.file(f"/sys/fs/cgroup/memory{path}/memory.limit_in_bytes").content_string.strip()
    else:
        path = next(path for number, _names, path in lines if number == "0")
        text = host.file(f"/sys/fs/cgroup{path}/memory.max").content_string.strip()
    limit = None if text == "max" or int(text) >= _V1_UNLIMITED else int(text)
    return Seen(container_id, pid, path, limit, host.check_output(f"readlink /proc/{pid}/ns/net"))


def test_no_engine_answers(host: Host) -> None:
    assert host.run("docker ps").rc != 0


def test_the_kernel_has_what_the_comparisons_are_about(seen: dict[str, Seen]) -> None:
    assert {name: one.limit_bytes for name, one in seen.items()} == {
        "bare": 48 * MIB,
        "free": None,
        "orphan": 64 * MIB,
    }


def test_they_are_all_found(seen: dict[str, Seen], audited: dict[str, Any]) -> None:
    assert audited["error"] is None
    assert {one["id"] for one in audited["containers"]} == {one.id for one in seen.values()}


@pytest.mark.parametrize("name", NAMES)
def test_the_report_has_what_the_kernel_has(name: str, seen: dict[str, Seen], audited: dict[str, Any]) -> None:
    there = seen[name]
    (row,) = (one for one in audited["containers"] if one["id"] == there.id)
    assert row["engine_known"] is False
    assert row["engine"] == ("docker" if name == "orphan" else "unknown")
    assert (row["pid"], row["memory_path"]) == (there.pid, there.path)
    assert (row["limit_state"], row["limit_bytes"]) == (
        "unlimited" if there.limit_bytes is None else "limited",
        there.limit_bytes,
    )


def test_they_are_judged_by_the_kernel_alone(seen: dict[str, Seen], audited: dict[str, Any]) -> None:
    limits = [one for one in audited["findings"] if one["check"] == "memory.limited"]
    assert [(one["container_id"], one["status"], one["declared"]) for one in limits] == [("free", "fail", None)]
    assert limits[0]["evidence"][0]["path"].endswith(("memory.limit_in_bytes", "memory.max"))
    assert seen["free"].path in limits[0]["evidence"][0]["path"]


@pytest.mark.parametrize("name", NAMES)
def test_facts_and_namespaces(name: str, host: Host, seen: dict[str, Seen]) -> None:
    there = seen[name]
    answer = host.ansible("fathom.containers.container_namespace_facts", f"containers={there.id}")
    (record,) = answer["ansible_facts"]["container_namespaces"]["containers"]
    assert f"net:[{record['namespaces']['net']['inode']}]" == there.net
    assert record["engine_known"] is False
