# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blkio controller of cgroup v1 (admin-guide/cgroup-v1/blkio-controller.rst)."""

from __future__ import annotations

from .files import printable
from .io import devices

_TOTALS = {
    "blkio.throttle.io_service_bytes_recursive": {"Read": "read_bytes", "Write": "write_bytes"},
    "blkio.throttle.io_serviced_recursive": {"Read": "read_operations", "Write": "write_operations"},
}
_LIMITS = {
    "blkio.throttle.read_bps_device": "read_limit_bytes_per_second",
    "blkio.throttle.write_bps_device": "write_limit_bytes_per_second",
    "blkio.throttle.read_iops_device": "read_limit_operations_per_second",
    "blkio.throttle.write_iops_device": "write_limit_operations_per_second",
}


def read_io(files, directory):
    """A row per device that was used or has a limit."""
    figures = {}
    for name, directions in _TOTALS.items():
        # "8:0 Read 4096" a line, and "Total 4096" at the end.
        for device, direction, value in _rows(files, directory + "/" + name, 3):
            if direction in directions:
                figures.setdefault(device, {})[directions[direction]] = int(value)
    for name, figure in _LIMITS.items():
        for device, value in _rows(files, directory + "/" + name, 2):
            figures.setdefault(device, {})[figure] = int(value)
    return devices(figures)


def _rows(files, path, width):
    data = files.data(path)
    rows = [line.split() for line in printable(data).splitlines()] if data else []
    return [row for row in rows if len(row) == width and row[0] != "Total" and row[-1].isdigit()]
