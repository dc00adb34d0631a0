# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
name: tour_page
short_description: A tour of one container, as one HTML page with pictures
version_added: 0.1.0
description:
  - Tells the same as P(fathom.containers.tour_lines#filter), with the layers and the memory to scale and the namespaces
    as nested boxes.
  - The page fetches nothing, runs no program, follows a light or dark scheme, and is told in words to those who do not
    see it. Names can't do harm in it.
  - The role P(fathom.containers.tour#role) gathers what it takes, and uses it.
positional: host, role
extends_documentation_fragment: fathom.containers.tour
options:
  role:
    description: The folder of the role P(fathom.containers.tour#role), which has the template and style of the page.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Keep the tour
  ansible.builtin.copy:
    content: "{{ tour_gathered | fathom.containers.tour_page(inventory_hostname, role_path) }}"
    dest: /srv/tours/web.html
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.gathered import Gathered
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.page import tour_page as page_of


def tour_page(gathered, host, role):
    try:
        return page_of(Gathered(gathered, host, gathered["time"]), role)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise AnsibleFilterError(
            "tour_page takes what the role fathom.containers.tour gathers of one container, but what it was given "
            f"lacks or mistypes {exc}"
        ) from exc


class FilterModule:
    def filters(self):
        return {"tour_page": tour_page}
