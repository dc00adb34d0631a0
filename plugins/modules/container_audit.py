#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_audit
short_description: Judge every container of a host by a policy, with the kernel's evidence
version_added: 0.1.0
description:
  - Holds all containers of a host in one task against the rules of a policy, of packs that come with the collection, or
    both, and tells for each finding what is expected, what the engine declares, what the kernel enforces, the kernel's
    file that says so, and what to do.
  - Reads what the rules need, and nothing more. No program is started and no file of a container is opened.
  - What can't be read is V(unknown), and never passes.
  - The task does not fail for what is found; it fails where the policy, a waiver or an option has a mistake.
extends_documentation_fragment:
  - fathom.containers.containers
  - fathom.containers.containers.engines
options:
  policy:
    description:
      - The rules, each with a C(name), an optional C(title), C(severity) and C(match), and checks such as
        C(memory), C(namespaces) or C(security).
      - An unknown key, a wrong value, a contradiction, or two rules of one name are an error that names the rule.
      - The page C(docs/policy.md) of the collection tells every key.
    type: list
    elements: raw
  packs:
    description:
      - Rule sets that come with the collection, judged besides O(policy).
      - V(baseline) is what a careful operator wants to know on the first day.
      - V(cis_docker_1_6) are the items of the CIS Docker Benchmark 1.6 that the kernel can prove; the others are in
        RV(not_judged).
      - Without O(policy), the default is V(baseline); with it, there is none.
    type: list
    elements: str
    choices: [baseline, cis_docker_1_6]
  waivers:
    description:
      - Findings that are accepted, with a reason and until a date. Such a finding has the status V(waived).
      - A waiver that has expired is none. That, and one for a rule that there is not, is a warning.
      - Each is a dictionary with C(rule), the rule's name, such as V(baseline/memory-limit) of a pack; C(containers), a
        list of names, ids, beginnings of ids or globs; C(reason); and C(expires), the last day on which it holds, such
        as V(2027-03-31). All four are needed.
    type: list
    elements: raw
    default: []
  include_passed:
    description: Whether what passes is in RV(findings) as well. It is counted in RV(summary) in any case.
    type: bool
    default: false
  on_unmatched:
    description:
      - Whether rules of O(policy) that are about no container here, and waivers that waive nothing here, are warnings.
      - In a fleet that is normal, and V(ignore) is for that. RV(unmatched) and RV(waivers) tell them in any case.
    type: str
    choices: [warn, ignore]
    default: warn
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: [The module never changes anything.]
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: N/A
    details: [The module never changes anything.]
  platform:
    description: Target OS/families that can be operated against.
    platforms: linux
    support: full
seealso:
  - module: fathom.containers.container_cgroup_facts
  - module: fathom.containers.container_namespace_facts
  - module: fathom.containers.container_memory_limit
"""

EXAMPLES = r"""
- name: Judge this host by what a careful operator wants to know on the first day
  fathom.containers.container_audit:
  register: audited

- name: Show what fails
  ansible.builtin.debug:
    msg: "{{ item.severity }}: {{ item.container }}: {{ item.title }}: {{ item.enforced }}"
  loop: "{{ audited.findings | selectattr('status', 'eq', 'fail') }}"
  loop_control:
    label: "{{ item.rule }}"

- name: Judge it by rules of your own, and by the CIS Docker Benchmark
  fathom.containers.container_audit:
    policy:
      - name: every container has a memory limit
        severity: high
        memory: {limited: true, max: 2GiB}
      - name: web tier
        match: {containers: ["web-*"], labels: {tier: web}}
        pids: {max: 512}
        namespaces: {private: [pid, net, ipc, mnt, uts]}
    packs: [cis_docker_1_6]
    waivers:
      - rule: every container has a memory limit
        containers: [legacy-db]
        reason: is moved to another host in spring
        expires: 2027-03-31
  register: audited

- name: Stop where anything critical is found
  ansible.builtin.assert:
    that: audited.summary.by_severity.critical.fail == 0
