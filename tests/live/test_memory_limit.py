"""container_memory_limit on running containers: what it says is never asked, the kernel's files and the engine are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live import kernel
from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import MIB, Fleet, eventually, pid_of, sleeps
from tests.live.plays import Json, play

MODULE = "fathom.containers.container_memory_limit"
# 40 MiB that nobody can reclaim while there is no swap, and 60 MiB that everybody can.
HOLDS = ["sh", "-c", "dd if=/dev/zero of=/dev/shm/f bs=1M count=40; exec sleep 900"]
CACHES = ["sh", "-c", "dd if=/dev/zero of=/f bs=1M count=60 conv=fsync; exec sleep 900"]
UNLIMITED = None


def set_limits(*entries: Json, **options: Any) -> Json:
    """A task of the module; `ignore_errors`, `check_mode` and `diff` are the task's keywords."""
    keywords: Json = {key: options.pop(key) for key in ("ignore_errors", "check_mode", "diff") if key in options}
    return {MODULE: {"limits": list(entries), **options}, **keywords}


def held(container: Container) -> tuple[int | None, int | None]:
    """The kernel's limits of memory and of swap alone."""
    memory = kernel.cgroup(pid_of(container), "memory")
    return kernel.memory_limit(memory), kernel.swap_limit(memory)


def noted(container: Container) -> tuple[int, int]:
    """What the engine has, in its own words: memory, and memory and swap together."""
    container.reload()
    config = container.attrs["HostConfig"]
    return config["Memory"], config["MemorySwap"]


def row(result: Json) -> Json:
    """The record of the only container in a result."""
    (record,) = result["containers"]
    return record


# Purpose: (what the container is created with, what is asked, the kernel's limits then, the engine's words then)
V1_HIGHEST = 9223372036854771712
CHANGES: dict[str, tuple[Json, Json, tuple[int | None, int | None], tuple[int, int]]] = {
    "never-limited": ({}, {"memory": "64MiB", "swap": "0"}, (64 * MIB, 0), (64 * MIB, 64 * MIB)),
    "never-limited-memory-alone": ({}, {"memory": "64MiB"}, (64 * MIB, UNLIMITED), (64 * MIB, -1)),
    "swap-unlimited-raised": (
        {"mem_limit": 64 * MIB, "memswap_limit": -1},
        {"memory": "128MiB"},
        (128 * MIB, UNLIMITED),
        (128 * MIB, -1),
    ),
    "raised-past-the-sum": (
        {"mem_limit": 64 * MIB, "memswap_limit": 64 * MIB},
        {"memory": "256MiB"},
        (256 * MIB, 0),
        (256 * MIB, 256 * MIB),
    ),
    "swap-lifted": (
        {"mem_limit": 64 * MIB, "memswap_limit": 64 * MIB},
        {"swap": "unlimited"},
        (64 * MIB, UNLIMITED),
        (64 * MIB, -1),
    ),
    # Where memory alone is told, Docker leaves the sum as it is, and swap grows by what memory loses.
    "lowered": (
        {"mem_limit": 256 * MIB, "memswap_limit": 512 * MIB},
        {"memory": "64MiB"},
        (64 * MIB, 256 * MIB),
        (64 * MIB, 320 * MIB),
    ),
    "lifted": (
        {"mem_limit": 64 * MIB, "memswap_limit": 64 * MIB},
        {"memory": "unlimited"},
        (UNLIMITED, UNLIMITED),
        (V1_HIGHEST, -1),
    ),
    "odd": ({}, {"memory": str(64 * MIB + 1234), "swap": "4321B"}, (64 * MIB, 4096), (64 * MIB, 64 * MIB + 4096)),
}


@dataclass
class Change:
    """One of CHANGES on a container of its own: `kernels` and `engines` are what the two had, by moment."""

    container: Container
    kernels: dict[str, tuple[int | None, int | None]]
    engines: dict[str, tuple[int, int]]
    pids: dict[str, int]
    kills: int
    foretold: Json
    done: Json
    again: Json
    restarted: Json


