"""container_memory_limit on cgroup v2: with Docker, with Podman, without an engine.

One story for all containers, as each task takes an emulated machine seconds: what is there is looked at between its
chapters by commands on the machine, and the tests are about these looks. The module's own word counts only for what
check mode foretells, and for what it calls unchanged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.vm.zoo import MIB, Resident
from tests.vm import boxes, kernel, podman
from tests.vm.boxes import Box, Look
from tests.vm.host import Json, Vm

MODULE = "fathom.containers.container_memory_limit"
ENGINES = ("docker", "podman")
UNLIMITED = None
# How the engines write down that there is no limit: Docker takes no -1 for memory.
NO_LIMIT = {"docker": 9223372036854771712, "podman": -1}
# 60 MiB that everybody can reclaim, and 40 MiB in parts that nobody can while there is no swap.
CACHES = "sh -c 'dd if=/dev/zero of=/f bs=1M count=60 conv=fsync; exec sleep 1000000'"
HOLDS = "sh -c 'for part in 1 2 3 4 5; do dd if=/dev/zero bs=8M count=1 | sleep 1000000 & done; wait'"
# The same in one part, by the first process, which takes the container along when it is killed.
DOOMED = "sh -c 'mkfifo /p; sleep 1000000 </p & exec dd if=/dev/zero bs=40M count=1 of=/p'"
Pair = tuple[int | None, int | None]


@dataclass(frozen=True)
class Change:
    """What a container is run with, what is asked, and what the kernel has then: memory, swap alone, reservation.

    The engine has the same, with memory and swap counted together.
    """

    options: str
    asked: Json
    held: Pair
    low: int = 0
    command: str = boxes.ASLEEP

    @property
    def noted(self) -> Pair:
        memory, swap = self.held
        return memory, None if memory is None or swap is None else memory + swap


CHANGES = {
    "never-limited": Change("", {"memory": str(48 * MIB + 1234), "swap": "0"}, (48 * MIB, 0), command=CACHES),
    "raised": Change(
        "--memory 64m --memory-swap -1", {"memory": "128MiB", "reservation": "32MiB"}, (128 * MIB, UNLIMITED), 32 * MIB
    ),
    "lifted": Change("--memory 64m --memory-swap 64m", {"memory": "unlimited"}, (UNLIMITED, UNLIMITED)),
}
# Refused: below what it holds.
HOLDING = Change("--memory 128m --memory-swap 128m", {"memory": "32MiB"}, (128 * MIB, 0), command=HOLDS)
MADE = [f"{engine}-{purpose}" for engine in ENGINES for purpose in CHANGES]
HOLDERS = [f"{engine}-holding" for engine in ENGINES]
# Those of lab/vm/zoo.py: what is asked, and what the kernel has then.
OTHERS: dict[str, Change] = {
    "podman-rootless": Change("", {"memory": "96MiB", "swap": "0"}, (96 * MIB, 0)),
    "podman-pod-first": Change("", {"memory": "48MiB"}, (48 * MIB, 64 * MIB)),
    "runc": Change("", {"memory": "48MiB", "swap": "0"}, (48 * MIB, 0)),
    "nspawn": Change("", {"memory": "48MiB"}, (48 * MIB, 0)),
}
BARE = ("runc", "nspawn")
KNOWN = [kind for kind in OTHERS if kind not in BARE]
ALL = [*MADE, *OTHERS]


def change_of(name: str) -> Change:
    """By a container's name without fathom-."""
    if name in OTHERS:
        return OTHERS[name]
    purpose = name.partition("-")[2]
    return HOLDING if purpose == "holding" else CHANGES[purpose]


def asked(names: list[str], **options: Any) -> Json:
    """The task of the module that asks for what the changes of these say."""
    return task([{"containers": [f"fathom-{name}"], **change_of(name).asked} for name in names], **options)


def task(entries: list[Json], **options: Any) -> Json:
    """A task of the module; `check_mode` and `diff` are the task's keywords."""
    keywords: Json = {key: options.pop(key) for key in ("check_mode", "diff") if key in options}
    # Emulated, a service takes its time to start.
    return {MODULE: {"limits": entries, "engine_timeout": 60, **options}, **keywords}


