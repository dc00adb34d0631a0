"""docs/troubleshooting.md: what it quotes is what the source says, but for names, figures and reasons of the system."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

import pytest
import yaml

from lab import CHECKOUT

PAGE = (CHECKOUT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
MESSAGES = [" ".join(text.split()) for text in re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]
# Shorter ones are words between two variables, and in the source by chance as well.
SENTENCE = 12
# What an example has in the place of a variable: a text in quotes, a path, a figure with its unit, an id, a name, and
# what Python says of an import.
EXAMPLE = re.compile(
    r"""'[^']*'|/[\w./-]+|\b[0-9][0-9a-f.:-]*(?:\s(?:KiB|MiB|B)\b)?|\b(?:web|db|docker|podman|hosts\.ini)\b"""
    r"|ip, addr|No module named"
)


def words_of_python() -> Iterator[str]:
    for path in sorted((CHECKOUT / "plugins").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                # Between the places of str.format.
                yield from re.split(r"\{\w*(?:!r)?\}", node.value)


def words_of_tasks() -> Iterator[str]:
    for folder in ("roles", "playbooks"):
        for path in sorted((CHECKOUT / folder).rglob("*.yml")):
            for text in texts(yaml.safe_load(path.read_text(encoding="utf-8"))):
                # Between expressions, and in quotes within them.
                yield from re.split(r"\{\{.*?\}\}", text, flags=re.DOTALL)
                yield from re.findall(r"'([^']*)'", text)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)


@pytest.fixture(scope="module")
def fragments() -> list[str]:
    """The fixed parts of all that the source can say, the longest first, and what the system calls its errors."""
    said = {*words_of_python(), *words_of_tasks(), *map(os.strerror, range(1, 134))}
    return sorted({" ".join(text.split()) for text in said}, key=len, reverse=True)


@pytest.fixture(scope="module")
def words(fragments: list[str]) -> re.Pattern[str]:
    """Whole words, and two or three of them."""
    short = "|".join(re.escape(fragment) for fragment in fragments if 1 < len(fragment) < SENTENCE)
    return re.compile(rf"(?<!\w)(?:{short})(?!\w)")


def test_page_has_the_likely_ones() -> None:
    assert len(MESSAGES) > 30
    assert len(set(MESSAGES)) == len(MESSAGES)


@pytest.mark.parametrize("message", MESSAGES, ids=[message[:50] for message in MESSAGES])
def test_message_is_what_the_source_says(message: str, fragments: list[str], words: re.Pattern[str]) -> None:
    rest = message
    for fragment in fragments:
        if len(fragment) >= SENTENCE:
            rest = rest.replace(fragment, "\n")
    assert rest != message
    rest = EXAMPLE.sub("\n", rest)
    rest = words.sub("\n", rest)
    unknown = re.findall(r"[A-Za-z]{2,}", rest)
    assert unknown == [], f"nothing in the source says {unknown}; the rest is {rest!r}"
