# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a host's findings since it was audited before: new, still open, fixed. Pure.

Only failures count. One that can't be told any more, or is waived now, is not fixed; nor is one whose rule was not
judged this time. A container that was made anew under its name is the same one.
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
    failed = {_key(finding): finding for finding in before["findings"] if finding["status"] == "fail"}
    told, counts = set(), {"new": 0, "open": 0}
    for finding in now["findings"]:
        key = _key(finding)
        told.add(key)
        fails = finding["status"] == "fail"
        finding["change"] = ("open" if key in failed else "new") if fails else None
        if fails:
            counts[finding["change"]] += 1
    rules = {row["rule"] for row in now["summary"]["rules"]}
    here = {(one["engine"], one["name"] or one["id"]) for one in now["containers"]}
    fixed = [
        dict({name: finding[name] for name in _KEPT}, how="passes" if key[:2] in here else "gone")
        for key, finding in failed.items()
        if key not in told and finding["rule"] in rules
    ]
    return dict(counts, fixed=fixed)


def _key(finding):
    return finding["engine"], finding["container"], finding["rule"], finding["check"]


def told(finding):
    """A fixed finding in a few words."""
    how = "passes now" if finding["how"] == "passes" else "container gone"
    return f"{subject_of(finding)}: {finding['title']} ({how})"
