# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: policy_limits
short_description: What of a policy can be enforced, as limits
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Makes of a policy the O(fathom.containers.container_memory_limit#module:limits) of
    M(fathom.containers.container_memory_limit), an entry for each rule that states C(memory.limit), C(memory.swap) or
    C(memory.reservation), in the order of the rules.
  - The whole policy is validated. An unknown key, a wrong value, a contradiction within a rule or two rules of one name
    are errors that name the rule.
options:
  _input:
    description: The rules, each with a C(name), optional C(match) and C(severity), and checks.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Enforce a policy on one host
  fathom.containers.container_memory_limit:
    limits: "{{ container_policy | fathom.containers.policy_limits }}"
    on_missing: ignore
  vars:
    container_policy:
      - name: no container without a limit
        severity: high
        memory: {limited: true}
      - name: web tier
        match: {containers: ["web-*"], labels: {tier: web}}
        memory: {limit: 256MiB, swap: 0}
"""

RETURN = r"""
_value:
  description: The entries; none where no rule states a size exactly.
  type: list
  elements: dict
"""

from ansible_collections.fathom.containers.plugins.module_utils.policy.limits import limits_of
from ansible_collections.fathom.containers.plugins.module_utils.policy.schema import read_policy
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_filter import limit_filter


def policy_limits(rules):
    return limits_of(read_policy(rules))


class FilterModule:
    def filters(self):
        return {"policy_limits": limit_filter("policy_limits", policy_limits)}