@pytest.fixture(scope="module")
def changes(fleet: Fleet) -> dict[str, Change]:
    """All of CHANGES in one task: foretold, made, asked for again, and once more after the containers' restart."""
    containers = {purpose: fleet.run(purpose, **change[0]) for purpose, change in CHANGES.items()}
    kernels: dict[str, Any] = {}
    engines: dict[str, Any] = {}
    pids: dict[str, Any] = {}

    def look(moment: str) -> None:
        for purpose, container in containers.items():
            engines.setdefault(purpose, {})[moment] = noted(container)
            kernels.setdefault(purpose, {})[moment] = held(container)
            pids.setdefault(purpose, {})[moment] = pid_of(container)

    task = set_limits(*({"containers": [containers[purpose].name], **change[1]} for purpose, change in CHANGES.items()))
    look("before")
    (foretold,) = play({**task, "check_mode": True, "diff": True})
    look("foretold")
    (done,) = play({**task, "diff": True})
    look("done")
    (again,) = play(task)
    kills = {purpose: kernel.oom_kills(kernel.cgroup(pid_of(one), "memory")) for purpose, one in containers.items()}
    for container in containers.values():
        container.restart(timeout=0)
    look("restarted")
    (restarted,) = play(task)
    assert foretold["diff"] == done["diff"]
    results = [
        {record["name"]: record for record in result["containers"]} for result in (foretold, done, again, restarted)
    ]
    return {
        purpose: Change(
            one, kernels[purpose], engines[purpose], pids[purpose], kills[purpose], *(by[one.name] for by in results)
        )
        for purpose, one in containers.items()
    }


@pytest.mark.parametrize("purpose", CHANGES)
def test_check_mode_changes_nothing(purpose: str, changes: dict[str, Change]) -> None:
    change = changes[purpose]
    assert change.kernels["foretold"] == change.kernels["before"]
    assert change.engines["foretold"] == change.engines["before"]


@pytest.mark.parametrize("purpose", CHANGES)
def test_check_mode_foretells_the_run(purpose: str, changes: dict[str, Change]) -> None:
    foretold, done = changes[purpose].foretold, changes[purpose].done
    for key in ("steps", "before", "after", "status", "persistent", "reason", "notes"):
        assert foretold[key] == done[key], key


@pytest.mark.parametrize("purpose", CHANGES)
def test_kernel_and_engine_have_what_was_asked_for(purpose: str, changes: dict[str, Change]) -> None:
    change = changes[purpose]
    _created, _asked, kernels, engines = CHANGES[purpose]
    assert change.kernels["done"] == kernels
    assert change.engines["done"] == engines
    assert change.done["status"] == "changed"
    assert change.done["verified"] is True


@pytest.mark.parametrize("purpose", CHANGES)
def test_the_container_lives_on(purpose: str, changes: dict[str, Change]) -> None:
    change = changes[purpose]
    assert change.pids["done"] == change.pids["before"]
    assert change.kills == 0


@pytest.mark.parametrize("purpose", CHANGES)
def test_a_second_run_changes_nothing(purpose: str, changes: dict[str, Change]) -> None:
    assert changes[purpose].again["status"] == "unchanged"
    assert changes[purpose].again["steps"] == []


@pytest.mark.parametrize("purpose", CHANGES)
def test_it_outlives_a_restart(purpose: str, changes: dict[str, Change]) -> None:
    change = changes[purpose]
    assert change.pids["restarted"] != change.pids["done"]
    assert change.kernels["restarted"] == CHANGES[purpose][2]
    assert change.restarted["status"] == "unchanged"


def test_caches_are_freed_for_a_lower_limit(fleet: Fleet) -> None:
    container = fleet.run("caching", CACHES, mem_limit=256 * MIB, memswap_limit=256 * MIB)
    memory = kernel.cgroup(pid_of(container), "memory")
    eventually(lambda: sleeps(pid_of(container)))
    assert kernel.memory_usage(memory) > 50 * MIB
    (result,) = play(set_limits({"containers": [container.name], "memory": "48MiB"}))
    assert held(container) == (48 * MIB, 0)
    assert noted(container) == (48 * MIB, 48 * MIB)
    assert kernel.oom_kills(memory) == 0
    assert row(result)["status"] == "changed"


def test_below_what_is_in_use_it_is_refused_and_the_container_unharmed(fleet: Fleet) -> None:
    container = fleet.run("holding", HOLDS, mem_limit=256 * MIB, memswap_limit=256 * MIB)
    memory = kernel.cgroup(pid_of(container), "memory")
    eventually(lambda: sleeps(pid_of(container)))
    usage = kernel.memory_usage(memory)
    (refused,) = play(set_limits({"containers": [container.name], "memory": "32MiB"}, ignore_errors=True))
    assert refused["failed"] is True
    assert "can't be reclaimed" in refused["msg"]
    assert "Traceback" not in str(refused)
    assert held(container) == (256 * MIB, 0)
    assert noted(container) == (256 * MIB, 256 * MIB)
    assert kernel.memory_usage(memory) > usage - MIB
    assert kernel.oom_kills(memory) == 0
    smallest = row(refused)["smallest_bytes"]
    assert 72 * MIB <= smallest <= 76 * MIB
    (accepted,) = play(set_limits({"containers": [container.name], "memory": str(smallest)}))
    assert held(container) == (smallest, 0)
    assert row(accepted)["status"] == "changed"


