# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers as container_audit returns them, for tests and measurements of the report that is made of them."""

from __future__ import annotations

import hashlib
import random

MIB = 1 << 20
GIB = 1 << 30
SEVERITIES = ("critical", "high", "medium", "low")

# rule, title, severity, pack, check, expected, declared, enforced, path of the evidence, its value, remediation
_RULES = (
    (
        *("cis_docker_1_6/5.31", "5.31 No container has the Docker socket", "critical", "cis_docker_1_6"),
        *("security.forbidden_mounts", "no mount of /var/run/docker.sock", "none of them", "/var/run/docker.sock"),
        *("/proc/{pid}/mountinfo", "/var/run/docker.sock", "start it without the mount of the socket"),
    ),
    (
        *("cis_docker_1_6/5.10", "5.10 No container is in the host's network", "high", "cis_docker_1_6"),
        *("namespaces.not_shared_with_host", "not the host's net", "network_mode host", "the host's net"),
        *("/proc/{pid}/ns/net", 4026531840, "start it without --network host, and publish the ports that it needs"),
    ),
    (
        *("every container has a memory limit", "every container has a memory limit", "high", None),
        *("memory.limited", "a limit", "no limit", "unlimited"),
        *("/sys/fs/cgroup/memory/docker/{id}/memory.limit_in_bytes", "9223372036854771712", "set memory.limit for it"),
    ),
    (
        *("cis_docker_1_6/5.28", "5.28 The number of processes is limited", "medium", "cis_docker_1_6"),
        *("pids.limited", "a limit", "no limit", "unlimited"),
        *("/sys/fs/cgroup/pids/docker/{id}/pids.max", "max", "start it with --pids-limit"),
    ),
    (
        *("cis_docker_1_6/5.12", "5.12 The root file system is read only", "low", "cis_docker_1_6"),
        *("security.read_only_root", "read only", "writable", "writable"),
        *("/proc/{pid}/mountinfo", "rw", "start it with --read-only, and give it a tmpfs for what it writes"),
    ),
    (
        *("baseline/drift", "The kernel enforces what the engine declares", "medium", "baseline"),
        *("drift.none", "no drift", "memory_bytes 96 MiB", "memory_bytes 160 MiB"),
        *("/sys/fs/cgroup/memory/docker/{id}/memory.limit_in_bytes", 167772160, "tell the engine: docker update"),
    ),
)
_UNLIMITED, _DRIFTED, _HOST_NET = 2, 5, 1


def container(name, **other):
    """A row of ``containers``: running, limited to 64 MiB, alone in its namespaces but for the host's users."""
    identity = hashlib.sha256((name or "nameless").encode("utf-8", "surrogatepass")).hexdigest()
    row = {
        "id": identity,
        "name": name,
        "engine": "docker",
        "engine_known": True,
        "image": "registry.example.org/app:1",
        "state": "running",
        "pid": 4711,
        "nested_in": None,
        "usage_bytes": 40 * MIB,
        "working_set_bytes": 32 * MIB,
        "limit_state": "limited",
        "limit_bytes": 64 * MIB,
        "effective_limit_bytes": 64 * MIB,
        "effective_limit_source": "/docker/" + identity,
        "memory_path": "/docker/" + identity,
        "drift": [],
        "reload_drift": None,
        "worst": None,
        "fail": 0,
        "waived": 0,
        "unknown": 0,
        "shared": {"user": "host"},
    }
    return dict(row, **other)


def finding(of, number=2, status="fail", **other):
    """A finding about a container ``of``: that of rule ``number``."""
    rule, title, severity, _pack, check, expected, declared, enforced, path, value, remediation = _RULES[number]
    found = {
        "rule": rule,
        "title": title,
        "severity": severity,
        "check": check,
        "container": of["name"] or of["id"],
        "container_id": of["id"],
        "engine": of["engine"],
        "status": status,
        "expected": expected,
        "declared": declared,
        "enforced": None if status == "unknown" else enforced,
        "reason": "Permission denied" if status == "unknown" else None,
        "evidence": [{"path": path.format(pid=of["pid"], id=of["id"]), "value": value}],
        "remediation": remediation,
        "waiver": {"reason": "migration", "expires": "2027-03-31"} if status == "waived" else None,
    }
    return dict(found, **other)


