# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy: rules that say which containers they are about (``match``) and what is expected of them. Pure.

The tables tell all keys and kinds of values. What is not in them is an error that names the rule, the key, what is near
it and what is accepted.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional

from ..errors import FathomError
from ..kernel.capabilities import CAPABILITIES
from ..kernel.files import UNLIMITED
from . import kinds
from .match import MATCH
from .shown import shown

SEVERITIES = ("low", "medium", "high", "critical")
NAMESPACES = ("pid", "net", "ipc", "mnt", "uts", "user", "cgroup", "time")

_types = kinds.choice(*NAMESPACES)
_capability = kinds.choice(*CAPABILITIES, prefix="CAP_")

# Section of a rule -> check -> kind of its value.
CHECKS = {
    "memory": {
        "limited": kinds.truth,
        "min": kinds.size,
        "max": kinds.size,
        "limit": kinds.limit,
        "swap": kinds.limit_or_none,
        "reservation": kinds.reservation,
        "usage_below": kinds.percent,
        "no_oom_kills": kinds.demand,
    },
    "cpu": {
        "limited": kinds.truth,
        "max": kinds.number(0.0, 65536, "1.5 CPUs"),
        "prioritised": kinds.demand,
    },
    "pids": {"limited": kinds.truth, "max": kinds.number(0, 4194304, "512")},
    "namespaces": {
        "private": kinds.each(_types),
        "not_shared_with_host": kinds.each(_types),
        "not_shared_with_containers": kinds.each(_types),
        "allow_shared_with": kinds.texts,
        "shared_with_host": kinds.allowed(_types),
    },
    "security": {
        "not_privileged": kinds.demand,
        "no_new_privileges": kinds.demand,
        "seccomp": kinds.demand,
        "apparmor": kinds.demand,
        "selinux": kinds.demand,
        "capabilities": kinds.allowed(_capability),
        "user_mapped": kinds.demand,
        "read_only_root": kinds.demand,
        "forbidden_mounts": kinds.each(kinds.path),
        "private_mounts": kinds.demand,
    },
    "cgroup": {"default_parent": kinds.demand},
    "drift": {"none": kinds.demand, "none_after_reload": kinds.demand},
    "engine": {"known": kinds.demand},
    "image": {"allowed": kinds.texts},
}

# Sections that may be given as one word.
_WORDS = {"drift": "none"}
_RULE = {
    "name": kinds.text,
    "title": kinds.text,
    "severity": kinds.choice(*SEVERITIES),
    "match": kinds.section(MATCH),
    **{section: kinds.section(checks, _WORDS.get(section)) for section, checks in CHECKS.items()},
}

# Checks of which the first may not be above the second.
_ASCENDING = {"memory": (("min", "max"), ("min", "limit"), ("limit", "max"), ("reservation", "limit"))}
# Checks that say that there is a limit, unless it is unlimited.
_LIMITING = {"memory": ("limit", "max"), "cpu": ("max",), "pids": ("max",)}
# What only says more about another check.
_ADDITIONS = {"namespaces": {"allow_shared_with": ("private", "not_shared_with_containers")}}
# Lists that may have nothing in common with that of what is allowed.
_EXCLUSIVE = {"namespaces": {"shared_with_host": ("private", "not_shared_with_host")}}


class Rule(NamedTuple):
    """``match`` as :func:`match.fits` takes it; ``checks`` {section: {check: value}}, as CHECKS names them.

    ``title``: for a reader, the name where there is none. ``pack``: whose rule it is, None for the user's own.
    """

    name: str
    title: str
    severity: str
    match: Dict[str, object]
    checks: Dict[str, Dict[str, object]]
    pack: Optional[str] = None


def read_policy(rules, what="the policy") -> List[Rule]:
    """Rules as YAML gives them; FathomError for the first mistake, ``what`` says where the rules come from."""
    if not isinstance(rules, (list, tuple)):
        raise FathomError(f"{what} is {shown(rules)}, expected a list of rules, each with a name and checks")
    if not rules:
        raise FathomError(
            f"{what} has no rules; give at least one, with a name and checks such as memory: {{max: 2GiB}}"
        )
    read: Dict[str, Rule] = {}
    for number, given in enumerate(rules, 1):
        rule = _read_rule(f"rule {number}", given)
        if rule.name in read:
            raise FathomError(f"{what} has two rules of the name {shown(rule.name)}; give each a name of its own")
        read[rule.name] = rule
    return list(read.values())


def _read_rule(what, given):
    if isinstance(given, dict) and isinstance(given.get("name"), str) and given["name"].strip():
        what = f"rule {shown(given['name'])}"
    read = kinds.keys(what, given, _RULE, separator=": ")
    if "name" not in read:
        raise FathomError(f"{what} has no name; give it one, since findings and errors are told by it")
    checks = {section: read[section] for section in CHECKS if section in read}
    if not checks:
        raise FathomError(f"{what} checks nothing; give it at least one of {', '.join(CHECKS)}")
    for section, values in checks.items():
        _refuse_contradictions(f"{what}: {section}", section, values, given[section])
    title = read.get("title", read["name"])
    return Rule(read["name"], title, read.get("severity", "medium"), read.get("match", {}), checks)


def _refuse_contradictions(what, section, values, given):
    for addition, others in _ADDITIONS.get(section, {}).items():
        if addition in values and not any(other in values for other in others):
            raise FathomError(f"{what}.{addition} says nothing without {' or '.join(others)}; give that as well")
    for allowed, others in _EXCLUSIVE.get(section, {}).items():
        for other in others:
            both = [one for one in values.get(allowed, ()) if one in values.get(other, ())]
            if both:
                raise FathomError(f"{what}.{allowed} allows {', '.join(both)}, and {other} does not; leave one out")
    for lower, upper in _ASCENDING.get(section, ()):
        if lower in values and upper in values and values[lower] > values[upper]:
            raise FathomError(
                f"{what}.{lower} is {shown(given[lower])}, above {upper}, {shown(given[upper])}; "
                "no container can have both"
            )
    limited = values.get("limited")
    for check in _LIMITING.get(section, ()) if limited is not None else ():
        if check in values and (values[check] != UNLIMITED) != limited:
            raise FathomError(
                f"{what}.limited is {shown(given['limited'])}, but {check} is {shown(given[check])}; "
                "leave one of them out"
            )
