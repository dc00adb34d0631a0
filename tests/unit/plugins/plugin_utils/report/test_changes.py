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