@dataclass
class Story:
    """Looks and results by moment."""

    vm: Vm
    everybody: list[Box]
    bare: dict[str, Resident]
    looks: dict[str, dict[str, Look]] = field(default_factory=dict)
    kernels: dict[str, dict[str, Pair]] = field(default_factory=dict)
    results: dict[str, Json] = field(default_factory=dict)

    def look(self, moment: str, purposes: Sequence[str] = ("",)) -> None:
        """At everybody, or at those that serve certain purposes."""
        chosen = [box for box in self.everybody if box.name.endswith(tuple(purposes))]
        self.looks[moment] = boxes.look(self.vm, chosen)
        cgroups = {kind: kernel.cgroup(self.vm, resident) for kind, resident in self.bare.items()}
        self.kernels[moment] = {
            kind: (cgroup.smallest("memory.max"), cgroup.smallest("memory.swap.max"))
            for kind, cgroup in cgroups.items()
        }

    def play(self, **tasks: Json) -> None:
        for moment, result in zip(tasks, self.vm.play(*tasks.values()), strict=True):
            assert "Traceback" not in str(result)
            self.results[moment] = result

    def at(self, moment: str, name: str) -> Look:
        return self.looks[moment][f"fathom-{name}"]

    def held(self, moment: str, name: str) -> Pair:
        """By the kernel, also of those that no engine has."""
        return self.kernels[moment][name] if name in self.bare else self.at(moment, name).held

    def noted(self, moment: str, name: str) -> Pair:
        """None for the engine's way to say unlimited."""
        memory, together, _reservation = self.at(moment, name).noted
        unlimited = NO_LIMIT[name.partition("-")[0]]
        return None if memory in (0, unlimited) else memory, None if together == -1 else together

    def record(self, moment: str, name: str) -> Json:
        """The module's word on one container."""
        own_id = self.bare[name].id if name in self.bare else self.at("before", name).id
        (found,) = [one for one in self.results[moment]["containers"] if one["id"] == own_id]
        return dict(found)


@pytest.fixture(scope="module")
def story(vm: Vm) -> Iterator[Story]:
    changes = {name: change_of(name) for name in [*MADE, *HOLDERS]}
    changes["podman-doomed"] = Change(HOLDING.options, {}, HOLDING.held, command=DOOMED)
    made = [
        Box(f"fathom-{name}", name.partition("-")[0], change.options, change.command)
        for name, change in changes.items()
    ]
    with podman.services(vm, lasting=True):
        try:
            with ThreadPoolExecutor() as pool:
                residents = pool.submit(vm.start, *OTHERS)
                boxes.start(vm, made)
            known = [
                Box(f"fathom-{kind}", "podman", user="lab" if kind == "podman-rootless" else "root") for kind in KNOWN
            ]
            story = Story(vm, made[:-1] + known, {kind: residents.result()[kind] for kind in BARE})
            tell(story, made)
            yield story
        finally:
            vm.clean()


def tell(story: Story, made: list[Box]) -> None:
    """All that happens."""
    wait_for_loads(story)
    story.play(
        foretold=asked([*ALL, *HOLDERS], check_mode=True, diff=True, on_refused="warn"),
        unwilling=asked(["docker-never-limited", "podman-never-limited"], below_usage="refuse"),
    )
    story.look("foretold")
    story.play(done=asked([*ALL, *HOLDERS], diff=True, on_refused="warn"), again=asked(ALL))
    story.look("done")
    boxes.reload(story.vm)
    story.look("reloaded")
    boxes.restart(story.vm, [box for box in made if box.command not in {HOLDS, DOOMED}])
    story.look("restarted")
    stray(story)
    story.look("strayed", ["raised", "never-limited"])
    holders = {"containers": ["fathom-*-holding", "fathom-podman-doomed"], "memory": "24MiB"}
    raised = {"containers": ["fathom-*-raised"], "reservation": "0"}
    story.play(
        mended=asked(MADE),
        forced=task([holders, raised], below_usage="force"),
        for_now=task(
            [
                {"containers": ["fathom-docker-raised"], "reservation": "0"},
                {"containers": ["fathom-*-lifted"], "memory": "96MiB"},
            ],
            persist=False,
        ),
    )
    boxes.reload(story.vm)
    story.look("in the end")


