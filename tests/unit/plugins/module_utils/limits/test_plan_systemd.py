# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd has for a unit is what a daemon-reload brings back: it is told where it has something else."""

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.limits.change import Assignment, carry_out, foresee
from ansible_collections.fathom.containers.plugins.module_utils.limits.holders import Limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.plan import Safety
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_headroom
from ansible_collections.fathom.containers.plugins.module_utils.limits.state import read_state
from ansible_collections.fathom.containers.tests.unit.fake_container import UNLIMITED, Machine
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, Tree

UNIT = "docker-5f9d3a0c1b2e.scope"
WANTED = Limits(64 * MIB, 0, None)
SAFETY = Safety(read_headroom("10%"), "reclaim", True)


def foreseen(tmp_path, version, unit_limits, wanted=WANTED):
    """Where kernel and engine have 64 MiB and no swap already, and systemd has ``unit_limits``."""
    machine = Machine(Tree(tmp_path), version)
    carry_out(
        machine.host,
        Assignment(machine.container, WANTED, None),
        SAFETY,
        machine.engine,
        machine.kernel,
        machine.tell_systemd,
    )
    container = machine.container._replace(claim=machine.engine.describe(machine.container.id))
    state = read_state(machine.host, container)._replace(unit=UNIT, unit_limits=unit_limits)
    return foresee(state, Assignment(container, wanted, None), SAFETY, machine.engine)


def test_swap_of_nothing_is_told_to_systemd(tmp_path):
    """As runc leaves it: a limit of swap that is nothing reaches the kernel alone."""
    outcome = foreseen(tmp_path, 2, Limits(64 * MIB, UNLIMITED, 0))
    (step,) = outcome.plan.steps
    assert (outcome.status, step.kind, step.target) == ("changed", "systemd", UNIT)
    assert (step.settings["MemoryMax"], step.settings["MemorySwapMax"]) == (64 * MIB, 0)


@pytest.mark.parametrize("version", [1, 2])
def test_a_limit_that_systemd_would_bring_back_is_told_to_it(version, tmp_path):
    outcome = foreseen(tmp_path, version, Limits(96 * MIB, 0 if version == 2 else None, None))
    (step,) = outcome.plan.steps
    assert step.settings["MemoryMax" if version == 2 else "MemoryLimit"] == 64 * MIB


@pytest.mark.parametrize(
    ("version", "unit_limits"), [(1, Limits(64 * MIB, None, None)), (2, Limits(64 * MIB, 0, 0)), (2, WANTED)]
)
def test_systemd_is_not_told_what_it_has_or_has_no_word_for(version, unit_limits, tmp_path):
    outcome = foreseen(tmp_path, version, unit_limits)
    assert (outcome.status, outcome.plan.steps) == ("unchanged", [])


def test_what_nobody_asked_for_is_no_reason_to_tell_it(tmp_path):
    outcome = foreseen(tmp_path, 2, Limits(64 * MIB, UNLIMITED, 0), Limits(64 * MIB, None, None))
    assert outcome.status == "unchanged"
