# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_audit: options in, the answer out."""

from __future__ import annotations

import datetime as dt
import time

from . import once_compiled  # noqa: F401  # pylint: disable=unused-import
from .containers.audit_facts import gather_audit_facts
from .policy.checks import forbidden_paths, needed_subsets
from .policy.judge import judge
from .policy.packs import with_packs
from .policy.schema import read_policy
from .policy.verdict import names
from .policy.waivers import read_waivers

# Judged where neither a policy nor a pack is given.
DEFAULT_PACKS = ("baseline",)

_OF_HOST = ("namespaces", "capabilities", "mounts_known", "pid_max", "real_paths")
_OF_CONTAINER = ("id", "name", "engine", "engine_known", "image", "state", "pid", "nested_in")
_OF_MEMORY = (
    *("usage_bytes", "working_set_bytes", "limit_state", "limit_bytes"),
    *("effective_limit_bytes", "effective_limit_source"),
)


def audit(params, witnesses, root="/"):
    """(The module's answer, warnings). Raises FathomError for a mistake in the policy before anything is read."""
    packs = params["packs"] or (DEFAULT_PACKS if params["policy"] is None else ())
    own = [] if params["policy"] is None else read_policy(params["policy"])
    rules, not_judged = with_packs(own, packs)
    waivers = read_waivers(params["waivers"])
    facts, warnings = gather_audit_facts(
        witnesses, params["containers"], params["engines"], needed_subsets(rules), forbidden_paths(rules), root
    )
    today = dt.date(*time.gmtime()[:3])
    judged = judge(rules, waivers, facts["containers"], facts["host"], today, params["include_passed"])
    answer = {
        "summary": judged.summary,
        "findings": judged.findings,
        "selection": {"containers": params["containers"], "engines": params["engines"]},
        "containers": [_row(record, found) for record, found in zip(facts["containers"], judged.containers)],
        "shared": facts["shared"],
        "waivers": judged.waivers,
        "unmatched": judged.unmatched,
        "not_judged": not_judged,
        "packs": list(packs),
        "host": {key: value for key, value in facts["host"].items() if key not in _OF_HOST},
        "audited_on": today.isoformat(),
    }
    return answer, warnings + _warnings(judged, own, today, params["on_unmatched"] == "warn")


def _row(record, found):
    memory = record.get("memory") or {}
    return {
        **{key: record[key] for key in _OF_CONTAINER},
        **{key: memory.get(key) for key in _OF_MEMORY},
        "memory_path": memory.get("path"),
        "drift": record.get("drift"),
        "reload_drift": record.get("reload_drift"),
        **found,
        "shared": _shared(record["namespaces"]),
    }


def _shared(namespaces):
    """{type: "host", the names of the others, or None where it is not known}, without those of its own."""
    shared = {}
    for kind, one in namespaces.items():
        with_host, others = one["shared_with_host"], one["shared_with"]
        if with_host:
            shared[kind] = "host"
        elif others:
            shared[kind] = others
        elif with_host is None or others is None:
            shared[kind] = None
    return shared


def _warnings(judged, own, today, of_unmatched):
    """Of waivers that do not hold, and, where they are asked for, of rules and waivers that are about nothing here."""
    warnings = []
    for waiver in judged.waivers:
        rule = f"the waiver of the rule {waiver['rule']!a} for {names(map(ascii, waiver['containers']))}"
        if waiver["status"] == "unknown_rule":
            warnings.append(f"{rule} is for none that is judged: no rule has that name")
        elif waiver["status"] == "expired":
            warnings.append(f"{rule} has expired on {waiver['expires']}, and is none any more (today is {today})")
        elif waiver["status"] == "unused" and of_unmatched:
            warnings.append(f"{rule} waives nothing here")
    if of_unmatched:
        mine = {rule.name for rule in own}
        warnings += [f"the rule {name!a} is about no container here" for name in judged.unmatched if name in mine]
    return warnings
