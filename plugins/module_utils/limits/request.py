# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of container_memory_limit was asked for: its options, read. Pure."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from ..errors import FathomError
from ..policy.wanted import Entry, read_limits
from .plan import Safety
from .use import read_headroom

_MOST_PARALLEL = 64


class Request(NamedTuple):
    """``on_refused`` and ``on_missing`` as the module has them."""

    entries: List[Entry]
    containers: Optional[List[str]]
    engines: Optional[List[str]]
    safety: Safety
    on_refused: str
    on_missing: str
    parallel: int


def read_request(params):
    """From the module's options. Raises FathomError."""
    parallel = params["parallel"]
    if not 1 <= parallel <= _MOST_PARALLEL:
        raise FathomError(f"parallel is {parallel}, expected 1 to {_MOST_PARALLEL} containers at the same time")
    return Request(
        entries=read_limits(params["limits"]),
        containers=params["containers"],
        engines=params["engines"],
        safety=Safety(read_headroom(params["headroom"]), params["below_usage"], params["persist"]),
        on_refused=params["on_refused"],
        on_missing=params["on_missing"],
        parallel=parallel,
    )
