# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order the kernel's files have to be written, so that it takes each and no container is hurt between. Pure.

cgroup v1 counts swap as memory + swap and refuses a limit above that, so the two have to move past each other in the
right order (mm/memcontrol-v1.c). On v2 they are independent, but what is pushed out of memory needs room in swap.
"""

from __future__ import annotations

from ..kernel.files import UNLIMITED


def writes(version, now, target):
    """[(file, value)] that lead from the Limits ``now`` to the Limits ``target``; values in bytes or UNLIMITED."""
    return _writes_v1(now, target) if version == 1 else _writes_v2(now, target)


def spell(version, value):
    """A value as the kernel's file takes it."""
    if value == UNLIMITED:
        return "-1" if version == 1 else "max"
    return str(int(value))


def _writes_v1(now, target):
    memory = ("memory.limit_in_bytes", target.memory)
    together = ("memory.memsw.limit_in_bytes", target.memory_swap)
    pair = [memory, together]
    if now.memory_swap is not None and target.memory > now.memory_swap:
        pair.reverse()
    # The kernel writes "no reservation" as an unlimited one.
    soft = ("memory.soft_limit_in_bytes", target.reservation or UNLIMITED)
    changed = {memory: now.memory, together: now.memory_swap, soft: now.reservation or UNLIMITED}
    return [one for one in (*pair, soft) if one[1] is not None and one[1] != changed[one]]


def _writes_v2(now, target):
    memory, swap = ("memory.max", target.memory), ("memory.swap.max", target.swap)
    pair = [memory, swap] if target.memory > now.memory else [swap, memory]
    low = ("memory.low", target.reservation)
    changed = {memory: now.memory, swap: now.swap, low: now.reservation}
    return [one for one in (*pair, low) if one[1] is not None and one[1] != changed[one]]
