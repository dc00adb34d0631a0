# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a container's state and the limits that are wanted to the steps that lead there, or to a refusal. Pure.

The kernel is set first, file by file in an order that hurts nobody; then the engine is told the same, so that it
outlives a restart, and systemd, so that it outlives a daemon-reload. Each of the three gets a step only where it
holds something else.
"""

from __future__ import annotations

from typing import List, NamedTuple

from ..containers.limits import told
from ..engines.contract import MemorySettings
from ..kernel.files import UNLIMITED
from .holders import Limits
from .order import writes
from .sizes import binary_size
from .use import Headroom

_MIB = 1 << 20
_KUBEPODS = "/kubepods"

# What runc sets, so that systemd has one word on each.
_PROPERTIES = {
    1: {"memory": "MemoryLimit"},
    2: {"memory": "MemoryMax", "swap": "MemorySwapMax", "reservation": "MemoryLow"},
}
# On v1 it would outrank the other.
_OUTRANKS = {1: {"MemoryMax": UNLIMITED}, 2: {}}


class Refused(Exception):
    """A change that is not made. ``smallest_bytes``: the smallest limit that would be accepted, where that helps."""

    def __init__(self, reason, smallest_bytes=None):
        super().__init__(reason)
        self.smallest_bytes = smallest_bytes


class Safety(NamedTuple):
    """The module's options: ``below_usage`` is reclaim, refuse or force."""

    headroom: Headroom
    below_usage: str
    persist: bool


class Step(NamedTuple):
    """``kind``: reclaim, kernel, engine or systemd. ``target``: a cgroup's directory, an engine's socket, a unit.

    ``settings``: {a kernel file's, the engine's or systemd's name: bytes or UNLIMITED}; a reclaim has ``usage_bytes``,
    what may be in use after it.
    """

    kind: str
    target: str
    settings: dict

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
    _refuse_whose_it_is_not(state)
    if keeper is None and state.running is None:
        raise Refused("it does not run and no engine was asked to note its limits, so there is nothing to set")
    now = state.kernel if state.running else state.record
    if now.memory is None:
        raise Refused(f"its present limit can't be read{_unreadable(state)}")
    wanted = wanted.on(state.page_size_bytes)
    target, notes = _target(state, now, wanted, keeper)
    if keeper is None and safety.persist:
        notes.append("no engine that can be asked has it, so its limits last until it is started again")
    holders = [
        *([state.kernel] if state.running else []),
        *([state.record] if keeper is not None else []),
        # On v1 systemd has no word for swap and reservation.
        *([state.unit_limits.over(target)] if state.unit is not None else []),
    ]
    steps = []
    if any(_differs(held, target, wanted) for held in holders):
        _refuse_contradictions(state, now, target, keeper)
        steps = _steps(state, now, target, wanted, safety, keeper)
    return Plan(target, wanted, steps, notes, keeper is not None)


def _steps(state, now, target, wanted, safety, keeper):
    noting = []
    # Memory and swap are noted together, and no drift is left in what is touched.
    if keeper is not None and _differs(state.record, target, wanted._replace(memory=target.memory, swap=target.swap)):
        reserves = wanted.reservation is not None and state.record.reservation != target.reservation
        noting = [engine_step(keeper, target, reserves)]
        _refuse_what_the_engine_can_not_note(state, noting[0].settings, keeper)
    steps = _kernel_steps(state, now, target, safety) + noting
    if state.unit is not None:
        steps.append(systemd_step(state, target))
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


def _refuse_whose_it_is_not(state):
    container, running = state.container, state.running
    if container.claim is not None and container.claim.state in ("paused", "restarting"):
        raise Refused(f"it is {container.claim.state}; limits are set on containers that run")
    if running is None:
        return
    path = running.cgroup.path
    if _KUBEPODS in path:
        raise Refused(
            f"its cgroup {path} belongs to kubelet, which writes the pod's own limits back; set resources in the pod"
        )
    if path == "/" or not running.cgroup.own:
        raise Refused(f"it has no cgroup of memory of its own: {path} holds others as well, which would be limited too")


def _target(state, now, wanted, keeper):
    notes = []
    memory = now.memory if wanted.memory is None else wanted.memory
    swap = wanted.swap
    if swap is None:
        # On v1 a change of memory by another hand has changed swap with it; what the engine has is what was meant.
        swap = now.swap if keeper is None or state.record.swap is None else state.record.swap
    if now.swap is None:
        swap = None
        if wanted.swap is not None:
            notes.append("this kernel does not account for swap, so memory is limited without swap")
    elif wanted.memory == UNLIMITED and wanted.swap is None:
        swap = UNLIMITED
    reservation = now.reservation if wanted.reservation is None else wanted.reservation
    if reservation == UNLIMITED:
        reservation = 0
    if state.running and memory == UNLIMITED and state.running.ceiling[1]:
        limit, path = state.running.ceiling
        notes.append(f"{path} above it still limits it to {_size(limit)}")
    return Limits(memory, swap, reservation), notes


