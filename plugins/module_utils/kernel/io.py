# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block I/O figures of one device, in one shape for both versions of cgroups."""

from __future__ import annotations

FIGURES = (
    "read_bytes",
    "write_bytes",
    "read_operations",
    "write_operations",
    "read_limit_bytes_per_second",
    "write_limit_bytes_per_second",
    "read_limit_operations_per_second",
    "write_limit_operations_per_second",
)


def devices(figures_by_device):
    """{"8:0": {figure: int}} -> [{"device": "8:0", every figure (None where there is none)}], by device."""
    return [
        dict({figure: figures.get(figure) for figure in FIGURES}, device=device)
        for device, figures in sorted(figures_by_device.items())
    ]
