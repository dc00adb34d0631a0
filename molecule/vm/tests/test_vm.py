"""Limits on cgroup v2, as the kernel, systemd and the engines have them after a run, and the report on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from testinfra.host import Host

MIB = 1 << 20
# Memory, and memory and swap together.
WANTED = {
    "docker-lowered": (64 * MIB, 64 * MIB),
    "docker-raised": (160 * MIB, 160 * MIB),
    "podman-lowered": (64 * MIB, 64 * MIB),
    "podman-raised": (160 * MIB, 160 * MIB),
}
each_container = pytest.mark.parametrize("name", WANTED)


@dataclass(frozen=True)
class Seen:
    """A container as the machine has it. `limits`: (memory.max, memory.swap.max) of its scope."""

    id: str
    restarts: int
    noted: tuple[int, int]
    limits: tuple[str, str]
    scope: str
    systemd: dict[str, str]


@pytest.fixture(scope="module")
def seen(host: Host) -> dict[str, Seen]:
    """By name; asked for in as few commands as can be."""
    engines = ("docker", "podman")
    listed = {engine: [name for name in WANTED if name.startswith(engine)] for engine in engines}
    told = [
        one
        for engine in engines
        for one in json.loads(host.check_output(f"{engine} inspect {' '.join(listed[engine])}"))
    ]
    return {one["Name"].removeprefix("/"): _look(host, one) for one in told}


def _look(host: Host, told: dict[str, Any]) -> Seen:
    membership = host.check_output(f"cat /proc/{told['State']['Pid']}/cgroup")
    # crun puts the container into a cgroup of its own below the scope, which has the limits.
    path = membership.removeprefix("0::").removesuffix("/container")
    scope = path.rpartition("/")[2]
    memory, swap = host.check_output(
        f"cat /sys/fs/cgroup{path}/memory.max /sys/fs/cgroup{path}/memory.swap.max"
    ).split()
    shown = host.check_output(f"systemctl show --property MemoryMax,MemorySwapMax {scope}")
    settings = told["HostConfig"]
    return Seen(
        told["Id"],
        told["RestartCount"],
        (settings["Memory"], settings["MemorySwap"]),
        (memory, swap),
        scope,
        dict(line.split("=", 1) for line in shown.splitlines()),
    )


def test_the_machine_is_what_the_scenario_is_about(host: Host, seen: dict[str, Seen]) -> None:
    assert host.check_output("stat --file-system --format %T /sys/fs/cgroup") == "cgroup2fs"
    assert {name: one.scope for name, one in seen.items()} == {
        name: f"{'docker' if name.startswith('docker') else 'libpod'}-{one.id}.scope" for name, one in seen.items()
    }


@each_container
def test_kernel(seen: dict[str, Seen], name: str) -> None:
    memory, together = WANTED[name]
    assert seen[name].limits == (str(memory), str(together - memory))


@each_container
def test_engine_has_noted_the_same_and_started_nothing_anew(seen: dict[str, Seen], name: str) -> None:
    assert (seen[name].noted, seen[name].restarts) == (WANTED[name], 0)


@each_container
def test_systemd_would_set_the_same(seen: dict[str, Seen], name: str) -> None:
    memory, together = WANTED[name]
    assert seen[name].systemd == {"MemoryMax": str(memory), "MemorySwapMax": str(together - memory)}


@each_container
def test_the_report_has_what_the_kernel_has(audited: dict[str, Any], seen: dict[str, Seen], name: str) -> None:
    (row,) = (one for one in audited["containers"] if one["name"] == name)
    assert (row["id"], row["limit_state"], row["limit_bytes"]) == (seen[name].id, "limited", WANTED[name][0])


def test_the_report_is_on_these_containers_and_finds_no_drift(audited: dict[str, Any]) -> None:
    assert sorted(one["name"] for one in audited["containers"]) == sorted(WANTED)
    assert audited["host"]["memory_version"] == 2
    assert [one for one in audited["findings"] if one["check"].startswith("drift")] == []
