# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run returns: records, the difference, and what failed."""

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.limits.change import (
    Assignment,
    carry_out,
    foresee,
    refusal,
)
from ansible_collections.fathom.containers.plugins.module_utils.limits.holders import Limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.outcome import failed, limit_diff, limit_record
from ansible_collections.fathom.containers.plugins.module_utils.limits.plan import Safety
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_headroom
from ansible_collections.fathom.containers.plugins.module_utils.limits.state import read_state
from ansible_collections.fathom.containers.tests.unit.fake_container import PID, UNLIMITED, Machine
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, A, Tree

SAFETY = Safety(read_headroom("10%"), "reclaim", True)
WANTED = Limits(128 * MIB, 64 * MIB, 32 * MIB)


@pytest.fixture
def machine(tmp_path):
    machine = Machine(Tree(tmp_path), 2)
    machine.kernel.anonymous, machine.kernel.cache = 20 * MIB, 10 * MIB
    machine.kernel.show()
    return machine


def changed(machine, wanted=WANTED, keeper=True):
    assignment = Assignment(machine.container, wanted, "web tier")
    return assignment, carry_out(
        machine.host, assignment, SAFETY, machine.engine if keeper else None, machine.kernel, machine.tell_systemd
    )


def named(name, outcome, machine):
    claim = machine.container.claim._replace(name=name)
    return Assignment(machine.container._replace(claim=claim), WANTED, None), outcome


def test_the_record_of_a_change(machine):
    record = limit_record(*changed(machine))
    expected = {"id": A, "name": "web", "engine": "docker", "pid": PID, "rule": "web tier", "status": "changed"}
    expected.update(reason=None, smallest_bytes=None, usage_bytes=30 * MIB, working_set_bytes=20 * MIB)
    expected.update(oom_kills=0, verified=True, persistent=True, notes=[])
    assert {key: record[key] for key in expected} == expected
    assert record["before"] == {
        "limit_state": "unlimited",
        "limit_bytes": None,
        "swap_limit_state": "unlimited",
        "swap_limit_bytes": None,
        "reservation_bytes": 0,
        "declared": {"memory_bytes": None, "memory_swap_bytes": None, "memory_reservation_bytes": None},
    }
    assert record["after"] == {
        "limit_state": "limited",
        "limit_bytes": 128 * MIB,
        "swap_limit_state": "limited",
        "swap_limit_bytes": 64 * MIB,
        "reservation_bytes": 32 * MIB,
        "declared": {
            "memory_bytes": 128 * MIB,
            "memory_swap_bytes": 192 * MIB,
            "memory_reservation_bytes": 32 * MIB,
        },
    }
    assert [step["step"] for step in record["steps"]] == ["kernel", "kernel", "kernel", "engine"]
    assert record["steps"][0]["settings"] == {"memory.swap.max": 64 * MIB}


def test_swap_without_limit_is_declared_as_the_facts_have_it(machine):
    record = limit_record(*changed(machine, Limits(128 * MIB, UNLIMITED, None)))
    assert record["after"]["declared"]["memory_swap_bytes"] == -1
    assert record["after"]["swap_limit_state"] == "unlimited"


def test_the_record_of_one_that_was_not_even_looked_at(machine):
    record = limit_record(Assignment(machine.container, WANTED, None), refusal("not tried"))
    absent = ("before", "after", "usage_bytes", "working_set_bytes", "persistent", "verified", "oom_kills", "pid")
    assert [record[key] for key in absent] == [None] * len(absent)
    assert (record["status"], record["reason"], record["steps"]) == ("refused", "not tried", [])


def test_limits_that_no_engine_notes_are_told_to_end(machine):
    record = limit_record(*changed(machine, keeper=False))
    assert record["persistent"] is False
    assert record["after"]["declared"]["memory_bytes"] is None


def test_the_difference_has_a_line_for_each_holder(machine):
    diff = limit_diff([changed(machine)])
    assert diff["before"] == (
        "web: kernel memory unlimited, swap unlimited, reservation 0 B\n"
        "web: docker memory unlimited, swap unlimited, reservation 0 B\n"
    )
    assert diff["after"] == (
        "web: kernel memory 128 MiB, swap 64 MiB, reservation 32 MiB\n"
        "web: docker memory 128 MiB, swap 64 MiB, reservation 32 MiB\n"
    )


def test_the_difference_is_sorted_and_of_what_changed_alone(machine):
    _assignment, change = changed(machine)
    _assignment, unchanged = changed(machine)
    pairs = [named(name, change, machine) for name in ("web", "db", "cache")]
    pairs += [
        named("same", unchanged, machine),
        named("refused", change._replace(status="refused"), machine),
        named("failed", change._replace(status="failed"), machine),
    ]
    titles = [line.split(":")[0] for line in limit_diff(pairs)["after"].splitlines()]
    assert titles == ["cache", "cache", "db", "db", "web", "web"]
    assert limit_diff(pairs[3:])["after"] == limit_diff(pairs[3:])["before"] == ""


def test_a_container_that_does_not_run_has_no_line_of_the_kernel(machine):
    machine.engine.runs = False
    stopped = machine.container._replace(found=None, claim=machine.engine.describe(A))
    assignment = Assignment(stopped, WANTED, None)
    outcome = foresee(read_state(machine.host, stopped), assignment, SAFETY, machine.engine)
    assert limit_diff([(assignment, outcome)])["after"] == (
        "web: docker memory 128 MiB, swap 64 MiB, reservation 32 MiB\n"
    )


def test_what_failed_and_what_was_refused_are_told_apart_with_the_way_out(machine):
    pairs = [
        named("web", refusal("too small")._replace(smallest_bytes=96 * MIB), machine),
        named("db", refusal("disk full")._replace(status="failed"), machine),
        changed(machine),
        named(None, refusal("it ended"), machine),
    ]
    assert failed(pairs) == (["db: disk full"], ["web: too small (at least 96 MiB)", f"{A[:12]}: it ended"])
    assert failed(pairs[2:3]) == ([], [])


def test_of_many_the_first_are_told(machine):
    pairs = [named(f"web-{at}", refusal("too small"), machine) for at in range(13)]
    failures, refusals = failed(pairs)
    assert failures == []
    assert refusals[0] == "web-0: too small"
    assert refusals[9:] == ["web-9: too small", "and 3 more, see containers"]
    assert failed(pairs[:10])[1][-1] == "web-9: too small"
