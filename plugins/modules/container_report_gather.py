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
    M(fathom.containers.container_report_write) in a temporary file on the controller, and shows what was found. So
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
  fail_on:
    description: The severity of a check that is not to fail here, nor one that is worse; RV(failing) tells.
    type: str
    choices: [none, low, medium, high, critical]
    default: none
  fail_on_unknown:
    description: Whether a check that can't be told is as one that fails to O(fail_on).
    type: bool
    default: false
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
    fail_on: high
  register: audited

- name: Stop where something serious was found
  ansible.builtin.assert:
    that: audited.failing is not defined
    fail_msg: "{{ audited.failing | default('') }}"
"""

RETURN = r"""
msg:
  description:
    - The containers as a table, then the rules that fail, for people.
    - A text of lines; a list of them where Ansible shows results as JSON.
  type: raw
  returned: success
failing:
  description: How many checks fail that O(fail_on) is about, for people.
  type: str
  returned: where there are such
  sample: >-
    checks that failed with severity high or worse: 3, of 5.5 Not privileged; mend or waive them, or let audit_fail_on:
    none end a run without an error for that
"""
