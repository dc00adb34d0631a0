# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: binary_size
short_description: Bytes as people say them, in powers of 1024
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Turns a number of bytes into a text with the largest binary unit in which it is at least 1.
options:
  _input:
    description: Bytes.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show the memory of the host as 23.466 GiB
  ansible.builtin.debug:
    msg: "{{ 25196888064 | fathom.containers.binary_size }}"
"""

RETURN = r"""
_value:
  description: The size and its unit.
  type: str
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.fathom.containers.plugins.module_utils.limits.sizes import binary_size


def binary_size_filter(size_bytes):
    try:
        return binary_size(size_bytes)
    except (TypeError, ValueError) as exc:
        raise AnsibleFilterError(f"binary_size takes a number of bytes, not {size_bytes!r}") from exc


class FilterModule:
    def filters(self):
        return {"binary_size": binary_size_filter}