"""

RETURN = r"""
summary:
  description: How many of what.
  type: dict
  returned: success
  contains:
    containers:
      description: Containers that were judged.
      type: int
      returned: success
      sample: 3
    by_status:
      description:
        - Verdicts by V(pass), V(fail), V(waived), V(unknown) and V(not_applicable), one for each check of a rule and
          each container that the rule is about.
        - V(not_applicable) is a check of something that this host does not have, such as AppArmor.
      type: dict
      returned: success
      sample: {pass: 40, fail: 5, waived: 1, unknown: 0, not_applicable: 3}
    by_severity:
      description: Of those that are no pass, the numbers for each severity.
      type: dict
      returned: success
      sample:
        critical: {fail: 1, waived: 0, unknown: 0}
        high: {fail: 2, waived: 0, unknown: 0}
        medium: {fail: 2, waived: 1, unknown: 0}
        low: {fail: 0, waived: 0, unknown: 0}
    rules:
      description: The rules that were judged, those of the policy first.
      type: list
      elements: dict
      returned: success
      contains:
        rule:
          description: The rule's name.
          type: str
          returned: success
          sample: cis_docker_1_6/5.10
        title:
          description: The rule in words; its name where it has none.
          type: str
          returned: success
          sample: 5.10 Not in the host's network namespace
        severity:
          description: V(low), V(medium), V(high) or V(critical).
          type: str
          returned: success
          sample: high
        pack:
          description: The pack that it is of; null for the policy's own.
          type: str
          returned: success
          sample: cis_docker_1_6
        containers:
          description: Containers that it is about, or could be about where their engine can't be asked.
          type: int
          returned: success
          sample: 3
        about:
          description: The places of these in RV(containers); null where these are all.
          type: list
          elements: int
          returned: success
          sample: [0, 2, 5]
        fingerprint:
          description: Of what the rule asks and of whom. Two audits tell the same where it is the same.
          type: str
          returned: success
          sample: 5f3c2a9d01be
        pass: &count
          description: Verdicts of that status.
          type: int
          returned: success
          sample: 1
        fail: *count
        waived: *count
        unknown: *count
        not_applicable: *count
findings:
  description: What was found. What fails comes first, then what is unknown, then what is waived, each the worst first.
  type: list
  elements: dict
  returned: success
  contains:
    rule:
      description: The rule's name.
      type: str
      returned: success
      sample: cis_docker_1_6/5.10
    title:
      description: The rule in words.
      type: str
      returned: success
      sample: 5.10 Not in the host's network namespace
    severity:
      description: The rule's severity.
      type: str
      returned: success
      sample: high
    check:
      description: The check of the rule that this is about, by its section and name.
      type: str
      returned: success
      sample: namespaces.not_shared_with_host
    container:
      description: The container's name, or its id where it has none.
      type: str
      returned: success
      sample: web
    container_id:
      description: The engine's full id.
      type: str
      returned: success
      sample: 66df9337ad51dd25ed8befe778bfe19698df8636a3fbfb45c4257899d93d9a86
    engine:
      description: Its engine.
      type: str
      returned: success
      sample: docker
    status:
      description: V(fail), V(waived), V(unknown), or V(pass) with O(include_passed).
      type: str
      returned: success
      sample: fail
    expected:
      description: What the rule asks for, in words.
      type: str
      returned: success
      sample: net not of the host
    declared:
      description: What the engine says, in words; null where it says nothing of it.
      type: str
      returned: success
      sample: "network_mode: host"
    enforced:
      description: What the kernel says, in words; null where it can't be told.
      type: str
      returned: success
      sample: net of the host
    reason:
      description: Why it is V(unknown); null for others.
      type: str
      returned: success
      sample: null
    evidence:
      description: What the kernel says so in; none where there is nothing to name.
      type: list
      elements: dict
      returned: success
      contains:
        path:
          description: The file, and behind it the line or setting, if it has many.
          type: str
          returned: success
          sample: /proc/4711/ns/net
        value:
          description: What it says.
          type: raw
          returned: success
          sample: 4026531840
    remediation:
      description: What to do; null where nothing is to be done.
      type: str
      returned: success
      sample: Create it anew without --network, or allow what it shares in the rule.
    waiver:
      description: The C(reason) and C(expires) of the waiver of what is V(waived); null for others.
      type: dict
      returned: success
      sample: null
selection:
  description: What the audit was narrowed down to, the options O(containers) and O(engines).
  type: dict
  returned: success
  contains:
    containers:
      description: The names, ids and globs; null for all that run.
      type: list
      elements: str
      returned: success
      sample: [web-*]
    engines:
      description: The engines; null for all.
      type: list
      elements: str
      returned: success
      sample: null
