# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused whatever the container uses: what is somebody else's to set, and what could not be held. Pure."""

from __future__ import annotations

from ..kernel.files import UNLIMITED
from .sizes import told_size

_KUBEPODS = "/kubepods"
# The way out where an engine is in the way.
KERNEL_ALONE = "persist: false (memory_limits_persist of the role) sets the kernel alone"


class Refused(Exception):
    """A change that is not made. ``smallest_bytes``: the smallest limit that would be accepted, where that helps."""

    def __init__(self, reason, smallest_bytes=None):
        super().__init__(reason)
        self.smallest_bytes = smallest_bytes


def refuse_whose_it_is_not(state):
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


def refuse_what_is_not_known(state, now):
    """A limit that can't be read can't be left as it is, nor put back."""
    for figure, held in (("memory", now.memory), ("swap", now.swap)):
        absent = figure == "swap" and (state.swap_accounting is False or state.running is None)
        if held is None and not absent:
            raise Refused(f"its present limit of {figure} can't be read{unreadable(state)}")


def refuse_contradictions(state, now, target, keeper):
    """What the kernel or the engine could not hold."""
    if target.memory != UNLIMITED and (target.reservation or 0) > target.memory:
        raise Refused(
            f"its reservation of {told_size(target.reservation)} is above the limit of {told_size(target.memory)}; "
            "give a smaller reservation as well"
        )
    counted_together = keeper is not None or state.running.version == 1
    if counted_together and target.memory == UNLIMITED and target.swap not in (None, UNLIMITED):
        who = "cgroup v1" if keeper is None else keeper.name
        raise Refused(
            f"swap can't be limited to {told_size(target.swap)} without a limit of memory, as {who} counts the two "
            "together; give memory as well, or swap: unlimited"
        )
    if state.running is not None and target.memory not in (UNLIMITED, now.memory):
        limit, path = state.running.ceiling
        if target.memory > limit:
            raise Refused(
                f"{path} above it allows {told_size(limit)}, so a limit of {told_size(target.memory)} would never "
                "count; raise that first, or give no more"
            )


def refuse_what_the_engine_can_not_note(state, settings, keeper):
    objection = keeper.objection(settings, state.memory_version, state.running is not None)
    if objection is not None:
        too_small = settings.memory_bytes < keeper.smallest_memory_bytes
        meanwhile = f"; {KERNEL_ALONE}, until it is started again" if state.running else ""
        raise Refused(f"{keeper.name} {objection}{meanwhile}", keeper.smallest_memory_bytes if too_small else None)


def unreadable(state):
    """How a message about what is not known goes on."""
    found = state.running.unreadable if state.running else []
    return "".join(f" ({one['path']}: {one['reason']})" for one in found[:1])
