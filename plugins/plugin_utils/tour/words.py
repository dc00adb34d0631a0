# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as a tour tells them; None is what could not be told."""

from __future__ import annotations

from ...module_utils.limits.sizes import binary_size

NOT_KNOWN = "not known"


def size(size_bytes: int | None) -> str:
    return NOT_KNOWN if size_bytes is None else binary_size(size_bytes)


def number(value: int | None) -> str:
    """One that stands for something, such as a PID."""
    return NOT_KNOWN if value is None else str(value)


def count(value: int | None) -> str:
    return NOT_KNOWN if value is None else f"{value:,}"
