# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of container_memory_limit was asked for: its options, read. Pure."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional

from ..errors import FathomError
from ..policy.sizes import read_size
from ..policy.wanted import Entry, read_limits
from .plan import Safety
from .use import Headroom

_MOST_PARALLEL = 64
_LEAST_HEADROOM_BYTES = 32 << 20
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%\Z")


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


def read_headroom(text):
    """``10%`` (and at least 32 MiB) or a size. Raises FathomError."""
    match = _PERCENT.match(text.strip())
    if match:
        return Headroom(float(match.group(1)) / 100, _LEAST_HEADROOM_BYTES)
    try:
        return Headroom(0.0, read_size("headroom", text, least=0, unlimited=False))
    except FathomError as exc:
        raise FathomError(f"{exc}, or a share of what is in use, such as 10%") from None
