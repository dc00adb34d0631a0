# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures and free text for people: sizes as they are said, and names that can do a terminal no harm. Pure."""

from __future__ import annotations

import unicodedata

# Cc: control characters. Cf: what reorders or hides text (bidi controls, zero width characters). Zl, Zp: line ends.
_HARMFUL = ("Cc", "Cf", "Cs", "Zl", "Zp")
# XML has no word for these, not even escaped.
_NO_XML = ("\ufffe", "\uffff")


def harmless(text, most=64):
    """Free text for a terminal: what could move the cursor, hide or reorder text is escaped; long text is cut."""
    plain = str(text)
    # Nearly all text is; a report of a fleet asks of millions of them.
    if len(plain) <= most and plain.isprintable():
        return plain
    safe = "".join(_escaped(char) if _harms(char) else char for char in plain[: most + 1])
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def _harms(char):
    return unicodedata.category(char) in _HARMFUL or char in _NO_XML


def _escaped(char):
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