def wait_for_loads(story: Story) -> None:
    """Until the containers use what they are made to use."""
    deadline = time.monotonic() + 60
    while True:
        story.look("before")
        loads = [one for name, one in story.looks["before"].items() if name.endswith(("never-limited", "holding"))]
        if all(one.usage > 40 * MIB for one in loads):
            return
        assert time.monotonic() < deadline, "the containers did not come to use their memory"
        time.sleep(0.5)


def stray(story: Story) -> None:
    """Somebody sets one limit in the kernel alone, and another in the engine's record alone."""
    lines = []
    for engine in ENGINES:
        raised, never = (story.at("restarted", f"{engine}-{one}").path for one in ("raised", "never-limited"))
        inner = "/container" if engine == "podman" else ""
        lines += [
            f"echo {100 * MIB} >{raised}{inner}/memory.max",
            f"{engine} update --memory 100m --memory-swap 120m fathom-{engine}-never-limited",
            *(
                f"echo {value} >{place}/{name}"
                for place in dict.fromkeys((never, never + inner))
                for name, value in (("memory.max", 48 * MIB), ("memory.swap.max", 0))
            ),
        ]
    story.vm.run("set -e; " + "; ".join(lines))


@pytest.mark.parametrize("name", [*ALL, *HOLDERS])
def test_check_mode_changes_nothing(name: str, story: Story) -> None:
    assert story.held("foretold", name) == story.held("before", name)
    if name not in BARE:
        assert story.at("foretold", name).noted == story.at("before", name).noted
        assert story.at("foretold", name).life == story.at("before", name).life


@pytest.mark.parametrize("name", ALL)
def test_check_mode_foretells_the_run(name: str, story: Story) -> None:
    foretold, done = story.record("foretold", name), story.record("done", name)
    for key in ("steps", "before", "after", "status", "persistent", "reason", "notes"):
        assert foretold[key] == done[key], key
    assert foretold["status"] == "changed"
    assert (foretold["after"]["limit_bytes"], foretold["after"]["swap_limit_bytes"]) == story.held("done", name)
    assert foretold["persistent"] is (name not in BARE)


def test_check_mode_foretells_the_diff(story: Story) -> None:
    assert story.results["foretold"]["diff"] == story.results["done"]["diff"]
    after = story.results["done"]["diff"]["after"].splitlines()
    assert "fathom-docker-never-limited: kernel memory 48 MiB, swap 0 B, reservation 0 B" in after
    assert "fathom-podman-lifted: podman memory unlimited, swap unlimited, reservation 0 B" in after


@pytest.mark.parametrize("name", ALL)
def test_kernel_and_engine_have_what_was_asked_for(name: str, story: Story) -> None:
    change = change_of(name)
    assert story.held("done", name) == change.held
    if name not in BARE:
        there = story.at("done", name)
        assert story.noted("done", name) == change.noted
        assert there.low == there.noted[2] == change.low
        assert there.high is UNLIMITED


@pytest.mark.parametrize("name", [*MADE, *KNOWN])
def test_the_container_lives_on(name: str, story: Story) -> None:
    assert story.at("done", name).life == story.at("before", name).life
    assert story.at("done", name).kills == 0


@pytest.mark.parametrize("name", ALL)
def test_a_second_run_changes_nothing(name: str, story: Story) -> None:
    again = story.record("again", name)
    assert (again["status"], again["steps"]) == ("unchanged", [])
    assert story.results["again"]["changed"] is False


@pytest.mark.parametrize("name", ALL)
def test_it_outlives_a_daemon_reload(name: str, story: Story) -> None:
    assert story.held("reloaded", name) == change_of(name).held
    if name not in BARE:
        assert story.at("reloaded", name).low == change_of(name).low


@pytest.mark.parametrize("name", MADE)
def test_it_outlives_a_restart(name: str, story: Story) -> None:
    there = story.at("restarted", name)
    assert there.life != story.at("done", name).life
    assert (there.held, there.low) == (change_of(name).held, change_of(name).low)


@pytest.mark.parametrize("engine", ENGINES)
def test_caches_are_freed_for_a_lower_limit(engine: str, story: Story) -> None:
    assert story.at("foretold", f"{engine}-never-limited").usage > 60 * MIB
    assert story.at("done", f"{engine}-never-limited").usage < 48 * MIB


