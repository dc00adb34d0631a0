"""A part beside the others: begun at once, told when it is its turn, and ended with the run that began it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import CHECKOUT, LabError
from tests import run
from tests.parts.beside import Beside
from tests.parts.outcome import Outcome

# A run of two parts, of which the one beside tells by files when its command has begun and when that has cleaned up.
INTERRUPTED = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests import run
from tests.parts import commands
from tests.parts.outcome import Outcome

command = '''
import time
from pathlib import Path
here = Path({!r})
try:
    (here / "begun").touch()
    time.sleep(60)
finally:
    time.sleep(0.5)
    (here / "cleaned up").touch()
'''.format(sys.argv[1])
beside = run.Part("beside", lambda: Outcome(commands.run([sys.executable, "-c", command])), beside=True)
# The run that this test is part of has a file of this name.
run.OUTPUT = Path(sys.argv[1])
run.run_parts([run.Part("first", lambda: time.sleep(60)), beside])
"""


@pytest.fixture(autouse=True)
def _own_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "OUTPUT", tmp_path / "output")
    monkeypatch.delenv("CI", raising=False)


def _meeting(tmp_path: Path) -> tuple[run.Part, run.Part]:
    """Two parts that each wait for the other to have begun: one after the other, they fail."""

    def meet(own: str, other: str) -> Outcome:
        (tmp_path / own).touch()
        deadline = time.monotonic() + 20
        while not (tmp_path / other).exists():
            if time.monotonic() > deadline:
                return Outcome(failures=[f"{other} has not begun"])
            time.sleep(0.01)
        print(f"{own} has met {other}", flush=True)
        subprocess.run(["echo", f"{own} goes"], check=True)
        return Outcome(passed=1)

    return (
        run.Part("first", lambda: meet("first", "second")),
        run.Part("second", lambda: meet("second", "first"), beside=True),
    )


def test_it_runs_beside_the_others_and_is_told_in_its_turn(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = run.run_parts(_meeting(tmp_path))
    assert [(row.part, row.outcome) for row in rows] == [("first", Outcome(1)), ("second", Outcome(1))]
    assert list(filter(None, capfd.readouterr().out.splitlines())) == [
        *("=== first", "first has met second", "first goes"),
        *("=== second", "second has met first", "second goes"),
    ]


def test_several_run_one_after_the_other(tmp_path: Path) -> None:
    ended = tmp_path / "ended"

    def first() -> Outcome:
        time.sleep(0.2)
        ended.touch()
        return Outcome(1)

    parts = [
        run.Part("main", lambda: Outcome(1)),
        run.Part("first", first, beside=True),
        run.Part("second", lambda: Outcome(int(ended.exists())), beside=True),
    ]
    assert [(row.part, row.outcome.passed) for row in run.run_parts(parts)] == [
        ("main", 1),
        ("first", 1),
        ("second", 1),
    ]


def test_alone_it_is_a_part_as_any_other(capfd: pytest.CaptureFixture[str]) -> None:
    processes = []

    def part() -> Outcome:
        processes.append(os.getpid())
        return Outcome(1)

    (row,) = run.run_parts([run.Part("vm", part, beside=True)])
    assert (row.outcome, processes) == (Outcome(1), [os.getpid()])
    assert "=== vm" in capfd.readouterr().out


@pytest.mark.parametrize("ci", [False, True])
def test_what_it_lacks_is_a_skip_and_in_ci_a_failure(ci: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if ci:
        monkeypatch.setenv("CI", "true")

    def lacking() -> Outcome:
        raise LabError("no qemu")

    rows = run.run_parts([run.Part("one", lambda: Outcome(1)), run.Part("vm", lacking, beside=True)])
    assert rows[1].outcome == (Outcome(failures=["skipped: no qemu"]) if ci else Outcome(skips=["no qemu"]))


def test_one_that_breaks_breaks_the_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def broken() -> int:
        raise ValueError("what broke it")

    with Beside("vm", broken, tmp_path / "log") as beside, pytest.raises(RuntimeError, match="vm ended with exit code"):
        beside.show()
    assert "what broke it" in capfd.readouterr().out


def test_an_error_in_another_part_ends_it(tmp_path: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError), Beside("vm", lambda: time.sleep(60), tmp_path / "log"):
        raise ZeroDivisionError
    assert time.monotonic() - begin < 30


def test_ctrl_c_ends_it_and_lets_it_clean_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # As a terminal does it: to the group in the foreground.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) != 0
    assert (tmp_path / "cleaned up").exists()
