# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pack ``cis_docker_1_6``: those items of the CIS Docker Benchmark 1.6 that the kernel can prove of a container.

The numbers are those of version 1.6; other versions have others. The words are ours, the benchmark itself is its
publisher's. It is about Docker, and its items are judged for the containers of all engines alike.
"""

from __future__ import annotations

RULES = [
    {
        "name": "cis_docker_1_6/5.2",
        "title": "5.2 AppArmor confines the container, where the kernel runs it",
        "severity": "medium",
        "security": {"apparmor": True},
    },
    {
        "name": "cis_docker_1_6/5.3",
        "title": "5.3 SELinux confines the container, where the kernel runs it",
        "severity": "medium",
        "security": {"selinux": True},
    },
    {
        "name": "cis_docker_1_6/5.4",
        "title": "5.4 No capabilities beyond those that Docker gives by default",
        "severity": "high",
        "security": {
            "capabilities": [
                *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP"),
                *("NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP"),
            ]
        },
    },
    {
        "name": "cis_docker_1_6/5.5",
        "title": "5.5 Not privileged",
        "severity": "critical",
        "security": {"not_privileged": True},
    },
    {
        "name": "cis_docker_1_6/5.6",
        "title": "5.6 No sensitive directory of the host is mounted",
        "severity": "high",
        "security": {"forbidden_mounts": ["/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"]},
    },
    {
        "name": "cis_docker_1_6/5.10",
        "title": "5.10 Not in the host's network namespace",
        "severity": "high",
        "namespaces": {"not_shared_with_host": ["net"]},
    },
    {
        "name": "cis_docker_1_6/5.11",
        "title": "5.11 Memory is limited",
        "severity": "high",
        "memory": {"limited": True},
    },
    {
        "name": "cis_docker_1_6/5.12",
        "title": "5.12 CPU time is shared on purpose",
        "severity": "low",
        "cpu": {"prioritised": True},
    },
    {
        "name": "cis_docker_1_6/5.13",
        "title": "5.13 The root file system is read-only",
        "severity": "medium",
        "security": {"read_only_root": True},
    },
    {
        "name": "cis_docker_1_6/5.16",
        "title": "5.16 Not in the host's PID namespace",
        "severity": "high",
        "namespaces": {"not_shared_with_host": ["pid"]},
    },
    {
        "name": "cis_docker_1_6/5.17",
        "title": "5.17 Not in the host's IPC namespace",
        "severity": "high",
        "namespaces": {"not_shared_with_host": ["ipc"]},
    },
    {
        "name": "cis_docker_1_6/5.20",
        "title": "5.20 What it mounts does not reach the host",
        "severity": "medium",
        "security": {"private_mounts": True},
    },
    {
        "name": "cis_docker_1_6/5.21",
        "title": "5.21 Not in the host's UTS namespace",
        "severity": "medium",
        "namespaces": {"not_shared_with_host": ["uts"]},
    },
    {
        "name": "cis_docker_1_6/5.22",
        "title": "5.22 System calls are filtered by seccomp",
        "severity": "high",
        "security": {"seccomp": True},
    },
    {
        "name": "cis_docker_1_6/5.25",
        "title": "5.25 Its cgroup is where its engine makes cgroups",
        "severity": "low",
        "cgroup": {"default_parent": True},
    },
    {
        "name": "cis_docker_1_6/5.26",
        "title": "5.26 No new privileges",
        "severity": "medium",
        "security": {"no_new_privileges": True},
    },
    {
        "name": "cis_docker_1_6/5.29",
        "title": "5.29 The number of its processes is limited",
        "severity": "medium",
        "pids": {"limited": True},
    },
    {
        "name": "cis_docker_1_6/5.31",
        "title": "5.31 Not in the host's user namespace",
        "severity": "medium",
        "namespaces": {"not_shared_with_host": ["user"]},
    },
    {
        "name": "cis_docker_1_6/5.32",
        "title": "5.32 The engine's socket is not mounted",
        "severity": "critical",
        "security": {"forbidden_mounts": ["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock"]},
    },
]

_HOST = "it is about the host, not about a container"
_DAEMON = "it is about the engine's configuration, not about a container"
_IMAGE = "it is about how the image was made"
_PORTS = "which ports of the host lead to a container is the engine's word, and which it needs is its owner's"
_ENGINE = "it is the engine's setting, of which the kernel holds nothing"
_USE = "it is about what people do with the engine, which leaves nothing to read"

# What the benchmark asks for as well: (number, about what, why it is not judged).
NOT_JUDGED = (
    ("1", "Configuration of the host", _HOST),
    ("2", "Configuration of the daemon", _DAEMON),
    ("3", "Files of the daemon's configuration", _DAEMON),
    ("4", "Images and how they are built", _IMAGE),
    ("5.1", "Swarm mode only where it is needed", _DAEMON),
    ("5.7", "No SSH server in containers", "what a process is for can't be told from its name"),
    ("5.8", "No privileged ports mapped", _PORTS),
    ("5.9", "Only ports that are needed are open", _PORTS),
    ("5.14", "Incoming traffic comes by one interface of the host", _PORTS),
    ("5.15", "Restarts after a failure are limited", _ENGINE),
    ("5.18", "No devices of the host", "which devices a container may open is in no file on cgroup v2"),
    ("5.19", "Resource limits are set where they are needed", "which are needed is its owner's to say"),
    ("5.23", "No privileged commands in running containers", _USE),
    ("5.24", "No commands as root in running containers", _USE),
    ("5.27", "Health is checked", _ENGINE),
    ("5.28", "Images are the latest", "which is the latest is its registry's to say"),
    ("5.30", "Not on Docker's default bridge", _ENGINE),
    ("6", "Operations: images and containers that nobody needs", "which are needed is their owner's to say"),
    ("7", "Configuration of a swarm", _DAEMON),
)
