# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: host_line
short_description: What there is to know of a host of containers in one line
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Makes of the facts that M(fathom.containers.container_cgroup_facts) returns one line on the host, its engines and
    the number of containers.
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
    msg: "{{ ansible_facts.container_cgroups | fathom.containers.host_line }}"
"""

RETURN = r"""
_value:
  description: The line.
  type: str
"""

from ansible_collections.fathom.containers.plugins.plugin_utils.facts_filter import facts_filter
from ansible_collections.fathom.containers.plugins.plugin_utils.table import host_line


class FilterModule:
    def filters(self):
        return {"host_line": facts_filter("host_line", host_line)}
