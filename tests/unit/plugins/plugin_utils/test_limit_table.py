# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_table import limit_lines
from ansible_collections.fathom.containers.tests.unit.limitresults import MIB, container, limits, result
from hypothesis import given
from hypothesis import strategies as st

RAISED = container("web-1", "changed", limits(), limits(80 * MIB, 0))
KEPT = container("web-2")
REASON = "40 MiB of its memory can't be reclaimed"
REFUSED = container("db", "refused", reason=REASON, smallest_bytes=72 * MIB)
LIMITED = container("new", "changed", limits(None, None), limits(128 * MIB, 0), rule="every container")
LOST = {"changed": False, "unreachable": True, "msg": "no route to host"}


def test_the_plan_of_one_host():
    assert limit_lines(result(RAISED, KEPT, REFUSED), check_mode=True) == [
        "1 to be set, 1 as wanted, 1 refused",
        "CONTAINER  RULE      MEMORY            SWAP           STATUS     REASON",
        f"db         web tier  64 MiB            64 MiB         refused    {REASON}; the smallest limit is 72 MiB",
        "web-1      web tier  64 MiB -> 80 MiB  64 MiB -> 0 B  to be set",
    ]


def test_a_fleet():
    lines = limit_lines({"beta": result(LIMITED), "alpha": result(RAISED), "gamma": LOST, "delta": result(KEPT)})
    assert lines == [
        "2 set, 1 as wanted; 1 host lost",
        "HOST   CONTAINER  RULE             MEMORY                SWAP              STATUS",
        "alpha  web-1      web tier         64 MiB -> 80 MiB      64 MiB -> 0 B     set",
        "beta   new        every container  unlimited -> 128 MiB  unlimited -> 0 B  set",
        "gamma: no route to host",
    ]


def test_what_the_plan_had_and_the_run_did_not_come_to():
    done = {"alpha": result(RAISED), "beta": {}}
    lines = limit_lines(done, planned={"alpha": result(RAISED, REFUSED), "beta": result(LIMITED, KEPT)})
    assert lines[0] == "1 set, 1 as wanted, 1 refused, 1 not begun"
    assert [(line.split()[:2], line.split("  ")[-1].strip()) for line in lines[2:]] == [
        (["alpha", "db"], f"{REASON}; the smallest limit is 72 MiB"),
        (["alpha", "web-1"], "set"),
        (["beta", "new"], "not begun"),
    ]


def test_what_became_of_a_host_that_was_lost_in_the_middle_is_not_known():
    looped = {"changed": True, "unreachable": True, "results": [result(RAISED), LOST]}
    lines = limit_lines({"alpha": looped}, planned={"alpha": result(RAISED, LIMITED)})
    assert lines[0] == "1 set, 1 not known; 1 host lost"
    assert lines[2].endswith("  not known")
    assert lines[4] == "alpha: no route to host"


def test_the_results_of_a_loop_are_one():
    looped = {"changed": True, "results": [result(RAISED), result(LIMITED), {"changed": False, "skipped": True}]}
    assert limit_lines(looped)[0] == "2 set"


def test_nothing_to_say():
    assert limit_lines(result(KEPT)) == ["1 as wanted"]
    assert limit_lines(result()) == limit_lines({}) == ["no container has a limit to be set"]


@pytest.mark.parametrize("prefix", ["", "Task failed: ", "Task failed: Task failed: "])
def test_what_ansible_puts_before_a_message_is_not_told_again(prefix):
    lost = dict(LOST, msg=f"{prefix}no route to host")
    assert limit_lines({"a": result(KEPT), "b": lost})[1:] == ["b: no route to host"]


def test_a_failure_that_is_no_containers():
    failure = result(failed=True, msg="limits[0] names 'nope'")
    assert limit_lines(failure) == ["no container has a limit to be set; 1 host lost", "failed: limits[0] names 'nope'"]
    of_a_container = result(container("web-1", "failed", reason="undone"), failed=True, msg="web-1: undone")
    assert len(limit_lines(of_a_container)) == 3


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"steps": [{"step": "engine"}]}, "told only to docker"),
        ({"steps": [{"step": "engine"}, {"step": "systemd"}]}, "told only to docker and systemd"),
        ({"steps": [{"step": "reclaim"}, {"step": "kernel"}]}, "what can be reclaimed is reclaimed before"),
        ({"notes": ["swap stays"]}, "swap stays"),
    ],
)
def test_how_it_is_done(other, reason):
    assert limit_lines(result(dict(RAISED, **other)))[2].endswith("  " + reason)


def test_a_reservation_has_a_column_where_it_changes():
    lines = limit_lines(result(container("a", "changed", limits(), limits(reservation=32 * MIB)), RAISED))
    assert "RESERVATION" in lines[1]
    assert "  none -> 32 MiB  " in lines[2]


def test_one_that_does_not_run_has_what_its_engine_notes():
    stopped = container("off", "changed", limits(runs=False), limits(None, None, runs=False))
    assert "64 MiB -> unlimited  64 MiB -> unlimited" in limit_lines(result(stopped))[2]


def test_one_that_could_not_be_read():
    unread = dict(container("gone", "refused", reason="it ended meanwhile"), before=None, after=None)
    assert "gone       web tier  unknown  unknown  refused  it ended meanwhile" in limit_lines(result(unread))[2]


def test_rules_that_no_container_has():
    entries = [{"rule": "web tier"}, {"rule": "batch\x1b"}, {"memory": "1M"}]
    last = "no container for the rule 'batch\\x1b': nothing fits it"
    assert limit_lines({"a": result(KEPT)}, limits={"a": entries})[1:] == [last]
    assert limit_lines(result(KEPT), limits=entries)[1:] == [last]
    # The lost host could have had it.
    assert limit_lines({"a": result(KEPT), "b": LOST}, limits=entries)[1:] == ["b: no route to host"]


@pytest.mark.parametrize(
    ("whys", "text"),
    [
        (
            ["nothing_fits", "stopped"],
            "what fits it does not run; one that does not is meant by its own name or id alone",
        ),
        (["earlier_entry", "nothing_fits"], "an earlier rule takes what fits it"),
    ],
)
def test_why_no_container_has_a_rule(whys, text):
    told = {
        f"host-{at}": result(
            KEPT, idle=[{"index": 1, "rule": "batch", "why": why}, {"index": 2, "rule": None, "why": why}]
        )
        for at, why in enumerate(whys)
    }
    assert limit_lines(told, limits=[{"rule": "batch"}])[1:] == [f"no container for the rule 'batch': {text}"]


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=300), st.sampled_from(["changed", "refused"]))
def test_free_text_does_a_terminal_no_harm(host, name, text, status):
    one = container(name, status, limits(), limits(None), rule=text, reason=text, notes=[text])
    lines = limit_lines({host: result(one)}, limits=[{"rule": text + "x"}])
    categories = {unicodedata.category(char) for line in lines for char in line}
    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert len(lines) == 4
