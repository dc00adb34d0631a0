# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
name: tour_lines
short_description: A tour of one container, as text for a terminal
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Tells of one container its image, its processes, what is seen inside, its namespaces and its cgroups, step by step,
    each with what it is, the answer, and where the kernel keeps it.
  - Names that a container chose can't harm a terminal, since control and bidi characters are escaped.
  - The role P(fathom.containers.tour#role) gathers what it takes, and uses it.
positional: host
options:
  _input:
    description:
      - What was registered of one container. C(cgroups), C(namespaces) and C(images) are results of the modules of
        facts, C(root) one of M(ansible.builtin.find) over its root directory, C(uts) and C(net) lists of results of
        M(fathom.containers.container_nsenter), and C(time) is when that was, in UTC.
    type: dict
    required: true
  host:
    description: What the host is called.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the tour
  ansible.builtin.debug:
    msg: "{{ tour_gathered | fathom.containers.tour_lines(inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.gathered import Gathered
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.terminal import tour_lines as lines_of


def tour_lines(gathered, host):
    try:
        return lines_of(Gathered(gathered, host, gathered["time"]))
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise AnsibleFilterError(
            "tour_lines takes what the role fathom.containers.tour gathers of one container, but what it was given "
            f"lacks or mistypes {exc}"
        ) from exc


class FilterModule:
    def filters(self):
        return {"tour_lines": tour_lines}
