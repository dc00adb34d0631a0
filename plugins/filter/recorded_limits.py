# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: recorded_limits
short_description: The limits that lead back to what a record has
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Makes of a record that P(fathom.containers.limit_record#filter) made the
    O(fathom.containers.container_memory_limit#module:limits) of M(fathom.containers.container_memory_limit) with which
    the containers of a host have again what they had. Containers are named by their ids.
positional: host, path
options:
  _input:
    description: The record's text.
    type: str
    required: true
  host:
    description: The host's name in the record.
    type: str
    required: true
  path:
    description: Where the text is from, for errors.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Go back
  fathom.containers.container_memory_limit:
    limits: "{{ lookup('ansible.builtin.file', path) | fathom.containers.recorded_limits(inventory_hostname, path) }}"
    on_missing: warn
  vars:
    path: /srv/records/memory-limits.json
"""

RETURN = r"""
_value:
  description: The entries; none where the record has nothing of this host.
  type: list
  elements: dict
"""

from ansible_collections.fathom.containers.plugins.plugin_utils.limit_filter import limit_filter
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_record import recorded_limits


class FilterModule:
    def filters(self):
        return {"recorded_limits": limit_filter("recorded_limits", recorded_limits)}
