# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/meminfo (proc_meminfo(5)): the memory and the swap that the whole host has."""

from __future__ import annotations

from typing import NamedTuple, Optional


class MemInfo(NamedTuple):
    memory_total_bytes: Optional[int]
    swap_total_bytes: Optional[int]
    swap_free_bytes: Optional[int] = None


def read_meminfo(files):
    sizes = dict(line.split(":", 1) for line in files.lines("/proc/meminfo") if ":" in line)
    return MemInfo(*(_size_bytes(files, sizes, key) for key in ("MemTotal", "SwapTotal", "SwapFree")))


def _size_bytes(files, sizes, key):
    """``  24117248 kB`` -> bytes; the kernel's kB is 1024 bytes."""
    if key not in sizes:
        return None
    number, _space, _unit = sizes[key].strip().partition(" ")
    try:
        return int(number) * 1024
    except ValueError:
        files.refuse("/proc/meminfo", f"expected '{key}: NUMBER kB', found {sizes[key][:80]!r}")
        return None
