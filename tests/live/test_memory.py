"""The subsets memory and stat against the files of the memory controller."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live import kernel
from tests.live.fleet import MIB, Fleet, eventually, pid_of, sleeps
from tests.live.kernel import Cgroup
from tests.live.plays import Json, by_name, gather

# Eats all it may have in a child, and lives on when that is killed for it.
GREEDY = ["sh", "-c", "tail /dev/zero; exec sleep 900"]
# 20 MiB that the page cache has and nobody reads: usage, but no working set. On disk, so that nothing more changes.
CACHING = ["sh", "-c", "dd if=/dev/zero of=/f bs=1M count=20 conv=fsync; exec sleep 900"]

OPTIONS: dict[str, dict[str, Any]] = {
    "unlimited": {},
    "limited": {"mem_limit": 64 * MIB},
    "swap": {"mem_limit": 64 * MIB, "memswap_limit": 96 * MIB},
    "no-swap": {"mem_limit": 64 * MIB, "memswap_limit": 64 * MIB},
    "swap-unlimited": {"mem_limit": 64 * MIB, "memswap_limit": -1},
    "reserved": {"mem_limit": 64 * MIB, "mem_reservation": 32 * MIB},
    "odd": {"mem_limit": 64 * MIB + 1234, "memswap_limit": 128 * MIB + 4321},
    "no-kill": {"mem_limit": 64 * MIB, "oom_kill_disable": True},
    "greedy": {"mem_limit": 8 * MIB, "memswap_limit": 8 * MIB, "command": GREEDY},
    "caching": {"mem_limit": 64 * MIB, "command": CACHING},
}


@pytest.fixture(scope="module")
def memory(fleet: Fleet) -> dict[str, Cgroup]:
    """The memory cgroup of each container, by purpose."""
    pids: dict[str, int] = {}
    found = {}
    for purpose, options in OPTIONS.items():
        container = fleet.run(purpose, **options)
        pids[purpose] = pid_of(container)
        found[purpose] = kernel.cgroup(pids[purpose], "memory")
    eventually(lambda: kernel.oom_kills(found["greedy"]))
    eventually(lambda: sleeps(pids["caching"]))
    return found


@pytest.fixture(scope="module")
def records(fleet: Fleet, memory: dict[str, Cgroup]) -> dict[str, Json]:
    """The record of each container, by purpose."""
    assert memory
    found = by_name(gather(containers=[fleet.glob], gather_subset=["memory", "stat"]))
    return {purpose: found[fleet.name(purpose)] for purpose in OPTIONS}


@pytest.mark.parametrize("purpose", OPTIONS)
def test_limits_are_the_kernels(purpose: str, memory: dict[str, Cgroup], records: dict[str, Json]) -> None:
    record, cgroup = records[purpose]["memory"], memory[purpose]
    limit = kernel.memory_limit(cgroup)
    swap = kernel.swap_limit(cgroup)
    assert record["limit_state"] == ("unlimited" if limit is None else "limited")
    assert record["limit_bytes"] == limit
    assert record["swap_limit_state"] == ("unlimited" if swap is None else "limited")
    assert record["swap_limit_bytes"] == swap
    assert record["memory_swap_limit_bytes"] == kernel.memory_swap_limit(cgroup)
    assert record["reservation_bytes"] == kernel.reservation(cgroup)
    assert record["version"] == cgroup.version
    assert record["path"] == cgroup.path
    assert records[purpose]["unreadable"] == []


def test_limits_are_those_that_were_asked_for(records: dict[str, Json]) -> None:
    memory = {purpose: record["memory"] for purpose, record in records.items()}
    assert memory["unlimited"]["limit_bytes"] is None
    assert memory["limited"]["limit_bytes"] == 64 * MIB
    assert memory["limited"]["swap_limit_bytes"] == 64 * MIB
    assert memory["swap"]["swap_limit_bytes"] == 32 * MIB
    assert memory["no-swap"]["swap_limit_bytes"] == 0
    assert memory["swap-unlimited"]["swap_limit_state"] == "unlimited"
    assert memory["reserved"]["reservation_bytes"] == 32 * MIB
    assert memory["limited"]["reservation_bytes"] == 0


def test_limit_between_two_pages_is_floored_and_no_drift(records: dict[str, Json]) -> None:
    record = records["odd"]
    assert record["declared"]["memory_bytes"] == 64 * MIB + 1234
    assert record["memory"]["limit_bytes"] == 64 * MIB
    assert record["memory"]["memory_swap_limit_bytes"] == (128 * MIB + 4321) // 4096 * 4096
    assert record["drift"] == []


@pytest.mark.parametrize("purpose", OPTIONS)
def test_what_docker_declared_and_the_kernel_has_is_no_drift(purpose: str, records: dict[str, Json]) -> None:
    options, declared = OPTIONS[purpose], records[purpose]["declared"]
    assert declared["memory_bytes"] == options.get("mem_limit")
    assert declared["memory_reservation_bytes"] == options.get("mem_reservation")
    assert records[purpose]["drift"] == []


def test_disabled_oom_killer_is_told(memory: dict[str, Cgroup], records: dict[str, Json]) -> None:
    for purpose in ("no-kill", "limited"):
        disabled = memory[purpose].version == 1 and bool(
            memory[purpose].keyed("memory.oom_control")["oom_kill_disable"]
        )
        assert records[purpose]["memory"]["oom_kill_disabled"] is disabled
    assert records["no-kill"]["memory"]["oom_kill_disabled"] is (memory["no-kill"].version == 1)


def test_oom_kill_is_counted(memory: dict[str, Cgroup], records: dict[str, Json]) -> None:
    assert records["greedy"]["memory"]["oom_kills"] == kernel.oom_kills(memory["greedy"]) == 1
    assert records["limited"]["memory"]["oom_kills"] == 0


def test_usage_working_set_and_peak(memory: dict[str, Cgroup], records: dict[str, Json]) -> None:
    cgroup, record = memory["caching"], records["caching"]["memory"]
    # The kernel batches its accounting by CPU: 64 pages each.
    slack = 64 * 4096 * 4
    assert abs(record["usage_bytes"] - kernel.memory_usage(cgroup)) <= slack
    assert record["peak_bytes"] == kernel.memory_peak(cgroup)
    assert record["peak_bytes"] >= record["usage_bytes"] - slack
    name = "total_inactive_file" if cgroup.version == 1 else "inactive_file"
    inactive = cgroup.keyed("memory.stat")[name]
    assert inactive > 15 * MIB
    assert record["usage_bytes"] - record["working_set_bytes"] == records["caching"]["stat"][name] == inactive
    assert record["swap_usage_bytes"] == 0


def test_limit_hits_are_the_kernels_counter(memory: dict[str, Cgroup], records: dict[str, Json]) -> None:
    for purpose, cgroup in memory.items():
        hits = cgroup.number("memory.failcnt") if cgroup.version == 1 else cgroup.keyed("memory.events")["max"]
        assert records[purpose]["memory"]["limit_hits"] == hits


def test_stat_is_the_kernels_memory_stat(memory: dict[str, Cgroup], records: dict[str, Json]) -> None:
    for purpose in ("unlimited", "limited", "caching"):
        stat = memory[purpose].keyed("memory.stat")
        assert list(records[purpose]["stat"]) == sorted(stat)
        assert records[purpose]["stat"] == stat


def test_pressure_is_that_of_the_unified_hierarchy(records: dict[str, Json]) -> None:
    path = kernel.unified(records["greedy"]["pid"]).directory / "memory.pressure"
    told = records["greedy"]["memory"]["pressure"]
    if not path.exists():
        assert told is None
        return
    lines = {line.split()[0]: dict(pair.split("=") for pair in line.split()[1:]) for line in path.open()}
    assert set(told) == set(lines) == {"some", "full"}
    for kind, figures in lines.items():
        assert set(told[kind]) == {"avg10", "avg60", "avg300", "total_usec"}
        assert told[kind]["total_usec"] == int(figures["total"])
    # To be held back until one was killed took time.
    assert told["some"]["total_usec"] > 0


def test_subset_memory_alone_has_no_stat(fleet: Fleet, memory: dict[str, Cgroup]) -> None:
    assert memory
    record = by_name(gather(containers=[fleet.name("limited")], gather_subset=["memory"]))[fleet.name("limited")]
    assert "memory" in record
    assert not {"stat", "cpu", "pids", "io", "processes"} & set(record)
