#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_namespace_facts
short_description: Which namespaces the containers of a host share, and what shows inside of them
version_added: 0.1.0
description:
  - Reads, for all containers of a host in one task, the eight kinds of namespaces that the Linux kernel has them in,
    and tells which of them are the host's or another container's.
  - Tells the view from inside as well, the hostname, network interfaces and PID that the container sees, and what
    confines it.
  - No program is started and no file of a container is opened. One forked child goes through the network and UTS
    namespaces, each once however many containers are in it, and asks the kernel there.
  - Containers are found in the kernel. One that no engine lists is reported as well, and an engine that does not
    answer costs a warning only.
extends_documentation_fragment:
  - fathom.containers.containers
  - fathom.containers.containers.engines
  - fathom.containers.containers.facts
options:
  gather_subset:
    description:
      - Which facts to gather besides the record of each container and its namespaces.
      - A leading V(!) takes a subset away. What is only taken away is taken from the default.
      - V(all) is every subset. V(listening) makes the kernel search the sockets of the whole host for each network
        namespace, which takes it some milliseconds.
    type: list
    elements: str
    choices:
      - all
      - hostname
      - interfaces
      - user_map
      - root_mount
      - security
      - mounts
      - listening
      - processes
      - "!all"
      - "!hostname"
      - "!interfaces"
      - "!user_map"
      - "!root_mount"
      - "!security"
      - "!mounts"
      - "!listening"
      - "!processes"
    default: [hostname, interfaces, user_map, root_mount, security]
seealso:
  - module: fathom.containers.container_nsenter
  - name: namespaces(7)
    description: The kinds of namespaces.
    link: https://man7.org/linux/man-pages/man7/namespaces.7.html
"""

EXAMPLES = r"""
- name: Gather the facts of all running containers
  fathom.containers.container_namespace_facts:

- name: Show the containers that are in the host's network
  ansible.builtin.debug:
    msg: "{{ ansible_facts.container_namespaces.containers
             | selectattr('namespaces.net.shared_with_host') | map(attribute='name') }}"

- name: Stop where root of a container may do all that root of the host may
  ansible.builtin.assert:
    that: item.namespaces.user.shared_with_host is false or 'CAP_SYS_ADMIN' not in item.security.capabilities_effective
    quiet: true
  loop: "{{ ansible_facts.container_namespaces.containers }}"
  loop_control:
    label: "{{ item.id }}"

- name: Gather what the web tier has mounted and where it listens, and nothing else
  fathom.containers.container_namespace_facts:
    containers: ["web-*"]
    gather_subset: [mounts, listening]

- name: Collect the facts whenever facts are gathered, each module with all the time that it needs
  ansible.builtin.gather_facts:
    parallel: false
  vars:
    ansible_facts_modules: [ansible.builtin.setup, fathom.containers.container_namespace_facts]
