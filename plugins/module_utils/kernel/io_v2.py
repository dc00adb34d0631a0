# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The io controller of cgroup v2 (admin-guide/cgroup-v2.rst, "IO")."""

from __future__ import annotations

from .io import devices

_TOTALS = {"rbytes": "read_bytes", "wbytes": "write_bytes", "rios": "read_operations", "wios": "write_operations"}
_LIMITS = {
    "rbps": "read_limit_bytes_per_second",
    "wbps": "write_limit_bytes_per_second",
    "riops": "read_limit_operations_per_second",
    "wiops": "write_limit_operations_per_second",
}


def read_io(files, directory):
    """A row per device that was used or has a limit. A limit of ``max`` is none."""
    figures = {}
    for name, names in (("/io.stat", _TOTALS), ("/io.max", _LIMITS)):
        for device, values in files.nested(directory + name).items():
            found = {names[key]: int(value) for key, value in values.items() if key in names and value.isdigit()}
            if found:
                figures.setdefault(device, {}).update(found)
    return devices(figures)
