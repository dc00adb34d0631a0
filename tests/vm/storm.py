"""Many random changes of limits on containers that carry a load: made by the module, and by `docker update` beside it.

    storm = Storm(vm, seed, beside=False)
    storm.start(); storm.changes(60); print(storm.table())

What the module has done is asserted after each of its runs, by the kernel's files and the engines' records; what
`docker update` does to containers of its own, with the same loads, is only counted.
"""

from __future__ import annotations

import json
import random
import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lab.vm.zoo import MIB
from tests.vm import boxes
from tests.vm.boxes import Box, Look
from tests.vm.host import Json, Vm

MODULE = "fathom.containers.container_memory_limit"
PLACE = "/srv/fathom-lab/storm"
LOAD = Path(__file__).with_name("guest") / "load.py"
# The interpreter and what it loads are the machine's own.
MOUNTS = f"-v {PLACE}:/storm -v /usr:/usr:ro -v /usr/lib:/lib:ro -v /usr/lib64:/lib64:ro"
DOCKERS, PODMANS = 5, 3
PAGE_BYTES = 4096
UNLIMITED = None
V1_HIGHEST = 9223372036854771712
# MiB. What the interpreter takes that carries the load, and all that a container may be given to hold and to cache.
OWN, MOST_HELD, MOST_CACHED = 12, 72, 96
RELOADED = 0.1


@dataclass(frozen=True)
class Wish:
    """What is asked for a container: bytes, None for unlimited; `swap_stays` where the swap is not mentioned."""

    memory: int | None
    swap: int | None
    swap_stays: bool

    def entry(self, name: str) -> Json:
        """For the module."""
        entry: Json = {"containers": [name], "memory": _told(self.memory)}
        return entry if self.swap_stays else {**entry, "swap": _told(self.swap)}

    def expected(self, before: Look) -> tuple[int | None, int | None]:
        """What the kernel has to hold then, in whole pages: memory, and swap alone."""
        swap = before.swap if self.swap_stays and self.memory is not UNLIMITED else self.swap
        return _floor(self.memory), _floor(swap)

    def options(self, before: Look) -> list[str]:
        """For docker update, which counts memory and swap together and has no word for unlimited memory."""
        memory, swap = self.expected(before)
        if memory is UNLIMITED:
            return ["--memory=-1", "--memory-swap=-1"]
        return [f"--memory={memory}", f"--memory-swap={-1 if swap is UNLIMITED else memory + swap}"]