"""

RETURN = r"""
ansible_facts:
  description: The facts, for use in later tasks as RV(ignore:ansible_facts.container_namespaces).
  returned: success
  type: dict
  contains:
    container_namespaces:
      description: The host and its containers.
      returned: success
      type: dict
      contains:
        host:
          description: The host as a whole.
          returned: success
          type: dict
          contains:
            scope:
              description:
                - Whose view this is. V(container) where the module runs with PID or cgroup namespaces of its own, for
                  example on a host that is a container. What is called the host here is that container then.
                - Null where it can't be told.
              type: str
              returned: success
              sample: host
            kernel:
              description: Release of the kernel.
              type: str
              returned: success
              sample: 6.1.0-28-amd64
            namespaces:
              description:
                - The inode of the host's namespace of each type, that of its first process. Null if the kernel has no
                  such type, or if it can't be read.
              type: dict
              returned: success
              sample:
                {pid: 4026531836, net: 4026531840, ipc: 4026531839, mnt: 4026531841, uts: 4026531838, user: 4026531837,
                 cgroup: 4026531835, time: 4026531834}
            hostname:
              description: Subset V(hostname). The host's own; null if it can't be told.
              type: str
              returned: if asked for
              sample: laptop
            security_modules:
              description: Subset V(security). Those of V(apparmor) and V(selinux) that the kernel runs.
              type: list
              elements: str
              returned: if asked for
              sample: [apparmor]
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
                  RV(ansible_facts.container_namespaces.containers[].unreadable).
              type: list
              elements: dict
              returned: success
              sample: []
        shared:
          description:
            - Each of the containers' namespaces that is the host's or that more than one container is in, with all the
              containers that are in it, also those that were not asked for.
          returned: success
          type: list
          elements: dict
          contains:
            type:
              description: Type of the namespace.
              type: str
              returned: success
              sample: net
            inode:
              description: What tells it apart from all others.
              type: int
              returned: success
              sample: 4026532412
            with_host:
              description: Whether it is the host's; null if that can't be told.
              type: bool
              returned: success
              sample: false
            containers:
              description: The containers by name, or by id where they have no name.
              type: list
              elements: str
              returned: success
              sample: [app, sidecar]
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
            namespaces:
              description:
                - The namespaces of the container's init by their types, V(pid), V(net), V(ipc), V(mnt), V(uts),
                  V(user), V(cgroup) and V(time).
                - The values are null if it does not run, if the kernel has no such type, or if it can't be read.
              type: dict
              returned: success
              sample:
                net: {inode: 4026532412, shared_with_host: false, shared_with: [sidecar]}
                uts: {inode: 4026531838, shared_with_host: true, shared_with: []}
              contains:
                net:
                  description: As an example of all types.
                  type: dict
                  returned: success
                  contains:
                    inode:
                      description: What tells this namespace apart from all others.
                      type: int
                      returned: success
                      sample: 4026532412
                    shared_with_host:
                      description: Whether it is the host's. Null if one of the two can't be read.
                      type: bool
                      returned: success
                      sample: false
                    shared_with:
                      description:
                        - The other containers in it, by name, or by id where they have no name. Those that were not
                          asked for count too.
                        - Empty for a namespace of the host's, which is shared with the host above all;
                          RV(ansible_facts.container_namespaces.shared) names who else is in it.
                        - Null if it can't be told, because this or another container can't be read.
                      type: list
                      elements: str
                      returned: success
                      sample: [sidecar]
            namespace_pid:
              description: PID of the container's init as it sees itself; null if it does not run.
              type: int
              returned: success
              sample: 1
            hostname:
              description: Subset V(hostname). What C(hostname) says in the container; null if it can't be read.
              type: str
              returned: if asked for
              sample: 66df9337ad51
            interfaces:
              description:
                - Subset V(interfaces). The network interfaces of the container by index, 256 at most.
                - Null if its network namespace can't be entered.
              type: list
              elements: dict
              returned: if asked for
              contains:
                name:
                  description: Name of the interface. Free text but for spaces and slashes, 15 bytes at most.
                  type: str
                  returned: success
                  sample: eth0
                index:
                  description: Its number in this namespace.
                  type: int
                  returned: success
                  sample: 6
                kind:
                  description: What it is, if it is virtual, as V(veth), V(bridge) or V(macvlan).
                  type: str
                  returned: success
                  sample: veth
                mac:
                  description: Its MAC address; null if it has none.
                  type: str
                  returned: success
                  sample: "02:42:ac:11:00:02"
                mtu:
                  description: The largest packet it takes, in bytes.
                  type: int
                  returned: success
                  sample: 1500
                state:
                  description:
                    - V(up), V(down), V(unknown), V(dormant), V(testing), V(lowerlayerdown) or V(notpresent). The
                      loopback interface is V(unknown) when it works.
                  type: str
                  returned: success
                  sample: up
                addresses:
                  description: Its IPv4 and IPv6 addresses, 256 at most.
                  type: list
                  elements: dict
                  returned: success
                  contains:
                    address:
                      description: The address.
                      type: str
                      returned: success
                      sample: 172.17.0.2
                    prefix:
                      description: Length of the network's prefix.
                      type: int
                      returned: success
                      sample: 16
                    family:
                      description: V(inet) or V(inet6).
                      type: str
                      returned: success
                      sample: inet
                    scope:
                      description: V(global), V(link), V(host), V(site), V(nowhere), or the kernel's number for another.
                      type: str
                      returned: success
                      sample: global
                addresses_truncated:
                  description: Whether it has more addresses than were returned.
                  type: bool
                  returned: success
                  sample: false
                host_peer:
                  description:
                    - The interface of the host that it is tied to, the other end of a veth, or what a macvlan or ipvlan
                      is on.
                    - Null if there is none on the host, or if it can't be told.
                  type: str
                  returned: success
                  sample: veth30cdacf
            interfaces_truncated:
              description: Whether there are more interfaces, or addresses, than were looked at.
              type: bool
              returned: if asked for
              sample: false
            user_map:
              description: Subset V(user_map). Whose ids on the host the ids in the container are.
              type: dict
              returned: if asked for
              contains:
                uid:
                  description: Ranges of user ids; empty if none is mapped, null if it can't be read.
                  type: list
                  elements: dict
                  returned: success
                  contains:
                    inside:
                      description: First id inside.
                      type: int
                      returned: success
                      sample: 0
                    outside:
                      description: The id that it is outside.
                      type: int
                      returned: success
                      sample: 100000
                    count:
                      description: How many ids from there on.
                      type: int
                      returned: success
                      sample: 65536
                gid:
                  description: The same for group ids.
                  type: list
                  elements: dict
                  returned: success
                  contains:
                    inside:
                      description: First id inside.
                      type: int
                      returned: success
                      sample: 0
                    outside:
                      description: The id that it is outside.
                      type: int
                      returned: success
                      sample: 100000
                    count:
                      description: How many ids from there on.
                      type: int
                      returned: success
                      sample: 65536
                identity:
                  description: Whether every id is the same inside and outside, so that root is root; null if unknown.
                  type: bool
                  returned: success
                  sample: false
            root_mount:
              description: Subset V(root_mount). What is mounted on C(/); null if it can't be read.
              type: dict
              returned: if asked for
              contains:
                point:
                  description: Where it is mounted, as the container sees it.
                  type: str
                  returned: success
                  sample: /
                fstype:
                  description: Type of the file system.
                  type: str
                  returned: success
                  sample: overlay
                source:
                  description: What is mounted, as the file system calls it.
                  type: str
                  returned: success
                  sample: overlay
                root:
                  description: The directory or file of that file system that is mounted; another than C(/) for a bind.
                  type: str
                  returned: success
                  sample: /
                read_only:
                  description: Whether nothing can be written through it.
                  type: bool
                  returned: success
                  sample: false
                flags:
                  description: Flags of the mount, besides that.
                  type: list
                  elements: str
                  returned: success
                  sample: [relatime]
                propagation:
                  description:
                    - What becomes of mounts made below it. Of V(shared) mounts they reach others, to V(slave) mounts
                      they come from others, V(private) is neither, V(unbindable) can't be bound either.
                  type: list
                  elements: str
                  returned: success
                  sample: [private]
            mounts:
              description: Subset V(mounts). All mounts in the kernel's order, 1000 at most; null if they can't be read.
              type: list
              elements: dict
              returned: if asked for
              contains:
                point:
                  description: Where it is mounted, as the container sees it.
                  type: str
                  returned: success
                  sample: /
                fstype:
                  description: Type of the file system.
                  type: str
                  returned: success
                  sample: overlay
                source:
                  description: What is mounted, as the file system calls it.
                  type: str
                  returned: success
                  sample: overlay
                root:
                  description: The directory or file of that file system that is mounted; another than C(/) for a bind.
                  type: str
                  returned: success
                  sample: /
                read_only:
                  description: Whether nothing can be written through it.
                  type: bool
                  returned: success
                  sample: false
                flags:
                  description: Flags of the mount, besides that.
                  type: list
                  elements: str
                  returned: success
                  sample: [relatime]
                propagation:
                  description:
                    - What becomes of mounts made below it. Of V(shared) mounts they reach others, to V(slave) mounts
                      they come from others, V(private) is neither, V(unbindable) can't be bound either.
                  type: list
                  elements: str
                  returned: success
                  sample: [private]
            mounts_truncated:
              description: Whether there are more mounts than were returned.
              type: bool
              returned: if asked for
              sample: false
            security:
              description: Subset V(security). What confines the container's init. Null if it does not run.
              type: dict
              returned: if asked for
              contains:
                seccomp:
                  description: V(disabled), V(filter), V(strict); null if the kernel has no seccomp.
                  type: str
                  returned: success
                  sample: filter
                no_new_privileges:
                  description: Whether it is barred from gaining privileges by setuid programs and the like.
                  type: bool
                  returned: success
                  sample: false
                capabilities_effective:
                  description: The capabilities that it has.
                  type: list
                  elements: str
                  returned: success
                  sample: [CAP_CHOWN, CAP_NET_BIND_SERVICE]
                capabilities_bounding:
                  description: Those that its programs can gain; all that root in the container can have.
                  type: list
                  elements: str
                  returned: success
                  sample: [CAP_CHOWN, CAP_NET_BIND_SERVICE]
                apparmor:
                  description: Its AppArmor profile, or V(unconfined); null if the kernel does not run AppArmor.
                  type: str
                  returned: success
                  sample: docker-default
                apparmor_mode:
                  description: V(enforce), V(complain), or another mode of AppArmor; null if it is unconfined.
                  type: str
                  returned: success
                  sample: enforce
                selinux:
                  description: Its SELinux label; null if the kernel does not run SELinux.
                  type: str
                  returned: success
                  sample: null
            listening:
              description:
                - Subset V(listening). The TCP and UDP sockets of its network namespace that wait for others, whichever
                  container or process they belong to, 1000 at most.
              type: list
              elements: dict
              returned: if asked for
              contains:
                protocol:
                  description: V(tcp) or V(udp).
                  type: str
                  returned: success
                  sample: tcp
                port:
                  description: The port.
                  type: int
                  returned: success
                  sample: 8080
                family:
                  description:
                    - V(inet) or V(inet6). A socket on V(::) takes IPv4 as well, unless its owner has told it not to.
                  type: str
                  returned: success
                  sample: inet
                address:
                  description: The address that it listens on; V(0.0.0.0) and V(::) are all of them.
                  type: str
                  returned: success
                  sample: 0.0.0.0
            listening_truncated:
              description: Whether there are more sockets than were returned.
              type: bool
              returned: if asked for
              sample: false
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
            unreadable:
              description: What could not be read or entered; the values it would have given are null.
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
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespace_facts import (
    DEFAULT_SUBSETS,
    SUBSETS,
    gather_namespace_facts,
)
from ansible_collections.fathom.containers.plugins.module_utils.containers.subsets import subset_option
from ansible_collections.fathom.containers.plugins.module_utils.options import shared_options


def gather(params, witnesses):
    facts, warnings = gather_namespace_facts(
        witnesses, params["containers"], params["engines"], params["gather_subset"]
    )
    return {"ansible_facts": {"container_namespaces": facts}}, warnings


def main():
    module = AnsibleModule(
        argument_spec=shared_options(gather_subset=subset_option(SUBSETS, DEFAULT_SUBSETS)),
        supports_check_mode=True,
    )
    run(module, gather)


if __name__ == "__main__":
    main()
