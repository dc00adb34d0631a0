#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_memory_limit
short_description: Set, raise, lower or lift the memory limits of running containers, without hurting one
version_added: 0.1.0
description:
  - Brings the kernel, the container's engine and systemd to the same limits of memory, swap and reservation, for all
    containers of a host in one task.
  - A limit is lowered only as far as the container can bear it. What can be reclaimed is reclaimed before, and a limit
    that would make the kernel kill processes is refused, unless O(below_usage=force).
  - Everything that is set is read back from the kernel and from the engine. What is not as it should be is undone.
  - No container is restarted.
extends_documentation_fragment:
  - fathom.containers.containers
  - fathom.containers.containers.engines
options:
  limits:
    description:
      - What containers are to have. The first entry that fits a container counts for it; what no entry fits is left
        alone.
      - Of O(limits[].memory), O(limits[].swap) and O(limits[].reservation) each entry needs at least one. What it
        leaves out stays as it is.
      - Sizes are as P(ansible.builtin.human_to_bytes#filter) reads them, with V(MiB) for V(MB) as well.
        A number of bytes below 1 MiB needs its unit, V(4096B), since V(64) mostly means something else.
        V(unlimited) lifts a limit.
    type: list
    elements: dict
    required: true
    suboptions:
      containers:
        description:
          - Names, ids, beginnings of ids, or globs over names and ids.
          - Globs, and entries without this, mean containers that run. One that does not run has to be named; then its
            engine notes the limits for its next start.
        type: list
        elements: str
      labels:
        description: Labels that the container has to have. The values may be globs.
        type: dict
      images:
        description: Globs, of which one has to fit the image's name.
        type: list
        elements: str
      engines:
        description: Engines, of which one has to be the container's.
        type: list
        elements: str
        choices: [docker, podman, containerd, crio, lxc, nspawn, unknown]
      states:
        description: The engine's words for states, of which one has to be the container's.
        type: list
        elements: str
      compose_projects:
        description: Globs, of which one has to fit the name of the Compose project that the container belongs to.
        type: list
        elements: str
      memory:
        description: The hard limit of memory.
        type: str
      swap:
        description:
          - The limit of swap alone, as cgroup v2 counts; V(0) for none. What Docker calls memory-swap, which is memory
            and swap together, is computed.
          - Where memory is lifted and this is left out, it is lifted as well, as cgroup v1 and engines can't limit it
            alone.
        type: str
      reservation:
        description: What the kernel leaves to the container when the host runs short; V(0) or V(unlimited) for none.
        type: str
      rule:
        description: A name for the entry, such as that of a policy's rule, for the result.
        type: str
  headroom:
    description:
      - The room that a lowered limit has to leave above what is in use.
      - A share of that, and then at least 32 MiB; or a size.
    type: str
    default: 10%
  below_usage:
    description:
      - What to do where a limit with its headroom is below what the container uses.
      - V(reclaim) frees what can be reclaimed, such as the cache of files, and refuses if that is not enough.
      - V(refuse) reclaims nothing.
      - V(force) sets the limit whatever is in use. The kernel may kill processes of the container.
    type: str
    choices: [reclaim, refuse, force]
    default: reclaim
  persist:
    description:
      - Whether the engine is to note the limits, so that they outlive a restart of the container.
      - Where no engine has the container, the kernel alone is set.
      - A container that is created anew, as Docker Compose and Swarm do it, has again what it is created with.
    type: bool
    default: true
  on_refused:
    description:
      - Whether a container whose limits can't be set makes the task fail or warn. The others are set in either case.
      - A change that was begun and had to be undone always fails.
    type: str
    choices: [fail, warn]
    default: fail
  on_missing:
    description:
      - What to do about a word of O(limits[].containers) without a glob that no container has as its name or id.
      - V(fail) changes nothing then. A fleet's policy names containers of other hosts as well, so roles use V(ignore).
      - A glob that fits no container is a warning, but with V(ignore).
    type: str
    choices: [fail, warn, ignore]
    default: fail
  parallel:
    description: How many containers are changed at the same time, 1 to 64. More than four gained little with Docker.
    type: int
    default: 4
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details:
      - The result is what the run would give. Whether enough can be reclaimed is estimated from what is certain not to
        be reclaimable.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check mode), when in diff mode.
    support: full
  platform:
    description: Target OS/families that can be operated against.
    platforms: linux
    support: full
