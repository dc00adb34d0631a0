"""The bench's C programs, compiled when they are needed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bench import CACHE, BenchError
from lab import packages


def program(name: str, source: Path, *options: str) -> Path:
    """The program made of one C file with the machine's own compiler, newer than its source."""
    target = CACHE / name
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return target
    if not shutil.which("cc"):
        packages.install(["gcc", "libc6-dev"], "the bench's C programs")
    CACHE.mkdir(parents=True, exist_ok=True)
    command = ["cc", "-O2", "-Wall", "-Wextra", *options, "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return target