def _refuse_contradictions(state, now, target, keeper):
    """What the kernel or the engine can't hold, whatever is in use."""
    if target.memory != UNLIMITED and (target.reservation or 0) > target.memory:
        raise Refused(
            f"its reservation of {_size(target.reservation)} is above the limit of {_size(target.memory)}; "
            "give a smaller reservation as well"
        )
    counted_together = keeper is not None or state.running.version == 1
    if counted_together and target.memory == UNLIMITED and target.swap not in (None, UNLIMITED):
        who = "cgroup v1" if keeper is None else keeper.name
        raise Refused(
            f"swap can't be limited to {_size(target.swap)} without a limit of memory, as {who} counts the two "
            "together; give memory as well, or swap: unlimited"
        )
    if state.running is not None and target.memory not in (UNLIMITED, now.memory):
        limit, path = state.running.ceiling
        if target.memory > limit:
            raise Refused(
                f"{path} above it allows {_size(limit)}, so a limit of {_size(target.memory)} would never count; "
                "raise that first, or give no more"
            )


def _refuse_what_the_engine_can_not_note(state, settings, keeper):
    version = state.running.version if state.running else None
    objection = keeper.objection(MemorySettings(**settings), version, state.running is not None)
    if objection is not None:
        too_small = settings["memory_bytes"] < keeper.smallest_memory_bytes
        raise Refused(f"{keeper.name} {objection}", keeper.smallest_memory_bytes if too_small else None)


def _kernel_steps(state, now, target, safety):
    if state.running is None:
        return []
    steps = kernel_steps(state.running, now, target)
    if safety.below_usage == "force" or not tightens(now, target):
        return steps
    most_bytes = _judge(state, target, safety)
    lowering = next((at for at, step in enumerate(steps) if "memory.max" in step.settings), None)
    if lowering is not None and most_bytes is not None:
        steps.insert(lowering, Step("reclaim", state.running.cgroup.directory, {"usage_bytes": most_bytes}))
    return steps


def tightens(now, target):
    return target.memory < now.memory or (target.swap is not None and target.swap < now.swap)


def _judge(state, target, safety):
    """What may be in use when the limit is set, None where less is in use already. Raises Refused."""
    if target.memory == UNLIMITED:
        return None
    use = state.running.use
    if use is None:
        raise Refused(f"what it uses can't be read{_unreadable(state)}; below_usage: force sets a limit without that")
    stuck_bytes = use.stuck_bytes(UNLIMITED if target.swap is None else target.swap, state.swap_free_bytes)
    smallest_bytes = _whole_mib(safety.headroom.above(stuck_bytes))
    if smallest_bytes > target.memory:
        raise Refused(
            f"{_size(stuck_bytes)} of its memory can't be reclaimed, so with headroom it needs "
            f"{_size(smallest_bytes)}, and {_size(target.memory)} is wanted",
            smallest_bytes,
        )
    most_bytes = safety.headroom.below(target.memory)
    if use.usage_bytes <= most_bytes:
        return None
    if safety.below_usage == "refuse":
        raise Refused(
            f"it uses {_size(use.usage_bytes)}, which with headroom does not fit into {_size(target.memory)}; "
            "below_usage: reclaim frees its caches first",
            _whole_mib(safety.headroom.above(use.usage_bytes)),
        )
    return most_bytes


def _differs(held, target, wanted):
    """Whether a holder has something else than what is wanted; what nobody asked for is not its fault."""
    return any(
        asked is not None and value is not None and own != value for own, value, asked in zip(held, target, wanted)
    )


def _declared(target, wanted):
    return {
        "memory_bytes": target.memory,
        "memory_swap_bytes": UNLIMITED if target.swap is None else target.memory_swap,
        "memory_reservation_bytes": None if wanted.reservation is None else target.reservation,
    }


def _whole_mib(value):
    return -(-int(value) // _MIB) * _MIB


def _size(value):
    return told(value) if value == UNLIMITED else binary_size(value)


def _unreadable(state):
    unreadable = state.running.unreadable if state.running else []
    return "".join(f" ({one['path']}: {one['reason']})" for one in unreadable[:1])