def test_what_would_never_count_is_refused(fleet: Fleet, tree: CgroupTree) -> None:
    """Docker takes both without a word: more than the cgroup above allows, and less than what is reserved."""
    above = tree.limit_memory(f"{tree.root}/above", 128 * MIB)
    below = fleet.run("below", cgroup_parent=above, mem_limit=64 * MIB, memswap_limit=64 * MIB)
    reserving = fleet.run("reserves", mem_limit=64 * MIB, memswap_limit=64 * MIB, mem_reservation=48 * MIB)
    more, less = play(
        set_limits({"containers": [below.name], "memory": "256MiB"}, ignore_errors=True),
        set_limits({"containers": [reserving.name], "memory": "40MiB"}, ignore_errors=True),
    )
    assert f"{above} above it allows 128 MiB" in more["msg"]
    assert "its reservation of 48 MiB is above the limit of 40 MiB" in less["msg"]
    for container in (below, reserving):
        assert held(container) == (64 * MIB, 0)
        assert noted(container) == (64 * MIB, 64 * MIB)


def test_one_refused_container_does_not_keep_the_others(fleet: Fleet) -> None:
    holding = fleet.run("one-holds", HOLDS)
    eventually(lambda: sleeps(pid_of(holding)))
    others = [fleet.run(f"one-other-{number}") for number in range(3)]
    entry = {"containers": [fleet.name("one-*")], "memory": "50MiB", "swap": "0"}
    failed, warned = play(set_limits(entry, ignore_errors=True), set_limits(entry, on_refused="warn", parallel=1))
    assert failed["failed"] is True
    assert warned["changed"] is False
    assert any(holding.name in text for text in warned["warnings"])
    assert [held(other) for other in others] == [(50 * MIB, 0)] * 3
    assert held(holding) == (None, None)


def test_the_first_entry_that_fits_counts(fleet: Fleet) -> None:
    web = fleet.run("first-web", labels={"tier": "web"})
    database = fleet.run("first-db", labels={"tier": "db"})
    other = fleet.run("first-other")
    play(
        set_limits(
            {"containers": [database.name], "memory": "96MiB"},
            {"labels": {"tier": "*"}, "memory": "64MiB"},
            {"memory": "128MiB"},
            containers=[fleet.name("first-*")],
        )
    )
    assert [held(one)[0] for one in (web, database, other)] == [64 * MIB, 96 * MIB, 128 * MIB]


@pytest.mark.parametrize("strays", ["kernel", "record"])
def test_drift_is_mended_whichever_strays(strays: str, fleet: Fleet) -> None:
    container = fleet.run(f"drift-{strays}", mem_limit=64 * MIB, memswap_limit=64 * MIB)
    memory = kernel.cgroup(pid_of(container), "memory")
    entry = {"containers": [container.name], "memory": "64MiB", "swap": "0"}
    path = memory.file("memory.limit_in_bytes", "memory.max")
    if strays == "kernel":
        path.write_text(str(48 * MIB))
    else:
        container.update(mem_limit=48 * MIB, memswap_limit=48 * MIB)
        for name in ("memory.memsw.limit_in_bytes", "memory.limit_in_bytes"):
            (memory.directory / name).write_text(str(64 * MIB))
    mended, again = play(set_limits(entry), set_limits(entry))
    assert held(container) == (64 * MIB, 0)
    assert noted(container) == (64 * MIB, 64 * MIB)
    assert (mended["changed"], again["changed"]) == (True, False)


def test_persist_false_leaves_the_record(fleet: Fleet) -> None:
    container = fleet.run("kernel-alone", mem_limit=256 * MIB, memswap_limit=256 * MIB)
    (result,) = play(set_limits({"containers": [container.name], "memory": "64MiB"}, persist=False))
    assert held(container) == (64 * MIB, 0)
    assert noted(container) == (256 * MIB, 256 * MIB)
    assert row(result)["persistent"] is False


