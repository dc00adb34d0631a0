"""What the Makefile says before it does anything."""

from __future__ import annotations

import os
import subprocess

from lab import CHECKOUT
from tests.run import PARTS


def foreseen(*words: str) -> subprocess.CompletedProcess[str]:
    """What make would do. A make that runs these tests has its own words in the environment."""
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "PARTS")}
    command = ["make", "--dry-run", *words]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


def test_a_part_that_there_is_not_is_told_before_anything_is_done() -> None:
    done = foreseen("test", "PARTS=lint livve")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"no part of the tests is called livve: the parts are {' '.join(part.name for part in PARTS)}" in done.stderr


def test_every_part_is_taken() -> None:
    names = " ".join(part.name for part in PARTS)
    done = foreseen("test", f"PARTS={names}")
    assert done.returncode == 0
    assert f"tests.run {names}" in done.stdout
