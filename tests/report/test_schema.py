"""audit.json against the published schema, which itself has to be one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lab import CHECKOUT


@pytest.fixture(scope="module")
def schema() -> Any:
    found = json.loads((CHECKOUT / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return found


def errors(schema: Any, report: Any) -> list[str]:
    return [
        f"{list(error.absolute_path)}: {error.message}" for error in Draft202012Validator(schema).iter_errors(report)
    ]


def test_a_report_of_all_there_can_be(schema: Any, report: Path) -> None:
    told = json.loads((report / "audit.json").read_text(encoding="utf-8"))
    assert {entry["error"] is None for entry in told["hosts"].values()} == {True, False}
    assert errors(schema, told) == []


@pytest.mark.parametrize(
    ("host", "key", "value"),
    [
        ("host0.example.org", "findings", [{}]),
        ("host0.example.org", "audited_at", "yesterday"),
        ("never.example.org", "error", None),
        ("host0.example.org", "containers", None),
    ],
)
def test_what_is_no_report(schema: Any, report: Path, host: str, key: str, value: Any) -> None:
    told = json.loads((report / "audit.json").read_text(encoding="utf-8"))
    told["hosts"][host][key] = value
    assert errors(schema, told)
