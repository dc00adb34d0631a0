"""What was measured of a fleet, as Markdown, and what more hosts come to by a straight line."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bench.tables import machine, size_of, table

if TYPE_CHECKING:
    from bench.fleet import Outcome, Setting

_FAR = (1_000, 10_000)


def markdown(facts: dict[str, Any], measured: Sequence[Outcome], memory: Sequence[Outcome]) -> str:
    return "\n\n".join([machine(facts), _over_ssh(measured), _grown(measured), _memory(memory)])


def _pairs(measured: Sequence[Outcome]) -> list[tuple[Outcome, Outcome]]:
    """(ping, audit) at each setting."""
    audits = _by_setting(measured, "audit")
    return [(one, audits[one.setting]) for one in measured if one.playbook == "ping"]


def _by_setting(measured: Sequence[Outcome], playbook: str) -> dict[Setting, Outcome]:
    return {one.setting: one for one in measured if one.playbook == playbook}


def _over_ssh(measured: Sequence[Outcome]) -> str:
    head = (
        *("hosts", "forks", "pipelining", "strategy", "ping", "ping among tasks", "audit.yml"),
        *("audit / ping", "audit / ping among tasks"),
        *("controller's CPU per host: ping", "ping among tasks", "audit.yml"),
    )
    among = _by_setting(measured, "tasks")
    rows = [
        (
            str(ping.setting.hosts),
            str(ping.setting.forks),
            "on" if ping.setting.pipelining else "off",
            ping.setting.strategy,
            *(f"{one.seconds.median:.1f} s" for one in (ping, among[ping.setting], audit)),
            *(f"{audit.seconds.median / one.seconds.median:.2f}" for one in (ping, among[ping.setting])),
            *map(_each, (ping, among[ping.setting], audit)),
        )
        for ping, audit in _pairs(measured)
    ]
    each = measured[0].setting.containers
    return f"### Over ssh, {each} containers on each host\n\n" + table(head, rows)


def _each(outcome: Outcome) -> str:
    return f"{1000 * outcome.cpu_seconds.median / outcome.setting.hosts:.0f} ms"


def _grown(measured: Sequence[Outcome]) -> str:
    """How the controller's work grows with the fleet, at the setting that all numbers of hosts were measured with."""
    wanted = (20, True, "linear")
    settings = [one[0].setting for one in _pairs(measured)]
    alike = [
        pair
        for pair, one in zip(_pairs(measured), settings, strict=True)
        if (one.forks, one.pipelining, one.strategy) == wanted
    ]
    if len(alike) < 2:
        return "One number of hosts tells nothing of others."
    head = ("controller, 20 forks, pipelining on", *(f"{number:,} hosts" for number in _FAR), "by a line through")
    through = ", ".join(str(ping.setting.hosts) for ping, _audit in alike)
    rows = [
        (f"{name}: CPU", *(f"{_line(outcomes, _cpu_seconds, far):,.0f} s" for far in _FAR), through)
        for name, outcomes in zip(("ping", "audit.yml"), map(list, zip(*alike, strict=True)), strict=True)
    ]
    return table(head, rows)


def _memory(memory: Sequence[Outcome]) -> str:
    pairs = _pairs(memory)
    head = ("hosts", "ping: peak", "audit.yml: peak")
    rows: list[Sequence[str]] = [
        (str(ping.setting.hosts), size_of(ping.peak_bytes), size_of(audit.peak_bytes)) for ping, audit in pairs
    ]
    if len(pairs) > 1:
        pings, audits = map(list, zip(*pairs, strict=True))
        slopes = (_slope(one, _peak_bytes) for one in (pings, audits))
        rows.append(("for each host more", *(size_of(slope) for slope in slopes)))
        rows += [
            (f"{far:,}, by a straight line", *(size_of(_line(one, _peak_bytes, far)) for one in (pings, audits)))
            for far in _FAR
        ]
    each = memory[0].setting.containers
    return f"### The controller's memory, {each} containers on each host\n\n" + table(head, rows)


def _cpu_seconds(outcome: Outcome) -> float:
    return outcome.cpu_seconds.median


def _peak_bytes(outcome: Outcome) -> float:
    return outcome.peak_bytes


def _slope(outcomes: Sequence[Outcome], value: Callable[[Outcome], float]) -> float:
    return statistics.linear_regression([one.setting.hosts for one in outcomes], [*map(value, outcomes)]).slope


def _line(outcomes: Sequence[Outcome], value: Callable[[Outcome], float], hosts: int) -> float:
    line = statistics.linear_regression([one.setting.hosts for one in outcomes], [*map(value, outcomes)])
    return line.intercept + line.slope * hosts