class Storm:
    """`tally` counts what has come of the changes, by who made them."""

    def __init__(self, vm: Vm, seed: int, *, beside: bool) -> None:
        self.vm = vm
        self._random = random.Random(seed)
        self.boxes = [self._box("docker", f"docker-{number}") for number in range(DOCKERS)]
        # By name, the container that docker update changes in the same way.
        self._twins = {
            box.name: self._box("docker", f"twin-{number}") for number, box in enumerate(self.boxes) if beside
        }
        self.boxes += [self._box("podman", f"podman-{number}") for number in range(PODMANS)]
        self.tally: dict[str, Counter[str]] = {"module": Counter(), "docker update": Counter()}
        self._now: dict[str, Look] = {}

    @property
    def _everybody(self) -> list[Box]:
        return [*self.boxes, *self._twins.values()]

    def _alike(self, box: Box) -> list[Box]:
        return [box, *([self._twins[box.name]] if box.name in self._twins else [])]

    @staticmethod
    def _box(engine: str, name: str) -> Box:
        command = f"/usr/bin/python3 -I -S /storm/load.py carry /storm/{name}"
        return Box(f"fathom-{name}", engine, f"{MOUNTS} --memory 128m --memory-swap 256m", command)

    def start(self) -> None:
        """All containers, with nothing to carry yet."""
        self.vm.run(f"mkdir -p {PLACE} && cat >{PLACE}/load.py", stdin=LOAD.read_text(encoding="utf-8"))
        boxes.start(self.vm, self._everybody)
        self._now = boxes.look(self.vm, self._everybody)

    def changes(self, number: int) -> None:
        """So many by the module, in runs that change all of the containers, or most."""
        while number > 0:
            print(f"{number} changes to make", flush=True)
            chosen = self._random.sample(self.boxes, min(number, self._random.randint(6, len(self.boxes))))
            self.round(chosen)
            number -= len(chosen)

    def table(self) -> list[str]:
        """What has come of it, in Markdown; one column without docker update."""
        columns = [who for who in self.tally if self.tally[who]]
        rows = {
            "changes asked for": lambda of: of["changed"] + of["unchanged"] + of["refused"] + of["other than asked"],
            "made as asked": lambda of: of["changed"] + of["unchanged"],
            "refused, everything left as it was": lambda of: of["refused"],
            "accepted, and the kernel holds something else": lambda of: of["other than asked"],
            "containers killed": lambda of: of["killed"],
            "limits lost at a daemon-reload": lambda of: of["lost"],
        }
        cells = [["what came of it", *columns], ["---", *("---:" for _column in columns)]]
        cells += [[what, *(str(count(self.tally[who])) for who in columns)] for what, count in rows.items()]
        return [f"| {' | '.join(row)} |" for row in cells]

    def round(self, chosen: list[Box]) -> None:
        """Another load for everybody, a wish for each of the chosen, and what has come of it."""
        held = self._carry()
        wishes = {box.name: self._wish(self._now[box.name], held[box.name]) for box in chosen}
        self._by_module(wishes)
        if self._twins:
            self._by_docker(wishes)
        if self._random.random() < RELOADED:
            self._reload()

    def _carry(self) -> dict[str, int]:
        """What each holds now, in bytes. A container and its twin carry the same, which both have room for."""
        loads: dict[str, tuple[int, int]] = {}
        for box in self.boxes:
            limits = [self._now[one.name].memory for one in self._alike(box)]
            room = min((limit // MIB for limit in limits if limit is not UNLIMITED), default=MOST_HELD + MOST_CACHED)
            held = self._random.randint(0, max(min(MOST_HELD, int(room * 0.7) - OWN), 0))
            load = (held, self._random.randint(0, MOST_CACHED))
            loads.update((one.name, load) for one in self._alike(box))
        told = json.dumps({name.removeprefix("fathom-"): load for name, load in loads.items()})
        self.vm.run(["python3", "-I", "-S", f"{PLACE}/load.py", "tell", PLACE], stdin=told)
        return {name: (held + OWN) * MIB for name, (held, _cached) in loads.items()}

    def _wish(self, now: Look, held_bytes: int) -> Wish:
        draw = self._random
        if now.memory is not UNLIMITED and draw.random() < 0.12:
            return Wish(UNLIMITED, UNLIMITED, swap_stays=True)
        # Some are near what it holds, where it is decided whether the container lives.
        low, high = (held_bytes - 8 * MIB, held_bytes + 48 * MIB) if draw.random() < 0.3 else (40 * MIB, 256 * MIB)
        memory = draw.randint(max(low, 6 * MIB), high)
        kind = draw.choices(("stays", "none", "some", "unlimited"), (25, 30, 30, 15))[0]
        swap = {"none": 0, "some": draw.randint(1, 128 * MIB), "unlimited": UNLIMITED, "stays": UNLIMITED}[kind]
        return Wish(memory, swap, swap_stays=kind == "stays")

    def _by_module(self, wishes: dict[str, Wish]) -> None:
        entries = [wish.entry(name) for name, wish in wishes.items()]
        options = {"on_refused": "warn", "engine_timeout": 60, "parallel": self._random.randint(1, 8)}
        (result,) = self.vm.play({MODULE: {"limits": entries, **options}})
        assert not result.get("failed"), json.dumps(result, indent=1)
        after = boxes.look(self.vm, self.boxes)
        for record in result["containers"]:
            name, wish = record["name"], wishes[record["name"]]
            before, there = self._now[name], after[name]
            self._count("module", record["status"])
            self._count("module", _direction(before, wish))
            if record["status"] == "refused":
                smallest = record["smallest_bytes"]
                assert smallest is not None, record
                assert smallest > (wish.memory or 0), record
                assert (there.held, there.noted[:2]) == (before.held, before.noted[:2]), (wish, before, there, record)
            else:
                assert there.held == wish.expected(before), (wish, before, there, record)
                assert there.noted[:2] == _noted(name, there.held), (wish, before, there, record)
        assert {record["name"] for record in result["containers"]} == set(wishes)
        self._unharmed(after)

    def _unharmed(self, after: dict[str, Look]) -> None:
        """Nobody was killed, nobody was started again, nothing is throttled, and who was not meant has what it had."""
        for box in self.boxes:
            before, there = self._now[box.name], after[box.name]
            assert there.life == before.life, (before, there)
            assert there.kills == 0, there
            assert there.high is UNLIMITED, there
        self._now.update(after)

    def _by_docker(self, wishes: dict[str, Wish]) -> None:
        pairs = {self._twins[name].name: wish for name, wish in wishes.items() if name in self._twins}
        lines = [
            f"docker update {shlex.join(wish.options(self._now[name]))} {name} >/dev/null 2>&1; echo $?"
            for name, wish in pairs.items()
        ]
        answers = [int(line) for line in self.vm.run("; ".join(lines)).splitlines()]
        running = "docker ps --filter name=^fathom-twin- --format '{{.Names}}'"
        alive = set(self.vm.run(running).split())
        ended = [box for box in self._twins.values() if box.name not in alive]
        self._count("docker update", "killed", len(ended))
        boxes.start_again(self.vm, ended)
        after = boxes.look(self.vm, self._twins.values())
        for (name, wish), answer in zip(pairs.items(), answers, strict=True):
            before, there = self._now[name], after[name]
            wanted = wish.expected(before)
            done = "refused" if answer else "changed" if there.held == wanted else "other than asked"
            self._count("docker update", done)
        self._now.update(after)

    def _reload(self) -> None:
        """What systemd was not told is taken back by it when it is next reloaded."""
        boxes.reload(self.vm)
        after = boxes.look(self.vm, self._everybody)
        self._count("module", "reloads")
        for box in self.boxes:
            before, there = self._now[box.name], after[box.name]
            assert (there.held, there.noted) == (before.held, before.noted), (before, there)
        lost = sum(after[box.name].held != self._now[box.name].held for box in self._twins.values())
        self._count("docker update", "lost", lost)
        self._unharmed(after)

    def _count(self, who: str, what: str, number: int = 1) -> None:
        self.tally[who][what] += number


def _told(value: int | None) -> str:
    return "unlimited" if value is UNLIMITED else f"{value}B"


def _floor(value: int | None) -> int | None:
    return UNLIMITED if value is UNLIMITED else value // PAGE_BYTES * PAGE_BYTES


def _noted(name: str, held: tuple[int | None, int | None]) -> tuple[int, int]:
    """How the engine writes down what the kernel holds."""
    memory, swap = held
    if memory is UNLIMITED:
        return (-1 if "podman" in name else V1_HIGHEST), -1
    return memory, -1 if swap is UNLIMITED else memory + swap


def _direction(before: Look, wish: Wish) -> str:
    memory = wish.expected(before)[0]
    if memory is UNLIMITED:
        return "lifted"
    return "raised" if before.memory is not UNLIMITED and memory > before.memory else "lowered"
