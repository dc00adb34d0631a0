"""Packages of a Debian or Ubuntu machine, installed where they are missing."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import CHECKOUT, LabError, cache

# What this checkout has installed, a package a line: whoever wants it gone again finds the names here.
RECORD = CHECKOUT / ".cache" / "installed-packages"


def can_install() -> bool:
    """Whether `install` could do anything on this machine, as this user."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def missing(packages: Sequence[str]) -> list[str]:
    """Those of `packages` that dpkg does not have installed."""
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def install(packages: Sequence[str], purpose: str) -> list[str]:
    """Install what is missing of `packages` and return it; LabError where that is not ours to do."""
    if not can_install():
        raise LabError(
            f"{purpose} needs {', '.join(packages)}, and only root on Debian or Ubuntu can have it installed from here:"
            f" install it (on Debian: sudo apt-get install {shlex.join(packages)}), or run this as root"
        )
    wanted = missing(packages)
    if wanted:
        print(f"installing {', '.join(wanted)} for {purpose}", file=sys.stderr, flush=True)
        _with_lists("install", "-y", "--no-install-recommends", *wanted)
        RECORD.parent.mkdir(exist_ok=True)
        with RECORD.open("a", encoding="utf-8") as record:
            record.writelines(f"{package}\n" for package in wanted)
    return wanted


def known(package: str) -> bool:
    """Whether apt has a candidate for `package` in its present lists."""
    shown = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return shown.returncode == 0


def installed_by_us() -> list[str]:
    """What `install` and scripts/setup.sh have installed on this machine for this checkout."""
    return sorted(set(RECORD.read_text(encoding="utf-8").split())) if RECORD.exists() else []


def fetch(package: str, into: Path) -> None:
    """Unpack a package below `into` without installing it: files alone, no scripts, no conflicts."""
    into.mkdir(parents=True, exist_ok=True)
    _with_lists("download", package, directory=into)
    for archive in into.glob(f"{package}_*.deb"):
        subprocess.run(["dpkg-deb", "--extract", archive, into], check=True)
        archive.unlink()


def _with_lists(*arguments: str, directory: Path | None = None) -> None:
    """Run apt-get; the lists of a machine may be old or, in a fresh one, not there: only then are they fetched."""
    # apt-get waits for whoever installs, but not for whoever fetches lists, and parts of the tests run side by side.
    with cache.locked(cache.directory() / "apt.lock"):
        if _apt(*arguments, directory=directory).returncode != 0:
            _apt("update")
            done = _apt(*arguments, directory=directory)
            if done.returncode != 0:
                said = "\n".join(done.stdout.splitlines()[-15:])
                raise LabError(f"{shlex.join(('apt-get', *arguments))} failed:\n{said}")


def _apt(*arguments: str, directory: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments],
        cwd=directory,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
