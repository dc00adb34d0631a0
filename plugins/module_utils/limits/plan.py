# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a container's state and the limits that are wanted to the steps that lead there, or to a refusal.

Pure, but that an engine may be asked for its version before it says what it can't note.

The kernel is set first, file by file in an order that hurts nobody; then the engine is told the same, so that it
outlives a restart; systemd comes last, as the engine's runtime writes the unit in a way of its own.
"""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from ..containers.limits import told
from ..engines.contract import MemorySettings
from ..kernel.files import UNLIMITED
from .holders import Limits
from .order import writes
from .refusal import (
    Refused,
    refuse_contradictions,
    refuse_what_is_not_known,
    refuse_what_the_engine_can_not_note,
    refuse_whose_it_is_not,
    unreadable,
)
from .sizes import told_size
from .use import Headroom

_MIB = 1 << 20

# What runc sets, so that systemd has one word on each.
_PROPERTIES = {
    1: {"memory": "MemoryLimit"},
    2: {"memory": "MemoryMax", "swap": "MemorySwapMax", "reservation": "MemoryLow"},
}
# On v1 it would outrank the other.
_OUTRANKS = {1: {"MemoryMax": UNLIMITED}, 2: {}}


class Safety(NamedTuple):
    """The module's options: ``below_usage`` is reclaim, refuse or force."""

    headroom: Headroom
    below_usage: str
    persist: bool


class Step(NamedTuple):
    """``kind``: reclaim, kernel, engine or systemd. ``target``: a cgroup's directory, an engine's socket, a unit.

    ``settings``: {a kernel file's, the engine's or systemd's name: bytes or UNLIMITED}; a reclaim has ``usage_bytes``,
    what may be in use after it. ``most_bytes``: what may be in use at the moment of the step, None for anything.
    """

    kind: str
    target: str
    settings: dict
    most_bytes: Optional[int] = None

    def told(self):
        return {
            "step": self.kind,
            "target": self.target,
            "settings": {name: told(value) for name, value in self.settings.items()},
        }


class Plan(NamedTuple):
    """No steps: everybody holds what is wanted already. ``target``: what each is to hold, ``wanted``: what was asked.

    ``persistent``: the limits outlive a restart.
    """

    target: Limits
    wanted: Limits
    steps: List[Step]
    notes: List[str]
    persistent: bool


def make_plan(state, wanted, safety, keeper) -> Plan:
    """``wanted``: Limits, None for what stays as it is. ``keeper``: the Engine that is to note them, or None.

    Raises Refused.
    """
    refuse_whose_it_is_not(state)
    if keeper is None and state.running is None:
        raise Refused("it does not run and no engine was asked to note its limits, so there is nothing to set")
    now = state.kernel if state.running else state.record
    refuse_what_is_not_known(state, now)
    wanted = wanted.on(state.page_size_bytes)
    target = _target(state, now, wanted, keeper)
    # On v1 systemd has no word for swap and reservation.
    unit_limits = state.unit_limits.over(target)
    holders = [
        *([state.kernel] if state.running else []),
        *([state.record] if keeper is not None else []),
        *([unit_limits] if state.unit is not None else []),
    ]
    steps = []
    if any(_differs(held, target, wanted) for held in holders):
        refuse_contradictions(state, now, target, keeper)
        steps = _steps(state, now, target, wanted, safety, keeper)
    return Plan(target, wanted, steps, _notes(state, wanted, target, safety, keeper), keeper is not None)


def _target(state, now, wanted, keeper):
    memory = now.memory if wanted.memory is None else wanted.memory
    swap = wanted.swap
    if swap is None:
        # On v1 a change of memory by another hand has changed swap with it; what the engine has is what was meant.
        swap = now.swap if keeper is None or state.record.swap is None else state.record.swap
    if now.swap is None and state.swap_accounting is False:
        swap = None
    elif wanted.memory == UNLIMITED and wanted.swap is None:
        swap = UNLIMITED
    reservation = now.reservation if wanted.reservation is None else wanted.reservation
    return Limits(memory, swap, 0 if reservation == UNLIMITED else reservation)


def _notes(state, wanted, target, safety, keeper):
    notes = []
    if target.swap is None and wanted.swap is not None:
        notes.append("this kernel does not account for swap, so memory is limited without swap")
    if keeper is None and safety.persist:
        notes.append("no engine that can be asked has it, so its limits last until it is started again")
    if wanted.memory not in (None, UNLIMITED) and wanted.memory > (state.memory_total_bytes or UNLIMITED):
        notes.append(
            f"this host has {told_size(state.memory_total_bytes)} of memory, so a limit above that limits nothing"
        )
    if state.running:
        limit, path = state.running.ceiling
        if target.memory == UNLIMITED and path:
            notes.append(f"{path} above it still limits it to {told_size(limit)}")
        if state.running.hidden_above:
            notes.append(f"the limit of {state.running.hidden_above} above it can't be read and may be lower")
    return notes