notes:
  - Containers of Kubernetes are refused, as kubelet writes their limits. So are containers that are paused or without
    a cgroup of their own.
seealso:
  - module: fathom.containers.container_cgroup_facts
"""

EXAMPLES = r"""
- name: Give every web server 256 MiB and no swap
  fathom.containers.container_memory_limit:
    limits:
      - containers: ["web-*"]
        memory: 256MiB
        swap: "0"

- name: Limit by label, and everything else by default
  fathom.containers.container_memory_limit:
    limits:
      - labels: {tier: cache}
        memory: 1GiB
        reservation: 512MiB
      - memory: 512MiB
    on_refused: warn

- name: See what would be done
  fathom.containers.container_memory_limit:
    limits:
      - containers: [db]
        memory: 2GiB
  check_mode: true
  diff: true

- name: Lift the limits of one container
  fathom.containers.container_memory_limit:
    limits:
      - containers: [batch]
        memory: unlimited
"""

RETURN = r"""
containers:
  description: The containers that an entry of O(limits) fits.
  type: list
  elements: dict
  returned: success or a container was refused
  contains:
    id: &text
      description: The engine's full id.
      type: str
      returned: always
      sample: 5f9d3a0c1b2e4d6f8a7c9e0b1d2f3a4c5e6d7f8091a2b3c4d5e6f708192a3b4c
    name:
      description: The engine's name for it; null if only the kernel knows it.
      type: str
      returned: always
      sample: web-1
    engine:
      description: Its engine.
      type: str
      returned: always
      sample: docker
    engine_known:
      description: Whether the engine told about it.
      type: bool
      returned: always
      sample: true
    image:
      description: The image's name as the engine tells it.
      type: str
      returned: always
      sample: nginx:1.27
    state:
      description: The engine's word for its state.
      type: str
      returned: always
      sample: running
    pid:
      description: Its first process, as the host sees it.
      type: int
      returned: always
      sample: 3993
    labels:
      description: Its labels.
      type: dict
      returned: always
      sample: {tier: web}
    nested_in:
      description:
        - Id of the container in whose cgroup this one's lies, mostly because its engine runs in there;
          null for others.
      type: str
      returned: always
      sample: null
    rule:
      description: RV(ignore:rule) of the entry that fits it.
      type: str
      returned: always
      sample: web tier
    status:
      description:
        - V(changed), V(unchanged), V(refused) where nothing was changed, or V(failed) where a change was begun and did
          not come out as planned; RV(containers[].reason) says what is left of it.
      type: str
      returned: always
      sample: changed
    reason:
      description: Why it was refused or failed.
      type: str
      returned: always
      sample: null
    smallest_bytes:
      description: The smallest limit of memory that would have been accepted, where that was the reason.
      type: int
      returned: always
      sample: null
    before: &limits
      description: What was held before. Null where it could not be read.
      type: dict
      returned: always
      contains:
        limit_state:
          description: V(limited), V(unlimited), or V(unknown) where no kernel holds it, as the container does not run.
          type: str
          returned: always
          sample: limited
        limit_bytes:
          description: The limit of memory that the kernel holds; null unless limited.
          type: int
          returned: always
          sample: 268435456
        swap_limit_state:
          description: The same for swap; V(absent) where the kernel has no such limit.
          type: str
          returned: always
          sample: limited
        swap_limit_bytes:
          description: The limit of swap alone.
          type: int
          returned: always
          sample: 0
        reservation_bytes:
          description: The reservation that the kernel holds.
          type: int
          returned: always
          sample: 0
        declared:
          description: What the engine notes, in whole pages; null where it notes nothing or no engine has it.
          type: dict
          returned: always
          contains:
            memory_bytes:
              description: The limit of memory.
              type: int
              returned: always
              sample: 268435456
            memory_swap_bytes:
              description: The limit of memory and swap together; -1 for unlimited swap.
              type: int
              returned: always
              sample: 268435456
            memory_reservation_bytes:
              description: The reservation.
              type: int
              returned: always
              sample: null
    after:
      description: What is held after, in the same shape; in check mode what would be.
      type: dict
      returned: always
      sample:
        limit_state: limited
        limit_bytes: 268435456
        swap_limit_state: limited
        swap_limit_bytes: 0
        reservation_bytes: 0
        declared: {memory_bytes: 268435456, memory_swap_bytes: 268435456, memory_reservation_bytes: null}
    usage_bytes:
      description: What it used before.
      type: int
      returned: always
      sample: 41943040
    working_set_bytes:
      description: That without its inactive file pages.
      type: int
      returned: always
      sample: 33554432
    oom_kills:
      description: How many of its processes the kernel killed for lack of memory during the change.
      type: int
      returned: always
      sample: 0
    steps:
      description: What was done, or would be, in this order.
      type: list
      elements: dict
      returned: always
      contains:
        step:
          description: V(kernel), V(reclaim), V(engine) or V(systemd).
          type: str
          returned: always
          sample: kernel
        target:
          description: The cgroup's directory, the engine's socket, or the unit.
          type: str
          returned: always
          sample: /sys/fs/cgroup/system.slice/docker-5f9d3a0c1b2e.scope
        settings:
          description: What is set to which figure, in bytes or V(unlimited).
          type: dict
          returned: always
          sample: {memory.max: 268435456}
    verified:
      description: Whether all was read back as wanted; null where nothing was changed yet.
      type: bool
      returned: always
      sample: true
    persistent:
      description: Whether the limits outlive a restart of the container; null where it was refused.
      type: bool
      returned: always
      sample: true
    notes:
      description: What else is worth knowing, such as an engine's warnings.
      type: list
      elements: str
      returned: always
      sample: []
