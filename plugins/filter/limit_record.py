# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: limit_record
short_description: Who has which memory limits before a change, as a record to go back by
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Keeps, of what M(fathom.containers.container_memory_limit) returned in check mode, the containers that would be
    changed, with their limits before and after. P(fathom.containers.recorded_limits#filter) leads back from it.
positional: written
options:
  _input:
    description:
      - What M(fathom.containers.container_memory_limit) returned, or a dictionary of that by host.
    type: dict
    required: true
  written:
    description: The time, as it is to be in the record.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Write down what is about to be changed
  ansible.builtin.copy:
    content: "{{ {inventory_hostname: planned}
                 | fathom.containers.limit_record(now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ')) | to_nice_json }}"
    dest: /srv/records/memory-limits.json
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The record, to be written as JSON.
  type: dict
"""

from ansible_collections.fathom.containers.plugins.plugin_utils.limit_filter import limit_filter
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_record import make_record


class FilterModule:
    def filters(self):
        return {"limit_record": limit_filter("limit_record", make_record)}
