"""200 gatherings of facts while 50 containers start and stop all the time: no failure, and no record mixes two."""

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import gather_cgroup_facts
from ansible_collections.fathom.containers.plugins.module_utils.engines.find import witnesses
from ansible_collections.fathom.containers.plugins.module_utils.options import shared_options

from tests.live.churn import Churn, Truth
from tests.live.fleet import Fleet
from tests.live.plays import MODULE, Json, cgroups, play

CONTAINERS = 50
THREADS = 2
# A run of the whole module takes a second or two; in between, the same code runs in this process, where it takes less.
BY_MODULE = 20
IN_PROCESS = 180
SUBSETS = ["memory", "pids", "processes", "hierarchies"]
PARAMS = {option: spec.get("default") for option, spec in shared_options().items()} | {"engine_timeout": 30}


@pytest.fixture(scope="module")
def churn(fleet: Fleet) -> Churn:
    return Churn(fleet, CONTAINERS)


@pytest.fixture(scope="module")
def gatherings(churn: Churn) -> list[Json]:
    """What each of the gatherings gave."""
    with churn.running(THREADS):
        first = [_gather() for _ in range(IN_PROCESS // 2)]
        looped = {
            MODULE: {"engine_timeout": 30, "gather_subset": SUBSETS},
            "loop": list(range(BY_MODULE)),
            "register": "gathered",
        }
        (result,) = play(looped)
        last = [_gather() for _ in range(IN_PROCESS // 2)]
    return first + [cgroups(one) for one in result["results"]] + last


def test_containers_have_come_and_gone_meanwhile(churn: Churn, gatherings: list[Json]) -> None:
    assert len(gatherings) == IN_PROCESS + BY_MODULE
    assert churn.ended > 2 * CONTAINERS
    seen = [frozenset(_mine(facts, churn)) for facts in gatherings]
    assert len(set(seen)) > len(gatherings) / 10
    assert all(len(ids) > CONTAINERS / 2 for ids in seen)


def test_no_gathering_failed_and_the_engine_was_never_lost(gatherings: list[Json]) -> None:
    for facts in gatherings:
        (told,) = [one for one in facts["host"]["engines"] if one["name"] == "docker"]
        assert told["reachable"], told["error"]


def test_every_record_is_of_one_container(churn: Churn, gatherings: list[Json]) -> None:
    checked = 0
    for facts in gatherings:
        ids = [record["id"] for record in facts["containers"]]
        assert len(ids) == len(set(ids))
        for record in _mine(facts, churn).values():
            _check(record, churn.truths[record["id"]])
            checked += 1
    assert checked > len(gatherings) * CONTAINERS / 2


def _check(record: Json, truth: Truth) -> None:
    assert record["pid"] == truth.pid
    assert record["memory"]["limit_bytes"] == truth.limit_bytes
    assert record["memory"]["memory_swap_limit_bytes"] == truth.limit_bytes
    assert record["memory"]["path"].endswith(f"/{record['id']}")
    assert {row["path"].rpartition("/")[2] for row in record["hierarchies"]} == {record["id"]}
    assert {process["pid"] for process in record["processes"]} <= {truth.pid}
    assert record["unreadable"] == []
    if not record["engine_known"]:
        # It was ended between the kernel's word and the engine's.
        assert (record["name"], record["drift"]) == (None, None)
        return
    assert record["name"] == truth.name
    assert truth.name.endswith(f"-{record['labels']['number']}")
    if record["drift"] is not None:
        assert record["declared"]["memory_bytes"] == truth.limit_bytes
        assert record["drift"] == []


def _mine(facts: Json, churn: Churn) -> dict[str, Json]:
    """The records of this test's containers that run; of one that ends while its engine lists it, only that is told."""
    records = {record["id"]: record for record in facts["containers"] if record["id"] in churn.truths}
    return {container_id: record for container_id, record in records.items() if record["pid"] is not None}


def _gather() -> Json:
    asked = witnesses(PARAMS)
    try:
        facts, _warnings = gather_cgroup_facts(asked, gather_subset=SUBSETS)
    finally:
        for witness in asked:
            witness.close()
    return facts
