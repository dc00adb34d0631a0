# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.plugin_utils.report.fleet import Fleet
from ansible_collections.fathom.containers.plugins.plugin_utils.report.merge import merge
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding, random_answer

WEB, DB = container("web"), container("db")


def fleet(run="r2", most=50, previous=(), **answers):
    total = Fleet(run, most)
    asked = {
        name: lambda _before, one=one: {
            "time": "t",
            "error": one if isinstance(one, str) else None,
            "answer": None if isinstance(one, str) else one,
        }
        for name, one in answers.items()
    }
    for name, entry in merge(previous, asked, run):
        total.add(name, entry)
    return total


def test_counts_of_all_hosts():
    total = fleet(
        a=answer([WEB, DB], [finding(WEB, 2), finding(DB, 0, "waived")]),
        b=answer([WEB], [finding(WEB, 2)]),
        c="no route",
    )
    assert total.hosts == {"audited": 2, "kept": 0, "lost": 1}
    assert (total.containers, total.by_status["fail"], total.by_status["waived"]) == (3, 2, 1)
    assert total.by_severity["high"]["fail"] == 2
    assert total.lost == [{"host": "c", "error": "no route", "audited_at": None}]
    assert [(one["host"], one["high"]) for one in total.digests] == [("a", 1), ("b", 1), ("c", 0)]
    (rule,) = (row for row in total.rules() if row["fail"])
    assert (rule["fail"], rule["hosts"], rule["containers"]) == (2, 2, 3)


def test_hosts_of_an_earlier_run_count():
    before = list(
        merge((), {"a": lambda _before: {"time": "t1", "error": None, "answer": answer([WEB], [finding(WEB)])}}, "r1")
    )
    total = fleet(previous=before, b=answer([DB], []))
    assert (total.hosts, total.containers) == ({"audited": 1, "kept": 1, "lost": 0}, 2)


def test_what_changed_is_told_by_the_run_that_saw_it():
    def run(number, previous, **answers):
        asked = {
            name: lambda _before, one=one: {
                "time": number,
                "error": one and "lost",
                "answer": None if one else answer([WEB]),
            }
            for name, one in answers.items()
        }
        return list(merge(previous, asked, number))

    first = list(
        merge((), {"a": lambda _before: {"time": "1", "error": None, "answer": answer([WEB], [finding(WEB)])}}, "r1")
    )
    second = run("r2", first, a=False)
    for entries, run_id, wanted in ((second, "r2", 1), (run("r3", second, a=True), "r3", 0), (second, "r3", 0)):
        total = Fleet(run_id)
        for name, entry in entries:
            total.add(name, entry)
        assert (total.changes["fixed"], total.compared) == (wanted, wanted)


def test_the_worst_come_first_and_no_more_than_wanted():
    total = fleet(
        most=2,
        a=answer([WEB], [finding(WEB, 4), finding(WEB, 3)]),
        b=answer([DB], [finding(DB, 0), finding(DB, 1, "unknown")]),
    )
    assert [(one["host"], one["finding"]["severity"]) for one in total.worst()] == [("b", "critical"), ("a", "medium")]


def waiver(status, findings=0):
    return {
        "rule": "r",
        "containers": ["x*"],
        "reason": "why",
        "expires": "2027-01-01",
        "status": status,
        "findings": findings,
    }


def test_a_waiver_is_used_if_it_is_on_one_host():
    total = fleet(
        a=answer(waivers=[waiver("unused")]),
        b=answer(waivers=[waiver("used", 2)]),
        c=answer(waivers=[waiver("unused")]),
    )
    assert [(row["status"], row["findings"]) for row in total.waivers()] == [("used", 2)]
    assert fleet(a=answer(waivers=[waiver("unused")])).waivers()[0]["status"] == "unused"


def test_rules_that_fit_nothing_anywhere():
    empty = answer()
    assert len(fleet(a=empty).unmatched()) == len(empty["summary"]["rules"])
    assert fleet(a=empty, b=answer([WEB])).unmatched() == []


def test_the_head_has_what_the_fleet_has():
    total = fleet(**{f"h{number}": random_answer(number, 5) for number in range(4)})
    head = total.head("now", None, [{"pack": "p"}])
    assert head["summary"]["containers"] == 20
    assert sum(row["fail"] for row in head["rules"]) == head["summary"]["by_status"]["fail"] > 0
    assert (head["packs"], head["not_judged"]) == (["cis_docker_1_6", "baseline"], [{"pack": "p"}])
