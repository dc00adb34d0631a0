# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of a module's ``limits``: which containers, and what memory they are to have. Pure."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Union

from ..errors import FathomError
from . import kinds
from .match import MATCH
from .shown import shown

_SETTINGS = {"memory": kinds.limit, "swap": kinds.limit_or_none, "reservation": kinds.reservation}
_KEYS = dict(MATCH, rule=kinds.text, **_SETTINGS)


class Wanted(NamedTuple):
    """Bytes, UNLIMITED, or None to leave it as it is. ``swap`` is swap alone; of swap and reservation, 0 is none."""

    memory: Optional[Union[int, float]]
    swap: Optional[Union[int, float]]
    reservation: Optional[int]


class Entry(NamedTuple):
    """``match`` as :func:`match.fits` takes it; ``rule`` is the policy's rule, None where there is none."""

    match: Dict[str, object]
    wanted: Wanted
    rule: Optional[str]


def read_limits(entries) -> List[Entry]:
    """Entries as Ansible gives them (a key that was left out may be None); FathomError names the entry."""
    if not isinstance(entries, (list, tuple)) or not entries:
        what = "an empty list" if isinstance(entries, (list, tuple)) else shown(entries)
        raise FathomError(f"limits is {what}, expected a list such as [{{containers: [web-*], memory: 256MiB}}]")
    return [_read(f"limits[{index}]", entry) for index, entry in enumerate(entries)]


def _read(what, entry):
    rule = entry.get("rule") if isinstance(entry, dict) else None
    if rule is not None:
        what = f"{what} (rule {shown(rule)})"
    read = kinds.keys(what, entry, _KEYS, or_none=True)
    wanted = Wanted(*(read.get(setting) for setting in _SETTINGS))
    if wanted == (None, None, None):
        raise FathomError(f"{what} sets nothing: give at least one of {', '.join(_SETTINGS)}")
    if None not in (wanted.memory, wanted.reservation) and wanted.reservation > wanted.memory:
        raise FathomError(
            f"{what}.reservation is {shown(entry['reservation'])}, more than its memory, {shown(entry['memory'])}; "
            "give less, or none"
        )
    return Entry({key: read[key] for key in MATCH if key in read}, wanted, read.get("rule"))
