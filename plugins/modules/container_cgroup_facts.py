#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_cgroup_facts
short_description: What the kernel enforces for every container of a host, and where the engine says otherwise
version_added: 0.1.0
description:
  - Reads, for all containers of a host in one task, the cgroup limits and figures that the Linux kernel has for them,
    on cgroup v1, v2 and hybrid hosts.
  - Sets beside them what the container engine declares, and names each difference as drift.
  - Finds the limit that counts among those of a container's cgroup and all the cgroups above it.
  - Containers are found in the kernel. One that no engine lists is reported as well, and an engine that does not
    answer costs a warning only.
extends_documentation_fragment:
  - fathom.containers.containers
  - fathom.containers.containers.engines
  - fathom.containers.containers.facts
options:
  gather_subset:
    description:
      - Which facts to gather besides the record of each container.
      - A leading V(!) takes a subset away. What is only taken away is taken from the default.
      - V(stat) is the whole of the kernel's C(memory.stat), V(hierarchies) the container's cgroup in every hierarchy,
        and V(all) is every subset.
    type: list
    elements: str
    choices:
      - all
      - memory
      - cpu
      - pids
      - io
      - processes
      - stat
      - hierarchies
      - "!all"
      - "!memory"
      - "!cpu"
      - "!pids"
      - "!io"
      - "!processes"
      - "!stat"
      - "!hierarchies"
    default: [memory, cpu, pids]
seealso:
  - name: Control Group v2
    description: The kernel's own page on the files that are read here.
    link: https://docs.kernel.org/admin-guide/cgroup-v2.html
  - name: Memory Resource Controller (cgroup v1)
    description: The same for cgroup v1.
    link: https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
"""

EXAMPLES = r"""
- name: Gather the facts of all running containers
  fathom.containers.container_cgroup_facts:

- name: Show which containers the kernel lets take all of the host's memory
  ansible.builtin.debug:
    msg: "{{ ansible_facts.container_cgroups.containers
             | selectattr('memory.effective_limit_source', 'eq', 'host') | map(attribute='id') }}"

- name: Gather memory, block I/O and processes of the web tier
  fathom.containers.container_cgroup_facts:
    containers: ["web-*"]
    gather_subset: [memory, io, processes]

- name: Stop where the kernel enforces something else than Docker declares
  ansible.builtin.assert:
    that: ansible_facts.container_cgroups.containers | selectattr('drift') | length == 0

- name: Collect the facts whenever facts are gathered, each module with all the time that it needs
  ansible.builtin.gather_facts:
    parallel: false
  vars:
    ansible_facts_modules: [ansible.builtin.setup, fathom.containers.container_cgroup_facts]
