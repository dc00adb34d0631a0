# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role tour registers of a container: results of the modules of facts, of find and of container_nsenter."""

from __future__ import annotations

from typing import Any, Dict

ID = "15bfe7163b6d67a41ddf5fe855533d7baeba65be0058795e4e1243d5111ffdf8"
PATH = "/docker/" + ID
CHAIN = ["sha256:" + letter * 64 for letter in "abc"]
OTHER = "sha256:" + "7" * 64
HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }}\u202e\x1b[31m"
MIB = 1 << 20
Json = Dict[str, Any]


def container(**changes: Any) -> Json:
    record = {
        "id": ID,
        "name": "web",
        "engine": "docker",
        "engine_known": True,
        "image": "goweb:1",
        "state": "running",
        "pid": 8940,
        "labels": {"tier": "web"},
        "nested_in": None,
        "hierarchies": [
            {"id": 4, "controllers": ["memory"], "path": PATH},
            {"id": 1, "controllers": ["cpu", "cpuacct"], "path": PATH},
            {"id": 0, "controllers": [], "path": PATH},
        ],
        "memory": memory(),
        "processes": [
            {"pid": 8940, "namespace_pid": 1, "ppid": 8913, "uid": 0, "name": "main", "rss_bytes": MIB},
            {"pid": 8999, "namespace_pid": None, "ppid": 8940, "uid": None, "name": None, "rss_bytes": None},
        ],
        "processes_truncated": False,
        "declared": {"memory_bytes": 64 * MIB, "memory_swap_bytes": -1, "cpus": None, "oom_kill_disabled": False},
        "drift": [],
        "systemd": None,
        "reload_drift": None,
        "unreadable": [],
    }
    return {**record, **changes}


def memory(**changes: Any) -> Json:
    record = {
        "path": PATH,
        "own": True,
        "version": 1,
        "limit_state": "limited",
        "limit_bytes": 64 * MIB,
        "effective_limit_bytes": 64 * MIB,
        "effective_limit_source": PATH,
        "swap_limit_state": "unlimited",
        "swap_limit_bytes": None,
        "usage_bytes": 8 * MIB,
        "working_set_bytes": 6 * MIB,
        "peak_bytes": 12 * MIB,
        "limit_hits": 3,
        "oom_kills": 0,
    }
    return {**record, **changes}


def namespace(inode: Any, with_host: Any = False, *others: str) -> Json:
    return {"inode": inode, "shared_with_host": with_host, "shared_with": list(others)}


def namespaces(**changes: Any) -> Json:
    record = {
        "namespaces": {
            "pid": namespace(11),
            "net": namespace(12, False, "sidecar"),
            "user": namespace(13, True),
            "time": namespace(None, None),
        },
        "hostname": "web-1",
        "interfaces": [
            {
                "name": "eth0",
                "index": 6,
                "mac": "02:42:ac:11:00:02",
                "mtu": 1500,
                "state": "up",
                "addresses": [{"address": "172.17.0.2", "prefix": 16}],
                "host_peer": "veth1",
            }
        ],
        "root_mount": {"fstype": "overlay"},
        "unreadable": [{"path": "/proc/8940/ns/time", "reason": "Permission denied"}],
    }
    return {**record, **changes}


def step(created_by: str, chain_id: Any, size_bytes: Any = 0, **changes: Any) -> Json:
    record = {
        "created": "2026-11-24T07:40:44Z",
        "created_by": created_by,
        "size_bytes": size_bytes,
        "empty_layer": chain_id is None,
        "chain_id": chain_id,
        "comment": "",
    }
    return {**record, **changes}


def layer(chain_id: str, size_bytes: Any, *shared_with: str) -> Json:
    return {"diff_id": chain_id, "chain_id": chain_id, "size_bytes": size_bytes, "shared_with": list(shared_with)}


def image(**changes: Any) -> Json:
    record = {
        "id": "sha256:" + "c" * 64,
        "engine_known": True,
        "tags": ["goweb:1"],
        "os": "linux",
        "architecture": "amd64",
        "size_bytes": 13 * MIB,
        "unique_bytes": 8 * MIB,
        "shared_bytes": 5 * MIB,
        "containers": ["sidecar", "web"],
        "layers": [layer(CHAIN[0], 5 * MIB, OTHER), layer(CHAIN[1], 0), layer(CHAIN[2], 8 * MIB)],
        "history": [
            step("ADD base", CHAIN[0], 5 * MIB),
            step("/bin/sh -c mkdir /app", CHAIN[1]),
            step("WORKDIR /app", None),
            step("", CHAIN[2], 8 * MIB, comment="imported"),
        ],
        "unreadable": [],
    }
    return {**record, **changes}


def entered(*outputs: str) -> list:
    """Results of programs that were entered with, by what each printed."""
    return [
        {"rc": 0, "argv": ["show", str(number)], "stdout_lines": text.splitlines(), "item": ["show", str(number)]}
        for number, text in enumerate(outputs)
    ]


def results(**changes: Any) -> Json:
    """All of it; of a container that runs unless it is changed."""
    of_host = {
        "kernel": "6.1.0",
        "memory_total_bytes": 1024 * MIB,
        "engines": [{"name": "docker", "socket": "/var/run/docker.sock", "reachable": changes.pop("reachable", True)}],
    }
    one = changes.pop("container", container())
    told = {
        "time": "2026-11-24T15:20:58Z",
        "cgroups": {"ansible_facts": {"container_cgroups": {"host": of_host, "containers": [one]}}},
        "namespaces": {"ansible_facts": {"container_namespaces": {"containers": [namespaces()]}}},
        "images": {"ansible_facts": {"container_images": {"images": [image()]}}},
        "root": {"files": [{"path": f"/proc/8940/root/{name}"} for name in ("tmp", ".dockerenv", "app")]},
        "uts": entered("web-1", "lo UNKNOWN\ndocker0 UP"),
        "net": entered("vm", "lo UNKNOWN\neth0 UP"),
    }
    return {**told, **changes}


def of(**changes: Any) -> Json:
    """With another record of the namespaces or the image."""
    told = results()
    if "namespaces" in changes:
        told["namespaces"]["ansible_facts"]["container_namespaces"]["containers"] = [changes["namespaces"]]
    if "image" in changes:
        told["images"]["ansible_facts"]["container_images"]["images"] = [changes["image"]]
    return told


def stopped() -> Json:
    """Of a container that has ended."""
    idle: Json = {"pid": None, "state": "exited", "memory": None, "hierarchies": [], "processes": []}
    skipped = {"skipped": True, "skip_reason": "Conditional result was False"}
    told = results(container=container(**idle), root=skipped, uts=[skipped], net=[skipped])
    nothing = {kind: namespace(None, None) for kind in ("pid", "net")}
    told["namespaces"]["ansible_facts"]["container_namespaces"]["containers"] = [
        namespaces(namespaces=nothing, hostname=None, interfaces=None, root_mount=None, unreadable=[])
    ]
    return told
