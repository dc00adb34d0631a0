"""What the usual tools say of a container's namespaces: /proc, lsns, nsenter and ip, one process of theirs at a time.

Nothing of the collection is used here: its facts are held against this.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

TYPES = ("pid", "net", "ipc", "mnt", "uts", "user", "cgroup", "time")
HERE = "self"


def inodes(pid: int | str) -> dict[str, int]:
    """By type, the inode of the file that stands for the namespace; those of `HERE` are the host's."""
    return {kind: Path(f"/proc/{pid}/ns/{kind}").stat().st_ino for kind in TYPES}


def lsns(pid: int) -> dict[str, int]:
    """The same as lsns tells it, of the types that it knows."""
    told = _output("lsns", "--json", "--output", "NS,TYPE", "--task", str(pid))
    return {row["type"]: int(row["ns"]) for row in json.loads(told)["namespaces"]}


def hostname(pid: int | str) -> str:
    """What `hostname` says in a process's uts namespace."""
    return _output("nsenter", f"--uts=/proc/{pid}/ns/uts", "hostname").rstrip("\n")


def interfaces(pid: int | str) -> dict[int, dict[str, Any]]:
    """What `ip addr` says in a process's net namespace, by index."""
    told = _output("nsenter", f"--net=/proc/{pid}/ns/net", "ip", "-json", "-details", "addr")
    # It writes control characters of names as they are.
    return {row["ifindex"]: row for row in json.loads(told, strict=False)}


def as_record(row: dict[str, Any], on_host: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A row of `interfaces` as the facts have it."""
    peer = on_host.get(row.get("link_index", 0)) if "link_netnsid" in row else None
    return {
        "name": row["ifname"],
        "index": row["ifindex"],
        "kind": row.get("linkinfo", {}).get("info_kind"),
        "mac": row["address"] if row["link_type"] in ("ether", "loopback") else None,
        "mtu": row["mtu"],
        "state": row["operstate"].lower(),
        "addresses": [
            {"address": one["local"], "prefix": one["prefixlen"], "family": one["family"], "scope": one["scope"]}
            for one in row["addr_info"]
        ],
        "addresses_truncated": False,
        "host_peer": peer["ifname"] if peer and peer.get("link_index") == row["ifindex"] else None,
    }


def mounts(pid: int) -> list[dict[str, Any]]:
    """What findmnt makes of the process's mounts, in the kernel's order."""
    columns = "TARGET,FSTYPE,PROPAGATION,VFS-OPTIONS,FS-OPTIONS"
    told = _output("findmnt", "--json", "--list", "--task", str(pid), "--output", columns)
    return list(json.loads(told)["filesystems"])


def _output(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("utf-8", "backslashreplace")
