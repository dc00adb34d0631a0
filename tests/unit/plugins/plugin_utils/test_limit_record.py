# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.policy.wanted import Wanted, read_limits
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_record import make_record, recorded_limits
from ansible_collections.fathom.containers.tests.unit.limitresults import MIB, container, limits, result
from hypothesis import given
from hypothesis import strategies as st

AFTER = limits(128 * MIB, 0)


def recorded(planned, host="alpha"):
    text = json.dumps(make_record(planned, "2026-01-01T00:00:00Z"))
    return recorded_limits(text, host, "record.json")


def test_only_what_would_be_changed_is_recorded():
    one = container("web-1", "changed", limits(), AFTER)
    planned = {
        "alpha": result(one, container("web-2"), container("db", "refused")),
        "beta": result(container("kept")),
        "gamma": {"changed": False, "unreachable": True, "msg": "no route to host"},
    }
    record = make_record(planned, "2026-01-01T00:00:00Z")
    assert record["written"] == "2026-01-01T00:00:00Z"
    assert list(record["hosts"]) == ["alpha"]
    assert record["hosts"]["alpha"] == [{key: one[key] for key in ("id", "name", "engine", "rule", "before", "after")}]


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (limits(64 * MIB, 0), (64 * MIB, 0, None)),
        (limits(64 * MIB, None), (64 * MIB, UNLIMITED, None)),
        (limits(None, None), (UNLIMITED, UNLIMITED, None)),
        (limits(64 * MIB, 0, 32 * MIB), (64 * MIB, 0, 32 * MIB)),
        (dict(limits(64 * MIB), swap_limit_state="absent", swap_limit_bytes=None), (64 * MIB, None, None)),
        (dict(limits(), limit_state="limited", swap_limit_state="unknown"), (64 * MIB, None, None)),
        (limits(64 * MIB, 16 * MIB, runs=False), (64 * MIB, 16 * MIB, None)),
        (limits(64 * MIB, None, runs=False), (64 * MIB, UNLIMITED, None)),
        (limits(None, None, runs=False), (UNLIMITED, UNLIMITED, None)),
    ],
)
def test_the_way_back(before, wanted):
    one = container("web-1", "changed", before, AFTER)
    ((match, back, rule),) = read_limits(recorded({"alpha": result(one)}))
    assert match == {"containers": [one["id"]]}
    assert back == wanted
    assert rule == "as recorded"


def test_a_reservation_that_was_set_is_taken_back():
    one = container("web-1", "changed", limits(reservation=None), limits(reservation=32 * MIB))
    assert read_limits(recorded({"alpha": result(one)}))[0].wanted == Wanted(64 * MIB, 64 * MIB, 0)


def test_a_host_that_is_not_in_the_record():
    assert recorded({"alpha": result(container("web-1", "changed"))}, "beta") == []


RECORD = make_record({"alpha": result(container("web-1", "changed", limits(), AFTER))}, "now")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is no JSON"),
        ("{", "it is no JSON"),
        ("[]", "it is some other JSON"),
        ("{}", "it is some other JSON"),
        (json.dumps(dict(RECORD, format="x")), "it is some other JSON"),
        (json.dumps(dict(RECORD, hosts=[])), "it is some other JSON"),
        (json.dumps(dict(RECORD, version=2)), "its version is 2, and this collection reads 1"),
        (json.dumps(dict(RECORD, hosts={"alpha": [{}]})), "it lacks or mistypes 'before'"),
        (json.dumps(dict(RECORD, hosts={"alpha": 1})), "it lacks or mistypes "),
    ],
)
def test_what_is_no_record(text, reason):
    with pytest.raises(FathomError) as caught:
        recorded_limits(text, "alpha", "/tmp/x.json")
    message = str(caught.value)
    assert message.startswith(f"/tmp/x.json is no record of memory limits: {reason}")
    assert message.endswith(". Give a memory-limits-TIME.json, as each run that changes limits writes one")


sizes = st.none() | st.integers(1, 1 << 40)
states = st.builds(limits, sizes, st.none() | st.integers(0, 1 << 40), st.integers(0, 1 << 40), st.booleans())


@given(states, states)
def test_every_record_leads_back_to_limits_that_the_module_takes(before, after):
    memory, reservation = before["declared"]["memory_bytes"], before["declared"]["memory_reservation_bytes"]
    if memory is not None and reservation is not None and reservation > memory:
        return
    entries = recorded({"alpha": result(container("web-1", "changed", before, after))})
    assert len(read_limits(entries)) == 1
