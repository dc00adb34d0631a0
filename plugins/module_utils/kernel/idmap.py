# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/PID/uid_map and gid_map (user_namespaces(7)): whose ids on the host the ids of a user namespace are."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

_ALL_IDS = 4294967295


class Range(NamedTuple):
    """``length`` ids from ``inside`` on are those from ``outside`` on, as the reader's own user namespace has them."""

    inside: int
    outside: int
    length: int


class IdMap(NamedTuple):
    """None: can't be read. No range at all: no id is mapped yet."""

    uid: Optional[List[Range]]
    gid: Optional[List[Range]]


def read_id_map(files, pid):
    return IdMap(_read(files, f"/proc/{pid}/uid_map"), _read(files, f"/proc/{pid}/gid_map"))


def is_identity(ranges):
    """Whether every id inside is the same outside; None where that can't be told."""
    return None if ranges is None else ranges == [Range(0, 0, _ALL_IDS)]


def parse_ranges(data):
    """``b"0 100000 65536\\n"`` -> [Range(0, 100000, 65536)]."""
    ranges = [Range(*map(int, line.split())) for line in data.splitlines()]
    return sorted(ranges)


def _read(files, path):
    data = files.data(path)
    if data is None:
        return None
    try:
        return parse_ranges(data)
    except (TypeError, ValueError):
        files.refuse(path, f"expected lines of 'INSIDE OUTSIDE COUNT', found {data[:80]!r}")
        return None
