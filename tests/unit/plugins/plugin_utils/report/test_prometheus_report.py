# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

from ansible_collections.fathom.containers.plugins.plugin_utils.report.merge import merge
from ansible_collections.fathom.containers.plugins.plugin_utils.report.prometheus_report import prometheus_text
from ansible_collections.fathom.containers.tests.unit.auditanswers import MIB, answer, container, finding
from hypothesis import given
from hypothesis import strategies as st

# A line as the exposition format has it.
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? ([0-9.e+]+)\Z')


def text_of(one):
    ((_name, entry),) = merge(
        (), {"h": lambda _before: {"time": "2026-11-24T11:50:00Z", "error": None, "answer": one}}, "r"
    )
    return prometheus_text(entry)


def samples(text):
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_the_figures():
    web = container("web")
    told = samples(text_of(answer([web], [finding(web, 2)])))
    labels = 'container="web",engine="docker",id="{}"'.format(web["id"][:12])
    assert told["fathom_container_memory_limit_bytes{" + labels + "}"] == str(64 * MIB)
    assert told["fathom_container_memory_usage_bytes{" + labels + "}"] == str(40 * MIB)
    assert told["fathom_container_findings{" + labels + ',severity="high"}'] == "1"
    assert told["fathom_container_findings{" + labels + ',severity="low"}'] == "0"
    assert told['fathom_audit_findings{severity="high",status="fail"}'] == "1"
    assert float(told["fathom_audit_timestamp_seconds"]) == 1795521000


def test_what_is_not_known_has_no_sample():
    text = text_of(answer([container("web", limit_state="unlimited", limit_bytes=None, usage_bytes=None)]))
    assert "fathom_container_memory_limit_bytes" not in text
    assert "fathom_container_memory_usage_bytes" not in text


def test_a_host_that_was_never_audited():
    assert (
        prometheus_text({"run": "r", "audited_at": None, "error": "x", "previous_audited_at": None, "changes": None})
        is None
    )


@given(st.text(max_size=80))
def test_no_name_breaks_a_line(name):
    hostile = container(name)
    for line in text_of(answer([hostile], [finding(hostile)])).splitlines():
        assert line.startswith("# ") or SAMPLE.match(line), line
