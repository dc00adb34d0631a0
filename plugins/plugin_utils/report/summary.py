# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run came to over all its hosts, in a few lines for a terminal, and what to warn of. Pure."""

from __future__ import annotations

from ..text import harmless
from .words import SEVERITIES, counted

_MOST_LOST = 10


def fleet_lines(fleet):
    counts = ", ".join(f"{fleet.by_severity[name]['fail']:,} {name}" for name in SEVERITIES)
    hosts = counted(sum(fleet.hosts.values()), "host")
    lines = [f"{hosts}, {counted(fleet.containers, 'container')}", f"checks that failed: {counts}"]
    if fleet.hosts["kept"]:
        lines.append(f"{counted(fleet.hosts['kept'], 'host')} as an earlier run found them, not part of this one")
    lost_before = len(fleet.lost) - len(fleet.lost_now)
    if lost_before:
        lines.append(f"{counted(lost_before, 'host')} that an earlier run lost, not part of this one")
    if fleet.compared:
        words = {"new": "new", "fixed": "fixed", "open": "still open"}
        changes = ", ".join(f"{fleet.changes[change]:,} {word}" for change, word in words.items())
        lines.append(f"since the audit before: {changes}")
    lines += [f"lost: {harmless(one['host'])}: {harmless(one['error'], 240)}" for one in fleet.lost_now[:_MOST_LOST]]
    if len(fleet.lost_now) > _MOST_LOST:
        lines.append(f"lost: {len(fleet.lost_now) - _MOST_LOST} more, in the report")
    return lines


def fleet_warnings(fleet):
    """Rules of the policy that are about no container anywhere, and waivers that waive nothing anywhere.

    Of a host that was lost nothing is known: it could have the container, and that is said.
    """
    where = "any host that could be audited" if fleet.lost else "any host"
    unmatched = set(fleet.unmatched())
    return [
        f"the rule {harmless(row['rule'], 80)!r} is about no container of {where}"
        for row in fleet.rules()
        if row["rule"] in unmatched and row["pack"] is None
    ] + [
        f"the waiver of the rule {harmless(row['rule'], 80)!r} for {harmless(', '.join(row['containers']), 80)} waives "
        "nothing" + (f" on {where}" if fleet.lost else "")
        for row in fleet.waivers()
        if row["status"] == "unused"
    ]
