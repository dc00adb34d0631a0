# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A filter over the cgroup facts, and what it answers where it is given something else."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError


def facts_filter(name, function):
    """``function(facts)`` as a filter whose errors name the filter and what it takes."""

    def apply(facts):
        try:
            return function(facts)
        except (KeyError, TypeError, AttributeError) as exc:
            raise AnsibleFilterError(
                f"{name} takes ansible_facts.container_cgroups as fathom.containers.container_cgroup_facts returns it, "
                f"but what it was given lacks or mistypes {exc}"
            ) from exc

    return apply
