#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# What it does is in the action plugin of the same name: it runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_report_check
short_description: Refuse an audit that could not be judged or reported, before any host is asked
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Reads the policy, the names of packs, the waivers and the other options of a host as
    M(fathom.containers.container_audit) will, makes the directory of the report, and fails for the first mistake.
  - Warns of variables that look like misspelt ones of the role.
  - Runs on the controller. The role P(fathom.containers.audit#role) begins with it.
extends_documentation_fragment:
  - fathom.containers.containers
  - fathom.containers.containers.engines
options:
  path:
    description: Directory on the controller for the report.
    type: raw
    required: true
  policy:
    description:
      - The rules, as M(fathom.containers.container_audit) takes them.
      - What is no list, or is empty, is an error that says what was expected.
    type: raw
  packs:
    description: The packs, as M(fathom.containers.container_audit) takes them.
    type: list
    elements: str
  waivers:
    description: The waivers, as M(fathom.containers.container_audit) takes them.
    type: raw
    default: []
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: [The directory is not made then.]
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
  platform:
    description: Target OS/families that can be operated against.
    platforms: posix
    support: full
"""

EXAMPLES = r"""
- name: Refuse what could not be judged or reported
  fathom.containers.container_report_check:
    path: /srv/reports/containers
    policy: "{{ container_policy }}"
  any_errors_fatal: true
"""

RETURN = r"""
# Nothing.
"""
