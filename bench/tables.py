"""What was measured as Markdown, for readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.growth import Growth
from bench.report import Figure, Size
from bench.timing import Summary


def machine(facts: dict[str, Any]) -> str:
    return "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in facts.items()) + "."


def of_sizes(sizes: Sequence[Size]) -> str:
    """A table for each size, and how the cost grows from size to size."""
    parts = [_of_size(size) for size in sizes]
    if len(sizes) > 1:
        parts.append("### How the cost grows\n\n" + _growing(sizes, "ping", "to_ping"))
    return "\n\n".join(parts)


def of_crowd(sizes: Sequence[Size], growths: Sequence[Growth]) -> str:
    """How the cost grows with cgroups that no engine knows."""
    parts = ["### Cgroups that no engine knows", _growing(sizes, "the C program", "to_floor")]
    if growths:
        head = ("cost = a * n^k", f"k, {sizes[0].containers} to {sizes[-1].containers}", "k, between the two largest")
        rows = [
            (f"{one.title}{f', above a {one.base}' if one.base else ''}", f"{one.exponent:.2f}", f"{one.last:.2f}")
            for one in growths
        ]
        parts.append(table(head, rows))
    return "\n\n".join(parts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column is text, the others are figures."""
    rules = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *rows))


def time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def size_of(number_bytes: float) -> str:
    """Bytes as MB from one on, else as kB; both in steps of 1000."""
    return f"{number_bytes / 1e6:.3g} MB" if number_bytes >= 1e6 else f"{number_bytes / 1e3:.3g} kB"


def _of_size(size: Size) -> str:
    title = f"### {size.containers} containers"
    if size.on_host != size.containers:
        title += f" ({size.on_host} on the machine in all)"
    head = ("what", "median", "lowest - highest", "runs", "CPU", "peak", "/ ping", "CPU / ping", "/ C program")
    return f"{title}\n\n" + table(head, [_row(figure) for figure in size.figures])


def _row(figure: Figure) -> tuple[str, ...]:
    if figure.seconds is None:
        return (f"{figure.title}: {figure.left_out}", *[""] * 8)
    seconds = figure.seconds
    return (
        figure.title,
        time(seconds.median),
        f"{time(seconds.low)} - {time(seconds.high)}",
        str(seconds.runs),
        time(figure.cpu_seconds.median) if figure.cpu_seconds else "",
        size_of(figure.peak_bytes) if figure.peak_bytes else "",
        _ratio(figure.to_ping),
        _ratio(figure.cpu_to_ping),
        _ratio(figure.to_floor),
    )


def _growing(sizes: Sequence[Size], against: str, ratio: str) -> str:
    """`ratio`: the attribute of a figure that is the ratio to what `against` says."""
    head = (f"median, and ratio to {against}", *(_sized(size) for size in sizes))
    rows = []
    for at_sizes in zip(*(size.figures for size in sizes), strict=True):
        cells = (_with_ratio(one.seconds, getattr(one, ratio)) for one in at_sizes)
        rows.append((at_sizes[0].title, *cells))
    return table(head, rows)


def _with_ratio(seconds: Summary | None, ratio: Summary | None) -> str:
    return f"{time(seconds.median)} ({_ratio(ratio)})" if seconds else ""


def _sized(size: Size) -> str:
    return f"{size.containers}" + (f" ({size.on_host} in all)" if size.on_host != size.containers else "")


def _ratio(ratio: Summary | None) -> str:
    return f"{ratio.median:.3g}" if ratio else ""
