# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a container can't give back, and how much room a new limit has to leave above it. Pure.

Sources: memory.stat of admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/memory.rst.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from ..errors import FathomError
from ..policy.sizes import read_size

_LEAST_BYTES = 32 << 20
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%\Z")


class Headroom(NamedTuple):
    """Room above what is in use: a share of that use and at least ``least_bytes``."""

    share: float
    least_bytes: int

    def above(self, used_bytes):
        """The smallest limit that leaves this room above ``used_bytes``."""
        return used_bytes + int(max(used_bytes * self.share, self.least_bytes))

    def below(self, limit_bytes):
        """The most that may be in use under a limit; less than 0 where no use is small enough."""
        return int(min(limit_bytes / (1 + self.share), limit_bytes - self.least_bytes))


def read_headroom(text):
    """``10%`` (and at least 32 MiB) or a size. Raises FathomError."""
    match = _PERCENT.match(text.strip())
    if match:
        return Headroom(float(match.group(1)) / 100, _LEAST_BYTES)
    try:
        return Headroom(0.0, read_size("headroom", text, least=0, unlimited=False))
    except FathomError as exc:
        raise FathomError(f"{exc}, or a share of what is in use, such as 10%") from None


class Use(NamedTuple):
    """What a container uses. ``kernel_bytes``: for kernel objects that reclaim does not free, sockets among them."""

    usage_bytes: int
    anonymous_bytes: int
    unevictable_bytes: int
    kernel_bytes: int
    swap_bytes: int

    def stuck_bytes(self, swap_limit, swap_free_bytes):
        """What stays in memory whatever is reclaimed, under a limit of swap: too small a figure, never too large.

        Pages that are swapped out count as well, as they come back one day. Memory that is locked may be anonymous
        too, so of the two the larger counts.
        """
        swappable = min(self.swap_bytes + (swap_free_bytes or 0), swap_limit)
        anonymous = max(self.anonymous_bytes + self.swap_bytes - swappable, 0)
        return int(max(anonymous, self.unevictable_bytes)) + self.kernel_bytes


def read_use(memory, version, kernel_memory_bytes) -> Optional[Use]:
    """From kernel.memory.Memory and v1's memory.kmem.usage_in_bytes; None where the kernel does not tell."""
    stat = memory.stat
    if memory.usage is None or not stat:
        return None
    if version == 1:
        anonymous = stat.get("total_rss", 0) + stat.get("total_shmem", 0)
        unevictable = stat.get("total_unevictable", 0)
        kernel = kernel_memory_bytes or 0
        swap = memory.swap_usage or 0
    else:
        anonymous = stat.get("anon", 0) + stat.get("shmem", 0)
        unevictable = stat.get("unevictable", 0)
        parts = sum(stat.get(key, 0) for key in ("kernel_stack", "pagetables", "percpu", "slab"))
        # The whole is told since Linux 5.18.
        kernel = stat.get("kernel", parts) - stat.get("slab_reclaimable", 0) + stat.get("sock", 0)
        swap = memory.swap_usage or 0
    return Use(memory.usage, anonymous, unevictable, max(kernel, 0), swap)
