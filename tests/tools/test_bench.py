"""What the bench makes of its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import BenchError
from bench.growth import exponent, growths
from bench.report import Figure, Size, insert
from bench.report_step import Step, far
from bench.timing import summary

PING_SECONDS = 1.0
SIZES = (100, 500, 1000, 5000)


def figure(name: str, title: str, seconds: float) -> Figure:
    return Figure(name, title, None, seconds=summary([seconds]), to_ping=summary([seconds / PING_SECONDS]))


@pytest.mark.parametrize("power", [0.5, 1, 1.05, 2])
def test_the_exponent_of_a_power_is_that_power(power: float) -> None:
    assert exponent([(number, 3e-5 * number**power) for number in SIZES]) == pytest.approx(power)


def test_a_playbook_grows_above_a_ping() -> None:
    sizes = [
        Size(
            number,
            number,
            [
                figure("ping", "playbook: ping", PING_SECONDS),
                figure("facts", "playbook: facts", PING_SECONDS + number / 1000),
                figure("readers", "in process", number / 1000),
            ],
        )
        for number in SIZES
    ]
    facts, readers = growths(sizes)
    assert (facts.name, facts.base, readers.base) == ("facts", "ping", None)
    assert [facts.exponent, facts.last, readers.exponent] == pytest.approx([1, 1, 1])


def test_what_more_hosts_come_to_lies_on_the_line() -> None:
    steps = [
        Step(hosts, 7, 2 + hosts, 1 + hosts, 100 + 3 * hosts, {"audit.json": 50 * hosts}) for hosts in (10, 20, 50)
    ]
    more = far(steps, 1000)
    assert (more.hosts, more.containers, more.files) == (1000, 7, {"audit.json": 50_000})
    assert [more.seconds, more.cpu_seconds, more.peak_bytes] == pytest.approx([1002, 1001, 3100])


def test_tables_go_between_the_markers_of_their_part(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->\nc\n")
    insert(page, "y", "new")
    insert(page, "x", "newer")
    kept = "a\n<!-- x: begin -->\nnewer\n<!-- x: end -->\nb\n<!-- y: begin -->\nnew\n<!-- y: end -->\nc\n"
    assert page.read_text() == kept
    with pytest.raises(BenchError, match="<!-- z: begin -->"):
        insert(page, "z", "new")
