"""What the report of many hosts takes: its time and memory as the fleet grows."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from bench import CACHE
from bench.cases import Kit
from bench.tables import size_of, table, time
from bench.timing import run_once, said_by

_FAR = 10_000


@dataclass(frozen=True)
class Step:
    """The report over so many hosts with so many containers each; a single run. `files`: bytes by name."""

    hosts: int
    containers: int
    seconds: float
    cpu_seconds: float
    peak_bytes: float
    files: dict[str, int]


def measure(ids: Sequence[str], hosts: Sequence[int]) -> list[Step]:
    return [_step(Kit(ids), number) for number in hosts]


def _step(kit: Kit, hosts: int) -> Step:
    with tempfile.TemporaryDirectory(dir=CACHE) as spool:
        prepared = json.loads(said_by(kit.inside("bench.many_hosts", "prepare", spool, kit.socket, str(hosts))))
        sample = run_once(kit.inside("bench.many_hosts", "write", spool))
    files = json.loads(sample.printed)["bytes"]
    return Step(hosts, prepared["containers"], sample.seconds, sample.cpu_seconds, sample.peak_bytes, files)


def far(steps: Sequence[Step], hosts: int = _FAR) -> Step:
    """What more hosts come to, by a straight line through what was measured."""

    def at(values: Sequence[float]) -> float:
        line = statistics.linear_regression([step.hosts for step in steps], values)
        return line.intercept + line.slope * hosts

    files = {name: round(at([step.files[name] for step in steps])) for name in steps[0].files}
    return Step(
        hosts,
        steps[0].containers,
        at([step.seconds for step in steps]),
        at([step.cpu_seconds for step in steps]),
        at([step.peak_bytes for step in steps]),
        files,
    )


def markdown(steps: Sequence[Step]) -> str:
    names = list(steps[0].files)
    head = ("hosts", "seconds", "CPU", "peak memory", *names)
    rows = [(f"{step.hosts:,}", *_cells(step, names)) for step in steps]
    if len(steps) > 1:
        rows.append((f"{_FAR:,}, by a straight line through these", *_cells(far(steps), names)))
    each = steps[0].containers
    return f"### The report of many hosts\n\n{each} containers on each, judged by both packs.\n\n" + table(head, rows)


def _cells(step: Step, names: Sequence[str]) -> tuple[str, ...]:
    sizes = (size_of(step.files[name]) for name in names)
    return (time(step.seconds), time(step.cpu_seconds), size_of(step.peak_bytes), *sizes)
