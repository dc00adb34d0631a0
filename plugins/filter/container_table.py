# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: container_table
short_description: The cgroup facts of a host as a table for people
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Makes of the facts that M(fathom.containers.container_cgroup_facts) returns a line for the host and a table with a
    row for each container.
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
    msg: "{{ ansible_facts.container_cgroups | fathom.containers.container_table }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from ansible_collections.fathom.containers.plugins.plugin_utils.facts_filter import facts_filter
from ansible_collections.fathom.containers.plugins.plugin_utils.table import table_lines


class FilterModule:
    def filters(self):
        return {"container_table": facts_filter("container_table", table_lines)}
