# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import unicodedata

from ansible_collections.fathom.containers.plugins.plugin_utils.report.terminal import (
    failing,
    finding_lines,
    host_lines,
)
from ansible_collections.fathom.containers.tests.unit.auditanswers import MIB, answer, container, finding
from hypothesis import given
from hypothesis import strategies as st

WEB = container("web")


def test_the_table():
    stopped = dict.fromkeys(
        (
            "pid",
            "usage_bytes",
            "working_set_bytes",
            "limit_state",
            "limit_bytes",
            "effective_limit_bytes",
            "effective_limit_source",
            "memory_path",
        )
    )
    lines = host_lines(
        answer(
            [
                WEB,
                container("off", **stopped),
                container("above", effective_limit_bytes=32 * MIB, effective_limit_source="/tight"),
                container(
                    "free",
                    limit_state="unlimited",
                    limit_bytes=None,
                    effective_limit_bytes=None,
                    effective_limit_source=None,
                ),
            ]
        )
    )
    assert lines == [
        "cgroup v1 (hybrid), 24 GiB of memory, no swap; docker 20.10.24+dfsg1 (cgroupfs); 4 containers",
        "CONTAINER  LIMIT      EFFECTIVE  SET BY     USAGE   DRIFT",
        "above      64 MiB     32 MiB     /tight     40 MiB  none",
        "free       unlimited  unknown    unknown    40 MiB  none",
        "off        -          unknown    unknown    -       not running",
        "web        64 MiB     64 MiB     container  40 MiB  none",
        "0 failed, 40 passed of 40 checks",
    ]


def test_drift_has_a_column_where_engines_were_asked():
    drifted = [{"setting": "memory_bytes", "declared": 96 * MIB, "enforced": 160 * MIB}]
    assert host_lines(answer([container("a", drift=drifted)]))[2].endswith(
        "memory_bytes: 96 MiB declared, 160 MiB enforced"
    )
    unasked = host_lines(answer([container("a", drift=None)]))
    assert "DRIFT" not in unasked[1]
    del WEB["drift"]
    assert "DRIFT" not in host_lines(answer([WEB]))[1]
    WEB["drift"] = []


def test_no_container():
    assert len(host_lines(answer())) == 2


def test_the_worst_rules_come_first_with_the_first_containers():
    many = [container(f"c{number}") for number in range(6)]
    found = [finding(one, 3) for one in many] + [
        finding(many[0], 0),
        finding(many[1], 2, "unknown"),
        finding(many[2], 2, "waived"),
    ]
    assert finding_lines(answer(many, found)) == [
        "7 failed, 60 passed, 1 could not be told, 1 waived of 69 checks",
        "critical  5.31 No container has the Docker socket: c0",
        "medium    5.28 The number of processes is limited: c0, c1, c2, c3 and 2 more",
    ]


def test_no_more_than_some_rules():
    found = [finding(WEB, 3, rule=f"r{number}") for number in range(12)]
    lines = finding_lines(answer([WEB], found))
    assert len(lines) == 10
    assert lines[-1] == "and 4 more rules that containers fail, in the report"


@given(st.text(max_size=80))
def test_free_text_does_a_terminal_no_harm(name):
    hostile = container(name)
    lines = host_lines(answer([hostile], [finding(hostile, title=name)]))
    categories = {unicodedata.category(char) for line in lines for char in line}
    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert len(lines) == 5


def test_what_fails_a_host():
    one = answer([WEB], [finding(WEB), finding(WEB, 3)])
    rows = {row["rule"]: row for row in one["summary"]["rules"]}
    high, medium = (rows[finding(WEB, number)["rule"]] for number in (2, 3))
    assert failing(one, "none") is None
    assert failing(one, "critical") is None
    assert failing(one, "high") == (
        f"checks that failed with severity high or worse: 1, of {high['title']}; mend or waive them, or let "
        "audit_fail_on: none end a run without an error for that"
    )
    assert f"low or worse: 2, of {high['title']}, {medium['title']};" in failing(one, "low")
    one["summary"]["by_severity"]["critical"]["fail"] = 3
    assert failing(one, "critical").startswith("checks that failed with severity critical: 3, of ")


def test_what_could_not_be_told_fails_a_host_where_that_is_wanted():
    one = answer([WEB], [finding(WEB, 2, "unknown"), finding(WEB, 3)])
    title = finding(WEB, 2)["title"]
    assert failing(one, "high") is None
    assert f"failed or could not be told with severity high or worse: 1, of {title};" in failing(one, "high", True)
    assert failing(answer([WEB]), "low", True) is None
