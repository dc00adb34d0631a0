"""The README's badges say what galaxy.yml, meta/runtime.yml and the tests' list of Pythons say."""

from __future__ import annotations

from lab import CHECKOUT
from release.badges import FOLDER, badges


def test_badges_are_true() -> None:
    told = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}
    assert told == badges(), "python -m release.badges makes them anew"


def test_readme_shows_each() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert [name for name in badges() if f"](docs/badges/{name})" not in readme] == []
