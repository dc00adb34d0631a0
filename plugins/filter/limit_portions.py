# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: limit_portions
short_description: The containers whose limits are to be set, in portions
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Divides the containers that M(fathom.containers.container_memory_limit) would change, by its result in check mode,
    into portions for a loop, so that a long run shows how far it is.
positional: size
options:
  _input:
    description: What M(fathom.containers.container_memory_limit) returned in check mode.
    type: dict
    required: true
  size:
    description: Containers in a portion.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Set limits, 50 containers at a time
  fathom.containers.container_memory_limit:
    limits: "{{ limits }}"
    containers: "{{ item.containers }}"
  loop: "{{ planned | fathom.containers.limit_portions(50) }}"
  loop_control:
    label: "{{ item.label }}"
"""

RETURN = r"""
_value:
  description:
    - A dictionary for each portion with a RV(ignore:label), as V(1 to 50 of 120), and RV(ignore:containers), globs of
      which each fits the id of one container.
  type: list
  elements: dict
"""

from ansible_collections.fathom.containers.plugins.plugin_utils.limit_filter import limit_filter
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_portions import portions


class FilterModule:
    def filters(self):
        return {"limit_portions": limit_filter("limit_portions", portions)}
