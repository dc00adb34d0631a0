# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: which findings of which containers are accepted, why, and until when. Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import List, NamedTuple

from ..errors import FathomError
from . import kinds
from .shown import shown

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class Waiver(NamedTuple):
    """``containers``: names, ids, beginnings of ids, or globs. ``expires``: the last day on which it holds."""

    rule: str
    containers: List[str]
    reason: str
    expires: dt.date


def _date(what, value):
    # YAML makes a date of what looks like one.
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and _DATE.match(value):
        try:
            return dt.date(*map(int, value.split("-")))
        except ValueError:
            pass
    raise FathomError(f"{what} is {_shown_date(value)}, expected the last day on which it holds, such as 2027-03-31")


def _shown_date(value):
    return shown(value.isoformat()) if isinstance(value, dt.date) else shown(value)


WAIVER_KEYS = {"rule": kinds.text, "containers": kinds.texts, "reason": kinds.text, "expires": _date}


def read_waivers(given) -> List[Waiver]:
    """Waivers as YAML gives them; FathomError for the first mistake."""
    if not isinstance(given, (list, tuple)):
        raise FathomError(f"the waivers are {shown(given)}, expected a list, each with {', '.join(WAIVER_KEYS)}")
    return [_read(f"waiver {number}", one) for number, one in enumerate(given, 1)]


def _read(what, given):
    if isinstance(given, dict) and isinstance(given.get("rule"), str) and given["rule"].strip():
        what = f"{what} (rule {shown(given['rule'])})"
    read = kinds.keys(what, given, WAIVER_KEYS, separator=": ")
    missing = [key for key in WAIVER_KEYS if key not in read]
    if missing:
        raise FathomError(f"{what} has no {' and no '.join(missing)}; a waiver has {', '.join(WAIVER_KEYS)}")
    return Waiver(**read)
