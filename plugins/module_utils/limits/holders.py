# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory limits in one shape, whoever holds them: the kernel, the engine's record, systemd's unit. Pure."""

from __future__ import annotations

from typing import NamedTuple, Optional

from ..containers.limits import whole_pages
from ..kernel.files import UNLIMITED


class Limits(NamedTuple):
    """Bytes or UNLIMITED; None where the holder has no such limit or can't tell. ``swap`` is swap alone."""

    memory: Optional[float]
    swap: Optional[float]
    reservation: Optional[float]

    def on(self, page_size_bytes):
        """As the kernel keeps them: in whole pages."""
        return Limits(*(whole_pages(value, page_size_bytes) for value in self))

    def over(self, other):
        """These, and the other's where these say nothing."""
        return Limits(*(theirs if own is None else own for own, theirs in zip(self, other)))

    @property
    def memory_swap(self):
        """Memory and swap together, as cgroup v1 and Docker count."""
        return None if self.memory is None or self.swap is None else self.memory + self.swap


NOTHING = Limits(None, None, None)


def of_kernel(memory):
    """From kernel.memory.Memory."""
    return Limits(memory.limit, memory.swap_limit, memory.reservation)


def of_record(declared):
    """From Claim.declared. Docker notes a limit that nobody set as null, and one of swap alone never."""
    memory = UNLIMITED if declared["memory_bytes"] is None else declared["memory_bytes"]
    together = declared["memory_swap_bytes"]
    if together == -1 or (together is None and memory == UNLIMITED):
        swap = UNLIMITED
    elif together is None or memory == UNLIMITED:
        swap = None
    else:
        swap = together - memory
    return Limits(memory, swap, declared["memory_reservation_bytes"] or 0)


def of_unit(unit, version, inner):
    """From containers.systemd.Unit; on v1 systemd knows the limit of memory only.

    ``inner``: {"limit", "swap_limit"} of a cgroup that the runtime made below the unit's. systemd leaves that alone, so
    the smaller counts: crun tells systemd a limit of swap that counts the memory as well.
    """
    memory = unit.limits["MemoryMax"]
    if version == 1:
        return Limits(memory, None, None)
    swap = unit.limits["MemorySwapMax"]
    return Limits(
        _smaller(memory, inner.get("limit")), _smaller(swap, inner.get("swap_limit")), unit.limits["MemoryLow"]
    )


def _smaller(own, inner):
    return own if own is None or inner is None else min(own, inner)
