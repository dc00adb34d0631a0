"""A run that shows no failure has none: not one that broke, not one without tests, not one that skipped in CI."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import LabError
from tests import run
from tests.parts.outcome import Outcome, of_junit

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="s">
  <testcase classname="c" name="good"/>
  <testcase classname="c" name="bad"><failure message="m">text</failure></testcase>
  <testcase classname="c" name="broken"><error message="m">text</error></testcase>
  <testcase classname="c" name="left out"><skipped message="no kernel for it"/></testcase>
  <testcase classname="c" name="nothing there"><skipped>No tests applicable.</skipped></testcase>
</testsuite></testsuites>
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.xml"
    path.write_text(REPORT, encoding="utf-8")
    return path


def test_counts_of_a_report(report: Path) -> None:
    outcome = of_junit("tool", 1, [report])
    assert outcome == Outcome(1, ["c.bad", "c.broken"], ["c.left out: no kernel for it"])


def test_a_tool_that_failed_without_saying_where_has_failed(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text('<testsuites><testsuite><testcase name="good"/></testsuite></testsuites>', encoding="utf-8")
    assert of_junit("tool", 3, [path]).failures == ["tool: exit code 3, with no failure in its report"]


@pytest.mark.parametrize("exit_code", [0, 5])
def test_a_tool_that_ran_no_test_has_failed(exit_code: int) -> None:
    assert len(of_junit("tool", exit_code, []).failures) == 1


def test_a_part_that_lacks_something_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert run.run_part(_lacking()).outcome == Outcome(skips=["no engine"])


def test_in_ci_every_skip_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert run.run_part(_lacking()).outcome == Outcome(failures=["skipped: no engine"])


def test_the_exit_code_and_the_closing_line_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    good = run.Row("one", Outcome(2, skips=["x: not here"]), 1.0)
    bad = run.Row("two", Outcome(failures=["y"]), 1.0)
    assert run.conclude([good]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed, 1 skipped"
    assert run.conclude([good, bad]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 1 failed, 1 skipped"
    assert run.conclude([run.Row("three", Outcome(), 1.0)]) == 1


def _lacking() -> run.Part:
    def part() -> Outcome:
        raise LabError("no engine")

    return run.Part("part", part)
