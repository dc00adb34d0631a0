"""The subsets cpu and pids against the files of the cpu, cpuacct, cpuset and pids controllers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live import kernel
from tests.live.fleet import Fleet, eventually, pid_of, sleeps
from tests.live.plays import Json, by_name, gather

BUSY = ["sh", "-c", "while :; do :; done"]
# The inner shell ends with the first fork that is refused, and the outer one lives on.
FORKING = ["sh", "-c", "sh -c 'sleep 900 & sleep 900 & sleep 900 & sleep 900 &'; exec sleep 900"]

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "half": {"nano_cpus": 500_000_000},
    "quota": {"cpu_quota": 20_000, "cpu_period": 50_000},
    "shares": {"cpu_shares": 512},
    "pinned": {"cpuset_cpus": "0"},
    "throttled": {"nano_cpus": 50_000_000, "command": BUSY},
    "few-pids": {"pids_limit": 4, "command": FORKING},
    "some-pids": {"pids_limit": 100},
    "all-pids": {"pids_limit": -1},
}


@pytest.fixture(scope="module")
def pids(fleet: Fleet) -> dict[str, int]:
    """The init of each container, by purpose."""
    started = {purpose: pid_of(fleet.run(purpose, **options)) for purpose, options in OPTIONS.items()}
    eventually(lambda: sleeps(started["few-pids"]))
    eventually(lambda: kernel.cgroup(started["throttled"], "cpu").keyed("cpu.stat")["nr_throttled"])
    return started


@pytest.fixture(scope="module")
def records(fleet: Fleet, pids: dict[str, int]) -> dict[str, Json]:
    assert pids
    found = by_name(gather(containers=[fleet.glob], gather_subset=["cpu", "pids"]))
    return {purpose: found[fleet.name(purpose)] for purpose in OPTIONS}


@pytest.mark.parametrize("purpose", OPTIONS)
def test_cpu_is_the_kernels(purpose: str, pids: dict[str, int], records: dict[str, Json]) -> None:
    record, cpu = records[purpose]["cpu"], kernel.cgroup(pids[purpose], "cpu")
    quota, period = kernel.cpu_quota(cpu)
    assert record["limit_state"] == ("unlimited" if quota is None else "limited")
    assert (record["quota_usec"], record["period_usec"]) == (quota, period)
    assert record["limit_cpus"] == (None if quota is None else quota / period)
    assert record["shares"] == (cpu.number("cpu.shares") if cpu.version == 1 else None)
    assert record["weight"] == (cpu.number("cpu.weight") if cpu.version == 2 else None)
    cpuset = kernel.cgroup(pids[purpose], "cpuset")
    effective = cpuset.file("cpuset.effective_cpus", "cpuset.cpus.effective")
    assert record["cpuset_cpus"] == effective.read_text(encoding="ascii").strip()
    assert records[purpose]["drift"] == []


def test_cpu_limits_are_those_that_were_asked_for(records: dict[str, Json]) -> None:
    cpu = {purpose: record["cpu"] for purpose, record in records.items()}
    assert cpu["plain"]["limit_cpus"] is None
    assert cpu["half"]["limit_cpus"] == 0.5
    assert (cpu["quota"]["limit_cpus"], cpu["quota"]["period_usec"]) == (0.4, 50_000)
    assert cpu["pinned"]["cpuset_cpus"] == "0"
    declared = {purpose: record["declared"] for purpose, record in records.items()}
    assert declared["half"]["cpus"] == 0.5
    assert (declared["quota"]["cpu_quota_usec"], declared["quota"]["cpu_period_usec"]) == (20_000, 50_000)
    assert declared["shares"]["cpu_shares"] == 512
    assert declared["pinned"]["cpuset_cpus"] == "0"
    assert declared["some-pids"]["pids_limit"] == 100


def test_used_cpu_time_lies_between_two_looks(fleet: Fleet, pids: dict[str, int]) -> None:
    name = fleet.name("throttled")
    cpu = kernel.cgroup(pids["throttled"], "cpu")
    before, throttled_before = kernel.cpu_usage_usec(pids["throttled"]), cpu.keyed("cpu.stat")
    record = by_name(gather(containers=[name]))[name]["cpu"]
    after, throttled_after = kernel.cpu_usage_usec(pids["throttled"]), cpu.keyed("cpu.stat")
    assert 0 < before <= record["usage_usec"] <= after
    for key, file_key in (("periods", "nr_periods"), ("throttled_periods", "nr_throttled")):
        assert 0 < throttled_before[file_key] <= record[key] <= throttled_after[file_key]
    unit, file_key = (1000, "throttled_time") if cpu.version == 1 else (1, "throttled_usec")
    assert throttled_before[file_key] // unit <= record["throttled_usec"] <= throttled_after[file_key] // unit


@pytest.mark.parametrize("purpose", OPTIONS)
def test_pids_are_the_kernels(purpose: str, pids: dict[str, int], records: dict[str, Json]) -> None:
    record, cgroup = records[purpose]["pids"], kernel.cgroup(pids[purpose], "pids")
    limit = kernel.limit(cgroup.directory / "pids.max")
    assert record == {
        "limit_state": "unlimited" if limit is None else "limited",
        "limit": limit,
        "current": cgroup.number("pids.current"),
        "limit_hits": cgroup.keyed("pids.events")["max"],
    }


def test_refused_forks_are_counted(records: dict[str, Json]) -> None:
    record = records["few-pids"]["pids"]
    assert (record["limit"], record["current"]) == (4, 3)
    assert record["limit_hits"] > 0
    assert records["all-pids"]["pids"]["limit"] is None
