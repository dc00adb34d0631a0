# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes for a reader."""

from __future__ import annotations

from ..kernel.files import UNLIMITED

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def binary_size(size_bytes):
    """67108864 -> "64 MiB"; 67109888 -> "64.001 MiB": whole where it is whole, else what tells it apart."""
    value = float(size_bytes)
    for unit in _UNITS:
        if abs(value) < 1024 or unit == _UNITS[-1]:
            return f"{value:.0f} {unit}" if value == int(value) else f"{value:.5g} {unit}"
        value /= 1024
    return None


def told_size(value):
    """A limit in words, also where it is UNLIMITED or None."""
    if value is None:
        return "unknown"
    return "unlimited" if value == UNLIMITED else binary_size(value)
