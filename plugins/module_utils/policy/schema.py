# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy: rules that say which containers they are about (``match``) and what is expected of them. Pure.

The tables tell all keys and kinds of values. What is not in them is an error that names the rule, the key, what is near
it and what is accepted.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple

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
        "no_oom_kills": kinds.truth,
    },
    "cpu": {"limited": kinds.truth, "max": kinds.number(0.0, 65536, "1.5 CPUs")},
    "pids": {"limited": kinds.truth, "max": kinds.number(0, 4194304, "512")},
    "namespaces": {
        "private": kinds.each(_types),
        "shared_with_host": kinds.allowed(_types),
        "allow_shared_with": kinds.texts,
    },
    "security": {
        "no_new_privileges": kinds.truth,
        "seccomp": kinds.truth,
        "capabilities": kinds.allowed(_capability),
        "read_only_root": kinds.truth,
        "forbidden_mounts": kinds.each(kinds.path),
        "user_mapped": kinds.truth,
    },
    "drift": {"none": kinds.truth},
    "engine": {"known": kinds.truth},
    "image": {"allowed": kinds.texts},
}

# Sections that may be given as one word.
_WORDS = {"drift": "none"}
_RULE = {
    "name": kinds.text,
    "severity": kinds.choice(*SEVERITIES),
    "match": kinds.section(MATCH),
    **{section: kinds.section(checks, _WORDS.get(section)) for section, checks in CHECKS.items()},
}

# Checks of which the first may not be above the second.
_ASCENDING = {"memory": (("min", "max"), ("min", "limit"), ("limit", "max"), ("reservation", "limit"))}
# Checks that say that there is a limit, unless it is unlimited.
_LIMITING = {"memory": ("limit", "min", "max"), "cpu": ("max",), "pids": ("max",)}


class Rule(NamedTuple):
    """``match`` as :func:`match.fits` takes it; ``checks`` {section: {check: value}}, as CHECKS names them."""

    name: str
    severity: str
    match: Dict[str, object]
    checks: Dict[str, Dict[str, object]]


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
    return Rule(read["name"], read.get("severity", "medium"), read.get("match", {}), checks)


def _refuse_contradictions(what, section, values, given):
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
