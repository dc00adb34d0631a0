"""Containers of Docker and Podman made for a test's purpose, and what kernel and engine have for each.

Everything is read by the machine's own commands: `cat`, `grep`, `docker inspect` and `podman inspect`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.vm import zoo
from tests.vm import kernel
from tests.vm.host import Vm

ASLEEP = "sleep 1000000"
# In one go, which an emulated machine with two processors takes best.
_AT_ONCE = 3
_RECORD = "{{.Id}} {{.State.Pid}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.MemoryReservation}}"
_AS = {"root": (), "lab": ("runuser", "-u", "lab", "--", "env", "-C", "/", "XDG_RUNTIME_DIR=/run/user/1000")}


@dataclass(frozen=True)
class Box:
    """A container. `engine` is docker or podman; `user` whose it is; `options` are those of the engine's `run`."""

    name: str
    engine: str
    options: str = ""
    command: str = ASLEEP
    user: str = "root"
    network: str = "none"

    def run(self, vm: Vm, verb: str, *words: str) -> str:
        """A command of the engine's own program on it."""
        return vm.run([*_AS[self.user], self.engine, verb, *words, self.name])


@dataclass(frozen=True)
class Look:
    """What is there at one moment. Bytes; None for no limit.

    `memory`, `swap` (alone) and `low` are what the kernel enforces: the smallest of the container's cgroup and of the
    one that crun makes below it. `noted`: memory, memory and swap together, and reservation in the engine's own words.
    `kills` counts those that the kernel killed for lack of memory in the cgroup and below. `started`: when its first
    process began, in ticks.
    """

    id: str
    pid: int
    started: int
    memory: int | None
    swap: int | None
    low: int
    high: int | None
    usage: int
    kills: int
    noted: tuple[int, int, int]
    path: str

    @property
    def held(self) -> tuple[int | None, int | None]:
        return self.memory, self.swap

    @property
    def life(self) -> tuple[int, int]:
        """Another one as soon as it was started again."""
        return self.pid, self.started


def start(vm: Vm, boxes: Iterable[Box]) -> None:
    """All of them, those of different engines at the same time."""
    lines = {
        box: f"{box.engine} run --detach --name {box.name} --label fathom.lab=vm "
        f"{f'--network {box.network}' if box.network else ''} {box.options} {zoo.IMAGE} {box.command}"
        for box in boxes
    }
    _side_by_side(vm, lines)


def restart(vm: Vm, boxes: Iterable[Box]) -> None:
    """All of them, as their engines do it."""
    _side_by_side(vm, {box: f"{box.engine} restart --time 0 {box.name}" for box in boxes})


def start_again(vm: Vm, boxes: Iterable[Box]) -> None:
    """Those that have ended."""
    _side_by_side(vm, {box: f"{box.engine} start {box.name}" for box in boxes})


def reload(vm: Vm) -> None:
    """systemd reads its units anew, and writes their limits when it next makes a cgroup beside them."""
    beside = " & ".join(f"systemd-run --slice={one} --wait --quiet true" for one in ("system.slice", "machine.slice"))
    vm.run(f"systemctl daemon-reload && ({beside} & wait)")


def _side_by_side(vm: Vm, lines: Mapping[Box, str]) -> None:
    by_engine: dict[str, list[str]] = {}
    for box, line in lines.items():
        by_engine.setdefault(box.engine, []).append(line)

    def run(part: list[str]) -> None:
        words = " ".join(shlex.quote(f"{line} >/dev/null </dev/null") for line in part)
        vm.run(f"printf '%s\\0' {words} | xargs -0 -n 1 -P {_AT_ONCE} sh -c", timeout_seconds=600)

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, by_engine.values()))


def look(vm: Vm, boxes: Iterable[Box]) -> dict[str, Look]:
    """By name, at this moment."""
    records = _records(vm, list(boxes))
    pids = {name: int(record[1]) for name, record in records.items()}
    paths = scopes(vm, pids)
    files = _read(vm, paths, pids)
    looks = {}
    for name, (long_id, pid, *noted) in records.items():
        own = files[name]
        memory, together, reserved = (int(word) for word in noted)
        looks[name] = Look(
            id=long_id,
            pid=int(pid),
            # After the last parenthesis, where the program's name ends, comes the third field.
            started=int(own["stat"].rpartition(")")[2].split()[19]),
            memory=_smallest(own, "memory.max"),
            swap=_smallest(own, "memory.swap.max"),
            low=_smallest(own, "memory.low") or 0,
            high=_smallest(own, "memory.high"),
            usage=int(own["memory.current"]),
            kills=int(re.findall(r"^oom_kill (\d+)$", own["memory.events"], re.MULTILINE)[0]),
            noted=(memory, together, reserved),
            path=paths[name],
        )
    return looks


def _records(vm: Vm, boxes: list[Box]) -> dict[str, list[str]]:
    """By name, what the engines say, all asked at the same time."""
    groups: dict[tuple[str, str], list[str]] = {}
    for box in boxes:
        groups.setdefault((box.user, box.engine), []).append(box.name)
    lines: list[str] = []
    for (user, engine), names in groups.items():
        line = shlex.join([*_AS[user], engine, "inspect", "--format", _RECORD, *names])
        # Each in a file of its own: what they print may be longer than what a pipe takes as a whole.
        lines.append(f"{line} >$folder/{len(lines)} &")
    printed = vm.run(f"folder=$(mktemp -d); {' '.join(lines)} wait; cat $folder/*; rm -r $folder").splitlines()
    names = [name for group in groups.values() for name in group]
    return {name: line.split() for name, line in zip(names, printed, strict=True)}


def scopes(vm: Vm, pids: Mapping[str, int]) -> dict[str, str]:
    """By name, the directory of a container's own cgroup, from its first process."""
    lines = vm.run(["cat", *(f"/proc/{pid}/cgroup" for pid in pids.values())]).splitlines()
    paths = (line.removeprefix("0::").removesuffix("/container") for line in lines)
    return {name: f"{kernel.ROOT}{path}" for name, path in zip(pids, paths, strict=True)}


def _read(vm: Vm, paths: Mapping[str, str], pids: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """By name, the text of its files; those of a cgroup below are called container/NAME."""
    names = [
        f"{inner}memory.{name}"
        for inner in ("", "container/")
        for name in ("max", "swap.max", "low", "high", "current", "events")
    ]
    owners = {f"{path}/{name}": (owner, name) for owner, path in paths.items() for name in names}
    owners |= {f"/proc/{pid}/stat": (owner, "stat") for owner, pid in pids.items()}
    # Those that are not there are left out; some always are.
    printed = vm.run(f"grep --no-messages --with-filename '' {shlex.join(owners)} || test $? = 2")
    files: dict[str, dict[str, str]] = {owner: {} for owner in paths}
    for line in printed.splitlines():
        path, _colon, text = line.partition(":")
        owner, name = owners[path]
        files[owner][name] = files[owner].get(name, "") + text + "\n"
    return files


def _smallest(files: Mapping[str, str], name: str) -> int | None:
    texts = [files[one].strip() for one in (name, f"container/{name}") if one in files]
    return min((int(text) for text in texts if text != kernel.UNLIMITED), default=None)
