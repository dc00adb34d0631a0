# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check that a policy can name, and what it takes to judge it. Pure."""

from __future__ import annotations

from . import check_cpu_pids, check_memory, check_mounts, check_namespaces, check_origin, check_security

# By section and check, as schema.CHECKS has them; what only says more about another check is none of its own.
REGISTRY = {
    "memory": check_memory.CHECKS,
    "cpu": check_cpu_pids.CPU,
    "pids": check_cpu_pids.PIDS,
    "namespaces": check_namespaces.CHECKS,
    "security": {**check_security.CHECKS, **check_mounts.CHECKS},
    "cgroup": check_origin.CGROUP,
    "drift": check_origin.DRIFT,
    "engine": check_origin.ENGINE,
    "image": check_origin.IMAGE,
}


def checks_of(rule):
    """[(``section.check``, Check, the values of its section, its own)] of a rule, in the order of the schema."""
    return [
        (f"{section}.{name}", check, rule.checks[section], rule.checks[section][name])
        for section, checks in REGISTRY.items()
        for name, check in checks.items()
        if name in rule.checks.get(section, ())
    ]


def needed_subsets(rules):
    """Those of the facts modules that the rules read."""
    return {subset for rule in rules for _name, check, _values, _wanted in checks_of(rule) for subset in check.subsets}


def forbidden_paths(rules):
    """The paths and globs whose place on the host has to be known."""
    return sorted({path for rule in rules for path in rule.checks.get("security", {}).get("forbidden_mounts", ())})
