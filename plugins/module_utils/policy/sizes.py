# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes as people write them. Pure."""

from __future__ import annotations

import re

from ansible.module_utils.common.text.formatters import human_to_bytes

from ..errors import FathomError
from ..kernel.files import UNLIMITED
from .shown import shown

# Where the kernel's own "unlimited" of cgroup v1 begins, see kernel.files.
_BELOW = 1 << 62
_LONGEST_TEXT = 40
# human_to_bytes knows 256M and 256MB, in powers of 1024, but neither 256MiB nor Kubernetes' 256Mi.
_BINARY = re.compile(r"([0-9.]+)\s*([KMGTPEkmgtpe])i?B?\Z")
# As people write it who mean MiB: no container lives in less than one, and so few bytes can be told with a unit.
_BARE = re.compile(r"\s*[0-9.]+\s*\Z")
_LEAST_BARE_BYTES = 1 << 20
_BITS = re.compile(r"[0-9]\s*[A-Za-z]i?b\Z")
_EXPECTED = "expected a size in bytes or in powers of 1024, such as 268435456, 256MiB, 256M or 1.5G"


def read_size(what, value, least=1, unlimited=True):
    """``"1.5G"`` -> 1610612736, ``"unlimited"`` -> UNLIMITED where it may be; FathomError, naming ``what``, for others.

    ``least``: 0 where no memory at all makes sense.
    """
    size_bytes = _parse(value)
    expected = f"{_EXPECTED}, or 'unlimited'" if unlimited else _EXPECTED
    if size_bytes is None or (size_bytes == UNLIMITED and not unlimited):
        bits = "; a small b means bits" if isinstance(value, str) and _BITS.search(value) else ""
        raise FathomError(f"{what} is {shown(value)}, {expected}{bits}")
    if size_bytes < least:
        raise FathomError(f"{what} is {shown(value)}, which is no memory at all; {expected}")
    if 0 < size_bytes < _LEAST_BARE_BYTES and _BARE.match(str(value)):
        raise FathomError(
            f"{what} is {shown(value)}, and a number without a unit is bytes; write {size_bytes}MiB, "
            f"or {size_bytes}B if so little is meant"
        )
    if _BELOW <= size_bytes < UNLIMITED:
        raise FathomError(f"{what} is {shown(value)}, expected less than 4 EiB" + ", or 'unlimited'" * unlimited)
    return size_bytes


def spell_size(size_bytes):
    """The text that :func:`read_size` reads as this."""
    if size_bytes == UNLIMITED:
        return "unlimited"
    return f"{size_bytes}B" if 0 < size_bytes < _LEAST_BARE_BYTES else str(size_bytes)


def _parse(value):
    """Bytes, UNLIMITED, or None for what is no size."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, float):
        return int(value) if value >= 0 and value.is_integer() else None
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isascii():
        return None
    text = value.strip()
    if text == "unlimited":
        return UNLIMITED
    if text.isdigit():
        return int(text)
    try:
        return human_to_bytes(_BINARY.sub(r"\1\2", text))
    except ValueError:
        return None
