"""The Pythons of this machine that hosts under audit may have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.parts.outcome import Outcome

# What ansible-core 2.19 supports on a target.
TARGETS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


def find() -> dict[str, Path]:
    """Version -> interpreter, of those of TARGETS that are on PATH or that pyenv keeps."""
    folders = [Path(folder) for folder in os.get_exec_path()] + _folders_of_pyenv()
    found = {}
    for version in TARGETS:
        candidates = (folder / f"python{version}" for folder in folders)
        real = next(filter(None, (_real(path, version) for path in candidates if path.is_file())), None)
        if real:
            found[version] = real
    return found


def newest() -> Path:
    """The newest of them; where there are none, this one."""
    found = find()
    return found[max(found, key=TARGETS.index)] if found else Path(sys.executable).resolve()


def absent(command: str, found: Mapping[str, Path]) -> Outcome:
    """A skip for each that this machine lacks."""
    return Outcome(
        skips=[
            f"{command} with Python {version}: it is not on this machine" for version in TARGETS if version not in found
        ]
    )


def _real(candidate: Path, version: str) -> Path | None:
    """The interpreter itself: what is on PATH may be a script that picks one, or that refuses to."""
    question = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2], sys.prefix == sys.base_prefix)"
    asked = subprocess.run([candidate, "-c", question], capture_output=True, text=True, check=False)
    match = re.fullmatch(rf"(\S+) {re.escape(version)} True\n", asked.stdout)
    return Path(match.group(1)) if match else None


def _folders_of_pyenv() -> list[Path]:
    if not shutil.which("pyenv"):
        return []
    root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip()
    return sorted(Path(root).glob("versions/*/bin")) if root else []
