# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container's change from beginning to end: read, plan, take the steps, read back, undo what does not fit."""

from __future__ import annotations

import time
from typing import List, NamedTuple, Optional

from ..engines.contract import RUNNING
from ..errors import EngineError, FathomError, Gone
from ..kernel.files import UNLIMITED
from .hands import Hands
from .holders import Limits
from .plan import Plan, Refused, Safety, engine_step, kernel_steps, make_plan, systemd_step, tightens
from .sizes import binary_size
from .state import State, read_state

# A container that is started again in the middle is met anew this often.
_TRIES = 3
# systemd may write a limit a moment after it was told.
SETTLING_SECONDS = 2.0
_LOOK_SECONDS = 0.05


class Outcome(NamedTuple):
    """``status``: changed, unchanged, refused or failed. ``after`` is what would be, where the change was not made."""

    status: str
    reason: Optional[str]
    before: Optional[State]
    after: Optional[State]
    plan: Optional[Plan]
    notes: List[str]
    smallest_bytes: Optional[int] = None
    verified: Optional[bool] = None
    oom_kills: Optional[int] = None


class Assignment(NamedTuple):
    """A container and what it is to have."""

    container: object
    wanted: Limits
    rule: Optional[str]


def refusal(reason):
    """Of a container that was not even looked at."""
    return Outcome("refused", reason, None, None, None, [])


def foresee(state, assignment, safety, keeper) -> Outcome:
    """What :func:`carry_out` would do."""
    try:
        plan = make_plan(state, assignment.wanted, safety, keeper)
    except Refused as exc:
        return _refused(exc, state)
    if not plan.steps:
        return Outcome("unchanged", None, state, state, plan, plan.notes, verified=True)
    record = state.record
    if any(step.kind == "engine" for step in plan.steps):
        record = plan.target
    kernel = plan.target if state.running else state.kernel
    return Outcome("changed", None, state, state._replace(kernel=kernel, record=record), plan, plan.notes)


def carry_out(host, assignment, safety: Safety, keeper, writer) -> Outcome:
    """Raises nothing that is about this container alone."""
    first = None
    for _try in range(_TRIES):
        change = _Change(host, assignment, safety, keeper, writer)
        try:
            outcome = change.make()
        except Gone:
            # Where an engine has it, it may have been started again.
            first = first or change
            if keeper is None:
                break
            continue
        except FathomError as exc:
            return Outcome("failed", str(exc), change.before, None, None, [])
        if outcome.status == "unchanged" and first is not None and first.begun:
            return outcome._replace(status="changed", before=first.before, plan=first.begun)
        return outcome
    return Outcome("refused", "it ended meanwhile", first and first.before, None, None, [])