@pytest.mark.parametrize("engine", ENGINES)
def test_caches_are_left_where_nothing_is_to_be_reclaimed(engine: str, story: Story) -> None:
    refused = story.results["unwilling"]
    assert refused["failed"] is True
    assert f"fathom-{engine}-never-limited: it uses " in refused["msg"]
    assert "below_usage: reclaim frees its caches first" in refused["msg"]
    assert (
        story.at("foretold", f"{engine}-never-limited").usage
        > story.at("before", f"{engine}-never-limited").usage - MIB
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_below_what_is_in_use_it_is_refused_and_the_container_unharmed(engine: str, story: Story) -> None:
    name = f"{engine}-holding"
    before, after = story.at("before", name), story.at("done", name)
    assert after.held == HOLDING.held
    assert after.noted == before.noted
    assert (after.life, after.kills) == (before.life, 0)
    assert after.usage > 40 * MIB
    (warning,) = [one for one in story.results["done"]["warnings"] if f"fathom-{name}" in one]
    assert "can't be reclaimed" in warning
    assert 72 * MIB <= story.record("done", name)["smallest_bytes"] <= 80 * MIB


@pytest.mark.parametrize("engine", ENGINES)
def test_force_sets_it_and_tells_what_was_killed(engine: str, story: Story) -> None:
    name = f"{engine}-holding"
    before, after = story.at("restarted", name), story.at("in the end", name)
    assert after.held == (24 * MIB, 0)
    assert story.noted("in the end", name) == (24 * MIB, 24 * MIB)
    assert before.kills == 0
    assert after.kills == story.record("forced", name)["oom_kills"] > 0
    assert after.life == before.life


def test_force_tells_that_it_ended_the_container(story: Story) -> None:
    (ended,) = [one for one in story.results["forced"]["containers"] if one["name"] == "fathom-podman-doomed"]
    assert ended["status"] == "failed", ended
    assert "has ended meanwhile, whose limit was set below what it used" in ended["reason"]
    state = "{{.State.Running}} {{.HostConfig.Memory}}"
    assert story.vm.run(["podman", "inspect", "--format", state, "fathom-podman-doomed"]) == f"false {128 * MIB}\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_drift_is_mended_whichever_strays(engine: str, story: Story) -> None:
    raised, never = f"{engine}-raised", f"{engine}-never-limited"
    assert (story.at("strayed", raised).memory, story.noted("strayed", raised)[0]) == (100 * MIB, 128 * MIB)
    assert (story.held("strayed", never), story.noted("strayed", never)) == ((48 * MIB, 0), (100 * MIB, 120 * MIB))
    for name in (raised, never):
        assert story.held("in the end", name) == change_of(name).held
        assert story.noted("in the end", name) == change_of(name).noted
        assert story.at("in the end", name).life == story.at("strayed", name).life


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_restart_makes_systemd_forget_is_told_it_anew(engine: str, story: Story) -> None:
    """A swap limit of 0 above all, of which runc does not tell it."""
    for purpose in ("never-limited", "raised"):
        assert story.held("in the end", f"{engine}-{purpose}") == CHANGES[purpose].held


def test_podman_takes_a_reservation_back_and_docker_does_so_for_now(story: Story) -> None:
    by_podman, by_docker = (story.at("in the end", f"{engine}-raised") for engine in ("podman", "docker"))
    assert (by_podman.low, by_podman.noted[2]) == (0, 0)
    refused = story.results["forced"]
    assert "fathom-docker-raised: docker can't take back a reservation" in refused["msg"]
    assert "persist: false" in refused["msg"]
    # Docker's own way to do it would have protected all of the container's memory.
    assert (by_docker.low, by_docker.noted[2]) == (0, 32 * MIB)


@pytest.mark.parametrize("engine", ENGINES)
def test_persist_false_leaves_the_record(engine: str, story: Story) -> None:
    name = f"{engine}-lifted"
    assert story.at("in the end", name).memory == 96 * MIB
    assert story.noted("in the end", name) == (UNLIMITED, UNLIMITED)
    assert story.record("for_now", name)["persistent"] is False
