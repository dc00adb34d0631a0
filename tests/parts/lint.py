"""Format, style and types."""

from __future__ import annotations

from tests.parts.commands import BIN, run
from tests.parts.outcome import Outcome, of_command

_PACKAGES = ("ansible_collections.fathom.containers.plugins", "bench", "demo", "lab", "release", "tests")

COMMANDS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", *(word for package in _PACKAGES for word in ("-p", package))),
    ("yamllint", "--strict", "."),
    ("ansible-lint", "--strict"),
    ("antsibull-changelog", "lint"),
    # What rstcheck says, Sphinx says as well, in tests/report/test_site.py.
    ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "."),
)


def lint() -> Outcome:
    """Each command is one test."""
    outcome = Outcome()
    for command in COMMANDS:
        name = " ".join(word for word in command[:2] if not word.startswith("-"))
        outcome += of_command(name, run([str(BIN / command[0]), *command[1:]]))
    return outcome