def answer(containers=(), findings=(), **other):
    """What the module returns for these containers and findings, counted as it counts."""
    containers, findings = [dict(one) for one in containers], list(findings)
    for one in containers:
        ours = [found for found in findings if found["container_id"] == one["id"]]
        for status in ("fail", "waived", "unknown"):
            one[status] = sum(found["status"] == status for found in ours)
        failed = [SEVERITIES.index(found["severity"]) for found in ours if found["status"] == "fail"]
        one["worst"] = SEVERITIES[min(failed)] if failed else None
    by_status = {"pass": 10 * len(containers), "fail": 0, "waived": 0, "unknown": 0, "not_applicable": 0}
    by_severity = {name: {"fail": 0, "waived": 0, "unknown": 0} for name in SEVERITIES}
    rules = {}
    for row in _RULES:
        counts = {"pass": len(containers), "fail": 0, "waived": 0, "unknown": 0, "not_applicable": 0}
        title = {"rule": row[0], "title": row[1], "severity": row[2], "pack": row[3], "containers": len(containers)}
        rules[row[0]] = dict(title, about=None, fingerprint=row[0][:12], **counts)
    for found in findings:
        by_status[found["status"]] += 1
        by_severity[found["severity"]][found["status"]] += 1
        if found["rule"] in rules:
            rules[found["rule"]][found["status"]] += 1
            rules[found["rule"]]["pass"] -= 1
    result = {
        "changed": False,
        "summary": {
            "containers": len(containers),
            "by_status": by_status,
            "by_severity": by_severity,
            "rules": list(rules.values()),
        },
        "findings": findings,
        "selection": {"containers": None, "engines": None},
        "containers": containers,
        "shared": [],
        "waivers": [],
        "unmatched": [],
        "not_judged": [
            {"pack": "cis_docker_1_6", "item": "5.7", "title": "No sshd in containers", "reason": "no kernel evidence"}
        ],
        "packs": ["cis_docker_1_6", "baseline"],
        "host": host(),
        "audited_on": "2026-11-24",
    }
    return dict(result, **other)


def host(**other):
    facts = {
        "mode": "hybrid",
        "scope": "host",
        "kernel": "6.1.0-28-amd64",
        "memory_version": 1,
        "swap_accounting": True,
        "memory_total_bytes": 24 * GIB,
        "swap_total_bytes": 0,
        "page_size_bytes": 4096,
        "cpus": 8,
        "security_modules": ["apparmor"],
        "engines": [
            {
                "name": "docker",
                "version": "20.10.24+dfsg1",
                "socket": "/run/docker.sock",
                "cgroup_driver": "cgroupfs",
                "reachable": True,
                "error": None,
            }
        ],
        "vanished": 0,
        "unreadable": [],
    }
    return dict(facts, **other)


_NAMES = ("web", "api", "cache", "worker", "db", "proxy", "queue", "metrics")
_LIMITS = (64 * MIB, 128 * MIB, 256 * MIB, 512 * MIB, GIB, 2 * GIB)


def random_answer(seed, size):
    """An answer of a host with ``size`` containers, the same for the same seed: about two findings for each."""
    chance = random.Random(seed)
    containers = [_random_container(chance, seed, number) for number in range(size)]
    pairs = [(containers[number - 1], containers[number]) for number in range(1, size, 9)]
    shared = []
    for inode, (first, second) in enumerate(pairs, 4026532000):
        for one, other in ((first, second), (second, first)):
            one["shared"] = dict(one["shared"], net=[other["name"]])
        shared.append(
            {"type": "net", "inode": inode, "with_host": False, "containers": [first["name"], second["name"]]}
        )
    for kind, inode in (("user", 4026531837), ("net", 4026531840)):
        names = [one["name"] for one in containers if one["shared"].get(kind) == "host"]
        shared.append({"type": kind, "inode": inode, "with_host": True, "containers": names})
    findings = [found for one in containers for found in _random_findings(chance, one)]
    findings.sort(key=lambda found: SEVERITIES.index(found["severity"]))
    return answer(containers, findings, shared=shared)


def _random_container(chance, seed, number):
    name = f"{chance.choice(_NAMES)}-{seed}-{number}"
    limit = chance.choice((None, *_LIMITS))
    effective = limit or 24 * GIB
    usage = int(min(effective, 4 * GIB) * chance.betavariate(2, 4))
    row = container(
        name,
        pid=chance.randrange(2000, 4000000),
        image=f"registry.example.org/{chance.choice(_NAMES)}:{chance.randrange(1, 30)}",
        usage_bytes=usage,
        working_set_bytes=int(usage * chance.uniform(0.4, 1)),
        limit_state="limited" if limit else "unlimited",
        limit_bytes=limit,
        effective_limit_bytes=effective,
        shared={"user": "host", "net": "host"} if chance.random() < 0.08 else {"user": "host"},
    )
    return row if limit else dict(row, effective_limit_source="host")


def _random_findings(chance, one):
    likely = (0.02, 0, 0, 0.6, 0.95, 0.04)
    for number, share in enumerate(likely):
        certain = (number == _UNLIMITED and one["limit_bytes"] is None) or (
            number == _HOST_NET and one["shared"].get("net") == "host"
        )
        if certain or chance.random() < share:
            status = chance.choices(("fail", "waived", "unknown"), (90, 6, 4))[0]
            yield finding(one, number, status)
