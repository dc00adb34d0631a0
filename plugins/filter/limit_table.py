# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: limit_table
short_description: Memory limits that are to be set, or were set, as a table for people
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Makes of what M(fathom.containers.container_memory_limit) returned, on one host or many, a line that counts, and a
    table of the containers that were not as wanted before, with the limits before and after and what happens.
  - Names that a container chose can't harm a terminal, since control and bidi characters are escaped.
positional: planned
options:
  _input:
    description:
      - What M(fathom.containers.container_memory_limit) returned, or a dictionary of that by host.
      - The result of a task with a loop is taken as well, and nothing for a host that was not begun.
    type: dict
    required: true
  planned:
    description:
      - The result of check mode that came before, in the same shape. Containers that were refused by then are in the
        table with that, and those that the input does not have as not begun.
    type: dict
  check_mode:
    description: Whether the input is of check mode, so that nothing was set yet.
    type: bool
    default: false
  limits:
    description:
      - The limits that were asked for, as a list or a dictionary of lists by host, with their C(rule).
      - The table ends with the rules that no container has. Where a host was lost they are left out.
    type: raw
"""

EXAMPLES = r"""
- name: See what would be set
  fathom.containers.container_memory_limit:
    limits: "{{ container_policy | fathom.containers.policy_limits }}"
    on_refused: warn
    on_missing: ignore
  check_mode: true
  register: planned

- name: Show it
  ansible.builtin.debug:
    msg: "{{ planned | fathom.containers.limit_table(check_mode=true) }}"

- name: Show it for all hosts in one table
  ansible.builtin.debug:
    msg: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'planned')))
             | fathom.containers.limit_table(check_mode=true) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from ansible_collections.fathom.containers.plugins.plugin_utils.limit_filter import limit_filter
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_table import limit_lines


class FilterModule:
    def filters(self):
        return {"limit_table": limit_filter("limit_table", limit_lines)}
