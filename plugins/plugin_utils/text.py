# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures and free text for people: sizes as they are said, and names that can do a terminal no harm. Pure."""

from __future__ import annotations

import unicodedata

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")

# Cc: control characters. Cf: what reorders or hides text (bidi controls, zero width characters). Zl, Zp: line ends.
_HARMFUL = ("Cc", "Cf", "Cs", "Zl", "Zp")


def binary_size(size_bytes):
    """67108864 -> "64 MiB"; 67109888 -> "64.001 MiB": whole where it is whole, else what tells it apart."""
    value = float(size_bytes)
    for unit in _UNITS:
        if abs(value) < 1024 or unit == _UNITS[-1]:
            return f"{value:.0f} {unit}" if value == int(value) else f"{value:.5g} {unit}"
        value /= 1024
    return None


def harmless(text, most=64):
    """Free text for a terminal: what could move the cursor, hide or reorder text is escaped; long text is cut."""
    safe = "".join(_escaped(char) if unicodedata.category(char) in _HARMFUL else char for char in str(text)[: most + 1])
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def _escaped(char):
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
