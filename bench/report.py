"""What was measured: figures of a case at a size, as JSON for programs and in the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import BenchError
from bench.cases import FLOOR, PING, Case
from bench.timing import Sample, Summary, ratios, summary


@dataclass(frozen=True)
class Figure:
    """A case at one size. The ratios are to the runs of ping and of the C program in the same rounds.

    That of CPU times is the steadier one where other work runs beside the bench.
    """

    name: str
    title: str
    left_out: str | None
    seconds: Summary | None = None
    cpu_seconds: Summary | None = None
    peak_bytes: int | None = None
    to_ping: Summary | None = None
    cpu_to_ping: Summary | None = None
    to_floor: Summary | None = None


@dataclass(frozen=True)
class Size:
    """All cases on so many containers; `on_host`: how many the machine ran in all, which is what is read."""

    containers: int
    on_host: int
    figures: list[Figure]


def figures(cases: Sequence[Case], samples: dict[str, list[Sample]]) -> list[Figure]:
    """`samples` in the order of the rounds, for each case that was run."""
    return [
        _figure(case, samples[case.name], samples[PING], samples[FLOOR])
        if case.name in samples
        else Figure(case.name, case.title, case.left_out)
        for case in cases
    ]


def _figure(case: Case, samples: Sequence[Sample], ping: Sequence[Sample], floor: Sequence[Sample]) -> Figure:
    seconds = _seconds(samples)
    figure = Figure(
        case.name,
        case.title,
        None,
        seconds=summary(seconds),
        to_ping=summary(ratios(seconds, _seconds(ping))),
        to_floor=summary(ratios(seconds, _seconds(floor))),
    )
    if case.command.timed_inside:
        # The CPU time and the memory are those of the whole process, of which only a part was timed.
        return figure
    cpu_seconds = _cpu_seconds(samples)
    return replace(
        figure,
        cpu_seconds=summary(cpu_seconds),
        cpu_to_ping=summary(ratios(cpu_seconds, _cpu_seconds(ping))),
        peak_bytes=max(sample.peak_bytes for sample in samples),
    )


def _seconds(samples: Sequence[Sample]) -> list[float]:
    return [sample.seconds for sample in samples]


def _cpu_seconds(samples: Sequence[Sample]) -> list[float]:
    return [sample.cpu_seconds for sample in samples]


def write_json(path: Path, results: dict[str, Any]) -> None:
    """`results`: what asdict made of the figures, under a name for each part."""
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def insert(path: Path, part: str, text: str) -> None:
    """Put `text` between the markers that a page has for this part; what stands around them is kept."""
    first, last = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, begin, rest = path.read_text(encoding="utf-8").partition(first)
    _old, end, after = rest.partition(last)
    if not begin or not end:
        raise BenchError(f"{path}: expected the lines {first} and {last}, between which the tables go")
    path.write_text(f"{before}{first}\n{text}\n{last}{after}", encoding="utf-8")
