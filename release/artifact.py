"""The built collection: what `ansible-galaxy collection build` makes, and an installation far from any checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import LabError

_BIN = Path(sys.executable).parent


def build(checkout: Path, folder: Path) -> Path:
    """Build what is in `checkout` into `folder`; the artifact."""
    command = [str(_BIN / "ansible-galaxy"), "collection", "build", "--force", "--output-path", str(folder)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"ansible-galaxy collection build: {done.stderr.strip() or done.stdout.strip()}")
    (artifact,) = folder.glob("*.tar.gz")
    return artifact


@dataclass(frozen=True)
class Installation:
    """An artifact installed below `home`, where commands find that collection and no other."""

    home: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of Ansible in `home`, as a user would who has never seen the checkout."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment |= {
            "ANSIBLE_COLLECTIONS_PATH": str(self.home / "collections"),
            "ANSIBLE_HOME": str(self.home / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{_BIN}:{environment.get('PATH', os.defpath)}",
        }
        command = [str(_BIN / program), *arguments]
        return subprocess.run(command, cwd=self.home, env=environment, capture_output=True, text=True, check=False)


def install(artifact: Path, home: Path) -> Installation:
    """Install it below `home`, an empty directory; nothing is fetched."""
    installation = Installation(home)
    # Without a collections path of its own it would say that the one it is told is not searched.
    done = installation.run("ansible-galaxy", "collection", "install", "--offline", str(artifact))
    placed = home / "collections" / "ansible_collections" / "fathom" / "containers" / "MANIFEST.json"
    if done.returncode != 0 or not placed.is_file():
        raise LabError(f"{artifact} can't be installed: {done.stderr.strip() or done.stdout.strip()}")
    return installation
