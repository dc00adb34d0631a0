"""The table of traps in docs/memory-limits.md: each row names tests, and each of those is there."""

from __future__ import annotations

import re
import subprocess
import sys

from lab import CHECKOUT

TABLE = (CHECKOUT / "docs" / "memory-limits.md").read_text(encoding="utf-8").split("## The traps of docker update")[1]
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ")][1:]
TEST = re.compile(r"`(tests/\S+\.py::[^`]+)`")


def test_every_trap_has_a_test() -> None:
    assert len(ROWS) > 15
    assert [row for row in ROWS if not TEST.search(row.split(" | ")[-1])] == []


def test_every_test_is_there() -> None:
    named = sorted(set(TEST.findall(TABLE)))
    collecting = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *named]
    collected = subprocess.run(collecting, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert collected.returncode == 0, collected.stdout + collected.stderr
