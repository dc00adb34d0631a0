"""A limit changed behind the engine's back is drift, in each setting, and nothing else is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.live import kernel
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, by_name, cgroups, gather, play, task

DECLARED: dict[str, Any] = {
    "mem_limit": 64 * MIB,
    "memswap_limit": 128 * MIB,
    "mem_reservation": 32 * MIB,
    "nano_cpus": 500_000_000,
    "cpu_shares": 512,
    "cpuset_cpus": "0",
    "pids_limit": 100,
}


@dataclass(frozen=True)
class Change:
    """What is written into the kernel's file `v1` of a controller, and the drift that is expected then."""

    setting: str
    controller: str
    v1: str
    written: str
    declared: object
    enforced: object
    started_with: tuple[str, ...] = tuple(DECLARED)


# A container that was started without any limit, and one that lost the limit it had, are told by the word `unlimited`.
CHANGES = {
    "memory": Change("memory_bytes", "memory", "memory.limit_in_bytes", str(48 * MIB), 64 * MIB, 48 * MIB),
    "swap": Change("memory_swap_bytes", "memory", "memory.memsw.limit_in_bytes", str(96 * MIB), 128 * MIB, 96 * MIB),
    "no-swap-limit": Change("memory_swap_bytes", "memory", "memory.memsw.limit_in_bytes", "-1", 128 * MIB, "unlimited"),
    "reservation": Change(
        "memory_reservation_bytes", "memory", "memory.soft_limit_in_bytes", str(16 * MIB), 32 * MIB, 16 * MIB
    ),
    "cpus": Change("cpus", "cpu", "cpu.cfs_quota_us", "25000", 0.5, 0.25),
    "no-cpus": Change("cpus", "cpu", "cpu.cfs_quota_us", "-1", 0.5, "unlimited"),
    "period": Change("cpus", "cpu", "cpu.cfs_period_us", "200000", 0.5, 0.25),
    "shares": Change("cpu_shares", "cpu", "cpu.shares", "256", 512, 256),
    "cpuset": Change("cpuset_cpus", "cpuset", "cpuset.cpus", "1", "0", "1"),
    "pids": Change("pids_limit", "pids", "pids.max", "50", 100, 50),
    "no-pids": Change("pids_limit", "pids", "pids.max", "max", 100, "unlimited"),
    "oom": Change("oom_kill_disabled", "memory", "memory.oom_control", "1", False, True),
    "memory-added": Change("memory_bytes", "memory", "memory.limit_in_bytes", str(48 * MIB), "unlimited", 48 * MIB, ()),
    "cpus-added": Change("cpus", "cpu", "cpu.cfs_quota_us", "50000", "unlimited", 0.5, ()),
    "pids-added": Change("pids_limit", "pids", "pids.max", "50", "unlimited", 50, ()),
    "reservation-added": Change(
        "memory_reservation_bytes", "memory", "memory.soft_limit_in_bytes", str(16 * MIB), 0, 16 * MIB, ()
    ),
}


@pytest.fixture(scope="module")
def files(fleet: Fleet) -> dict[str, Path]:
    """The kernel's file that was changed of each container, by purpose."""
    if kernel.cgroup(os.getpid(), "memory").version == 2:
        pytest.skip("the names written here are those of cgroup v1; v2 has its own tests in the virtual machine")
    changed = {}
    for purpose, change in CHANGES.items():
        options = {key: value for key, value in DECLARED.items() if key in change.started_with}
        cgroup = kernel.cgroup(pid_of(fleet.run(purpose, **options)), change.controller)
        changed[purpose] = cgroup.directory / change.v1
        changed[purpose].write_text(change.written, encoding="ascii")
    return changed


@pytest.fixture(scope="module")
def records(fleet: Fleet, files: dict[str, Path]) -> dict[str, Json]:
    assert files
    found = by_name(gather(containers=[fleet.glob]))
    return {purpose: found[fleet.name(purpose)] for purpose in CHANGES}


@pytest.mark.parametrize("purpose", CHANGES)
def test_changed_setting_is_the_one_drift(purpose: str, files: dict[str, Path], records: dict[str, Json]) -> None:
    change = CHANGES[purpose]
    if change.setting == "cpuset_cpus" and os.cpu_count() == 1:
        pytest.skip("with one CPU there is no other to move to")
    assert change.written in {*files[purpose].read_text(encoding="ascii").split(), "-1"}
    assert records[purpose]["drift"] == [
        {"setting": change.setting, "declared": change.declared, "enforced": change.enforced}
    ]
    if change.declared != "unlimited" and change.started_with:
        assert records[purpose]["declared"][change.setting] == change.declared


def test_several_changes_are_all_told(fleet: Fleet) -> None:
    name, pid = fleet.name("several"), pid_of(fleet.run("several", **DECLARED))
    memory, pids = (kernel.cgroup(pid, controller) for controller in ("memory", "pids"))
    (memory.directory / "memory.limit_in_bytes").write_text(str(16 * MIB + 1000), encoding="ascii")
    (pids.directory / "pids.max").write_text("7", encoding="ascii")
    alone, both = play(task(containers=[name], gather_subset=["pids"]), task(containers=[name]))
    drift = [cgroups(result)["containers"][0]["drift"] for result in (alone, both)]
    pids_drift = {"setting": "pids_limit", "declared": 100, "enforced": 7}
    assert drift[0] == [pids_drift]
    assert drift[1] == [{"setting": "memory_bytes", "declared": 64 * MIB, "enforced": 16 * MIB}, pids_drift]


def test_update_through_the_engine_is_no_drift(fleet: Fleet) -> None:
    name, container = fleet.name("updated"), fleet.run("updated", **DECLARED)
    container.update(mem_limit=80 * MIB, memswap_limit=100 * MIB, cpu_shares=300)
    record = by_name(gather(containers=[name]))[name]
    assert record["memory"]["limit_bytes"] == record["declared"]["memory_bytes"] == 80 * MIB
    assert record["cpu"]["shares"] == 300
    assert record["drift"] == []


def test_lost_limit_comes_back_with_a_restart(fleet: Fleet) -> None:
    name, container = fleet.name("restarted"), fleet.run("restarted", mem_limit=64 * MIB)
    memory = kernel.cgroup(pid_of(container), "memory")
    (memory.directory / "memory.memsw.limit_in_bytes").write_text("-1", encoding="ascii")
    (memory.directory / "memory.limit_in_bytes").write_text("-1", encoding="ascii")
    drifted = by_name(gather(containers=[name]))[name]
    assert {entry["setting"]: entry["enforced"] for entry in drifted["drift"]} == {
        "memory_bytes": "unlimited",
        "memory_swap_bytes": "unlimited",
    }
    assert drifted["memory"]["effective_limit_source"] == "host"
    container.restart(timeout=0)
    restored = by_name(gather(containers=[name]))[name]
    assert restored["drift"] == []
    assert restored["memory"]["limit_bytes"] == 64 * MIB
    assert restored["pid"] != drifted["pid"]
