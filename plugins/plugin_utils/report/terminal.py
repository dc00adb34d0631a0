# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's audit as lines for a terminal: the containers as a table, then what is wrong with them. Pure."""

from __future__ import annotations

from ...module_utils.limits.sizes import binary_size
from ...module_utils.policy.verdict import names
from ..table import drift_words, host_line
from ..text import harmless
from .words import SEVERITIES, STATUSES, counted, rank, subject_of, title_of

HEADINGS = {
    "container": "CONTAINER",
    "limit": "LIMIT",
    "effective_limit": "EFFECTIVE",
    "source": "SET BY",
    "usage": "USAGE",
    "drift": "DRIFT",
}
# How many rules, and how many containers of one, are told of a host.
_MOST_RULES, _MOST_CONTAINERS = 8, 4


def host_lines(answer):
    """``answer``: what container_audit returned."""
    rows = [_row(container) for container in sorted(answer["containers"], key=title_of)]
    # Where nobody was asked what engines declare, nothing can be said of drift.
    asked = any(container.get("drift") is not None for container in answer["containers"])
    columns = [name for name in HEADINGS if name != "drift" or asked]
    lines = [host_line(answer)]
    if rows:
        rows = [HEADINGS, *rows]
        widths = {column: max(len(row[column]) for row in rows) for column in columns}
        lines += ["  ".join(row[column].ljust(widths[column]) for column in columns).rstrip() for row in rows]
    return lines + finding_lines(answer)


def finding_lines(answer):
    """How many checks came to what, then a line for each rule that fails, the worst rules first."""
    counts = answer["summary"]["by_status"]
    words = [f"{counts['fail']} failed", f"{counts['pass']} passed"]
    words += [f"{counts[status]} {word}" for status, word in _LESS.items() if counts[status]]
    lines = [f"{', '.join(words)} of {counted(sum(counts.values()), 'check')}"]
    rules = {}
    for finding in sorted(answer["findings"], key=rank):
        if finding["status"] == STATUSES[0]:
            rules.setdefault(finding["rule"], []).append(finding)
    shown = list(rules.values())[:_MOST_RULES]
    widest = max((len(found[0]["severity"]) for found in shown), default=0)
    lines += [f"{found[0]['severity'].ljust(widest)}  {_told(found)}" for found in shown]
    if len(rules) > len(shown):
        lines.append(f"and {counted(len(rules) - len(shown), 'more rule')} that containers fail, in the report")
    return lines


def failing(answer, fail_on, on_unknown=False):
    """Why a host fails whose checks are to pass; None where it does not. ``fail_on``: a severity, or ``none``.

    ``on_unknown``: what could not be told counts as a failure.
    """
    if fail_on == "none":
        return None
    counted_as = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    counts = [answer["summary"]["by_severity"][severity] for severity in counted_as]
    count = sum(one["fail"] + (one["unknown"] if on_unknown else 0) for one in counts)
    if not count:
        return None
    what = "failed or could not be told" if on_unknown else "failed"
    worse = "" if fail_on == SEVERITIES[0] else " or worse"
    rows = [row for row in answer["summary"]["rules"] if row["severity"] in counted_as]
    rules = [row["title"] for row in rows if row["fail"] or (on_unknown and row["unknown"])]
    return (
        f"checks that {what} with severity {fail_on}{worse}: {count}, of {names(harmless(one, 90) for one in rules)}; "
        "mend or waive them, or let audit_fail_on: none end a run without an error for that"
    )


_LESS = {"unknown": "could not be told", "waived": "waived", "not_applicable": "not applicable"}


def _told(found):
    """``5.10 No container is in the host's network: web, proxy and 3 more``."""
    names = list(dict.fromkeys(harmless(subject_of(finding), 40) for finding in found))
    more = f" and {len(names) - _MOST_CONTAINERS} more" if len(names) > _MOST_CONTAINERS else ""
    return f"{harmless(found[0]['title'], 90)}: {', '.join(names[:_MOST_CONTAINERS])}{more}"


def _row(container):
    effective = container["effective_limit_bytes"]
    return {
        "container": harmless(title_of(container)),
        "limit": limit_words(container),
        "effective_limit": _size(effective),
        "source": source_words(container),
        "usage": _size(container["usage_bytes"]) if container["pid"] is not None else "-",
        "drift": drift_words({"drift": None, "reload_drift": None, **container}),
    }


def limit_words(container):
    """The container's own limit: a size, ``unlimited``, or ``unknown``; ``-`` where there is nothing to be limited."""
    if container["limit_state"] == "limited":
        return binary_size(container["limit_bytes"])
    return container["limit_state"] or "-"


def source_words(container):
    """Who sets the limit that counts: the container itself, the host, or the path of a cgroup above."""
    source = container["effective_limit_source"]
    if source is None:
        return "unknown" if container["effective_limit_bytes"] is None else "out of sight"
    return "container" if source == container.get("memory_path") else harmless(source, 48)


def _size(size_bytes):
    return "unknown" if size_bytes is None else binary_size(size_bytes)
