# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory controller's figures, in one shape for both versions of cgroups."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional

Bytes = Optional[float]


class Memory(NamedTuple):
    """None: absent or unreadable. Limits are ints or UNLIMITED. ``swap_limit`` is swap alone."""

    limit: Bytes
    swap_limit: Bytes
    memory_swap_limit: Bytes
    reservation: Bytes
    minimum: Bytes
    high: Bytes
    kernel_limit: Bytes
    usage: Optional[int]
    peak: Optional[int]
    swap_usage: Optional[int]
    zswap_usage: Optional[int]
    limit_hits: Optional[int]
    oom_kills: Optional[int]
    oom_kill_disabled: Optional[bool]
    oom_group: Optional[bool]
    inactive_file: Optional[int]
    stat: Dict[str, int]
