"""What a part of the tests came to, and how that is read from the files that test runners write."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

# What ansible-test says where there was nothing to test, as no PowerShell here; nothing is missing then.
_NOTHING_TO_TEST = "No tests applicable."


@dataclass
class Outcome:
    """Counts of a part; a failure and a skip each have a line that says which, and a skip says why."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.passed + other.passed, self.failures + other.failures, self.skips + other.skips)


def of_command(name: str, exit_code: int) -> Outcome:
    """The outcome of a command that is one test."""
    return Outcome(passed=1) if exit_code == 0 else Outcome(failures=[name])


def of_junit(name: str, exit_code: int, reports: Iterable[Path]) -> Outcome:
    """The outcome of a command that wrote JUnit reports; a report without tests in it is a failure."""
    outcome = Outcome()
    for report in reports:
        for case in ET.parse(report).iter("testcase"):
            outcome += _of_case(case)
    if exit_code != 0 and not outcome.failures:
        outcome.failures.append(f"{name}: exit code {exit_code}, with no failure in its report")
    elif not (outcome.passed or outcome.failures or outcome.skips):
        outcome.failures.append(f"{name}: ran no test")
    return outcome


def _of_case(case: ET.Element) -> Outcome:
    name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
    skipped = case.find("skipped")
    if case.find("failure") is not None or case.find("error") is not None:
        return Outcome(failures=[name])
    if skipped is None:
        return Outcome(passed=1)
    reason = skipped.get("message") or (skipped.text or "").strip()
    return Outcome() if reason == _NOTHING_TO_TEST else Outcome(skips=[f"{name}: {reason or 'no reason given'}"])
