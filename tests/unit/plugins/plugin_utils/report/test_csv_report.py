# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.report.csv_report import COLUMNS, CsvReport, cell
from ansible_collections.fathom.containers.plugins.plugin_utils.report.merge import merge
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding
from hypothesis import given
from hypothesis import strategies as st

WEB = container("web")


def rows(**answers):
    file = io.StringIO()
    report = CsvReport(file)
    asked = {
        name: lambda _before, one=one: {"time": "t", "error": None, "answer": one} for name, one in answers.items()
    }
    for name, entry in merge((), asked, "r"):
        report.add(name, entry)
    report.end()
    file.seek(0)
    return list(csv.DictReader(file))


def test_a_row_for_each_finding():
    first, second = rows(one=answer([WEB], [finding(WEB, 3, "waived"), finding(WEB, 2)]))
    assert tuple(first) == COLUMNS
    assert (first["host"], first["container"], first["status"], first["expected"]) == ("one", "web", "fail", "a limit")
    assert first["evidence"].endswith("/memory.limit_in_bytes = 9223372036854771712")
    assert (second["status"], second["waiver_reason"], second["waiver_expires"]) == (
        "waived",
        "migration",
        "2027-03-31",
    )


def test_a_lost_host_has_a_row_of_its_own_before_what_is_still_known_of_it():
    asked = {"gone": lambda _before: {"time": "t", "error": "=no route", "answer": None}}
    (kept,) = merge(
        (), {"gone": lambda _before: {"time": "s", "error": None, "answer": answer([WEB], [finding(WEB, 2)])}}, "q"
    )
    file = io.StringIO()
    report = CsvReport(file)
    for name, entry in merge([kept], asked, "r"):
        report.add(name, entry)
    file.seek(0)
    lost, still_open = csv.DictReader(file)
    assert {key: value for key, value in lost.items() if value} == {
        "host": "gone",
        "status": "lost",
        "reason": "'=no route",
        "audited_at": "s",
    }
    assert (still_open["host"], still_open["status"]) == ("gone", "fail")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\uff1d1"])
def test_no_formula(text):
    assert cell(text) == "'" + text


@pytest.mark.parametrize(
    ("text", "safe"), [("/x = /mnt;=1+1", "/x = /mnt;'=1+1"), ("a; @b", "a;' @b"), ("a|-b;+c", "a|'-b;'+c")]
)
def test_no_formula_after_what_may_end_a_cell(text, safe):
    assert cell(text) == safe


def test_other_text_stays_as_it_is():
    texts = ("a=b", "5.10 x", None, 7, "", "/a = 1; /b = -1")
    assert [cell(text) for text in texts] == ["a=b", "5.10 x", "", "7", "", "/a = 1; /b = -1"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_name_harms_a_spreadsheet(name, host):
    hostile = container(name)
    ((row),) = rows(**{host: answer([hostile], [finding(hostile, title=name, enforced=name)])})
    for text in row.values():
        assert not text.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
        assert "\n" not in text
        assert "\x1b" not in text
