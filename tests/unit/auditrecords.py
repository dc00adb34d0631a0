# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged in tests: a container that keeps to every rule, as containers/audit_facts.py has it, and a host."""

from __future__ import annotations

import copy

from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import TYPES
from ansible_collections.fathom.containers.tests.unit.hosttree import A

MIB, GIB = 1 << 20, 1 << 30
UNIT = f"docker-{A}.scope"
PATH = f"/system.slice/{UNIT}"

HOST = {
    "mode": "unified",
    "memory_total_bytes": 8 * GIB,
    "page_size_bytes": 4096,
    "security_modules": ["apparmor", "selinux"],
    "capabilities": ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"],
    "cpus": "0-3",
    "engines": [{"name": "docker", "reachable": True, "error": None}],
    "mounts_known": True,
    "real_paths": {"/var/run/docker.sock": "/run/docker.sock"},
}

RECORD = {
    "id": A,
    "name": "web",
    "engine": "docker",
    "engine_known": True,
    "image": "goweb:1",
    "state": "running",
    "pid": 7,
    "labels": {"tier": "web"},
    "nested_in": None,
    "memory": {
        "path": PATH,
        "own": True,
        "version": 2,
        "limit_state": "limited",
        "limit_bytes": 256 * MIB,
        "effective_limit_bytes": 256 * MIB,
        "effective_limit_source": PATH,
        "swap_limit_state": "limited",
        "swap_limit_bytes": 0,
        "memory_swap_limit_bytes": 256 * MIB,
        "reservation_bytes": 64 * MIB,
        "usage_bytes": 64 * MIB,
        "working_set_bytes": 32 * MIB,
        "oom_kills": 0,
    },
    "cpu": {
        "limit_state": "limited",
        "limit_cpus": 0.5,
        "quota_usec": 50000,
        "period_usec": 100000,
        "shares": None,
        "weight": 50,
        "cpuset_cpus": "0-3",
    },
    "pids": {"limit_state": "limited", "limit": 64, "current": 1, "limit_hits": 0},
    "cgroups": {
        name: {"version": 2, "directory": "/sys/fs/cgroup" + PATH} for name in ("memory", "cpu", "pids", "cpuset")
    },
    "declared": {
        "memory_bytes": 256 * MIB,
        "memory_swap_bytes": 256 * MIB,
        "memory_reservation_bytes": 64 * MIB,
        "cpus": 0.5,
        "cpu_shares": 512,
        "pids_limit": 64,
        "cgroup_parent": None,
    },
    "drift": [],
    "systemd": {"unit": UNIT},
    "reload_drift": [],
    "namespaces": {
        kind: {"inode": 4026532000 + number, "shared_with_host": False, "shared_with": []}
        for number, kind in enumerate(TYPES)
    },
    "isolation": {
        "network_mode": "bridge",
        "pid_mode": "",
        "ipc_mode": "private",
        "uts_mode": "",
        "userns_mode": "",
        "cgroupns_mode": "private",
        "privileged": False,
        "read_only_root": True,
        "security_opt": ["no-new-privileges"],
        "cap_add": None,
        "cap_drop": ["ALL"],
        "apparmor": "docker-default",
        "mounts": [],
    },
    "user_map": {
        "uid": [{"inside": 0, "outside": 100000, "count": 65536}],
        "gid": [{"inside": 0, "outside": 100000, "count": 65536}],
        "identity": False,
    },
    "root_mount": {"point": "/", "fstype": "overlay", "read_only": True},
    "mounts": [
        {
            "point": "/",
            "fstype": "overlay",
            "read_only": True,
            "host_paths": ["/var/lib/docker/overlay2/1/merged"],
            "reaches_host": False,
        },
        {
            "point": "/etc/hosts",
            "fstype": "ext4",
            "read_only": False,
            "host_paths": ["/var/lib/docker/containers/1/hosts"],
            "reaches_host": False,
        },
    ],
    "mounts_truncated": False,
    "security": {
        "seccomp": "filter",
        "no_new_privileges": True,
        "capabilities_effective": ["CAP_KILL"],
        "capabilities_bounding": ["CAP_CHOWN", "CAP_KILL"],
        "apparmor": "docker-default",
        "apparmor_mode": "enforce",
        "selinux": "system_u:system_r:container_t:s0:c1,c2",
    },
    "unreadable": [],
}


def record(**changes):
    """RECORD with other values; a dictionary changes keys of the part that it is for."""
    return changed(RECORD, changes)


def changed(original, changes):
    result = copy.deepcopy(original)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = changed(result[key], value)
        else:
            result[key] = value
    return result


def mount(source, point="/mnt", **about):
    """A mount of the host's in a container."""
    return {
        "point": point,
        "fstype": "ext4",
        "read_only": False,
        "host_paths": [source],
        "reaches_host": False,
        **about,
    }


def namespace(shared_with_host=False, shared_with=(), inode=4026532999):
    return {
        "inode": inode,
        "shared_with_host": shared_with_host,
        "shared_with": None if shared_with is None else list(shared_with),
    }
