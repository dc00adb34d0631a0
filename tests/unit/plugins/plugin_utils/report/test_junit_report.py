# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

from ansible_collections.fathom.containers.plugins.plugin_utils.report.junit_report import JUnitReport
from ansible_collections.fathom.containers.plugins.plugin_utils.report.merge import merge
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding
from hypothesis import given
from hypothesis import strategies as st

WEB, DB = container("web"), container("db")


def suites(run="r", previous=(), **answers):
    file = io.StringIO()
    report = JUnitReport(file, run)
    asked = {
        name: lambda _before, one=one: {
            "time": "2026-11-24T11:50:00Z",
            "error": one if isinstance(one, str) else None,
            "answer": None if isinstance(one, str) else one,
        }
        for name, one in answers.items()
    }
    for name, entry in merge(previous, asked, run):
        report.add(name, entry)
    report.end()
    return list(ET.fromstring(file.getvalue()))


def outcomes(suite):
    """{name of case: its outcome}"""
    return {case.get("name"): next((outcome.tag for outcome in case), "passed") for case in suite}


def reasons(suite):
    """Why cases of it were skipped."""
    return {skipped.get("message") for skipped in suite.iter("skipped")}


def test_a_suite_for_each_host_and_a_case_for_each_rule():
    one, two = suites(
        one=answer([WEB, DB], [finding(WEB, 2), finding(DB, 2), finding(WEB, 3, "waived"), finding(DB, 3, "waived")]),
        two=answer([WEB]),
    )
    assert (one.get("name"), two.get("name")) == ("one", "two")
    assert outcomes(one)["every container has a memory limit"] == "failure"
    assert outcomes(one)["cis_docker_1_6/5.28: 5.28 The number of processes is limited"] == "skipped"
    assert set(outcomes(two).values()) == {"passed"}
    assert {key: one.get(key) for key in ("tests", "failures", "errors", "skipped", "timestamp")} == {
        "tests": "6",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "timestamp": "2026-11-24T11:50:00",
    }
    (failure,) = one.iter("failure")
    assert (failure.get("message"), failure.get("type")) == ("2 containers: web, db", "high")
    assert failure.text.splitlines()[0].startswith(
        "web: expected a limit, declared no limit, enforced unlimited (/sys/fs"
    )


def test_what_could_not_be_told_does_not_pass():
    (suite,) = suites(one=answer([WEB], [finding(WEB, 2, "unknown")]))
    assert outcomes(suite)["every container has a memory limit"] == "skipped"


def test_what_could_not_be_told_of_one_does_not_pass_by_another():
    (suite,) = suites(one=answer([WEB, DB], [finding(WEB, 2, "unknown")]))
    assert reasons(suite) == {"could not be told 1 time"}


def test_a_waiver_of_one_leaves_the_others_their_pass():
    (suite,) = suites(one=answer([WEB, DB], [finding(WEB, 2, "waived")]))
    assert set(outcomes(suite).values()) == {"passed"}


def test_a_rule_that_is_about_no_container():
    (suite,) = suites(one=answer())
    assert set(outcomes(suite).values()) == {"skipped"}
    assert reasons(suite) == {"about no container of this host"}


def test_a_rule_about_what_the_host_does_not_have():
    one = answer([WEB])
    one["summary"]["rules"] = [dict(one["summary"]["rules"][2], **{"pass": 0, "not_applicable": 2})]
    (suite,) = suites(one=one)
    assert reasons(suite) == {"not applicable 2 times"}


def test_a_lost_host_is_an_error():
    (suite,) = suites(gone="Connection refused")
    assert (suite.get("errors"), outcomes(suite)) == ("1", {"audit": "error"})
    assert suite.find("testcase/error").text == "Connection refused"


def test_hosts_that_were_no_part_of_the_run_are_left_out():
    before = list(merge((), {"old": lambda _before: {"time": "t", "error": None, "answer": answer()}}, "r0"))
    assert [suite.get("name") for suite in suites(previous=before, new=answer())] == ["new"]


def test_no_more_than_some_containers_are_told():
    many = [container(f"c{number}") for number in range(60)]
    (suite,) = suites(one=answer(many, [finding(one) for one in many]))
    assert suite.find(".//failure").text.splitlines()[-1] == "and 10 more"


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_name_breaks_the_file(name, host):
    hostile = container(name)
    text = name + "\ufffe\uffff]]>"
    (suite,) = suites(**{host: answer([hostile], [finding(hostile, enforced=text, expected=text)])})
    assert len(list(suite.iter("failure"))) == 1
    assert len(suite.find(".//failure").text.splitlines()) == 1
