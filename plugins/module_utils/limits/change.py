# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container's change from beginning to end: read, plan, take the steps, read back, undo what does not fit."""

from __future__ import annotations

import time
from typing import List, NamedTuple, Optional

from ..engines.contract import RUNNING
from ..errors import EngineError, FathomError, Gone
from .hands import Hands
from .holders import Limits
from .plan import Plan, Safety, engine_step, kernel_steps, make_plan, systemd_step, tightens
from .reclaim import reclaim
from .refusal import Refused
from .sizes import told_size
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

    @property
    def changed(self):
        """Also where a change failed and something of it is left, or nobody knows."""
        return self.status == "changed" or (self.status == "failed" and (self.after is None or self.differs))

    @property
    def differs(self):
        """Whether kernel or engine have something else than before; an engine that can't be asked is not counted."""
        if self.before is None or self.after is None:
            return False
        records = (self.before.record, self.after.record)
        return self.before.kernel != self.after.kernel or (None not in records and records[0] != records[1])


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
    kinds = {step.kind: step for step in plan.steps}
    record = state.record
    if "engine" in kinds:
        stays = kinds["engine"].settings["memory_reservation_bytes"] is None
        record = plan.target._replace(reservation=state.record.reservation) if stays else plan.target
    kernel = plan.target if state.running else state.kernel
    return Outcome("changed", None, state, state._replace(kernel=kernel, record=record), plan, plan.notes)


def carry_out(host, assignment, safety: Safety, keeper, writer, tell_systemd) -> Outcome:
    """Raises nothing that is about this container alone."""
    begun: Optional[_Change] = None
    for _try in range(_TRIES):
        change = _Change(host, assignment, safety, keeper, writer, tell_systemd)
        try:
            outcome = change.make()
        except Gone:
            # Where an engine has it, it may have been started again.
            begun = begun or (change if change.begun else None)
            if keeper is None:
                break
            continue
        except FathomError as exc:
            return Outcome("failed" if change.begun else "refused", str(exc), change.before, None, change.begun, [])
        if begun is None:
            return outcome
        if outcome.before.running is None:
            # It ended at what was begun, whatever can be said of it now.
            reason = "; ".join(filter(None, (_ended(safety), outcome.reason)))
            after = outcome.after or outcome.before
            return outcome._replace(status="failed", reason=reason, before=begun.before, after=after, plan=begun.begun)
        if outcome.status == "unchanged":
            return outcome._replace(status="changed", before=begun.before, plan=begun.begun)
        return outcome
    if begun is not None:
        return Outcome("failed", _ended(safety), begun.before, None, begun.begun, [])
    return refusal("it ended meanwhile")


def _ended(safety):
    forced = ", whose limit was set below what it used" if safety.below_usage == "force" else ""
    return f"the container has ended meanwhile{forced}"


class _Change:
    """``before`` is what was found, ``begun`` the plan of which steps were taken."""

    def __init__(self, host, assignment, safety, keeper, writer, tell_systemd):
        self._host = host
        self._assignment = assignment
        self._safety = safety
        self._keeper = keeper
        self._files = host.files.again()
        self._writer = writer
        self._hands = Hands(self._files, writer, tell_systemd, keeper, safety.headroom)
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
            after, faults = self._settled(plan)
        except Refused as exc:
            return self._undone(_refused(exc, before)._replace(plan=plan))
        except FathomError as exc:
            return self._undone(Outcome("failed", str(exc), before, None, plan, self._notes))
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
            container = container._replace(claim=claim, found=container.found if claim.state in RUNNING else None)
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
        except (FathomError, OSError, Refused) as exc:
            left = [f"it could not be undone: {exc}"]
        after = self._read_anyway()
        if self.before.running is not None and after.running is None:
            # The engine's own words for what it then can't do are hard to read.
            left.append(_ended(self._safety))
        if self._keeper is not None:
            self._keeper.close()
        outcome = outcome._replace(
            after=after, reason="; ".join([outcome.reason, *left]), oom_kills=_kills(self.before, after), verified=False
        )
        return outcome._replace(status="failed") if outcome.differs else outcome

    def _read_anyway(self):
        """The state without the engine's record where the engine can't be asked."""
        try:
            return self._read()
        except EngineError:
            return read_state(self._host, self._assignment.container)._replace(record=None)

    def _undo(self):
        """What stays, as texts. The kernel comes first: an engine's runtime may refuse what it has no room for."""
        before = self.before
        left = self._put_the_kernel_back()
        if left:
            return left
        now = self._read_anyway()
        if None not in (now.record, before.record) and now.record != before.record:
            step = engine_step(self._keeper, before.record, now.record.reservation != before.record.reservation)
            self._hands.take(step, now)
            left += self._put_the_kernel_back()
            now = self._read_anyway()
        if now.unit is not None and now.unit_limits != before.unit_limits:
            self._hands.take(systemd_step(now, before.unit_limits), now)
        if now.record is None and before.record is not None:
            left.append("its engine can't be asked what it has noted")
        return left

    def _put_the_kernel_back(self):
        before, now = self.before, self._read_anyway()
        if now.running is None:
            return []
        for step in kernel_steps(now.running, now.kernel, before.kernel):
            if "memory.max" in step.settings and before.kernel.memory < now.kernel.memory:
                used_bytes = reclaim(self._files, self._writer, step.target, before.kernel.memory)
                if used_bytes is None or used_bytes > before.kernel.memory:
                    return [f"the limit stays at {told_size(now.kernel.memory)}, as more than the old one is in use"]
            self._hands.take(step, now)
        return []


def find_faults(before, after, plan, forced):
    """What is not as planned after a change, as texts; kills are what a ``forced`` one reckons with. Pure.

    Raises Gone where the container was started again.
    """
    if (before.running and before.running.identity) != (after.running and after.running.identity):
        raise Gone(before.container.id)
    kinds = {step.kind for step in plan.steps}
    holders = [
        *([("the kernel", after.kernel)] if after.running else []),
        *([("the engine", after.record)] if "engine" in kinds else []),
        *([("systemd", after.unit_limits.over(plan.target))] if "systemd" in kinds else []),
    ]
    compared = ("memory", "swap", *(["reservation"] if plan.wanted.reservation is not None else []))
    faults = [
        f"{who} has {told_size(getattr(held, figure))} as {figure} after the change, and not "
        f"{told_size(getattr(plan.target, figure))}"
        for who, held in holders
        for figure in compared
        if getattr(plan.target, figure) not in (None, getattr(held, figure))
    ]
    if after.running and _smaller(after.running.high, before.running.high):
        faults.append(f"memory.high was left at {told_size(after.running.high)}")
    if after.running and not forced and tightens(before.kernel, plan.target) and _kills(before, after):
        faults.append(f"the kernel killed {_kills(before, after)} of its processes for lack of memory")
    return faults


def _smaller(value, other):
    return None not in (value, other) and value < other


def _kills(before, after):
    if not (before.running and after.running) or None in (before.running.oom_kills, after.running.oom_kills):
        return None
    return after.running.oom_kills - before.running.oom_kills


def _refused(refusal, state):
    return Outcome("refused", str(refusal), state, state, None, [], smallest_bytes=refusal.smallest_bytes)
