# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a host's findings since it was audited before: new, still open, fixed. Pure.

Only failures count, and only of what both audits judged. One that can't be told any more, or is waived now, is not
fixed; nor is one whose rule was not judged this time, is another by now, or is not about the container any more; and a
container that only one of the audits was to look at is in neither's changes. A container that was made anew under its
name is the same one.
"""

from __future__ import annotations

from .words import subject_of

_KEPT = ("rule", "title", "severity", "check", "container", "container_id", "engine")


def compare(before, now):
    """``{"new": n, "open": n, "fixed": [...]}``; sets ``change`` of each finding of ``now`` ("new", "open" or None).

    ``before`` and ``now`` are answers of container_audit; ``before`` is None for a host that was never audited, which
    has no changes. A fixed finding tells ``how``: it ``passes``, or its container is ``gone``.
    """
    if before is None:
        for finding in now["findings"]:
            finding["change"] = None
        return None
    became = _became(before["containers"], now["containers"])
    known = set(became.values())
    failed = {_key(finding, became): finding for finding in before["findings"] if finding["status"] == "fail"}
    counts = {"new": 0, "open": 0}
    for finding in now["findings"]:
        finding["change"] = None
        if finding["status"] != "fail":
            continue
        if _key(finding) in failed:
            finding["change"] = "open"
        elif finding["container_id"] in known or not _leaves_out(before, now):
            finding["change"] = "new"
        if finding["change"]:
            counts[finding["change"]] += 1
    told = {_key(finding) for finding in now["findings"]}
    passing = _Passing(before, now)
    fixed = []
    for key, finding in failed.items():
        if finding["container_id"] not in became:
            how = None if _leaves_out(now, before) or not passing.judged(finding["rule"]) else "gone"
        else:
            how = "passes" if key not in told and passing.passes(finding["rule"], key[0]) else None
        if how is not None:
            fixed.append(dict({name: finding[name] for name in _KEPT}, how=how))
    return dict(counts, fixed=fixed)


def _became(before, now):
    """{id of a container before: its id now}; by name where it was made anew, and was or is known by one."""
    ids = {one["id"] for one in now}
    named = {(one["engine"], one["name"]): one["id"] for one in now if one["name"]}
    became = {}
    for one in before:
        identity = one["id"] if one["id"] in ids else named.get((one["engine"], one["name"]))
        if identity is not None:
            became[one["id"]] = identity
    return became


def _key(finding, became=None):
    identity = finding["container_id"]
    return (became or {}).get(identity, identity), finding["rule"], finding["check"]


def _leaves_out(one, other):
    """Whether one audit was not to look at all that the other was to."""
    selection = one.get("selection") or {}
    return any(selection.values()) and selection != other.get("selection")


class _Passing:
    """What may be said to pass because it is not among the findings."""

    def __init__(self, before, now):
        asked = {row["rule"]: row.get("fingerprint") for row in before["summary"]["rules"]}
        self._rows = {
            row["rule"]: row
            for row in now["summary"]["rules"]
            if asked.get(row["rule"], row.get("fingerprint")) == row.get("fingerprint")
        }
        self._names = {row["rule"] for row in now["summary"]["rules"]}
        self._ids = [one["id"] for one in now["containers"]]

    def judged(self, rule):
        return rule in self._names

    def passes(self, rule, identity):
        row = self._rows.get(rule)
        if row is None or not row["pass"]:
            return False
        return row.get("about") is None or any(self._ids[place] == identity for place in row["about"])


def told(finding):
    """A fixed finding in a few words."""
    how = "passes now" if finding["how"] == "passes" else "container gone"
    return f"{subject_of(finding)}: {finding['title']} ({how})"