def _steps(state, now, target, wanted, safety, keeper):
    steps = _kernel_steps(state, now, target, safety)
    # Memory and swap are noted together, and no drift is left in what is touched.
    both = wanted._replace(memory=target.memory, swap=target.swap)
    if keeper is not None and _differs(state.record, target, both):
        reserves = wanted.reservation is not None and state.record.reservation != target.reservation
        step = engine_step(keeper, target, reserves)
        refuse_what_the_engine_can_not_note(state, MemorySettings(**step.settings), keeper)
        steps.append(step)
    if state.unit is not None:
        reserves = wanted.reservation is not None or state.unit_limits.reservation == target.reservation
        steps.append(systemd_step(state, target if reserves else target._replace(reservation=None)))
    return steps


def kernel_steps(running, now, target):
    """From the Limits ``now`` to ``target`` as they stand, whatever is in use."""
    return [
        Step("kernel", directory, {name: value})
        for name, value in writes(running.version, now, target)
        # A reservation counts against what is beside the container, not within it.
        for directory in (running.directories[:1] if name == "memory.low" else running.directories)
    ]


def engine_step(keeper, limits, with_reservation):
    together = UNLIMITED if limits.swap is None else limits.memory_swap
    reservation = limits.reservation if with_reservation else None
    return Step(
        "engine",
        keeper.socket,
        {"memory_bytes": limits.memory, "memory_swap_bytes": together, "memory_reservation_bytes": reservation},
    )


def systemd_step(state, limits):
    version = state.running.version
    settings = {name: getattr(limits, figure) for figure, name in _PROPERTIES[version].items()}
    known = {name: value for name, value in settings.items() if value is not None}
    return Step("systemd", state.unit, {**_OUTRANKS[version], **known})


def _kernel_steps(state, now, target, safety):
    if state.running is None:
        return []
    steps = kernel_steps(state.running, now, target)
    if target.memory == UNLIMITED or safety.below_usage == "force" or not tightens(now, target):
        return steps
    needs_reclaim = _judge(state, target, safety)
    most_bytes = safety.headroom.below(target.memory)
    judged = []
    for step in steps:
        if "memory.max" not in step.settings:
            judged.append(step)
            continue
        if needs_reclaim:
            judged.append(Step("reclaim", state.running.cgroup.directory, {"usage_bytes": most_bytes}))
            needs_reclaim = False
        judged.append(step._replace(most_bytes=most_bytes if target.memory < now.memory else None))
    return judged


def tightens(now, target):
    """Whether one of the limits becomes smaller; where one is not known nothing is."""
    return any(None not in pair and pair[1] < pair[0] for pair in zip(now[:2], target[:2]))


def _judge(state, target, safety):
    """Whether something has to be reclaimed first. Raises Refused."""
    use = state.running.use
    if use is None:
        raise Refused(f"what it uses can't be read{unreadable(state)}; below_usage: force sets a limit without that")
    stuck_bytes = use.stuck_bytes(UNLIMITED if target.swap is None else target.swap, state.swap_free_bytes)
    smallest_bytes = whole_mib(safety.headroom.above(stuck_bytes))
    if smallest_bytes > target.memory:
        raise Refused(
            f"{told_size(stuck_bytes)} of its memory can't be reclaimed, so with headroom it needs "
            f"{told_size(smallest_bytes)}, and {told_size(target.memory)} is wanted",
            smallest_bytes,
        )
    if use.usage_bytes <= safety.headroom.below(target.memory):
        return False
    if safety.below_usage == "refuse":
        raise Refused(
            f"it uses {told_size(use.usage_bytes)}, which with headroom does not fit into {told_size(target.memory)}; "
            "below_usage: reclaim frees its caches first",
            whole_mib(safety.headroom.above(use.usage_bytes)),
        )
    return True


def _differs(held, target, wanted):
    """Whether a holder has something else than what is wanted; what nobody asked for is not its fault."""
    return any(
        asked is not None and value is not None and own != value for own, value, asked in zip(held, target, wanted)
    )


def whole_mib(value):
    """Rounded up to a size that one would type."""
    return -(-int(value) // _MIB) * _MIB
