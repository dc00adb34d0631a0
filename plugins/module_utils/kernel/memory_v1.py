# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory controller of cgroup v1 (admin-guide/cgroup-v1/memory.rst)."""

from __future__ import annotations

from .files import UNLIMITED, or_unlimited
from .memory import Memory


def read_memory(files, directory):
    """The figures of the cgroup in ``directory``; the ``total_`` figures of memory.stat include its descendants.

    ``kernel_limit`` is the kernel's own minimum over the ancestors. The kernel says "no reservation" as an unlimited
    soft limit; it is 0 here, as on v2.
    """
    stat = files.flat(directory + "/memory.stat")
    oom = files.flat(directory + "/memory.oom_control")
    limit = files.limit(directory + "/memory.limit_in_bytes")
    memory_swap_limit = files.limit(directory + "/memory.memsw.limit_in_bytes")
    reservation = files.limit(directory + "/memory.soft_limit_in_bytes")
    return Memory(
        limit=limit,
        swap_limit=_swap_alone(limit, memory_swap_limit),
        memory_swap_limit=memory_swap_limit,
        reservation=0 if reservation == UNLIMITED else reservation,
        minimum=None,
        high=None,
        kernel_limit=or_unlimited(stat.get("hierarchical_memory_limit")),
        usage=files.number(directory + "/memory.usage_in_bytes"),
        peak=files.number(directory + "/memory.max_usage_in_bytes"),
        swap_usage=stat.get("total_swap"),
        zswap_usage=None,
        limit_hits=files.number(directory + "/memory.failcnt"),
        oom_kills=oom.get("oom_kill"),
        oom_kill_disabled=bool(oom["oom_kill_disable"]) if "oom_kill_disable" in oom else None,
        oom_group=None,
        inactive_file=stat.get("total_inactive_file"),
        stat=stat,
    )


def read_limit(files, directory):
    return files.limit(directory + "/memory.limit_in_bytes")


def _swap_alone(limit, memory_swap_limit):
    if limit is None or memory_swap_limit is None:
        return None
    if memory_swap_limit < limit:
        # The kernel keeps it at least as large: one was read before a change and the other after it.
        return None
    return UNLIMITED if memory_swap_limit == UNLIMITED else memory_swap_limit - limit
