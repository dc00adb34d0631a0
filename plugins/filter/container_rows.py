# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: container_rows
short_description: The cgroup facts of a host as rows for a report
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Makes of the facts that M(fathom.containers.container_cgroup_facts) returns the texts of a table's rows, by
    container.
  - Names that a container chose can't harm a terminal, since control and bidi characters are escaped.
options:
  _input:
    description: The facts C(container_cgroups).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Gather the facts of all running containers
  fathom.containers.container_cgroup_facts:

- name: Show them
  ansible.builtin.debug:
    msg: "{{ ansible_facts.container_cgroups | fathom.containers.container_rows }}"
"""

RETURN = r"""
_value:
  description:
    - A dictionary for each container with the texts RV(ignore:container), RV(ignore:limit),
      RV(ignore:effective_limit), RV(ignore:source), RV(ignore:usage) and RV(ignore:drift), the number
      RV(ignore:used_percent) and whether it has RV(ignore:drifted).
  type: list
  elements: dict
"""

from ansible_collections.fathom.containers.plugins.plugin_utils.facts_filter import facts_filter
from ansible_collections.fathom.containers.plugins.plugin_utils.table import container_rows


class FilterModule:
    def filters(self):
        return {"container_rows": facts_filter("container_rows", container_rows)}
