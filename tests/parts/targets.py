"""The unit tests of what runs on hosts, with each Python that a host may have, by pytest alone.

ansible-test forks for each test, which takes ten times as long: it runs those of the modules (see ansible_test.py).
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import ansible

from lab import CHECKOUT, LabError, cache
from tests.parts import pythons
from tests.parts.commands import COLLECTIONS, pytest
from tests.parts.outcome import Outcome

# The last ones that the oldest of the Pythons has.
_NEEDED = ("pytest==8.3.5", "hypothesis==6.113.0")
_TESTS = ("tests/unit/plugins/module_utils", "tests/unit/plugins/modules")
_HOME = CHECKOUT / ".cache" / "targets"
_OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


def units() -> Outcome:
    """With each Python but this one, with which all unit tests run."""
    found = pythons.find()
    return sum((_run(version, found[version]) for version in found if version != _OWN), pythons.absent("units", found))


def _run(version: str, python: Path) -> Outcome:
    environment = cache.made_once(f"target-{version}-{cache.digest(str(python), *_NEEDED)}", partial(_make, python))
    _HOME.mkdir(parents=True, exist_ok=True)
    # The checkout's own settings ask for a newer pytest.
    settings = _HOME / "pytest.ini"
    settings.write_text("[pytest]\naddopts = --import-mode=importlib --strict-markers -ra\n", encoding="utf-8")
    options = [
        *("-c", str(settings), "--rootdir", str(CHECKOUT), "-p", "no:cacheprovider", "--quiet"),
        *("-o", f"pythonpath={CHECKOUT} {COLLECTIONS} {_ansible_alone()}"),
    ]
    return pytest(
        f"units-{version}",
        *options,
        *_TESTS,
        python=environment / "bin" / "python",
        # The logic is proven by the run with this Python.
        env={"FATHOM_FEW_EXAMPLES": "1"},
    )


def _make(python: Path, folder: Path) -> None:
    for command in (
        [str(python), "-m", "venv", str(folder)],
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_NEEDED],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"no environment for the unit tests with {python}: {done.stderr.strip()}")


def _ansible_alone() -> Path:
    """A folder with Ansible in it and nothing else of the controller: on a host there is its module_utils at most."""
    folder = _HOME / "path"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "ansible"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(ansible.__file__).parent)
    return folder
