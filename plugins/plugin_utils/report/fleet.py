# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says of all its hosts together, gathered a host at a time. Pure."""

from __future__ import annotations

import heapq

from .merge import answer_of
from .words import SEVERITIES, STATUSES, rank

_COUNTS = ("pass", "fail", "waived", "unknown", "not_applicable")


class Fleet:
    """``run``: begin of the present run. ``most``: how many of the worst findings are kept."""

    def __init__(self, run, most=50):
        self.run = run
        self.hosts = {"audited": 0, "kept": 0, "lost": 0}
        self.containers = 0
        self.compared = 0  # hosts that were audited before their last audit
        self.by_status = dict.fromkeys(_COUNTS, 0)
        self.by_severity = {name: dict.fromkeys(STATUSES, 0) for name in SEVERITIES}
        self.changes = {"new": 0, "open": 0, "fixed": 0}
        self.lost = []  # {"host", "error", "audited_at"}
        self.lost_now = []  # those of them that this run lost
        self.digests = []  # {"host", "state", "audited_at", "containers", SEVERITY: failures}
        self._most, self._worst = most, []
        self._rules, self._waivers, self._packs = {}, {}, {}

    def state_of(self, entry):
        """Of a host: ``audited`` in this run, ``lost`` in its last one, or ``kept`` from an earlier one."""
        if entry["error"] is not None:
            return "lost"
        return "audited" if entry["run"] == self.run else "kept"

    def add(self, name, entry):
        """Hosts are to come sorted by name."""
        state, answer = self.state_of(entry), answer_of(entry)
        self.hosts[state] += 1
        if state == "lost":
            self.lost.append({"host": name, "error": entry["error"], "audited_at": entry["audited_at"]})
            self.lost_now += self.lost[-1:] if entry["run"] == self.run else []
        digest = {"host": name, "state": state, "audited_at": entry["audited_at"], "containers": 0}
        self.digests.append(dict(digest, **dict.fromkeys(SEVERITIES, 0)))
        if answer is not None:
            # What changed is told once, by the run that saw it.
            self._add_answer(name, answer, entry["changes"] if state == "audited" else None)

    def _add_answer(self, name, answer, changes):
        summary, digest = answer["summary"], self.digests[-1]
        self.containers += summary["containers"]
        digest["containers"] = summary["containers"]
        for status in _COUNTS:
            self.by_status[status] += summary["by_status"][status]
        for severity in SEVERITIES:
            digest[severity] = summary["by_severity"][severity]["fail"]
            for status in STATUSES:
                self.by_severity[severity][status] += summary["by_severity"][severity][status]
        if changes is not None:
            self.compared += 1
            for change in ("new", "open"):
                self.changes[change] += changes[change]
            self.changes["fixed"] += len(changes["fixed"])
        for row in summary["rules"]:
            self._add_rule(row)
        for row in answer["waivers"]:
            self._add_waiver(row)
        self._packs.update(dict.fromkeys(answer["packs"]))
        failures = ((rank(found), name, found) for found in answer["findings"] if found["status"] == "fail")
        # Those that come first stay before others of the same rank.
        self._worst = heapq.nsmallest(self._most, [*self._worst, *failures], key=lambda row: row[0])

    def _add_rule(self, row):
        key = row["rule"], row["title"], row["severity"]
        told = {name: row[name] for name in ("rule", "title", "severity", "pack")}
        total = self._rules.setdefault(key, dict(told, hosts=0, containers=0, **dict.fromkeys(_COUNTS, 0)))
        for count in ("containers", *_COUNTS):
            total[count] += row[count]
        total["hosts"] += 1 if row["fail"] else 0

    def _add_waiver(self, row):
        key = row["rule"], tuple(row["containers"]), row["reason"], row["expires"]
        total = self._waivers.setdefault(key, dict(row, findings=0, status="unused"))
        total["findings"] += row["findings"]
        # One host on which it waives something is enough; expired and unknown it is everywhere.
        if row["status"] != "unused":
            total["status"] = row["status"]

    def worst(self):
        """[{"host", "finding"}] of the worst failures."""
        return [{"host": name, "finding": found} for _rank, name, found in self._worst]

    def rules(self):
        """A row per rule, in the order of the policy; ``hosts``: on how many it fails."""
        return list(self._rules.values())

    def unmatched(self):
        """Rules that fit no container of any host."""
        matched = {row["rule"] for row in self._rules.values() if row["containers"]}
        return list(dict.fromkeys(row["rule"] for row in self._rules.values() if row["rule"] not in matched))

    def waivers(self):
        """A row per waiver, used if it is used on one host; ``findings``: on all hosts together."""
        return list(self._waivers.values())

    def packs(self):
        """The names of all packs that hosts were judged by."""
        return list(self._packs)

    def head(self, generated_at, previous_at, not_judged):
        """What audit.json says before its hosts.

        ``previous_at``: time of the report that this one goes on from. ``not_judged``: what the packs leave out.
        """
        return {
            "collection": "fathom.containers",
            "format": 1,
            "generated_at": generated_at,
            "run": self.run,
            "previous_generated_at": previous_at,
            "packs": self.packs(),
            "summary": {
                "hosts": self.hosts,
                "containers": self.containers,
                "by_status": self.by_status,
                "by_severity": self.by_severity,
                "changes": self.changes,
            },
            "rules": self.rules(),
            "unmatched": self.unmatched(),
            "waivers": self.waivers(),
            "not_judged": not_judged,
        }
