"""What was measured, as JSON for programs and as tables for readers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench import BenchError
from bench.cases import FLOOR, PING, Case
from bench.timing import Sample, Summary, ratios, summary

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


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
        peak_bytes=max((sample.peak_bytes for sample in samples if sample.peak_bytes is not None), default=None),
    )


def _seconds(samples: Sequence[Sample]) -> list[float]:
    return [sample.seconds for sample in samples]


def _cpu_seconds(samples: Sequence[Sample]) -> list[float]:
    return [sample.cpu_seconds for sample in samples]


def write_json(path: Path, machine: dict[str, Any], sizes: Sequence[Size]) -> None:
    results = {"machine": machine, "sizes": [asdict(size) for size in sizes]}
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def tables(machine: dict[str, Any], sizes: Sequence[Size]) -> str:
    """Markdown: the machine, a table for each size, and how the cost grows from size to size."""
    parts = ["; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in machine.items()) + "."]
    parts += [_table_of_size(size) for size in sizes]
    if len(sizes) > 1:
        parts.append(_table_of_growth(sizes))
    return "\n\n".join(parts)


def insert(path: Path, text: str) -> None:
    """Put `text` between the markers of a page; what stands around them is kept."""
    page = path.read_text(encoding="utf-8") if path.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise BenchError(f"{path}: expected the lines {BEGIN} and {END}, between which the tables go")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _table_of_size(size: Size) -> str:
    title = f"### {size.containers} containers"
    if size.on_host != size.containers:
        title += f" ({size.on_host} on the machine in all)"
    head = ("what", "median", "lowest - highest", "runs", "CPU", "/ ping", "CPU / ping", "/ C program")
    return f"{title}\n\n" + _table(head, [_row(figure) for figure in size.figures])


def _row(figure: Figure) -> tuple[str, ...]:
    if figure.seconds is None:
        return (f"{figure.title}: {figure.left_out}", *[""] * 7)
    seconds = figure.seconds
    return (
        figure.title,
        _time(seconds.median),
        f"{_time(seconds.low)} - {_time(seconds.high)}",
        str(seconds.runs),
        _time(figure.cpu_seconds.median) if figure.cpu_seconds else "",
        _ratio(figure.to_ping),
        _ratio(figure.cpu_to_ping),
        _ratio(figure.to_floor),
    )


def _table_of_growth(sizes: Sequence[Size]) -> str:
    head = ("median, and ratio to ping", *(f"{size.containers} containers" for size in sizes))
    rows = []
    for at_sizes in zip(*(size.figures for size in sizes), strict=True):
        cells = (f"{_time(one.seconds.median)} ({_ratio(one.to_ping)})" if one.seconds else "" for one in at_sizes)
        rows.append((at_sizes[0].title, *cells))
    return "### How the cost grows\n\n" + _table(head, rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rules = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *rows))


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _ratio(ratio: Summary | None) -> str:
    return f"{ratio.median:.3g}" if ratio else ""
