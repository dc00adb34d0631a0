# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pack ``baseline``: what a careful operator wants to know on the first day.

All that lets a container take the host's resources or get at the host, and what its engine does not know. What nearly
every container of nearly every host lacks (a read-only root, a user namespace) is left to stricter rules.
"""

from __future__ import annotations

RULES = [
    {
        "name": "baseline/memory-limit",
        "title": "Every container has a memory limit",
        "severity": "high",
        "memory": {"limited": True},
    },
    {
        "name": "baseline/memory-in-use",
        "title": "No container is about to run out of its memory",
        "severity": "medium",
        "memory": {"usage_below": 90},
    },
    {
        "name": "baseline/oom-kills",
        "title": "Nothing was killed for want of memory",
        "severity": "medium",
        "memory": {"no_oom_kills": True},
    },
    {
        "name": "baseline/pids-limit",
        "title": "No container can fill the host with processes",
        "severity": "medium",
        "pids": {"limited": True},
    },
    {
        "name": "baseline/privileged",
        "title": "No container may do all that root of the host may",
        "severity": "critical",
        "security": {"not_privileged": True},
    },
    {
        "name": "baseline/capabilities",
        "title": "No container has more capabilities than engines give by default",
        "severity": "high",
        "security": {
            "capabilities": [
                *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP"),
                *("NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP"),
            ]
        },
    },
    {
        "name": "baseline/engine-socket",
        "title": "No container can command an engine",
        "severity": "critical",
        "security": {
            "forbidden_mounts": [
                *("/run/docker.sock", "/run/podman/podman.sock", "/run/user/*/podman/podman.sock"),
                *("/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/user/*/docker.sock"),
            ]
        },
    },
    {
        "name": "baseline/host-processes",
        "title": "No container sees the host's processes or mounts",
        "severity": "high",
        "namespaces": {"not_shared_with_host": ["pid", "mnt"]},
    },
    {
        "name": "baseline/host-network",
        "title": "No container is in the host's network, IPC or host name",
        "severity": "medium",
        "namespaces": {"not_shared_with_host": ["net", "ipc", "uts"]},
    },
    {
        "name": "baseline/other-containers",
        "title": "No container is in another one's namespaces",
        "severity": "low",
        "namespaces": {"not_shared_with_containers": ["pid", "net", "ipc", "mnt", "uts"]},
    },
    {
        "name": "baseline/seccomp",
        "title": "System calls are filtered",
        "severity": "high",
        "security": {"seccomp": True},
    },
    {
        "name": "baseline/confined",
        "title": "AppArmor or SELinux confines every container where the kernel runs it",
        "severity": "medium",
        "security": {"apparmor": True, "selinux": True},
    },
    {
        "name": "baseline/drift",
        "title": "The kernel enforces what the engine declares",
        "severity": "medium",
        "drift": {"none": True, "none_after_reload": True},
    },
    {
        "name": "baseline/unknown",
        "title": "Every container is known to its engine",
        "severity": "high",
        "engine": {"known": True},
    },
]

NOT_JUDGED = ()
