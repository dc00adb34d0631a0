# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: sharing_picture
short_description: Who shares which namespaces with the host and with each other, as SVG
version_added: 0.1.0
author:
  - The fathom.containers contributors (@fathom-containers)
description:
  - Draws what M(fathom.containers.container_audit) returns of the namespaces on a host. A line stands for a namespace
    that is shared, a dot on it for containers that are in it.
  - Containers that share the same are one row with their number and the first of their names. Sets of containers that
    share among themselves and look alike, as pods of one kind do, are drawn once and counted.
  - The picture is of its own style, follows a light or dark scheme, and tells the same in words to those who do not see
    it. Names can't do harm in it.
positional: name
options:
  _input:
    description: What M(fathom.containers.container_audit) returned, of which C(containers) and C(shared) are drawn.
    type: dict
    required: true
  name:
    description: What the host is called in the title.
    type: str
    default: this host
  prefix:
    description: What the ids in the picture begin with, which have to be its own where a page has several pictures.
    type: str
    default: sharing
  style:
    description: Whether the picture brings its style. A page with several pictures needs it only once.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Audit the containers
  fathom.containers.container_audit:
  register: audited

- name: Keep the picture
  ansible.builtin.copy:
    content: "{{ audited | fathom.containers.sharing_picture(inventory_hostname) }}"
    dest: "/srv/pictures/{{ inventory_hostname }}.svg"
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The picture, a text of one C(svg) element.
  type: str
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.fathom.containers.plugins.plugin_utils.sharing_svg import sharing_svg


def sharing_picture(audited, name="this host", prefix="sharing", style=True):
    try:
        return sharing_svg(audited["containers"], audited["shared"], name, prefix, style)
    except (KeyError, TypeError, AttributeError) as exc:
        raise AnsibleFilterError(
            "sharing_picture takes what fathom.containers.container_audit returns, but what it was given lacks or "
            f"mistypes {exc}"
        ) from exc


class FilterModule:
    def filters(self):
        return {"sharing_picture": sharing_picture}
