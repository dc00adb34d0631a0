# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role, and what looks like a misspelt one of them. Pure.

Ansible takes any variable: a gate that nobody closes because of a letter says nothing of it.
"""

from __future__ import annotations

import difflib

from ...module_utils.policy.shown import shown

PREFIX = "audit_"
VARIABLES = (
    *("audit_report_dir", "audit_policy", "audit_packs", "audit_waivers", "audit_fail_on", "audit_fail_on_unknown"),
    *("audit_keep", "audit_containers", "audit_engines", "audit_docker_socket", "audit_podman_socket"),
    "audit_engine_timeout",
)
# What the role itself sets.
_OWN = ("audit_rules", "audit_gathered", "audit_report")
_NEAR = 0.85


def misspelt(names):
    """A warning for each of the names that is none of the role's, and is near one."""
    unknown = [name for name in names if name.startswith(PREFIX) and name not in VARIABLES and name not in _OWN]
    meant = ((name, difflib.get_close_matches(name, VARIABLES, 1, _NEAR)) for name in sorted(unknown))
    return [f"the role has no variable {shown(name)}; is {near[0]} meant?" for name, near in meant if near]
