"""`make release` in clones of this repository: what it refuses, what it writes, and that it leaves the tree alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from lab import CHECKOUT, LabError
from release.__main__ import release

LATER = "7.0.0"
FRAGMENT = "---\nminor_changes:\n  - a thing - there is one thing more.\n"


class Clone:
    """A repository with what is committed here and one fragment more, and a directory to work in."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self._scratch = folder / "scratch"
        self._git("clone", "--quiet", str(CHECKOUT), str(self.checkout), cwd=folder)
        self.write("changelogs/fragments/9999-thing.yml", FRAGMENT)
        self.commit()

    def write(self, name: str, text: str) -> None:
        (self.checkout / name).write_text(text, encoding="utf-8")

    def commit(self) -> None:
        self._git("add", ".", cwd=self.checkout)
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        self._git(*who, "commit", "--quiet", "--message", "all", cwd=self.checkout)

    def status(self) -> list[str]:
        """What differs from what was committed, as git says it."""
        return self._git("status", "--porcelain", cwd=self.checkout).splitlines()

    def release(self, version: str | None) -> None:
        self._scratch.mkdir()
        release(self.checkout, self._scratch, version)

    def galaxy(self) -> dict[str, str]:
        read: dict[str, str] = yaml.safe_load((self.checkout / "galaxy.yml").read_text(encoding="utf-8"))
        return read

    @staticmethod
    def _git(*arguments: str, cwd: Path) -> str:
        done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=True)
        return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Galaxy's own checks, which test_artifact.py has."""
    monkeypatch.setattr("release.importer.complaints", lambda _artifact, **_options: [])


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "01.0.0", "next"])
def test_what_is_no_semantic_version_is_refused(version: str, clone: Clone) -> None:
    with pytest.raises(LabError, match=f"VERSION is '{version}', expected a semantic version"):
        clone.release(version)
    assert clone.status() == []


def test_changes_that_are_not_committed_are_refused(clone: Clone) -> None:
    clone.write("README.md", "")
    with pytest.raises(LabError, match=r"changes that are not committed.*\n.*README\.md"):
        clone.release(LATER)


def test_fragments_that_no_release_has_are_told(clone: Clone) -> None:
    with pytest.raises(LabError, match="VERSION"):
        clone.release(None)
    assert clone.status() == []
    assert not (clone.checkout / "dist").exists()


def test_what_is_found_leaves_the_tree_alone(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release.importer.complaints", lambda _artifact, **_options: ["ERROR: it is bad"])
    with pytest.raises(LabError, match="galaxy-importer says:\nERROR: it is bad"):
        clone.release(LATER)
    assert clone.status() == []
    assert not (clone.checkout / "dist").exists()


@pytest.mark.usefixtures("unchecked")
def test_a_version_is_written_built_and_told_what_to_do_with(
    clone: Clone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.release(LATER)
    name = f"fathom-containers-{LATER}.tar.gz"
    assert [path.name for path in (clone.checkout / "dist").iterdir()] == [name]
    told = capsys.readouterr().out
    assert f"ansible-galaxy collection publish dist/{name}" in told
    assert f"git tag {LATER}" in told
    assert clone.galaxy()["version"] == LATER
    changelog = (clone.checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## v{LATER}" in changelog.replace("\\", "")
    assert "there is one thing more" in changelog
    changed = {line[3:] for line in clone.status()}
    fragments = {name for name in changed if name.startswith("changelogs/fragments/")}
    assert changed - fragments == {"CHANGELOG.md", "changelogs/changelog.yaml", "galaxy.yml"}
    assert not list((clone.checkout / "changelogs" / "fragments").glob("*.yml"))
    # What was released is built again, and not released again.
    clone.commit()
    (tmp_path / "scratch").rename(tmp_path / "before")
    clone.release(None)
    assert clone.status() == []
    clone.write("changelogs/fragments/9999-more.yml", FRAGMENT)
    clone.commit()
    for version, told in (
        (LATER, "has been released; give a later one"),
        (None, "these fragments are newer: 9999-more"),
    ):
        (tmp_path / "scratch").rename(tmp_path / f"before {version}")
        with pytest.raises(LabError, match=told):
            clone.release(version)
