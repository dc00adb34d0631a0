# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ansible_collections.fathom.containers.plugins.plugin_utils.report.merge import merge
from ansible_collections.fathom.containers.plugins.plugin_utils.report.page_data import IDENTITY, PID, PageData
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding, random_answer
from hypothesis import given
from hypothesis import strategies as st


def encoded(previous=(), **answers):
    """(The rows of hosts, the tables)."""
    asked = {
        name: lambda _before, one=one: {
            "time": "t",
            "error": one if isinstance(one, str) else None,
            "answer": None if isinstance(one, str) else one,
        }
        for name, one in answers.items()
    }
    data = PageData(lambda entry: "lost" if entry["error"] else "audited" if entry["run"] == "r" else "kept")
    hosts = [data.host(name, entry) for name, entry in merge(previous, asked, "r")]
    tables = data.tables()
    assert not any("<" in text for text in [*hosts, *tables.values()])
    return [json.loads(text) for text in hosts], {name: json.loads(text) for name, text in tables.items()}


def told(tables, verdict, row):
    """A verdict of a container as the page tells it."""

    def text(index):
        return None if index < 0 else tables["texts"][index].replace(PID, str(row[5])).replace(IDENTITY, row[1])

    rule, check, status, expected, declared, enforced, reason, remediation, evidence, waiver = tables["verdicts"][
        verdict
    ]
    name, title, severity, _pack = tables["rules"][rule]
    return {
        "rule": text(name),
        "title": text(title),
        "severity": ("critical", "high", "medium", "low")[severity],
        "check": text(check),
        "container": row[0],
        "container_id": row[1],
        "engine": tables["texts"][row[2]],
        "status": ("fail", "unknown", "waived")[status],
        "expected": text(expected),
        "declared": text(declared),
        "enforced": text(enforced),
        "reason": text(reason),
        "remediation": text(remediation),
        "evidence": [{"path": text(path), "value": text(value)} for path, value in evidence],
        "waiver": text(waiver),
    }


def as_shown(found):
    waiver = found["waiver"]
    return {
        **{key: value for key, value in found.items() if key != "change"},
        "evidence": [{"path": one["path"], "value": str(one["value"])} for one in found["evidence"]],
        "waiver": "{reason} (until {expires})".format(**waiver) if waiver else None,
    }


def in_order(found):
    return sorted(json.dumps(one, sort_keys=True) for one in found)


def test_nothing_of_a_finding_is_lost():
    one = random_answer(1, 40)
    ((host,), tables) = encoded(one=one)
    back = [told(tables, verdict, row) for row in host[8] for verdict in row[12]]
    wanted = [as_shown(found) for found in one["findings"]]
    assert in_order(back) == in_order(wanted)


def test_what_is_said_of_many_containers_is_told_once():
    containers = [container(f"c{number}", pid=2000 + number) for number in range(50)]
    _hosts, tables = encoded(one=answer(containers, [finding(each) for each in containers]))
    assert len(tables["verdicts"]) == len(tables["rules"]) == 1


def test_sizes_and_who_sets_the_limit():
    ((host,), tables) = encoded(
        one=answer(
            [
                container("a"),
                container("b", limit_state="unlimited", limit_bytes=None, effective_limit_source="host"),
                container(
                    "c",
                    pid=None,
                    usage_bytes=None,
                    limit_state="unknown",
                    limit_bytes=None,
                    effective_limit_bytes=None,
                    effective_limit_source=None,
                ),
            ]
        )
    )
    rows = [[*row[6:10], tables["texts"][row[10]] if row[10] >= 0 else None] for row in host[8]]
    mib = 1 << 20
    assert rows == [
        [40 * mib, 32 * mib, 64 * mib, 64 * mib, "container"],
        [40 * mib, 32 * mib, -1, 64 * mib, "host"],
        [None, 32 * mib, None, None, None],
    ]


def test_states_and_changes():
    web = container("web")
    before = list(
        merge(
            (),
            {
                name: lambda _before: {"time": "t0", "error": None, "answer": answer([web], [finding(web)])}
                for name in "ab"
            },
            "r0",
        )
    )
    hosts, tables = encoded(before, b=answer([web], [finding(web, 3)]), c="Connection refused")
    assert [(host[0], host[1], host[2], host[3]) for host in hosts] == [
        ("a", 1, "t0", ""),
        ("b", 0, "t", ""),
        ("c", 2, None, "Connection refused"),
    ]
    assert [host[7] and host[7][:2] for host in hosts] == [None, [1, 0], None]
    ((gone, title, name),) = hosts[1][7][2]
    assert (gone, tables["texts"][title], name) == (0, "every container has a memory limit", "web")
    assert hosts[1][8][0][13] == [0]


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_ends_the_script_that_it_stands_in(name, text):
    hostile = container(name + "</script>", image=text + "<!--")
    ((host,), _tables) = encoded(**{text: answer([hostile], [finding(hostile, enforced=text + "</script>")])})
    assert host[8][0][0].endswith("</script>") or len(host[8][0][0]) <= 200
