# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pids controller (admin-guide/cgroup-v1/pids.rst, admin-guide/cgroup-v2.rst "PID"), alike on v1 and v2."""

from __future__ import annotations

from typing import NamedTuple, Optional

from .files import UNLIMITED


class Pids(NamedTuple):
    """Threads, not only processes; ``limit`` an int or UNLIMITED, ``limit_hits`` forks refused by it."""

    limit: Optional[float]
    current: Optional[int]
    limit_hits: Optional[int]


def read_pids(files, directory):
    path = directory + "/pids.max"
    limit = files.limit(path)
    return Pids(
        limit=UNLIMITED if limit is None and not files.exists(path) else limit,
        current=files.number(directory + "/pids.current"),
        limit_hits=files.flat(directory + "/pids.events").get("max"),
    )
