"""The limit that counts is the least on the way from a container's cgroup to the root, and who sets it is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live import kernel
from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, by_name, gather

GIB = 1024 * MIB
# Purpose: (limits of the cgroups above in bytes, outermost first; the container's own limit, None for unlimited).
CASES: dict[str, tuple[list[int], int | None]] = {
    "own": ([], 64 * MIB),
    "host": ([], None),
    "above-host": ([], kernel.memory_total_bytes() * 2),
    "one-gib": ([GIB], None),
    "one-gib-own-larger": ([GIB], 2 * GIB),
    "one-gib-own-smaller": ([GIB], 512 * MIB),
    "nested-inner-smaller": ([GIB, 512 * MIB], 2 * GIB),
    "nested-outer-smaller": ([GIB, 2 * GIB], 4 * GIB),
    "nested-unlimited": ([GIB, 2 * GIB], None),
    "same": ([GIB], GIB),
    "between-pages": ([GIB + 1000], 3 * GIB + 1000),
    "ancestors-above-host": ([kernel.memory_total_bytes() * 3], kernel.memory_total_bytes() * 2),
}
# The index of the ancestor that sets the limit, or who does.
SOURCES: dict[str, int | str] = {
    "own": "own",
    "host": "host",
    "above-host": "host",
    "one-gib": 0,
    "one-gib-own-larger": 0,
    "one-gib-own-smaller": "own",
    "nested-inner-smaller": 1,
    "nested-outer-smaller": 0,
    "nested-unlimited": 0,
    "same": "own",
    "between-pages": 0,
    "ancestors-above-host": "host",
}


@pytest.fixture(scope="module")
def parents(tree: CgroupTree) -> dict[str, list[str]]:
    """The paths of the cgroups above each container, outermost first."""
    made: dict[str, list[str]] = {}
    for purpose, (limits, _) in CASES.items():
        path, made[purpose] = f"{tree.root}/{purpose}", []
        for number, limit in enumerate(limits):
            path = f"{path}/{number}"
            made[purpose].append(tree.limit_memory(path, limit))
    return made


@pytest.fixture(scope="module")
def pids(fleet: Fleet, parents: dict[str, list[str]]) -> dict[str, int]:
    started = {}
    for purpose, (_, own_limit) in CASES.items():
        options: dict[str, Any] = {"cgroup_parent": parents[purpose][-1]} if parents[purpose] else {}
        started[purpose] = pid_of(fleet.run(purpose, mem_limit=own_limit, memswap_limit=own_limit and -1, **options))
    return started


@pytest.fixture(scope="module")
def records(fleet: Fleet, pids: dict[str, int]) -> dict[str, Json]:
    assert pids
    found = by_name(gather(containers=[fleet.glob]))
    return {purpose: found[fleet.name(purpose)] for purpose in CASES}


@pytest.mark.parametrize("purpose", CASES)
def test_effective_limit(
    purpose: str, parents: dict[str, list[str]], pids: dict[str, int], records: dict[str, Json]
) -> None:
    record = records[purpose]["memory"]
    cgroup = kernel.cgroup(pids[purpose], "memory")
    told = (record["effective_limit_bytes"], record["effective_limit_source"])
    assert told == kernel.effective_memory_limit(cgroup)
    source = SOURCES[purpose]
    assert told[1] == {"own": cgroup.path, "host": "host"}.get(str(source)) or told[1] == parents[purpose][int(source)]


@pytest.mark.parametrize("purpose", CASES)
def test_effective_limit_on_v1_is_what_the_kernel_computes(
    purpose: str, pids: dict[str, int], records: dict[str, Json]
) -> None:
    cgroup = kernel.cgroup(pids[purpose], "memory")
    if cgroup.version == 1:
        computed = min(cgroup.keyed("memory.stat")["hierarchical_memory_limit"], kernel.memory_total_bytes())
        assert records[purpose]["memory"]["effective_limit_bytes"] == computed


def test_an_ancestor_of_one_gib_counts(records: dict[str, Json], parents: dict[str, list[str]]) -> None:
    record = records["one-gib-own-larger"]["memory"]
    assert record["limit_bytes"] == 2 * GIB
    assert record["effective_limit_bytes"] == GIB
    assert record["effective_limit_source"] == parents["one-gib-own-larger"][0]
    assert records["one-gib-own-larger"]["drift"] == []


def test_limit_between_two_pages_is_floored(records: dict[str, Json]) -> None:
    assert records["between-pages"]["memory"]["limit_bytes"] == 3 * GIB
    assert records["between-pages"]["memory"]["effective_limit_bytes"] == GIB
    assert records["between-pages"]["declared"]["memory_bytes"] == 3 * GIB + 1000


def test_without_any_limit_the_host_sets_it(records: dict[str, Json]) -> None:
    record = records["host"]["memory"]
    assert (record["limit_state"], record["limit_bytes"]) == ("unlimited", None)
    assert (record["effective_limit_bytes"], record["effective_limit_source"]) == (kernel.memory_total_bytes(), "host")


def test_limit_set_above_later_counts_at_once(
    tree: CgroupTree, fleet: Fleet, pids: dict[str, int], parents: dict[str, list[str]]
) -> None:
    assert pids
    tree.limit_memory(parents["one-gib"][0], 256 * MIB)
    name = fleet.name("one-gib")
    record = by_name(gather(containers=[name]))[name]
    assert (record["memory"]["effective_limit_bytes"], record["memory"]["limit_bytes"]) == (256 * MIB, None)
    assert record["drift"] == []
    tree.limit_memory(parents["one-gib"][0], GIB)
