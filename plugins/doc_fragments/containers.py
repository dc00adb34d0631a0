# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options and attributes that modules of the collection have in common."""

    DOCUMENTATION = r"""
options:
  containers:
    description:
      - Which containers, each by its name, its id, the beginning of its id (four digits or more), or a glob over names
        and ids.
      - By default all that run. Containers that do not run are only found when they are asked for here.
      - A word without a glob that matches nothing, or the beginning of several ids, is an error. A glob that matches
        nothing is a warning.
    type: list
    elements: str
"""

    ENGINES = r"""
options:
  engines:
    description:
      - Take only containers of these engines, and ask no other engine.
      - V(unknown) are containers that the kernel runs and whose engine can't be told.
      - By default all containers, and every engine that is found.
    type: list
    elements: str
    choices: [docker, podman, containerd, crio, lxc, nspawn, unknown]
  docker_socket:
    description: The local socket of Docker's API, a path; a leading C(unix://) is taken as well.
    type: str
    default: /var/run/docker.sock
  podman_socket:
    description:
      - The local socket of root's Podman service. Those of users' own services are found in C(/run/user).
      - Where no service runs, which is usual, names and images come from Podman's storage, and what it declares is
        not known.
    type: str
    default: /run/podman/podman.sock
  engine_timeout:
    description:
      - Seconds that one engine may take for all that it is asked.
      - An engine that needs longer, is down or answers nonsense costs a warning; the kernel's facts still come.
    type: float
    default: 10
notes:
  - The remote user needs to be root to see everything. Without root, what can't be read is null and is named in
    RV(ignore:unreadable) with the reason.
  - Nothing has to be installed on the host but Python 3.8 or later. The engine's command line is not used.
author:
  - The fathom.containers contributors (@fathom-containers)
"""

    FACTS = r"""
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: [The module never changes anything.]
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: N/A
    details: [The module never changes anything.]
  facts:
    description: Action returns an RV(ignore:ansible_facts) dictionary that updates existing host facts.
    support: full
  platform:
    description: Target OS/families that can be operated against.
    platforms: linux
    support: full
"""
