# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to become of memory limits, or became of them, as a table over a fleet. Pure."""

from __future__ import annotations

from ..module_utils.limits.sizes import binary_size
from .limit_results import by_host, containers_of, failure_of, key_of, sizes_of, title_of
from .text import harmless

HEADINGS = {
    "host": "HOST",
    "container": "CONTAINER",
    "rule": "RULE",
    "memory": "MEMORY",
    "swap": "SWAP",
    "reservation": "RESERVATION",
    "status": "STATUS",
    "reason": "REASON",
}
# Columns that are left out where no row has anything to say in them.
_OPTIONAL = ("host", "rule", "reservation", "reason")
_WORDS = {
    "changed": "set",
    "unchanged": "as wanted",
    "refused": "refused",
    "failed": "failed",
    "waiting": "not begun",
    "unknown": "not known",
}
_LONGEST_REASON = 240
# Why a rule has no container; of what several hosts say of it, the last counts.
_IDLE = {
    "nothing_fits": "nothing fits it",
    "stopped": "what fits it does not run; one that does not is meant by its own name or id alone",
    "earlier_entry": "an earlier rule takes what fits it",
}


def limit_lines(results, planned=None, check_mode=False, limits=None):
    """A line of counts, a row for each container that is or was not as wanted, and lines on lost hosts and idle rules.

    ``results`` and ``planned``: a result, or {host: result}. ``planned`` is the plan that came before: what of it is
    not in the results was refused by then, or not begun. ``limits``: the entries in force, {host: entries} or one
    list, to tell of the rules that no container has.
    """
    told, plans = by_host(results), by_host(planned or {})
    words = dict(_WORDS, changed="to be set") if check_mode else _WORDS
    statuses, rows, lost = [], [], []
    for host in sorted(dict(plans, **told)):
        plan, result = plans.get(host, {}), told.get(host, {})
        merged = _merged(plan, result)
        statuses += [status for status, _container in merged]
        rows += [_row(host, status, one, words) for status, one in merged if status != "unchanged"]
        failure = failure_of(result) or failure_of(plan)
        if failure is not None:
            lost.append(f"{harmless(host or 'failed')}: {harmless(failure, _LONGEST_REASON)}")
    lines = [_summary(statuses, words, len(lost))]
    if rows:
        lines += _table(rows)
    # A lost host could have had the container.
    return lines + lost + ([] if lost else _idle_rules(limits or [], dict(plans, **told)))


def _merged(plan, result):
    """(status, container) pairs by title: the result's word on each container, the plan's where it has none."""
    merged = {}
    # A host that was lost in the middle may have set some.
    unset = "waiting" if failure_of(result) is None else "unknown"
    for container in containers_of(plan):
        status = unset if container["status"] == "changed" else container["status"]
        merged[key_of(container)] = status, container
    for container in containers_of(result):
        merged[key_of(container)] = container["status"], container
    return sorted(merged.values(), key=lambda pair: (title_of(pair[1]), pair[1]["id"]))


def _row(host, status, container, words):
    before = sizes_of(container["before"])
    # What was not done did not change anything.
    after = sizes_of(container["after"]) if status in ("changed", "waiting", "unknown") else before
    return {
        "host": harmless(host),
        "container": harmless(title_of(container)),
        "rule": harmless(container["rule"] or ""),
        "memory": _change(before["memory"], after["memory"]),
        "swap": _change(before["swap"], after["swap"]),
        "reservation": ""
        if before["reservation"] == after["reservation"]
        else _change(before["reservation"] or "none", after["reservation"] or "none"),
        "status": words[status],
        "reason": harmless("; ".join(_reasons(container)), _LONGEST_REASON),
    }


def _reasons(container):
    texts = [container["reason"]] if container["reason"] else []
    smallest = container["smallest_bytes"]
    if smallest is not None and binary_size(smallest) not in "".join(texts):
        texts.append(f"the smallest limit is {binary_size(smallest)}")
    steps = [step["step"] for step in container["steps"]]
    if "reclaim" in steps:
        texts.append("what can be reclaimed is reclaimed before")
    if steps and "kernel" not in steps:
        told = {"engine": container["engine"], "systemd": "systemd"}
        texts.append("told only to " + " and ".join(told[step] for step in told if step in steps))
    return texts + list(container["notes"])


def _change(before, after):
    texts = [size if isinstance(size, str) else binary_size(size) for size in (before, after)]
    return texts[0] if texts[0] == texts[1] else " -> ".join(texts)


def _summary(statuses, words, lost):
    counts = [f"{statuses.count(status)} {word}" for status, word in words.items() if status in statuses]
    text = ", ".join(counts) if counts else "no container has a limit to be set"
    return text + (f"; {lost} host{'s' if lost > 1 else ''} lost" if lost else "")


def _table(rows):
    columns = [name for name in HEADINGS if name not in _OPTIONAL or any(row[name] for row in rows)]
    rows = [HEADINGS, *rows]
    widths = {column: max(len(row[column]) for row in rows) for column in columns}
    return ["  ".join(row[column].ljust(widths[column]) for column in columns).rstrip() for row in rows]


def _idle_rules(limits, told):
    """Rules that no container of any host has, each by its first mention."""
    lists = limits.values() if isinstance(limits, dict) else [limits]
    rules = list(dict.fromkeys(entry["rule"] for entries in lists for entry in entries if entry.get("rule")))
    used = {container["rule"] for result in told.values() for container in containers_of(result)}
    why = {rule: [] for rule in rules}
    for result in told.values():
        for one in result.get("idle") or ():
            why.setdefault(one["rule"], []).append(one["why"])
    return [
        f"no container for the rule '{harmless(rule)}': "
        + _IDLE[max(why[rule], default="nothing_fits", key=list(_IDLE).index)]
        for rule in rules
        if rule not in used
    ]
