"""Runs of commands, interleaved, and what their times come to.

A machine's speed drifts while a bench runs: every round runs each command once, so that all of them see the same
weather, and ratios are made round by round before their median is taken.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import CHECKOUT, BenchError, compiler


@dataclass(frozen=True)
class Command:
    """A process to time. `timed_inside`: it prints its own seconds, as JSON, because its start is not in question."""

    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    timed_inside: bool = False


@dataclass(frozen=True)
class Sample:
    """One run: the seconds on the clock, those of the CPU with all descendants', the largest one's peak memory."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    printed: bytes


@dataclass(frozen=True)
class Summary:
    """`low` and `high` are the smallest and the largest that was seen."""

    runs: int
    median: float
    low: float
    high: float


def run_once(command: Command) -> Sample:
    """Time one run; BenchError with the end of its output if it fails, since a failure's time tells nothing."""
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as output, os.fdopen(reader, encoding="ascii") as figures:
        done = subprocess.run(
            [str(compiler.program("timed", CHECKOUT / "bench" / "timed.c")), str(writer), *command.argv],
            cwd=command.directory,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL if command.timed_inside else output,
            pass_fds=[writer],
            check=False,
        )
        os.close(writer)
        output.seek(0)
        said = output.read()
        if done.returncode != 0:
            raise BenchError(
                f"{' '.join(command.argv)} failed with exit code {done.returncode}:\n"
                + said[-2000:].decode("utf-8", "replace")
            )
        seconds, cpu_seconds, peak_kib = figures.read().split()
    if command.timed_inside:
        seconds = json.loads(said)["seconds"]
    return Sample(float(seconds), float(cpu_seconds), int(peak_kib) * 1024, said)


def said_by(command: Command) -> str:
    """What a command prints that is not timed; BenchError with what it said if it fails."""
    done = subprocess.run(
        command.argv,
        cwd=command.directory,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command.argv)} failed with exit code {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def interleaved(
    commands: Mapping[str, Command], runs: int, most_runs: Mapping[str, int]
) -> Iterator[tuple[str, Sample]]:
    """Every command once a round, `runs` rounds after one that only warms up; `most_runs` names those with fewer.

    The order turns from round to round, so that no command always follows the same one. What is run only once or
    twice is slow, and warmed by the others: it takes no part in the warming round.
    """
    names = list(commands)
    for name in names:
        if name not in most_runs:
            run_once(commands[name])
    for turn in range(runs):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            if turn < most_runs.get(name, runs):
                yield name, run_once(commands[name])


def summary(values: Sequence[float]) -> Summary:
    return Summary(len(values), statistics.median(values), min(values), max(values))


def ratios(values: Sequence[float], base: Sequence[float]) -> list[float]:
    """Each run against the base's run of the same round; the base may have run in more rounds."""
    return [value / other for value, other in zip(values, base, strict=False)]
