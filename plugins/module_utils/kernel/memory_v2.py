# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory controller of cgroup v2 (admin-guide/cgroup-v2.rst, "Memory")."""

from __future__ import annotations

from .files import UNLIMITED
from .memory import Memory


def read_memory(files, directory):
    """The figures of the cgroup in ``directory``; all of them include its descendants."""
    stat = files.flat(directory + "/memory.stat")
    events = files.flat(directory + "/memory.events")
    limits = read_limits(files, directory)
    oom_group = files.number(directory + "/memory.oom.group")
    return Memory(
        limit=limits["limit"],
        swap_limit=limits["swap_limit"],
        memory_swap_limit=together(limits["limit"], limits["swap_limit"]),
        high=limits["high"],
        reservation=files.limit(directory + "/memory.low"),
        minimum=files.limit(directory + "/memory.min"),
        kernel_limit=None,
        usage=files.number(directory + "/memory.current"),
        peak=files.number(directory + "/memory.peak"),
        swap_usage=files.number(directory + "/memory.swap.current"),
        zswap_usage=files.number(directory + "/memory.zswap.current"),
        limit_hits=events.get("max"),
        oom_kills=events.get("oom_kill"),
        oom_kill_disabled=False,
        oom_group=None if oom_group is None else bool(oom_group),
        inactive_file=stat.get("inactive_file"),
        stat=stat,
    )


def together(limit, swap_limit):
    """Memory and swap, as v1 counts."""
    return None if limit is None or swap_limit is None else limit + swap_limit


def read_limits(files, directory):
    """The limits alone: {figure of Memory: bytes or UNLIMITED, None where absent or unreadable}."""
    return {
        "limit": read_limit(files, directory),
        "swap_limit": files.limit(directory + "/memory.swap.max"),
        "high": files.limit(directory + "/memory.high"),
    }


def read_limit(files, directory):
    """The root, and a cgroup in which the controller is not enabled, have no such file and no limit of their own."""
    path = directory + "/memory.max"
    limit = files.limit(path)
    return UNLIMITED if limit is None and not files.exists(path) else limit
