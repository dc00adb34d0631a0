# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the filters of the tour take."""

    DOCUMENTATION = r"""
author:
  - The fathom.containers contributors (@fathom-containers)
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