containers:
  description: A row for each container that was judged.
  type: list
  elements: dict
  returned: success
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
      sample: web
    engine:
      description: V(docker), V(podman), V(containerd), V(crio), V(lxc), V(nspawn) or V(unknown).
      type: str
      returned: success
      sample: docker
    engine_known:
      description: Whether a reachable engine knows the container.
      type: bool
      returned: success
      sample: true
    image:
      description: The image as the engine names it.
      type: str
      returned: success
      sample: nginx:1.27
    state:
      description: State as the engine tells it.
      type: str
      returned: success
      sample: running
    pid:
      description: PID of the container's init as the host sees it; null if it does not run.
      type: int
      returned: success
      sample: 4711
    nested_in:
      description:
        - Id of the container in whose cgroup this one's lies, mostly because its engine runs in there;
          null for others.
      type: str
      returned: success
      sample: null
    usage_bytes:
      description: Memory in use, page cache included.
      type: int
      returned: success
      sample: 7782400
    working_set_bytes:
      description: Usage less the inactive file pages, which can be dropped.
      type: int
      returned: success
      sample: 1187840
    limit_state:
      description: V(limited), V(unlimited) or V(unknown), of its own limit; null if it does not run.
      type: str
      returned: success
      sample: limited
    limit_bytes:
      description: Its own limit; null unless limited.
      type: int
      returned: success
      sample: 67108864
    effective_limit_bytes:
      description: The limit that counts, the smallest of its own, those above it, and the host's memory.
      type: int
      returned: success
      sample: 67108864
    effective_limit_source:
      description: Path of the cgroup that sets it, V(host) for the host's memory, null if that is out of sight.
      type: str
      returned: success
      sample: /docker/66df9337ad51dd25ed8befe778bfe19698df8636a3fbfb45c4257899d93d9a86
    memory_path:
      description: Path of its own memory cgroup; null where that is not known.
      type: str
      returned: success
      sample: /docker/66df9337ad51dd25ed8befe778bfe19698df8636a3fbfb45c4257899d93d9a86
    drift:
      description: What the kernel enforces otherwise than the engine declares; null where no engine tells.
      type: list
      elements: dict
      returned: success
      sample: [{setting: memory_bytes, declared: 100663296, enforced: 167772160}]
    reload_drift:
      description: What the next C(systemctl daemon-reload) would change; null where systemd has no unit of it.
      type: list
      elements: dict
      returned: success
      sample: null
    worst:
      description: The severity of the worst that fails; null where nothing does.
      type: str
      returned: success
      sample: high
    fail:
      description: Findings that fail.
      type: int
      returned: success
      sample: 2
    waived:
      description: Findings that are waived.
      type: int
      returned: success
      sample: 0
    unknown:
      description: Findings that are unknown.
      type: int
      returned: success
      sample: 0
    shared:
      description:
        - The namespaces that are not its own by their types; V(host), or a list of the other containers in it.
        - A value is null where that can't be told.
      type: dict
      returned: success
      sample: {net: host, ipc: [sidecar], user: host}
shared:
  description: Each namespace of the containers that is the host's or that several are in, with all that are in it.
  type: list
  elements: dict
  returned: success
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
waivers:
  description: The waivers that were given, and what became of them.
  type: list
  elements: dict
  returned: success
  contains:
    rule:
      description: The rule's name.
      type: str
      returned: success
      sample: every container has a memory limit
    containers:
      description: The containers, as they were given.
      type: list
      elements: str
      returned: success
      sample: [legacy-db]
    reason:
      description: Why it is accepted.
      type: str
      returned: success
      sample: is moved to another host in spring
    expires:
      description: The last day on which it holds.
      type: str
      returned: success
      sample: "2027-03-31"
    status:
      description: V(used), V(unused), V(expired), or V(unknown_rule) where no rule of that name is judged.
      type: str
      returned: success
      sample: used
    findings:
      description: How many findings it waives.
      type: int
      returned: success
      sample: 1
unmatched:
  description: Names of the rules that are about no container here.
  type: list
  elements: str
  returned: success
  sample: []
not_judged:
  description: Of the packs that were judged, what their source asks for and nobody has looked at here.
  type: list
  elements: dict
  returned: success
  contains:
    pack:
      description: The pack.
      type: str
      returned: success
      sample: cis_docker_1_6
    item:
      description: Number of the item or of a whole part, in the pack's source.
      type: str
      returned: success
      sample: "5.7"
    title:
      description: What it is about.
      type: str
      returned: success
      sample: No SSH server in containers
    reason:
      description: Why it is not judged.
      type: str
      returned: success
      sample: what a process is for can't be told from its name
packs:
  description: The packs that were judged.
  type: list
  elements: str
  returned: success
  sample: [baseline]
host:
  description:
    - The host as M(fathom.containers.container_cgroup_facts) tells it, with C(cpus), the CPUs that are online as the
      kernel lists them, and C(security_modules), those of V(apparmor) and V(selinux) that it runs (null where no rule
      asks for them).
  type: dict
  returned: success
  sample:
    mode: unified
    scope: host
    memory_version: 2
    swap_accounting: true
    memory_total_bytes: 25196888064
    swap_total_bytes: 0
    page_size_bytes: 4096
    kernel: 6.1.0-28-amd64
    engines: []
    vanished: 0
    unreadable: []
    security_modules: [apparmor]
    cpus: 0-1
audited_on:
  description: The host's date in UTC, by which waivers expire.
  type: str
  returned: success
  sample: "2026-11-24"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.fathom.containers.plugins.module_utils.audit import audit
from ansible_collections.fathom.containers.plugins.module_utils.boundary import run
from ansible_collections.fathom.containers.plugins.module_utils.options import shared_options
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import PACKS


def main():
    module = AnsibleModule(
        argument_spec=shared_options(
            policy=dict(type="list", elements="raw"),
            packs=dict(type="list", elements="str", choices=list(PACKS)),
            waivers=dict(type="list", elements="raw", default=[]),
            include_passed=dict(type="bool", default=False),
            on_unmatched=dict(type="str", choices=["warn", "ignore"], default="warn"),
        ),
        supports_check_mode=True,
    )
    run(module, audit)


if __name__ == "__main__":
    main()
