# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cpu and cpuacct controllers of cgroup v1 (scheduler/sched-bwc.rst, admin-guide/cgroup-v1/cpuacct.rst)."""

from __future__ import annotations

from .cpu import Cpu
from .files import UNLIMITED


def read_cpu(files, directory, accounting_directory):
    """The two controllers are separate hierarchies on some hosts; either directory may be None."""
    quota = period = shares = None
    stat = {}
    if directory is not None:
        quota = files.number(directory + "/cpu.cfs_quota_us")
        period = files.number(directory + "/cpu.cfs_period_us")
        shares = files.number(directory + "/cpu.shares")
        stat = files.flat(directory + "/cpu.stat")
    usage = None if accounting_directory is None else files.number(accounting_directory + "/cpuacct.usage")
    return Cpu(
        quota_usec=UNLIMITED if quota is not None and quota < 0 else quota,
        period_usec=period,
        shares=shares,
        weight=None,
        usage_usec=_usec(usage),
        periods=stat.get("nr_periods"),
        throttled_periods=stat.get("nr_throttled"),
        throttled_usec=_usec(stat.get("throttled_time")),
    )


def _usec(nanoseconds):
    return None if nanoseconds is None else nanoseconds // 1000