idle:
  description: The entries of O(limits) that no container gets.
  type: list
  elements: dict
  returned: success or a container was refused
  contains:
    index:
      description: Its place in O(limits), from 0 on.
      type: int
      returned: always
      sample: 1
    rule:
      description: RV(ignore:rule) of the entry.
      type: str
      returned: always
      sample: web tier
    why:
      description:
        - V(nothing_fits); V(stopped) where what fits it does not run and is not named; or V(earlier_entry) where an
          entry before it fits the same.
      type: str
      returned: always
      sample: stopped
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.fathom.containers.plugins.module_utils.boundary import run
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import ENGINES
from ansible_collections.fathom.containers.plugins.module_utils.limits.batch import set_memory_limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_request
from ansible_collections.fathom.containers.plugins.module_utils.options import shared_options

LIMITS = dict(
    containers=dict(type="list", elements="str"),
    labels=dict(type="dict"),
    images=dict(type="list", elements="str"),
    engines=dict(type="list", elements="str", choices=list(ENGINES)),
    states=dict(type="list", elements="str"),
    compose_projects=dict(type="list", elements="str"),
    memory=dict(type="str"),
    swap=dict(type="str"),
    reservation=dict(type="str"),
    rule=dict(type="str"),
)


def main():
    module = AnsibleModule(
        argument_spec=shared_options(
            limits=dict(type="list", elements="dict", required=True, options=LIMITS),
            headroom=dict(type="str", default="10%"),
            below_usage=dict(type="str", choices=["reclaim", "refuse", "force"], default="reclaim"),
            persist=dict(type="bool", default=True),
            on_refused=dict(type="str", choices=["fail", "warn"], default="fail"),
            on_missing=dict(type="str", choices=["fail", "warn", "ignore"], default="fail"),
            parallel=dict(type="int", default=4),
        ),
        supports_check_mode=True,
    )
    run(
        module,
        lambda params, witnesses: set_memory_limits(
            witnesses, read_request(params), module.check_mode, module.run_command
        ),
    )


if __name__ == "__main__":
    main()