def test_reservation_is_set_and_lifted(fleet: Fleet) -> None:
    container = fleet.run("reserving", mem_limit=64 * MIB)
    entry = {"containers": [container.name]}
    play(set_limits({**entry, "reservation": "32MiB"}))
    memory = kernel.cgroup(pid_of(container), "memory")
    assert kernel.reservation(memory) == 32 * MIB
    container.reload()
    assert container.attrs["HostConfig"]["MemoryReservation"] == 32 * MIB
    lifted, again = play(set_limits({**entry, "reservation": "0"}), set_limits({**entry, "reservation": "unlimited"}))
    assert kernel.reservation(memory) == 0
    assert (lifted["changed"], again["changed"]) == (True, False)


def test_a_stopped_container_that_is_named_is_noted_for_its_next_start(fleet: Fleet) -> None:
    container = fleet.create("stopped")
    by_glob, by_name = play(
        set_limits({"containers": [fleet.name("stopp*")], "memory": "64MiB", "swap": "0"}),
        set_limits({"containers": [container.name], "memory": "64MiB", "swap": "0"}),
    )
    assert by_glob["containers"] == []
    assert row(by_name)["status"] == "changed"
    assert noted(container) == (64 * MIB, 64 * MIB)
    container.start()
    container.reload()
    assert held(container) == (64 * MIB, 0)


def test_a_paused_container_is_refused(fleet: Fleet) -> None:
    container = fleet.run("paused")
    container.pause()
    (refused,) = play(set_limits({"containers": [container.name], "memory": "64MiB"}, ignore_errors=True))
    container.unpause()
    assert "it is paused" in refused["msg"]
    assert held(container) == (None, None)


def test_other_limits_stay(fleet: Fleet) -> None:
    container = fleet.run("others", nano_cpus=500_000_000, pids_limit=64, cpu_shares=512)
    play(set_limits({"containers": [container.name], "memory": "64MiB"}))
    cpu, pids = kernel.cgroup(pid_of(container), "cpu"), kernel.cgroup(pid_of(container), "pids")
    assert kernel.cpu_quota(cpu) == (50000, 100000)
    assert pids.number("pids.max") == 64
    container.reload()
    config = container.attrs["HostConfig"]
    assert (config["NanoCpus"], config["PidsLimit"], config["CpuShares"]) == (500_000_000, 64, 512)


def test_many_at_once(fleet: Fleet) -> None:
    containers = [fleet.run(f"many-{number}") for number in range(12)]
    entry = {"containers": [fleet.name("many-*")], "memory": "64MiB", "swap": "0"}
    changed, again = play(set_limits(entry), set_limits(entry))
    assert [held(one) for one in containers] == [(64 * MIB, 0)] * 12
    assert {record["status"] for record in changed["containers"]} == {"changed"}
    assert again["changed"] is False


# Purpose: (options, what the message has to say)
MISTAKES: dict[str, tuple[Json, list[str]]] = {
    "no-size": ({"limits": [{"memory": "lots"}]}, ["limits[0]", "memory", "'lots'", "unlimited"]),
    "negative": ({"limits": [{"memory": "-5M"}]}, ["limits[0]", "memory", "'-5M'"]),
    "zero": ({"limits": [{"memory": "0"}]}, ["limits[0]", "memory"]),
    "nothing": ({"limits": [{"containers": ["*"]}]}, ["limits[0]", "memory, swap, reservation"]),
    "empty": ({"limits": []}, ["limits is an empty list"]),
    "unknown-key": ({"limits": [{"memroy": "64M"}]}, ["memroy", "memory"]),
    "headroom": ({"limits": [{"memory": "64M"}], "headroom": "some"}, ["headroom", "'some'", "10%"]),
    "parallel": ({"limits": [{"memory": "64M"}], "parallel": 0}, ["parallel is 0", "1 to 64"]),
    "nobody": ({"limits": [{"containers": ["no-such-one"], "memory": "64M"}]}, ["limits[0]", "'no-such-one'"]),
}


@pytest.fixture(scope="module")
def mistaken(fleet: Fleet) -> tuple[Container, dict[str, Json]]:
    """The container that the mistakes are about, and what came of each."""
    container = fleet.run("mistaken")
    tasks = (
        {MODULE: {"containers": [container.name], **options}, "ignore_errors": True} for options, _ in MISTAKES.values()
    )
    return container, dict(zip(MISTAKES, play(*tasks), strict=True))


@pytest.mark.parametrize("purpose", MISTAKES)
def test_mistakes_change_nothing_and_say_what_is_accepted(
    purpose: str, mistaken: tuple[Container, dict[str, Json]]
) -> None:
    container, results = mistaken
    failed = results[purpose]
    assert failed["failed"] is True
    for part in MISTAKES[purpose][1]:
        assert part in failed["msg"]
    assert "Traceback" not in str(failed)
    assert held(container) == (None, None)
