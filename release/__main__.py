"""`make release`: builds the artifact from what is committed, checks it, and says what to upload.

With VERSION=1.2.3, that version is written into galaxy.yml and the changelog's fragments become its entry, once all
checks have passed. Nothing is uploaded, committed or tagged.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from packaging.version import Version

from lab import CHECKOUT, LabError
from release import artifact, importer

# Semantic versions, as Galaxy takes them; a suffix as in 1.0.0-rc.1 is a version before the release.
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")
_VERSION_LINE = re.compile(r"^version: .*$", re.MULTILINE)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__, usage="make release [VERSION=1.2.3]")
    parser.add_argument("version", nargs="?", metavar="VERSION", help="write this version into the tree as well")
    options = parser.parse_args(argv)
    try:
        with TemporaryDirectory(prefix="fathom-release-") as folder:
            release(CHECKOUT, Path(folder), options.version)
    except LabError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def release(checkout: Path, folder: Path, version: str | None) -> None:
    """Work in a clone below `folder`; `checkout` is only changed where a version is given, when all went well."""
    changed = _run("git", "status", "--porcelain", cwd=checkout)
    if changed:
        raise LabError(f"there are changes that are not committed, and a release is made of what is:\n{changed}")
    clone = folder / "clone"
    _run("git", "clone", "--quiet", str(checkout), str(clone))
    if version:
        _write_version(clone, version)
    built = _checked(clone, folder)
    for path in _changed(clone):
        if (clone / path).exists():
            shutil.copyfile(clone / path, checkout / path)
        else:
            (checkout / path).unlink()
    (checkout / "dist").mkdir(exist_ok=True)
    done = shutil.copyfile(built, checkout / "dist" / built.name)
    print(f"{done.relative_to(checkout)}: {done.stat().st_size // 1024} KiB, and nothing against it")
    number = _galaxy(clone)["version"]
    if version:
        print(f"commit {', '.join(_changed(clone))}; then")
    print(f"  git tag {number} && git push origin {number}")
    print(f"  ansible-galaxy collection publish dist/{built.name} --api-key TOKEN")


def _write_version(clone: Path, version: str) -> None:
    if not _VERSION.fullmatch(version):
        raise LabError(f"VERSION is {version!r}, expected a semantic version such as 1.2.3 or 1.2.3-rc.1")
    released = _released(clone)
    latest = max(released, key=Version, default=None)
    if latest and Version(version) <= Version(latest):
        raise LabError(f"VERSION is {version}, and {latest} has been released; give a later one")
    if not any((clone / "changelogs" / "fragments").glob("*.yml")):
        raise LabError("no fragment in changelogs/fragments says what is new since the last release; write one")
    galaxy = clone / "galaxy.yml"
    text = galaxy.read_text(encoding="utf-8")
    galaxy.write_text(_VERSION_LINE.sub(f"version: {version}", text, count=1), encoding="utf-8")
    _run("antsibull-changelog", "release", cwd=clone)


def _checked(clone: Path, folder: Path) -> Path:
    """The artifact; LabError with all that is wrong about it or its changelog."""
    number, released = str(_galaxy(clone)["version"]), _released(clone)
    if number not in released:
        raise LabError(
            f"galaxy.yml says {number}, and the changelog has {', '.join(released) or 'no release yet'};"
            f" make release VERSION={number}, or a later one, makes its entry of changelogs/fragments"
        )
    if left := sorted(path.name for path in (clone / "changelogs" / "fragments").glob("*.yml")):
        raise LabError(f"{number} has been released, and these fragments are newer: {', '.join(left)}; give VERSION")
    (folder / "built").mkdir()
    built = artifact.build(clone, folder / "built")
    (folder / "home").mkdir()
    listed = artifact.install(built, folder / "home").run("ansible-doc", "--list", "fathom.containers")
    if listed.returncode != 0 or "fathom.containers.container_audit" not in listed.stdout:
        raise LabError(f"what is installed has no documentation: {listed.stderr.strip()}")
    if found := importer.complaints(built, lint=True):
        raise LabError("galaxy-importer says:\n" + "\n".join(found))
    return built


def _galaxy(clone: Path) -> dict[str, str]:
    read: dict[str, str] = yaml.safe_load((clone / "galaxy.yml").read_text(encoding="utf-8"))
    return read


def _released(clone: Path) -> list[str]:
    """The versions that the changelog has."""
    return list(yaml.safe_load((clone / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"])


def _changed(clone: Path) -> list[str]:
    """What differs from what was committed."""
    listed = _run("git", "status", "--porcelain", "--untracked-files=all", "-z", cwd=clone)
    return sorted(entry[3:] for entry in listed.split("\0") if entry)


def _run(*command: str, cwd: Path | None = None) -> str:
    # antsibull-changelog calls ansible-doc by its name.
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
