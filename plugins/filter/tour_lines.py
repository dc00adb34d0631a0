# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
name: tour_lines
short_description: A tour of one container, as text for a terminal
version_added: 0.1.0
description:
  - Tells of one container its image, its processes, what is seen inside, its namespaces and its cgroups, step by step,
    each with what it is, the answer, and where the kernel keeps it.
  - Names that a container chose can't harm a terminal, since control and bidi characters are escaped.
  - The role P(fathom.containers.tour#role) gathers what it takes, and uses it.
positional: host
extends_documentation_fragment: fathom.containers.tour
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
