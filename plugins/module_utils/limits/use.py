# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a container can't give back, and how much room a new limit has to leave above it. Pure.

Sources: memory.stat of admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/memory.rst.
"""

from __future__ import annotations

from typing import NamedTuple, Optional


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


def read_use(memory, version) -> Optional[Use]:
    """From kernel.memory.Memory; None where the kernel does not tell."""
    stat = memory.stat
    if memory.usage is None or not stat:
        return None
    total = "total_" if version == 1 else ""
    anonymous = stat.get("total_rss" if version == 1 else "anon", 0) + stat.get(total + "shmem", 0)
    kernel = 0
    if version == 2:
        parts = sum(stat.get(key, 0) for key in ("kernel_stack", "pagetables", "percpu", "slab"))
        # The whole is told since Linux 5.18. v1 does not tell what of it can be reclaimed, and refuses by itself.
        kernel = max(stat.get("kernel", parts) - stat.get("slab_reclaimable", 0), 0) + stat.get("sock", 0)
    return Use(memory.usage, anonymous, stat.get(total + "unevictable", 0), kernel, memory.swap_usage or 0)
