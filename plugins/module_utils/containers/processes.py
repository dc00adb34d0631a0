# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``processes`` part of a container's facts."""

from __future__ import annotations

from ..errors import Gone
from ..kernel.process import namespace_pids, read_status

# Enough to understand a container, little enough to keep for a fleet; pids.current counts them all.
MOST_PROCESSES = 1000


def read_processes(files, pids):
    """([{pid, namespace_pid, ppid, uid, name, rss_bytes}] by PID, whether more were left out)."""
    ordered = sorted(set(pids))
    records = []
    for pid in ordered[:MOST_PROCESSES]:
        try:
            status = read_status(files, pid)
        except Gone:
            continue
        inside = namespace_pids(status)
        rss = status.get("VmRSS")
        records.append(
            {
                "pid": pid,
                "namespace_pid": inside[-1] if inside else None,
                "ppid": int(status["PPid"]),
                "uid": int(status["Uid"].split()[0]),
                "name": status.get("Name"),
                "rss_bytes": int(rss.split()[0]) * 1024 if rss else None,
            }
        )
    return records, len(ordered) > MOST_PROCESSES
