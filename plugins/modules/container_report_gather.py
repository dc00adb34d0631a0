#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# What it does is in the action plugin of the same name: it runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_report_gather
short_description: Audit a host for a report
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Runs M(fathom.containers.container_audit) on the host, keeps its answer for
    M(fathom.containers.container_report_write) in a temporary file on the controller, and returns a summary. So
    Ansible does not have to hold the answers of a whole fleet in memory.
  - A host that can't be reached or fails is noted for the report as well.
  - The role P(fathom.containers.audit#role) uses it.
extends_documentation_fragment:
  - fathom.containers.containers
  - fathom.containers.containers.engines
options:
  policy:
    description: As M(fathom.containers.container_audit) takes it.
    type: list
    elements: raw
  packs:
    description: As M(fathom.containers.container_audit) takes it.
    type: list
    elements: str
    choices: [baseline, cis_docker_1_6]
  waivers:
    description: As M(fathom.containers.container_audit) takes it.
    type: list
    elements: raw
    default: []
  include_passed:
    description: As M(fathom.containers.container_audit) takes it.
    type: bool
    default: false
  on_unmatched:
    description: As M(fathom.containers.container_audit) takes it.
    type: str
    choices: [warn, ignore]
    default: warn
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: [The host is not changed in any case.]
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
  platform:
    description: Target OS/families that can be operated against.
    platforms: linux
    support: full
"""

EXAMPLES = r"""
- name: Audit the host
  fathom.containers.container_report_gather:
    packs: [cis_docker_1_6]
  register: audited

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ audited.lines }}"
"""

RETURN = r"""
summary:
  description: That of M(fathom.containers.container_audit).
  type: dict
  returned: success
lines:
  description: The containers as a table, then the rules that fail, for people.
  type: list
  elements: str
  returned: success
"""
