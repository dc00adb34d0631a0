# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CPU controllers' figures, in one shape for both versions of cgroups."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Cpu(NamedTuple):
    """``quota_usec`` of CPU time in each ``period_usec``: an int or UNLIMITED. ``shares`` is v1's, ``weight`` v2's."""

    quota_usec: Optional[float]
    period_usec: Optional[int]
    shares: Optional[int]
    weight: Optional[int]
    usage_usec: Optional[int]
    periods: Optional[int]
    throttled_periods: Optional[int]
    throttled_usec: Optional[int]
