"""How a cost grows with the number of containers: the exponent k of cost = a * n ** k."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.cases import PING
from bench.report import Figure, Size


@dataclass(frozen=True)
class Growth:
    """`exponent`: least squares on logarithms over all sizes. `last`: between the two largest alone.

    What costs the same at any size hides growth at the small ones and hardly at the largest. Of a playbook the cost is
    what it takes above a ping in the same run, as `base` says; of all else the whole.
    """

    name: str
    title: str
    base: str | None
    exponent: float
    last: float


def growths(sizes: Sequence[Size]) -> list[Growth]:
    """Of all cases that were run at each of the sizes, in their order; there have to be two sizes."""
    return [
        _growth(at_sizes, sizes)
        for at_sizes in zip(*(size.figures for size in sizes), strict=True)
        if at_sizes[0].name != PING and all(one.seconds and one.seconds.median > _base(one) for one in at_sizes)
    ]


def _growth(at_sizes: Sequence[Figure], sizes: Sequence[Size]) -> Growth:
    # What is read are all containers of the machine, those beside the bench's own too.
    points = [
        (size.on_host, one.seconds.median - _base(one))
        for size, one in zip(sizes, at_sizes, strict=True)
        if one.seconds is not None
    ]
    base = PING if _base(at_sizes[0]) else None
    return Growth(at_sizes[0].name, at_sizes[0].title, base, exponent(points), exponent(points[-2:]))


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Of (number, cost) pairs, all above 0."""
    numbers, costs = zip(*points, strict=True)
    return statistics.linear_regression([*map(math.log, numbers)], [*map(math.log, costs)]).slope


def _base(figure: Figure) -> float:
    """The seconds of a ping in the runs of a playbook; 0 for what is none."""
    if figure.seconds is None or figure.to_ping is None or "playbook:" not in figure.title:
        return 0
    return figure.seconds.median / figure.to_ping.median
