# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.plugin_utils.report.fleet import Fleet
from ansible_collections.fathom.containers.plugins.plugin_utils.report.merge import merge
from ansible_collections.fathom.containers.plugins.plugin_utils.report.summary import fleet_lines, fleet_warnings
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding

WEB = container("web")


def fleet(previous=(), **answers):
    total = Fleet("r")
    asked = {
        name: lambda _before, one=one: {
            "time": "t",
            "error": one if isinstance(one, str) else None,
            "answer": None if isinstance(one, str) else one,
        }
        for name, one in answers.items()
    }
    for name, entry in merge(previous, asked, "r"):
        total.add(name, entry)
    return total


def test_a_first_run():
    assert fleet_lines(fleet(a=answer([WEB], [finding(WEB)]))) == [
        "1 host, 1 container",
        "checks that failed: 0 critical, 1 high, 0 medium, 0 low",
    ]


def test_a_later_run_of_a_part():
    before = list(
        merge(
            (),
            {
                name: lambda _before: {"time": "t", "error": None, "answer": answer([WEB], [finding(WEB)])}
                for name in "ab"
            },
            "r0",
        )
    )
    assert fleet_lines(fleet(before, a=answer([WEB], [finding(WEB, 3)]))) == [
        "2 hosts, 2 containers",
        "checks that failed: 0 critical, 1 high, 1 medium, 0 low",
        "1 host as an earlier run found them, not part of this one",
        "since the audit before: 1 new, 1 fixed, 0 still open",
    ]


def test_hosts_that_are_all_new_beside_an_earlier_report_have_no_changes():
    asked = {"b": lambda _before: {"time": "t", "error": None, "answer": answer([WEB], [finding(WEB)])}}
    before = list(merge((), asked, "r0"))
    assert not any("since" in line for line in fleet_lines(fleet(before, a=answer([WEB], [finding(WEB)]))))


def test_lost_hosts():
    lines = fleet_lines(fleet(**{f"h{number:02}": "no\nroute" for number in range(12)}))
    assert lines[2] == "lost: h00: no\\x0aroute"
    assert lines[-1] == "lost: 2 more, in the report"


def policy_rule(containers):
    row = dict(answer()["summary"]["rules"][2], rule="web\x1b", containers=containers)
    one = answer()
    one["summary"]["rules"] = [row]
    return one


def test_a_rule_that_fits_nothing_anywhere_is_a_warning():
    assert fleet_warnings(fleet(a=policy_rule(0), b=policy_rule(0))) == [
        "the rule 'web\\\\x1b' is about no container of any host"
    ]
    assert fleet_warnings(fleet(a=policy_rule(0), b=policy_rule(1))) == []
    # A lost host could have had it.
    assert fleet_warnings(fleet(a=policy_rule(0), b="gone")) == [
        "the rule 'web\\\\x1b' is about no container of any host that could be audited"
    ]
    # A pack is nobody's mistake.
    one = policy_rule(0)
    one["summary"]["rules"][0]["pack"] = "baseline"
    assert fleet_warnings(fleet(a=one)) == []


def test_a_waiver_that_waives_nothing_anywhere_is_a_warning():
    waiver = {
        "rule": "r",
        "containers": ["x*"],
        "reason": "why",
        "expires": "2027-01-01",
        "status": "unused",
        "findings": 0,
    }
    one = answer([WEB], waivers=[waiver])
    assert fleet_warnings(fleet(a=one)) == ["the waiver of the rule 'r' for x* waives nothing"]
    assert fleet_warnings(fleet(a=one, b="gone")) == [
        "the waiver of the rule 'r' for x* waives nothing on any host that could be audited"
    ]
