"""The bench's own environment: Ansible as requirements.txt pins it, the collections compared with, what draws plots."""

from __future__ import annotations

import os
import subprocess
import sys
import venv

from bench import CACHE, CHECKOUT, BenchError
from lab import collections

VENV = CACHE / "venv"
COLLECTIONS = CACHE / "collections"
_REQUIREMENTS = ("requirements.txt", "bench/requirements.txt")
_CONSTRAINTS = "requirements-constraints.txt"
_READY = VENV / "ready"


def make() -> None:
    """The virtual environment, and the collections where its Ansible finds them, this checkout among them.

    Below .cache/bench; nothing is done where they are there already.
    """
    wanted = "".join((CHECKOUT / name).read_text(encoding="utf-8") for name in (*_REQUIREMENTS, _CONSTRAINTS))
    if not _READY.exists() or _READY.read_text(encoding="utf-8") != wanted:
        print("making the bench's environment", file=sys.stderr, flush=True)
        venv.create(VENV, clear=True, with_pip=True)
        _install()
        _READY.write_text(wanted, encoding="utf-8")
    collections.DESTINATION = COLLECTIONS
    collections.install()
    link = COLLECTIONS / "ansible_collections" / "fathom" / "containers"
    if not link.is_symlink():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(CHECKOUT)


def variables() -> dict[str, str]:
    """The environment of everything that is timed: no setting of the user's for Ansible gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    return {
        **kept,
        "PATH": f"{VENV / 'bin'}:{kept.get('PATH', os.defpath)}",
        "ANSIBLE_CONFIG": str(CHECKOUT / "bench" / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(CACHE / "ansible"),
        "ANSIBLE_REMOTE_TEMP": str(CACHE / "ansible" / "remote"),
    }


def _install() -> None:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--constraint", str(CHECKOUT / _CONSTRAINTS)]
    command += [f"--requirement={CHECKOUT / name}" for name in _REQUIREMENTS]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"pip could not fill {VENV}:\n{done.stdout.strip()}")
