"""`make test`: the parts of the tests in order, and what they came to.

Without names all parts run, those that may run beside the others one after the other from the beginning on. Whatever
this machine could not run is listed with the reason; with CI=true in the environment it counts as failed: a machine of
CI has everything, or installs it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lab import LabError, engine
from tests.parts import ansible_test, targets
from tests.parts.beside import Beside
from tests.parts.commands import OUTPUT, pytest
from tests.parts.lint import lint
from tests.parts.outcome import Outcome
from tests.parts.scenarios import molecule


@dataclass(frozen=True)
class Part:
    """A part: its name in PARTS="...", and what runs it."""

    name: str
    run: Callable[[], Outcome]
    needs_engine: bool = False
    # Whether it shares nothing with the others but the processors.
    beside: bool = False


def units() -> Outcome:
    """All with this Python, what runs on hosts with the others."""
    return pytest("units", "tests/unit", "tests/tools") + targets.units() + ansible_test.units()


PARTS = (
    Part("lint", lint),
    Part("sanity", ansible_test.sanity),
    Part("integration", ansible_test.integration),
    Part("report", lambda: pytest("report", "tests/report")),
    # Before the parts that need an engine: where none runs, the demo has to bring its own.
    Part("demo", lambda: pytest("demo", "tests/live/test_demo.py")),
    Part("live", lambda: pytest("live", "tests/live", "--ignore", "tests/live/test_demo.py"), needs_engine=True),
    Part("molecule", molecule, needs_engine=True),
    # The longest: an emulated machine keeps one processor busy at most, so there are two of them.
    Part("vm", lambda: pytest("vm", "tests/vm", "--numprocesses=2", "--dist=loadfile"), beside=True),
    Part("units", units, beside=True),
)

_MOST_LINES = 30  # of failures and of skips in the closing summary


@dataclass(frozen=True)
class Row:
    """A line of the closing table."""

    part: str
    outcome: Outcome
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test", description=__doc__, usage='make test [PARTS="NAME ..."]')
    parser.add_argument("parts", nargs="*", metavar="NAME", help=", ".join(part.name for part in PARTS))
    wanted = parser.parse_args().parts
    unknown = sorted(set(wanted) - {part.name for part in PARTS})
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}: the parts are {', '.join(part.name for part in PARTS)}")
    # An engine that somebody started by hand is theirs to stop.
    ours_to_stop = not engine.started_here()
    try:
        rows = run_parts([part for part in PARTS if not wanted or part.name in wanted])
    finally:
        if ours_to_stop:
            engine.down()
    return conclude(rows)


def run_parts(parts: Sequence[Part]) -> list[Row]:
    """Run them in order, those beside the others in an order of their own; what these print is shown at the end."""
    beside = [part for part in parts if part.beside] if len(parts) > 1 else []
    first = [part for part in parts if part not in beside]
    if not beside:
        return _in_turn(first)
    with Beside("beside", partial(_in_turn, beside), OUTPUT / "beside.log") as others:
        return _in_turn(first) + others.show()


def _in_turn(parts: Sequence[Part]) -> list[Row]:
    return [run_part(part) for part in parts]


def run_part(part: Part) -> Row:
    """Run it; what it lacks here is a skip, or a failure in CI."""
    print(f"\n=== {part.name}", flush=True)
    begin = time.monotonic()
    try:
        if part.needs_engine:
            engine.up()
        outcome = part.run()
    except LabError as error:
        outcome = Outcome(skips=[str(error)])
    if os.environ.get("CI") == "true":
        outcome = Outcome(outcome.passed, outcome.failures + [f"skipped: {skip}" for skip in outcome.skips])
    return Row(part.name, outcome, time.monotonic() - begin)


def conclude(rows: list[Row]) -> int:
    """Print the closing table and what was skipped or failed; the exit code."""
    print(f"\n{'part':<10}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for row in rows:
        counts = row.outcome
        print(f"{row.part:<10}{counts.passed:>8}{len(counts.failures):>8}{len(counts.skips):>9}{row.seconds:>9.1f}")
    for heading, lines in (
        ("could not run here:", [f"{row.part}: {skip}" for row in rows for skip in row.outcome.skips]),
        ("failed:", [f"{row.part}: {failure}" for row in rows for failure in row.outcome.failures]),
    ):
        if lines:
            more = [f"  and {len(lines) - _MOST_LINES} more, above"] if len(lines) > _MOST_LINES else []
            print("", heading, *(f"  {line}" for line in lines[:_MOST_LINES]), *more, sep="\n")
    total = sum((row.outcome for row in rows), Outcome())
    skipped = f", {len(total.skips)} skipped" if total.skips else ""
    print(f"\n{total.passed} passed, {len(total.failures)} failed{skipped}")
    return 1 if total.failures or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
