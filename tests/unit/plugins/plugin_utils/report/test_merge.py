# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.plugin_utils.report.merge import answer_of, merge
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding
from hypothesis import given
from hypothesis import strategies as st

WEB = container("web")


def asked(time, *findings):
    return lambda _before: {"time": time, "error": None, "answer": answer([WEB], findings)}


def lost(time, reason="no route"):
    return lambda _before: {"time": time, "error": reason, "answer": None}


def merged(previous, run, **hosts):
    return dict(merge(sorted(previous.items()), hosts, run))


FIRST = merged({}, "run1", a=asked("t1", finding(WEB)), b=asked("t1"))


def test_first_of_all():
    assert list(FIRST) == ["a", "b"]
    assert {key: FIRST["a"][key] for key in ("run", "audited_at", "error", "previous_audited_at", "changes")} == {
        "run": "run1",
        "audited_at": "t1",
        "error": None,
        "previous_audited_at": None,
        "changes": None,
    }
    assert answer_of(FIRST["a"])["findings"][0]["container"] == "web"
    assert not {"changed", "not_judged"} & set(FIRST["a"])


def test_a_part_of_the_fleet():
    second = merged(FIRST, "run2", a=asked("t2"))
    assert second["b"] == FIRST["b"]
    assert (second["a"]["audited_at"], second["a"]["previous_audited_at"], second["a"]["run"]) == ("t2", "t1", "run2")
    assert len(second["a"]["changes"]["fixed"]) == 1


def test_a_lost_host_keeps_what_was_known():
    second = merged(FIRST, "run2", a=lost("t2"))
    assert (second["a"]["error"], second["a"]["audited_at"], second["a"]["run"]) == ("no route", "t1", "run2")
    assert answer_of(second["a"]) == answer_of(FIRST["a"])
    third = merged(second, "run3", a=asked("t3", finding(WEB)))
    assert (third["a"]["error"], third["a"]["changes"]["open"]) == (None, 1)


def test_a_host_that_was_lost_from_the_beginning():
    entry = merged({}, "run1", a=lost("t1"))["a"]
    assert (entry["audited_at"], answer_of(entry)) == (None, None)
    assert merged({"a": entry}, "run2", a=asked("t2"))["a"]["changes"] is None


def test_a_host_of_which_the_run_has_nothing_new_stays():
    assert merged(FIRST, "run1", a=lambda _before: None, c=lambda _before: None) == FIRST


def test_who_is_asked_knows_the_entry_before():
    seen = []
    merged(FIRST, "run2", a=seen.append, c=seen.append)
    assert seen == [FIRST["a"], None]


@given(st.sets(st.text(max_size=3)), st.sets(st.text(max_size=3)))
def test_all_hosts_once_and_in_order(before, now):
    previous = [
        (name, {"run": "1", "audited_at": None, "error": "x", "previous_audited_at": None, "changes": None})
        for name in sorted(before)
    ]
    result = [name for name, _entry in merge(previous, {name: lost("t") for name in now}, "2")]
    assert result == sorted(before | now)
