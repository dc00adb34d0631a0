"""docs/policy.md against the tables that policies are read by."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import ENGINES
from ansible_collections.fathom.containers.plugins.module_utils.policy.match import MATCH
from ansible_collections.fathom.containers.plugins.module_utils.policy.schema import (
    CHECKS,
    NAMESPACES,
    SEVERITIES,
    read_policy,
)
from ansible_collections.fathom.containers.plugins.module_utils.policy.waivers import WAIVER_KEYS, read_waivers

from tests.tools.policy_page import PACK_PAGES, PAGE, page, parts

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([^`]+)` \| ", TEXT, re.MULTILINE)
EXAMPLES: list[Any] = [
    yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
]


@pytest.mark.parametrize("pack", PACK_PAGES)
def test_the_page_of_a_pack_is_up_to_date(pack: str) -> None:
    text = PACK_PAGES[pack].read_text(encoding="utf-8")
    assert page(pack, text) == text, "PYTHONPATH=.venv/collections python -m tests.tools.policy_page writes it anew"
    assert parts(pack)
    assert all(part in text for part in parts(pack).values())
    assert f"({PACK_PAGES[pack].name})" in TEXT


def test_every_check_has_a_row() -> None:
    checks = [f"{section}.{check}" for section, values in CHECKS.items() for check in values]
    assert [row for row in ROWS if "." in row and "/" not in row] == checks


def test_every_key_of_a_rule_a_match_and_a_waiver_has_a_row() -> None:
    others = [row for row in ROWS if "." not in row and "/" not in row]
    assert others == ["name", "title", "severity", "match", *MATCH, *WAIVER_KEYS]


@pytest.mark.parametrize("word", [*SEVERITIES, *NAMESPACES, *ENGINES])
def test_every_word_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in TEXT


def test_truths_are_told_where_they_can_be_false() -> None:
    for section, checks in CHECKS.items():
        for check, kind in checks.items():
            if kind.__name__ in ("truth", "demand"):
                expected = "`true`, `false`" if kind.__name__ == "truth" else "`true`"
                assert f"| `{section}.{check}` | {expected} | " in TEXT


def test_every_example_is_a_policy() -> None:
    rules = 0
    for example in EXAMPLES:
        if isinstance(example, dict):
            rules += len(read_policy(example["container_policy"]))
            assert read_waivers(example["container_waivers"])
        elif "name" in example[0]:
            rules += len(read_policy(example))
        else:
            assert list(example[0]) == ["fathom.containers.container_audit"]
    assert rules > 8
