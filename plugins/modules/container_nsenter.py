#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_nsenter
short_description: Run a program in some of the namespaces of a container
version_added: 0.1.0
description:
  - Runs one program in chosen namespaces of one container, and in the host's namespaces of all other types, as
    C(nsenter --target PID) does. Entering only V(net) looks at the container's network with the host's own tools,
    which need not be in the container.
  - The program is the host's own, unless V(mnt) is entered.
  - It runs as the remote user, in the host's cgroup, with the host's capabilities and environment; what confines the
    container does not confine it. With V(user), it runs as root of the container's user namespace.
  - No shell is involved, C(nsenter) is not needed, and the program has no standard input.
extends_documentation_fragment:
  - fathom.containers.containers.engines
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: partial
    details: [In check mode the container and its namespaces are looked up, nothing is run, and the task is skipped.]
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
  platform:
    description: Target OS/families that can be operated against.
    platforms: linux
    support: full
options:
  container:
    description:
      - The container by its name, its id, the beginning of its id, or a glob that fits no other. It has to run.
    type: str
    required: true
  namespaces:
    description:
      - The types of namespaces to enter.
      - With V(mnt) the program and all that it loads come from the container, and run with all the rights of the remote
        user on the host. Enter it only for a container that you trust as much as the host.
      - Entering V(pid) alone leaves the host's C(/proc) in place, in which C(ps) finds the host's processes. Add V(mnt)
        for a look at the container's own.
      - The order of the list does not matter.
    type: list
    elements: str
    choices: [pid, net, ipc, mnt, uts, user, cgroup, time]
    required: true
  argv:
    description:
      - The program and its arguments.
      - A program without a slash in its name is searched in C(PATH) and in the usual directories.
    type: list
    elements: str
    required: true
  chdir:
    description:
      - The directory to run it in, as seen from the entered namespaces.
      - By default the module's own, or C(/) with V(mnt).
    type: str
  timeout:
    description:
      - Seconds that the program may take. Then it is killed with all processes of its process group, and the task fails
        with what it had written.
    type: float
    default: 60
  strip_empty_ends:
    description: Strip line ends from the end of RV(stdout) and RV(stderr).
    type: bool
    default: true
notes:
  - A program can change something, so the task is always V(changed). Say C(changed_when=false) of one that only looks.
  - The task fails when the program ends with another status than 0. Say C(failed_when) to judge it otherwise.
seealso:
  - module: fathom.containers.container_namespace_facts
  - module: community.docker.docker_container_exec
    description: Runs a program as the container's engine would, with all that confines the container.
  - name: nsenter(1)
    description: The command that does the same for one host.
    link: https://man7.org/linux/man-pages/man1/nsenter.1.html
"""

EXAMPLES = r"""
- name: Ask a container's network for its routes, with the host's ip
  fathom.containers.container_nsenter:
    container: web
    namespaces: [net]
    argv: [ip, -json, route]
  changed_when: false
  register: routes

- name: Show them
  ansible.builtin.debug:
    msg: "{{ routes.stdout | from_json }}"

- name: Take on the hostname of a container, and nothing else of it
  fathom.containers.container_nsenter:
    container: 66df9337ad51
    namespaces: [uts]
    argv: [hostname]
  changed_when: false

- name: List the processes that a container sees, with its own ps
  fathom.containers.container_nsenter:
    container: web
    namespaces: [pid, mnt]
    argv: [ps]
    chdir: /tmp
    timeout: 5
  changed_when: false
"""

RETURN = r"""
rc:
  description: Exit status of the program; negative for the signal that ended it, null if it did not end in time.
  returned: if it was run
  type: int
  sample: 0
stdout:
  description:
    - What it wrote to standard output, 1 MiB at most. Bytes that are no UTF-8 come as C(\xNN).
  returned: if it was run
  type: str
  sample: 66df9337ad51
stderr:
  description: What it wrote to standard error, in the same way.
  returned: if it was run
  type: str
  sample: ""
stdout_base64:
  description: All bytes of it as they were, in base64.
  returned: if RV(stdout) has bytes that are no UTF-8
  type: str
  sample: //4=
stderr_base64:
  description: All bytes of it as they were, in base64.
  returned: if RV(stderr) has bytes that are no UTF-8
  type: str
  sample: //4=
stdout_truncated:
  description: Whether it wrote more than was kept.
  returned: if it was run
  type: bool
  sample: false
stderr_truncated:
  description: Whether it wrote more than was kept.
  returned: if it was run
  type: bool
  sample: false
pid:
  description: PID of the container's init as the host sees it, whose namespaces were entered.
  returned: success
  type: int
  sample: 3993
namespaces:
  description: The types of namespaces that were entered, in the order of entry.
  returned: success
  type: list
  elements: str
  sample: [uts]
already_in:
  description: Those of O(namespaces) that the container shares with the module, so that there was nothing to enter.
  returned: success
  type: list
  elements: str
  sample: []
argv:
  description: What was run.
  returned: success
  type: list
  elements: str
  sample: [hostname]
container:
  description: The record of the container, as in M(fathom.containers.container_namespace_facts).
  returned: success
  type: dict
  contains:
    id:
      description: The engine's full id; the name for LXC and nspawn.
      type: str
      returned: success
      sample: 66df9337ad51dd25ed8befe778bfe19698df8636a3fbfb45c4257899d93d9a86
    name:
      description: Name; null if only the kernel knows the container.
      type: str
      returned: success
      sample: beautiful_williamson
    engine:
      description: V(docker), V(podman), V(containerd), V(crio), V(lxc), V(nspawn) or V(unknown).
      type: str
      returned: success
      sample: docker
    engine_known:
      description: Whether a reachable engine knows the container. If not, the kernel alone speaks for it.
      type: bool
      returned: success
      sample: true
    image:
      description: The image as the engine names it; null if no engine does.
      type: str
      returned: success
      sample: ccarmelo/goweb:latest
    state:
      description: State as the engine tells it; V(running) if only the kernel knows the container.
      type: str
      returned: success
      sample: running
    pid:
      description: PID of the container's init as the host sees it.
      type: int
      returned: success
      sample: 3993
    labels:
      description: The container's labels.
      type: dict
      returned: success
      sample: {tier: web}
    nested_in:
      description:
        - Id of the container in whose cgroup this one's lies, mostly because its engine runs in there;
          null for others.
      type: str
      returned: success
      sample: null
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.fathom.containers.plugins.module_utils.boundary import run
from ansible_collections.fathom.containers.plugins.module_utils.enter.nsenter import nsenter
from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import TYPES
from ansible_collections.fathom.containers.plugins.module_utils.options import engine_options


def main():
    module = AnsibleModule(
        argument_spec=engine_options(
            container=dict(type="str", required=True),
            namespaces=dict(type="list", elements="str", choices=list(TYPES), required=True),
            argv=dict(type="list", elements="str", required=True),
            chdir=dict(type="str"),
            timeout=dict(type="float", default=60),
            strip_empty_ends=dict(type="bool", default=True),
        ),
        supports_check_mode=True,
    )
    run(module, lambda params, witnesses: nsenter(params, witnesses, module.check_mode))


if __name__ == "__main__":
    main()
