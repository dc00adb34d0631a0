# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a limit is told: absent, unlimited, unknown and zero are four things. Pure."""

from __future__ import annotations

from ..kernel.files import UNLIMITED


def limit_state(value, absent=False):
    """``limited``, ``unlimited``, ``unknown`` (could not be read) or ``absent`` (this kernel has no such limit)."""
    if value is None:
        return "absent" if absent else "unknown"
    return "unlimited" if value == UNLIMITED else "limited"


def limited(value):
    """The figure, or None unless limited."""
    return None if value is None or value == UNLIMITED else value


def told(value):
    """A limit for a reader: its figure, or the word ``unlimited``."""
    return "unlimited" if value == UNLIMITED else value


def whole_pages(value, page_size_bytes):
    """What the kernel makes of a limit that is written: it floors it to whole pages."""
    return value if value is None or value == UNLIMITED else value // page_size_bytes * page_size_bytes
