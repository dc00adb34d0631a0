# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a policy can be enforced: its rules as entries of the module's ``limits``. Pure."""

from __future__ import annotations

from .sizes import spell_size

ENFORCED = {"limit": "memory", "swap": "swap", "reservation": "reservation"}


def limits_of(rules):
    """Entries, in the order of the rules, for those that state ``limit``, ``swap`` or ``reservation``."""
    entries = []
    for rule in rules:
        memory = rule.checks.get("memory", {})
        sizes = {setting: spell_size(memory[check]) for check, setting in ENFORCED.items() if check in memory}
        if sizes:
            entries.append({"rule": rule.name, **rule.match, **sizes})
    return entries
