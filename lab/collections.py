"""Collections of others that tests and the bench use, put where Ansible looks in this checkout.

`python -m lab.collections` asks Ansible Galaxy first. Where it can't be reached, the same versions are taken out of the
community package `ansible`, which pip brings from wherever this machine gets its Python packages.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lab import CHECKOUT, LabError

DESTINATION = CHECKOUT / ".venv" / "collections"
# The versions that the community package of this version holds.
COMMUNITY_PACKAGE = "ansible==12.3.0"
WANTED = {
    "ansible.posix": "2.1.0",
    "community.docker": "4.8.5",
    "community.library_inventory_filtering_v1": "1.1.5",
    "containers.podman": "1.18.0",
}
_GALAXY_TIMEOUT_SECONDS = 90


def install() -> None:
    """See to it that every collection of `WANTED` is there in the version wanted."""
    if _missing() and not _from_galaxy(_missing()):
        _from_community_package(_missing())
    if _missing():
        raise LabError(f"not installed below {DESTINATION}: {', '.join(_missing())}")


def _missing() -> list[str]:
    return [name for name, version in WANTED.items() if _installed_version(name) != version]


def _folder(name: str) -> str:
    return "ansible_collections/" + name.replace(".", "/")


def _installed_version(name: str) -> str | None:
    try:
        manifest = json.loads((DESTINATION / _folder(name) / "MANIFEST.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return str(manifest["collection_info"]["version"])


def _from_galaxy(names: list[str]) -> bool:
    command = [str(Path(sys.executable).with_name("ansible-galaxy")), "collection", "install", "--force", "--no-deps"]
    command += ["--timeout", "15", "--collections-path", str(DESTINATION)]
    command += [f"{name}:=={WANTED[name]}" for name in names]
    try:
        return (
            subprocess.run(command, capture_output=True, timeout=_GALAXY_TIMEOUT_SECONDS, check=False).returncode == 0
        )
    except subprocess.TimeoutExpired:
        return False


def _from_community_package(names: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="fathom-collections-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run(
            [*command, "--dest", folder, COMMUNITY_PACKAGE], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise LabError(
                f"{', '.join(names)}: Ansible Galaxy does not give them, and pip does not give {COMMUNITY_PACKAGE},"
                f" which has them too: {done.stderr.strip()}"
            )
        (wheel,) = Path(folder).glob("*.whl")
        folders = tuple(_folder(name) + "/" for name in names)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(DESTINATION, [member for member in archive.namelist() if member.startswith(folders)])


def main() -> int:
    try:
        install()
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
