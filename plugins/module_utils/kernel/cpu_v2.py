# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cpu controller of cgroup v2 (admin-guide/cgroup-v2.rst, "CPU")."""

from __future__ import annotations

from .cpu import Cpu
from .files import UNLIMITED, parse_limit


def read_cpu(files, directory):
    stat = files.flat(directory + "/cpu.stat")
    quota, period = _read_max(files, directory + "/cpu.max")
    return Cpu(
        quota_usec=quota,
        period_usec=period,
        shares=None,
        weight=files.number(directory + "/cpu.weight"),
        usage_usec=stat.get("usage_usec"),
        periods=stat.get("nr_periods"),
        throttled_periods=stat.get("nr_throttled"),
        throttled_usec=stat.get("throttled_usec"),
    )


def _read_max(files, path):
    """``max 100000`` -> (UNLIMITED, 100000). The root has no such file, and no limit."""
    data = files.data(path)
    if data is None:
        return (None if files.exists(path) else UNLIMITED), None
    words = data.split()
    try:
        quota, period = words
        return parse_limit(quota), int(period)
    except ValueError:
        files.refuse(path, f"expected '$QUOTA $PERIOD', found {data[:80]!r}")
        return None, None
