"""The examples in the project's pages and in what ansible-doc shows, as they stand there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import CHECKOUT

_BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# `$ ` is a user's prompt, `# ` root's; a command goes on where its line ends in a backslash.
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """`page` is a path in the checkout, `line` where the example begins, `language` yaml or console."""

    page: str
    line: int
    language: str
    text: str

    @property
    def first_line(self) -> str:
        return self.text.splitlines()[0]

    @property
    def kind(self) -> str:
        """console, plays, tasks, policy, or data, which is nothing that can be run."""
        if self.language == "console":
            return "console"
        read = self.read()
        first = read[0] if isinstance(read, list) and read else {}
        if "hosts" in first or any(key.endswith("import_playbook") for key in first):
            return "plays"
        if any("." in key for key in first):
            return "tasks"
        if isinstance(read, dict) and "container_policy" in read:
            return "policy"
        if isinstance(read, list) and "name" in first and self.page == "docs/policy.md":
            return "policy"
        return "data"

    def read(self) -> Any:
        return yaml.safe_load(self.text)

    def commands(self) -> list[str]:
        """The commands of a console, without what they print."""
        return _COMMAND.findall(self.text)


def of_pages() -> list[Example]:
    """Of every page but CONTRIBUTING.md, whose table has commands and no examples."""
    pages = [CHECKOUT / "README.md", CHECKOUT / "SECURITY.md", *sorted(CHECKOUT.glob("docs/*.md"))]
    return [example for page in [*pages, *sorted(CHECKOUT.glob("roles/*/README.md"))] for example in _of_page(page)]


def of_plugins() -> list[Example]:
    """EXAMPLES of the modules and filters; each is a list of tasks."""
    paths = sorted([*CHECKOUT.glob("plugins/modules/*.py"), *CHECKOUT.glob("plugins/filter/*.py")])
    return [_of_plugin(path) for path in paths]


def _of_page(page: Path) -> Iterator[Example]:
    text = page.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        yield Example(str(page.relative_to(CHECKOUT)), line, block[1], block[2])


def _of_plugin(path: Path) -> Example:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "EXAMPLES":
            text = ast.literal_eval(statement.value)
            return Example(str(path.relative_to(CHECKOUT)), statement.lineno, "yaml", text.lstrip("\n"))
    raise AssertionError(f"{path} has no EXAMPLES")
