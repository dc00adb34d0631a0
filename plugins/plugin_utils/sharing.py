# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who shares which namespaces with the host and with each other, as rows and lines to draw. Pure.

Containers that share the same are one row. Sets of containers that share among themselves, and look alike, as the pods
of one kind do, are drawn once and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

# In the order in which people ask for them.
TYPES = ("net", "pid", "ipc", "uts", "mnt", "user", "cgroup", "time")
OWN, HOST, UNKNOWN = "own", "host", "unknown"


class Line(NamedTuple):
    """A namespace that more than one has: its type, and the rows (indices) that are in it."""

    kind: str
    with_host: bool
    rows: tuple


@dataclass
class Row:
    """Containers that share the same. ``cells``: for each column OWN, HOST, UNKNOWN or the index of a line."""

    names: list  # as many as are worth telling, of all copies
    count: int  # containers, all copies together
    copies: int = 1  # sets that look like the one drawn
    cells: list = field(default_factory=list)


class Picture(NamedTuple):
    columns: list  # types in which something is shared or unknown
    rows: list
    lines: list
    left_out: int  # containers of rows beyond the most that are drawn


def picture(containers, shared, most_rows=40):
    """``containers`` and ``shared`` as container_audit returns them: the rows that share most come first."""
    members = {
        (group["type"], name): number
        for number, group in enumerate(shared)
        if not group["with_host"]
        for name in group["containers"]
    }
    alike = {}
    for container in containers:
        alike.setdefault(_cells(container, members), []).append(container["name"] or container["id"][:12])
    sets = _merged(_sets(alike))
    rows, lines = [], {}
    for copies, keys, names in sets:
        for key, named in zip(keys, names, strict=True):
            row = Row(named, len(named), copies)
            row.cells = [_cell(cell, len(rows), kind, lines) for kind, cell in zip(TYPES, key, strict=True)]
            rows.append(row)
    drawn, rest = rows[:most_rows], rows[most_rows:]
    used = [number for number, kind in enumerate(TYPES) if any(row.cells[number] != OWN for row in drawn)]
    order = {key: number for number, key in enumerate(lines)}
    for row in drawn:
        row.cells = [order.get(row.cells[number], row.cells[number]) for number in used]
    return Picture(
        [TYPES[number] for number in used],
        drawn,
        [
            Line(kind, number == HOST, tuple(row for row in inside if row < most_rows))
            for (kind, number), inside in lines.items()
        ],
        sum(row.count for row in rest),
    )


def sentences(drawn):
    """The picture in words, a sentence for each row."""
    told = []
    for row in drawn.rows:
        kinds = {HOST: [], UNKNOWN: [], "others": []}
        for kind, cell in zip(drawn.columns, row.cells, strict=True):
            if cell != OWN:
                kinds[_sort(cell, drawn.lines)].append(kind)
        parts = [f"{', '.join(kinds[HOST])} with the host"] if kinds[HOST] else []
        parts += [f"{', '.join(kinds['others'])} with containers"] if kinds["others"] else []
        text = f"shares {' and '.join(parts)}" if parts else "shares nothing"
        unknown = f"; not known: {', '.join(kinds[UNKNOWN])}" if kinds[UNKNOWN] else ""
        told.append(f"{label(row)} {text}{unknown}.")
    return told


def label(row, most=3):
    """``web-1, web-2, web-3 and 97 more``."""
    more = row.count - min(most, len(row.names))
    return ", ".join(row.names[:most]) + (f" and {more} more" if more else "")


def _sort(cell, lines):
    if cell == UNKNOWN:
        return UNKNOWN
    return HOST if lines[cell].with_host else "others"


def _cells(container, members):
    name = container["name"] or container["id"]
    return tuple(_with_whom(container["shared"], kind, name, members) for kind in TYPES)


def _with_whom(shared, kind, name, members):
    """OWN, HOST, UNKNOWN, or what tells the namespace from every other one of its type."""
    if kind not in shared:
        return OWN
    others = shared[kind]
    if others is None:
        return UNKNOWN
    return HOST if others == "host" else members.get((kind, name), (frozenset([*others, name]),))


def _sets(alike):
    """[[(cells, names), ...], ...]: rows that are joined by namespaces of theirs are one set."""
    sets, of_namespace = [], {}
    for cells, names in alike.items():
        mine = [(cells, names)]
        for key in ((kind, cell) for kind, cell in zip(TYPES, cells, strict=True) if cell not in (OWN, HOST, UNKNOWN)):
            joined = of_namespace.get(key)
            if joined is not None and joined is not mine:
                mine[:0] = joined
                sets = [one for one in sets if one is not joined]
                of_namespace = {key: mine if one is joined else one for key, one in of_namespace.items()}
            of_namespace[key] = mine
        sets.append(mine)
    return sets


def _merged(sets):
    """[(copies, [cells, ...], [names, ...]), ...] of sets that look alike, those that share most first."""
    merged = {}
    for unsorted in sets:
        one = sorted(unsorted, key=lambda row: (_shape(row[0]), len(row[1])), reverse=True)
        numbers = {}
        shape = tuple((_numbered(cells, numbers), len(names)) for cells, names in one)
        merged.setdefault(shape, []).append(one)
    result = []
    for shape, copies in merged.items():
        # What is not shared among containers has no copies: such rows are one already.
        names = [[name for copy in copies for name in copy[number][1]] for number in range(len(shape))]
        result.append((len(copies), [cells for cells, _names in copies[0]], names))
    return sorted(result, key=lambda one: (max(_shape(cells) for cells in one[1]), one[0]), reverse=True)


def _shape(cells):
    """Sorts rows: by how many namespaces are the host's, then those of other containers."""
    others = sum(cell not in (OWN, HOST, UNKNOWN) for cell in cells)
    return cells.count(HOST), others, tuple(cell == HOST for cell in cells), tuple(cell == OWN for cell in cells)


def _numbered(cells, numbers):
    """The cells with namespaces numbered in the order in which a set has them, so that sets can be compared."""
    return tuple(
        cell if cell in (OWN, HOST, UNKNOWN) else numbers.setdefault((kind, cell), len(numbers))
        for kind, cell in zip(TYPES, cells, strict=True)
    )


def _cell(cell, row, kind, lines):
    """OWN or UNKNOWN, or the key of the line, which gets the row."""
    if cell in (OWN, UNKNOWN):
        return cell
    lines.setdefault((kind, cell), []).append(row)
    return kind, cell