"""

RETURN = r"""
ansible_facts:
  description: The facts, for use in later tasks as RV(ignore:ansible_facts.container_cgroups).
  returned: success
  type: dict
  contains:
    container_cgroups:
      description: The host and its containers.
      returned: success
      type: dict
      contains:
        host:
          description: The host as a whole.
          returned: success
          type: dict
          contains:
            mode:
              description: V(legacy) has only cgroup v1 hierarchies, V(unified) only v2, V(hybrid) both.
              type: str
              returned: success
              sample: hybrid
            scope:
              description:
                - Whose view this is. V(container) where the module runs with PID or cgroup namespaces of its own, for
                  example on a host that is a container; limits set outside are then out of sight on cgroup v2.
                - Null where it can't be told.
              type: str
              returned: success
              sample: host
            memory_version:
              description: Version of cgroups that the memory controller is on, 1 or 2; null if it is nowhere.
              type: int
              returned: success
              sample: 1
            swap_accounting:
              description: Whether this kernel can limit a container's swap; null if it can't be told.
              type: bool
              returned: success
              sample: true
            memory_total_bytes:
              description: Memory of the host in bytes.
              type: int
              returned: success
              sample: 25196888064
            swap_total_bytes:
              description: Swap of the host in bytes.
              type: int
              returned: success
              sample: 0
            page_size_bytes:
              description: Size of a page; the kernel floors memory limits to a multiple of it.
              type: int
              returned: success
              sample: 4096
            kernel:
              description: Release of the kernel.
              type: str
              returned: success
              sample: 6.1.0-28-amd64
            engines:
              description: The engines that were asked.
              type: list
              elements: dict
              returned: success
              contains:
                name:
                  description: Name of the engine.
                  type: str
                  returned: success
                  sample: docker
                version:
                  description: Version of the engine; null if it did not say.
                  type: str
                  returned: success
                  sample: 20.10.24+dfsg1
                socket:
                  description: The socket it was asked on.
                  type: str
                  returned: success
                  sample: /var/run/docker.sock
                cgroup_driver:
                  description: Who makes the containers' cgroups for it, V(cgroupfs) or V(systemd).
                  type: str
                  returned: success
                  sample: cgroupfs
                reachable:
                  description: Whether it answered everything that it was asked.
                  type: bool
                  returned: success
                  sample: true
                error:
                  description: Why it did not; null if it did.
                  type: str
                  returned: success
                  sample: null
            vanished:
              description: Number of containers that ended while they were read; they are left out.
              type: int
              returned: success
              sample: 0
            unreadable:
              description:
                - What of the host itself could not be read, as in
                  RV(ansible_facts.container_cgroups.containers[].unreadable).
              type: list
              elements: dict
              returned: success
              sample: []
        containers:
          description: One record for each container.
          returned: success
          type: list
          elements: dict
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
              description:
                - State as the engine tells it; V(running) if only the kernel knows the container.
                - Null if it does not run and its engine can't be asked.
              type: str
              returned: success
              sample: running
            pid:
              description: PID of the container's init as the host sees it; null if it does not run.
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
            hierarchies:
              description:
                - Subset V(hierarchies). The lines of C(/proc/PID/cgroup) of the container's init; empty if it does not
                  run.
              type: list
              elements: dict
              returned: if asked for
              contains:
                id:
                  description: Number of the hierarchy; 0 for cgroup v2.
                  type: int
                  returned: success
                  sample: 11
                controllers:
                  description: Controllers of the hierarchy, or V(name=...); empty for cgroup v2.
                  type: list
                  elements: str
                  returned: success
                  sample: [memory]
                path:
                  description: The cgroup, relative to the cgroup namespace of the module.
                  type: str
                  returned: success
                  sample: /docker/66df9337ad51dd25ed8befe778bfe19698df8636a3fbfb45c4257899d93d9a86
            memory:
              description: Subset V(memory). Null if the container does not run.
              type: dict
              returned: if asked for
              contains:
                path:
                  description: The container's own cgroup, without what runs deeper inside.
                  type: str
                  returned: success
                  sample: /docker/66df9337ad51dd25ed8befe778bfe19698df8636a3fbfb45c4257899d93d9a86
                own:
                  description:
                    - Whether the cgroup is the container's alone; if not, the figures are those of a cgroup it
                      shares.
                  type: bool
                  returned: success
                  sample: true
                version:
                  description: Version of cgroups, 1 or 2.
                  type: int
                  returned: success
                  sample: 1
                limit_state:
                  description: V(limited), V(unlimited), or V(unknown) if it could not be read.
                  type: str
                  returned: success
                  sample: limited
                limit_bytes:
                  description: The container's own limit in bytes; null unless limited.
                  type: int
                  returned: success
                  sample: 67108864
                effective_limit_bytes:
                  description:
                    - The limit that counts, the smallest over the container's cgroup, all above it, and the host's
                      memory.
                  type: int
                  returned: success
                  sample: 33554432
                effective_limit_source:
                  description:
                    - Path of the cgroup that sets it, V(host) for the host's memory, null if that is out of sight.
                  type: str
                  returned: success
                  sample: /small
                swap_limit_state:
                  description:
                    - As RV(ansible_facts.container_cgroups.containers[].memory.limit_state), for swap alone;
                      V(absent) without swap accounting.
                  type: str
                  returned: success
                  sample: limited
                swap_limit_bytes:
                  description: Swap alone, in bytes, as cgroup v2 counts; null unless limited.
                  type: int
                  returned: success
                  sample: 67108864
                memory_swap_limit_bytes:
                  description: Memory and swap together, in bytes, as cgroup v1 and Docker count; null unless limited.
                  type: int
                  returned: success
                  sample: 134217728
                reservation_bytes:
                  description:
                    - Memory that is spared when memory gets scarce (v1 soft limit, v2 memory.low), in bytes; 0 if
                      none is set.
                  type: int
                  returned: success
                  sample: 0
                minimum_bytes:
                  description: Memory that is never taken away (v2 memory.min), in bytes; null on v1.
                  type: int
                  returned: success
                  sample: null
                high_state:
                  description:
                    - As RV(ansible_facts.container_cgroups.containers[].memory.limit_state), for v2's memory.high;
                      V(absent) on v1.
                  type: str
                  returned: success
                  sample: absent
                high_bytes:
                  description:
                    - Usage from which the container is slowed down (v2 memory.high), in bytes; null unless limited.
                  type: int
                  returned: success
                  sample: null
                usage_bytes:
                  description: Memory in use, page cache included, in bytes.
                  type: int
                  returned: success
                  sample: 7782400
                working_set_bytes:
                  description: Usage less the inactive file pages, which can be dropped, in bytes.
                  type: int
                  returned: success
                  sample: 1187840
                peak_bytes:
                  description: Highest usage so far, in bytes; null where the kernel doesn't keep it (v2 before 5.19).
                  type: int
                  returned: success
                  sample: 8122368
                swap_usage_bytes:
                  description: Swap in use, in bytes.
                  type: int
                  returned: success
                  sample: 0
                zswap_usage_bytes:
                  description: Memory that compressed swap takes, in bytes; null on v1 and where the kernel has none.
                  type: int
                  returned: success
                  sample: null
                limit_hits:
                  description: How often usage ran into the limit.
                  type: int
                  returned: success
                  sample: 0
                oom_kills:
                  description: Processes killed for want of memory in the cgroup.
                  type: int
                  returned: success
                  sample: 0
                oom_kill_disabled:
                  description: Whether processes are stopped instead of killed at the limit; always false on v2.
                  type: bool
                  returned: success
                  sample: false
                oom_group:
                  description: Whether an OOM kill takes the whole cgroup (v2 memory.oom.group); null on v1.
                  type: bool
                  returned: success
                  sample: null
                pressure:
                  description:
                    - Time lost waiting for memory, V(some) and V(full), each with avg10, avg60, avg300 in percent and
                      total_usec; null where the kernel keeps none.
                  type: dict
                  returned: success
                  sample: {some: {avg10: 0.0, avg60: 0.0, avg300: 0.0, total_usec: 0}}
            cpu:
              description: Subset V(cpu). Null if the container does not run.
              type: dict
              returned: if asked for
              contains:
                limit_state:
                  description: V(limited), V(unlimited) or V(unknown).
                  type: str
                  returned: success
                  sample: limited
                limit_cpus:
                  description: CPUs that it may use at a time; null unless limited.
                  type: float
                  returned: success
                  sample: 0.5
                quota_usec:
                  description: CPU time it may use in each period, in microseconds; null unless limited.
                  type: int
                  returned: success
                  sample: 50000
                period_usec:
                  description: The period, in microseconds.
                  type: int
                  returned: success
                  sample: 100000
                shares:
                  description: Relative share of CPU time on v1 (the kernel's default is 1024); null on v2.
                  type: int
                  returned: success
                  sample: 1024
                weight:
                  description: Relative share of CPU time on v2 (the kernel's default is 100); null on v1.
                  type: int
                  returned: success
                  sample: null
                cpuset_cpus:
                  description: The CPUs it may run on, as the kernel lists them.
                  type: str
                  returned: success
                  sample: 0-1
                usage_usec:
                  description: CPU time used, in microseconds.
                  type: int
                  returned: success
                  sample: 41021
                periods:
                  description: Periods in which it ran under a quota.
                  type: int
                  returned: success
                  sample: 12
                throttled_periods:
                  description: Periods in which it used up its quota.
                  type: int
                  returned: success
                  sample: 3
                throttled_usec:
                  description: Time it was held back, in microseconds.
                  type: int
                  returned: success
                  sample: 81000
            pids:
              description: Subset V(pids). Null if the container does not run.
              type: dict
              returned: if asked for
              contains:
                limit_state:
                  description: V(limited), V(unlimited) or V(unknown).
                  type: str
                  returned: success
                  sample: unlimited
                limit:
                  description: Threads it may have; null unless limited.
                  type: int
                  returned: success
                  sample: null
                current:
                  description: Threads it has, those of all its processes together.
                  type: int
                  returned: success
                  sample: 5
                limit_hits:
                  description: How often a fork was refused at the limit.
                  type: int
                  returned: success
                  sample: 0
            io:
              description:
                - Subset V(io). A row for each device that it used or has a limit on. Null if the container does not
                  run.
                - Newer kernels count on cgroup v1 only from the first limit on, of any cgroup, that a device gets.
              type: list
              elements: dict
              returned: if asked for
              contains:
                device:
                  description: Major and minor number of the device.
                  type: str
                  returned: success
                  sample: "8:0"
                read_bytes:
                  description: Bytes read.
                  type: int
                  returned: success
                  sample: 4096
                write_bytes:
                  description: Bytes written.
                  type: int
                  returned: success
                  sample: 0
                read_operations:
                  description: Reads.
                  type: int
                  returned: success
                  sample: 1
                write_operations:
                  description: Writes.
                  type: int
                  returned: success
                  sample: 0
                read_limit_bytes_per_second:
                  description: Bytes it may read in a second; null if unlimited.
                  type: int
                  returned: success
                  sample: 1048576
                write_limit_bytes_per_second:
                  description: Bytes it may write in a second; null if unlimited.
                  type: int
                  returned: success
                  sample: null
                read_limit_operations_per_second:
                  description: Reads it may make in a second; null if unlimited.
                  type: int
                  returned: success
                  sample: null
                write_limit_operations_per_second:
                  description: Writes it may make in a second; null if unlimited.
                  type: int
                  returned: success
                  sample: null
            processes:
              description: Subset V(processes). The container's processes by PID, 1000 at most.
              type: list
              elements: dict
              returned: if asked for
              contains:
                pid:
                  description: PID as the host sees it.
                  type: int
                  returned: success
                  sample: 3993
                namespace_pid:
                  description: PID as the container sees it.
                  type: int
                  returned: success
                  sample: 1
                ppid:
                  description: PID of its parent as the host sees it.
                  type: int
                  returned: success
                  sample: 3970
                uid:
                  description: Real user id as the host sees it.
                  type: int
                  returned: success
                  sample: 0
                name:
                  description: The kernel's name of the process, 15 bytes at most, as the kernel escapes it.
                  type: str
                  returned: success
                  sample: main.go
                rss_bytes:
                  description: Its resident memory in bytes; null for a zombie.
                  type: int
                  returned: success
                  sample: 5242880
            processes_truncated:
              description: Whether there are more processes than were returned.
              type: bool
              returned: if asked for
              sample: false
            stat:
              description: Subset V(stat). All of the kernel's C(memory.stat), as the kernel names and counts it.
              type: dict
              returned: if asked for
              sample: {cache: 6594560, rss: 1187840}
            declared:
              description:
                - What the engine says was asked for. Each key is null where the engine sets none or can't be asked.
              type: dict
              returned: success
              contains:
                memory_bytes:
                  description: Memory limit in bytes.
                  type: int
                  returned: success
                  sample: 67108864
                memory_swap_bytes:
                  description: Memory and swap together in bytes, as Docker counts; V(-1) is unlimited swap.
                  type: int
                  returned: success
                  sample: 134217728
                memory_reservation_bytes:
                  description: Reservation in bytes.
                  type: int
                  returned: success
                  sample: null
                cpus:
                  description: CPUs that it may use at a time.
                  type: float
                  returned: success
                  sample: null
                cpu_quota_usec:
                  description: CPU time in each period, in microseconds, where it was set that way.
                  type: int
                  returned: success
                  sample: null
                cpu_period_usec:
                  description: The period, in microseconds.
                  type: int
                  returned: success
                  sample: null
                cpu_shares:
                  description: Relative share of CPU time, as v1 counts.
                  type: int
                  returned: success
                  sample: null
                cpuset_cpus:
                  description: The CPUs it may run on.
                  type: str
                  returned: success
                  sample: null
                pids_limit:
                  description: Threads it may have.
                  type: int
                  returned: success
                  sample: null
                oom_kill_disabled:
                  description: Whether processes are to be stopped instead of killed at the limit.
                  type: bool
                  returned: success
                  sample: false
                cgroup_parent:
                  description: The cgroup below which the engine was told to make the container's.
                  type: str
                  returned: success
                  sample: null
            drift:
              description:
                - Each setting that the kernel enforces otherwise than the engine declares, among the gathered subsets.
                - Null if it can't be told, because no engine knows the container or it does not run.
              type: list
              elements: dict
              returned: success
              contains:
                setting:
                  description: The key in RV(ansible_facts.container_cgroups.containers[].declared).
                  type: str
                  returned: success
                  sample: memory_bytes
                declared:
                  description: What the engine declares, a figure, a boolean or V(unlimited).
                  type: raw
                  returned: success
                  sample: 67108864
                enforced:
                  description: What the kernel enforces, a figure, a boolean or V(unlimited).
                  type: raw
                  returned: success
                  sample: 33554432
            systemd:
              description:
                - What systemd has in its files for the container's unit, where it made the cgroup (systemd driver).
                - Null where it did not.
              type: dict
              returned: success
              contains:
                unit:
                  description: Name of the unit.
                  type: str
                  returned: success
                  sample: docker-66df9337ad51dd25ed8befe778bfe19698df8636a3fbfb45c4257899d93d9a86.scope
                memory_limit_state:
                  description:
                    - V(limited), V(unlimited), or V(unknown) if it is no plain size. From C(MemoryMax), or from
                      C(MemoryLimit), which Docker sets on cgroup v1.
                  type: str
                  returned: success
                  sample: limited
                memory_limit_bytes:
                  description: Memory limit in bytes; null unless limited.
                  type: int
                  returned: success
                  sample: 67108864
                swap_limit_state:
                  description: The same for swap alone. From C(MemorySwapMax).
                  type: str
                  returned: success
                  sample: unlimited
                swap_limit_bytes:
                  description: Swap alone in bytes; null unless limited.
                  type: int
                  returned: success
                  sample: null
            reload_drift:
              description:
                - Each memory setting that C(systemctl daemon-reload) would change, since systemd has something else for
                  it than the kernel enforces. systemd writes it the next time that it makes a cgroup beside this one.
                - A swap limit of 0 that Docker sets with the systemd driver is lost like this.
                - Null if systemd has no unit for the container or the subset V(memory) was not gathered.
              type: list
              elements: dict
              returned: success
              contains:
                setting:
                  description: V(memory_bytes), V(swap_bytes) (alone), V(high_bytes) or V(memory_reservation_bytes).
                  type: str
                  returned: success
                  sample: swap_bytes
                enforced:
                  description: What the kernel enforces now, a figure or V(unlimited).
                  type: raw
                  returned: success
                  sample: 0
                after_reload:
                  description: What it will enforce then, a figure or V(unlimited).
                  type: raw
                  returned: success
                  sample: unlimited
            unreadable:
              description: What could not be read; the values it would have given are null.
              type: list
              elements: dict
              returned: success
              contains:
                path:
                  description: The kernel's file.
                  type: str
                  returned: success
                  sample: /proc/3993/ns/net
                reason:
                  description: Why it could not be read.
                  type: str
                  returned: success
                  sample: Permission denied
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.fathom.containers.plugins.module_utils.boundary import run
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import (
    DEFAULT_SUBSETS,
    SUBSETS,
    gather_cgroup_facts,
)
from ansible_collections.fathom.containers.plugins.module_utils.containers.subsets import subset_option
from ansible_collections.fathom.containers.plugins.module_utils.options import shared_options


def gather(params, witnesses):
    facts, warnings = gather_cgroup_facts(witnesses, params["containers"], params["engines"], params["gather_subset"])
    return {"ansible_facts": {"container_cgroups": facts}}, warnings


def main():
    module = AnsibleModule(
        argument_spec=shared_options(gather_subset=subset_option(SUBSETS, DEFAULT_SUBSETS)),
        supports_check_mode=True,
    )
    run(module, gather)


if __name__ == "__main__":
    main()