class _Change:
    def __init__(self, host, assignment, safety, keeper, writer):
        self._host = host
        self._assignment = assignment
        self._safety = safety
        self._keeper = keeper
        self._hands = Hands(host.files.again(), writer, keeper, safety.headroom)
        self._notes: List[str] = []
        self.before: Optional[State] = None
        self.begun: Optional[Plan] = None

    def make(self):
        before = self.before = self._read()
        foreseen = foresee(before, self._assignment, self._safety, self._keeper)
        if foreseen.status != "changed":
            return foreseen
        plan = self.begun = foreseen.plan
        self._notes = list(plan.notes)
        try:
            for step in plan.steps:
                self._notes += self._hands.take(step, before)
        except Refused as exc:
            return self._undone(_refused(exc, before))
        except FathomError as exc:
            return self._undone(Outcome("failed", str(exc), before, None, plan, self._notes))
        after, faults = self._settled(plan)
        outcome = foreseen._replace(
            after=after, notes=self._notes, verified=not faults, oom_kills=_kills(before, after)
        )
        if not faults:
            return outcome
        return self._undone(outcome._replace(status="failed", reason="; ".join(faults)))

    def _read(self):
        container = self._assignment.container
        if self._keeper is not None:
            claim = self._keeper.describe(container.id)
            if claim is None:
                raise Gone(container.id)
            found = container.found if claim.state in RUNNING else None
            # A user's engine does not get to say which processes they are.
            if found is not None and claim.pid is not None and claim.pid not in found.pids:
                found = found._replace(pids=[claim.pid])
            container = container._replace(claim=claim, found=found)
        return read_state(self._host, container)

    def _settled(self, plan):
        end = time.monotonic() + SETTLING_SECONDS
        while True:
            after = self._read()
            faults = find_faults(self.before, after, plan, self._safety.below_usage == "force")
            if not faults or time.monotonic() > end:
                return after, faults
            time.sleep(_LOOK_SECONDS)

    def _undone(self, outcome):
        """The outcome of a change that was not made as planned, after everybody holds again what they held before."""
        if self._keeper is not None:
            # What failed may have been the engine, or the time that its conversation may take.
            self._keeper = self._hands.engine = self._keeper.again()
        try:
            left = self._undo()
        except (FathomError, OSError) as exc:
            left = [f"it could not be undone: {exc}"]
        after = self._read_anyway()
        if self._keeper is not None:
            self._keeper.close()
        return outcome._replace(after=after, reason="; ".join([outcome.reason, *left]))

    def _read_anyway(self):
        """The state without the engine's record where the engine can't be asked."""
        try:
            return self._read()
        except EngineError:
            return read_state(self._host, self._assignment.container)._replace(record=None)

    def _undo(self):
        before, now = self.before, self._read_anyway()
        if now.running is not None and tightens(now.kernel, before.kernel) and not self._fits(now, before.kernel):
            return [f"the limit stays at {binary_size(now.kernel.memory)}, as it uses too much by now to go back"]
        if now.record is not None and now.record != before.record:
            step = engine_step(self._keeper, before.record, now.record.reservation != before.record.reservation)
            self._hands.take(step, now)
            now = self._read_anyway()
        if now.running is None:
            return []
        for step in kernel_steps(now.running, now.kernel, before.kernel):
            self._hands.take(step, now)
        if now.unit is not None and now.unit_limits != before.unit_limits:
            self._hands.take(systemd_step(now, before.unit_limits), now)
        return ["its engine can't be asked what it has noted"] if now.record is None and before.record else []

    def _fits(self, now, limits):
        use = now.running.use
        return use is not None and use.usage_bytes <= self._safety.headroom.below(limits.memory)


def find_faults(before, after, plan, forced):
    """What is not as planned after a change, as texts; kills are what a ``forced`` one reckons with. Pure.

    Raises Gone where the container was started again.
    """
    if (before.running and before.running.identity) != (after.running and after.running.identity):
        raise Gone(before.container.id)
    faults = []
    together = {"memory": True, "swap": True, "reservation": plan.wanted.reservation is not None}
    holders = [("the kernel", after.kernel, together)] if after.running else []
    if any(step.kind == "engine" for step in plan.steps):
        holders.append(("the engine", after.record, together))
    for who, held, compared in holders:
        for figure, counts in compared.items():
            wanted, has = getattr(plan.target, figure), getattr(held, figure)
            if counts and wanted is not None and has != wanted:
                faults.append(f"{who} has {_told(has)} as {figure} after the change, and not {_told(wanted)}")
    if after.running and not forced and tightens(before.kernel, plan.target) and _kills(before, after):
        faults.append(f"the kernel killed {_kills(before, after)} of its processes for lack of memory")
    return faults


def _told(value):
    return "nothing known" if value is None else "unlimited" if value == UNLIMITED else binary_size(value)


def _kills(before, after):
    if not (before.running and after.running) or None in (before.running.oom_kills, after.running.oom_kills):
        return None
    return after.running.oom_kills - before.running.oom_kills


def _refused(refusal, state):
    return Outcome("refused", str(refusal), state, state, None, [], smallest_bytes=refusal.smallest_bytes)
