# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.report.changes import compare, told
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding

WEB, DB = container("web"), container("db")


def changes(before, now):
    result = compare(before, now)
    return result["new"], result["open"], [(one["container"], one["rule"], one["how"]) for one in result["fixed"]]


def test_a_host_that_was_never_audited_has_none():
    now = answer([WEB], [finding(WEB)])
    assert compare(None, now) is None
    assert now["findings"][0]["change"] is None


def test_new_open_and_fixed():
    before = answer([WEB, DB], [finding(WEB, 2), finding(DB, 3)])
    now = answer([WEB, DB], [finding(WEB, 2), finding(WEB, 4)])
    assert changes(before, now) == (1, 1, [("db", finding(DB, 3)["rule"], "passes")])
    assert [one["change"] for one in now["findings"]] == ["open", "new"]


def test_a_container_that_is_gone_did_not_fix_anything():
    result = compare(answer([WEB, DB], [finding(DB)]), answer([WEB], []))
    assert [one["how"] for one in result["fixed"]] == ["gone"]
    assert told(result["fixed"][0]) == "db: every container has a memory limit (container gone)"


def test_a_container_that_was_made_anew_is_the_same():
    again = dict(WEB, id="f" * 64, pid=9)
    assert changes(answer([WEB], [finding(WEB)]), answer([again], [finding(again)])) == (0, 1, [])


@pytest.mark.parametrize("status", ["unknown", "waived"])
def test_what_can_not_be_told_or_is_waived_is_not_fixed(status):
    now = answer([WEB], [finding(WEB, 2, status)])
    assert changes(answer([WEB], [finding(WEB)]), now) == (0, 0, [])
    assert now["findings"][0]["change"] is None


@pytest.mark.parametrize("status", ["unknown", "waived"])
def test_what_fails_after_that_is_new(status):
    assert changes(answer([WEB], [finding(WEB, 2, status)]), answer([WEB], [finding(WEB)])) == (1, 0, [])


def test_what_is_not_judged_any_more_is_not_fixed():
    now = answer([WEB], [])
    now["summary"]["rules"] = [row for row in now["summary"]["rules"] if row["pack"]]
    assert changes(answer([WEB], [finding(WEB, 2), finding(WEB, 3)]), now) == (
        0,
        0,
        [("web", finding(WEB, 3)["rule"], "passes")],
    )


def narrowed(answered, **selection):
    return dict(answered, selection={"containers": None, "engines": None, **selection})


def test_what_this_audit_was_not_to_look_at_is_neither_fixed_nor_new():
    whole = answer([WEB, DB], [finding(WEB), finding(DB)])
    part = narrowed(answer([WEB], [finding(WEB)]), containers=["web"])
    assert changes(whole, part) == (0, 1, [])
    again = answer([WEB, DB], [finding(WEB), finding(DB)])
    assert changes(part, again) == (0, 1, [])
    assert [one["change"] for one in again["findings"]] == ["open", None]


def test_audits_of_the_same_part_are_compared_in_full():
    before = narrowed(answer([WEB], [finding(WEB)]), containers=["*"])
    now = narrowed(answer([DB], [finding(DB)]), containers=["*"])
    assert changes(before, now) == (1, 0, [("web", finding(WEB)["rule"], "gone")])


def test_a_container_is_the_same_while_its_name_can_not_be_told():
    nameless = dict(WEB, name=None, engine="unknown")
    named, unnamed = answer([WEB], [finding(WEB)]), answer([nameless], [finding(nameless)])
    assert changes(named, unnamed) == (0, 1, [])
    assert changes(unnamed, answer([WEB], [finding(WEB)])) == (0, 1, [])


@pytest.mark.parametrize("change", ["fingerprint", "about", "pass"])
def test_a_rule_that_is_another_or_not_about_it_any_more_fixes_nothing(change):
    now = answer([WEB, DB], [])
    row = next(row for row in now["summary"]["rules"] if row["rule"] == finding(WEB)["rule"])
    row[change] = {"fingerprint": "another", "about": [1], "pass": 0}[change]
    assert changes(answer([WEB, DB], [finding(WEB)]), now) == (0, 0, [])
    if change == "about":
        row["about"] = [0]
        assert changes(answer([WEB, DB], [finding(WEB)]), now)[2] == [("web", finding(WEB)["rule"], "passes")]
