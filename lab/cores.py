"""Environments with other releases of ansible-core than the checkout's own, which requirements.txt pins."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab import CHECKOUT, LabError, cache

_HOME = CHECKOUT / ".cache" / "cores"
# The first one that the collection takes: meta/runtime.yml.
_OLDEST = (2, 18)
# pip of .venv fills the others, so that their Python needs none of its own.
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")


@dataclass(frozen=True)
class Core:
    """`version` of ansible-core, and the folder of its programs."""

    version: str
    programs: Path

    @property
    def series(self) -> str:
        """As in "2.21"."""
        return ".".join(self.version.split(".")[:2])


def newest(python: Path) -> Core:
    """The newest that this Python can run."""
    return _provide(python, "ansible-core")


def supported(python: Path) -> Iterator[Core]:
    """The newest of each series from the oldest on that the collection takes to the newest that this Python can run."""
    last = newest(python)
    major, minor = _OLDEST
    for number in range(minor, int(last.series.partition(".")[2])):
        yield _provide(python, f"ansible-core~={major}.{number}.0")
    yield last


def _provide(python: Path, wanted: str) -> Core:
    """The environment is made again only where there is a newer release, or another Python."""
    version = _newest(python, wanted)
    folder = _HOME / ".".join(version.split(".")[:2])
    ready = folder / "ready"
    contents = f"ansible-core {version} on {python}"
    with cache.locked(folder.with_suffix(".lock")):
        if not ready.exists() or ready.read_text(encoding="utf-8") != contents:
            shutil.rmtree(folder, ignore_errors=True)
            _run(str(python), "-m", "venv", "--without-pip", str(folder))
            _run(*_PIP, "--python", str(folder / "bin" / "python"), "install", "--quiet", f"ansible-core=={version}")
            ready.write_text(contents, encoding="utf-8")
    return Core(version, folder / "bin")


def _newest(python: Path, wanted: str) -> str:
    """Only pip knows which releases support this Python."""
    options = ("--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report=-")
    report = json.loads(_run(*_PIP, "--python", str(python), "install", *options, wanted))
    return str(report["install"][0]["metadata"]["version"])


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"no environment with another ansible-core: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
