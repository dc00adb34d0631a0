"""An environment with the newest ansible-core that the newest Python of this machine can run, below .cache.

The checkout's own, .venv, has the version that requirements.txt pins.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import CHECKOUT, LabError, cache

FOLDER = CHECKOUT / ".cache" / "newest-core"
# pip of .venv fills the other one, so that its Python needs none of its own.
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")


@dataclass(frozen=True)
class NewestCore:
    """`version` of ansible-core, and its `ansible-playbook`."""

    version: str
    ansible_playbook: Path


def provide(python: Path) -> NewestCore:
    """Ask pip for the version; the environment is made again only where there is a newer one, or another Python."""
    version = _newest(python)
    ready = FOLDER / "ready"
    wanted = f"ansible-core {version} on {python}"
    with cache.locked(FOLDER.with_suffix(".lock")):
        if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
            shutil.rmtree(FOLDER, ignore_errors=True)
            _run(str(python), "-m", "venv", "--without-pip", str(FOLDER))
            _run(*_PIP, "--python", str(FOLDER / "bin" / "python"), "install", "--quiet", f"ansible-core=={version}")
            ready.write_text(wanted, encoding="utf-8")
    return NewestCore(version, FOLDER / "bin" / "ansible-playbook")


def _newest(python: Path) -> str:
    """Only pip knows which releases still support this Python."""
    options = ("--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report=-")
    report = json.loads(_run(*_PIP, "--python", str(python), "install", *options, "ansible-core"))
    return str(report["install"][0]["metadata"]["version"])


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"no environment with the newest ansible-core: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
