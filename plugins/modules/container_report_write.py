#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# What it does is in the action plugin of the same name: it runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_report_write
short_description: Write the report of an audit
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Makes C(audit.html), C(audit.json), C(audit.csv), C(audit.junit.xml) and a file for each host in C(audit.prom) of
    what M(fathom.containers.container_report_gather) gathered in this run, and of the C(audit.json) that is there.
  - Runs on the controller. The role P(fathom.containers.audit#role) uses it.
options:
  path:
    description: Directory on the controller for the report, which has to be there.
    type: path
    required: true
  role:
    description: The folder of the role P(fathom.containers.audit#role), which has the parts of the page.
    type: path
    required: true
  hosts:
    description: All hosts of the play.
    type: list
    elements: str
    required: true
  lost:
    description: Those that are lost to the play. One of which nothing was gathered is in the report as lost.
    type: list
    elements: str
    default: []
  keep:
    description:
      - Which hosts that this run did not ask stay in the report as they were; all of them, those that are in the
        inventory, or none.
    type: str
    choices: [all, inventory, none]
    default: all
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: [Nothing is written then.]
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
  platform:
    description: Target OS/families that can be operated against.
    platforms: posix
    support: full
"""

EXAMPLES = r"""
- name: Write the report
  fathom.containers.container_report_write:
    path: /srv/reports/containers
    role: "{{ role_path }}"
    hosts: "{{ ansible_play_hosts_all }}"
    lost: "{{ ansible_play_hosts_all | difference(ansible_play_hosts) }}"
  run_once: true
"""

RETURN = r"""
path:
  description: The page.
  type: str
  returned: success, but in check mode
msg:
  description:
    - What the run came to, for people.
    - A text of lines; a list of them where Ansible shows results as JSON.
  type: raw
  returned: success
"""
