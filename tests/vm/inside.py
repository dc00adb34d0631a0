"""What the usual tools say of containers' namespaces on the machine: stat, lsns, nsenter, ip and /proc.

All containers in one command, as each takes an emulated machine its time. Nothing of the collection is used.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.live.inside import TYPES
from tests.vm.host import Vm

Json = dict[str, Any]
_MARK = "@@@ "
# By name, what tells it of the process $pid.
_COMMANDS = {
    "inodes": "stat --dereference --format '%i' " + " ".join(f"/proc/$pid/ns/{kind}" for kind in TYPES),
    "lsns": "lsns --json --output NS,TYPE --task $pid",
    "hostname": "nsenter --uts=/proc/$pid/ns/uts hostname",
    "interfaces": "nsenter --net=/proc/$pid/ns/net ip -json -details addr",
    "uids": "cat /proc/$pid/uid_map",
    "gids": "cat /proc/$pid/gid_map",
    "status": "cat /proc/$pid/status",
    "root": "findmnt --json --task $pid --target / --output FSTYPE,VFS-OPTIONS,FS-OPTIONS",
}


@dataclass(frozen=True)
class Inside:
    """The view from within, in the tools' own words; `interfaces` and `lsns` by index and by type."""

    inodes: dict[str, int]
    lsns: dict[str, int]
    hostname: str
    interfaces: dict[int, Json]
    uids: list[list[int]]
    gids: list[list[int]]
    status: dict[str, str]
    root: Json


def look(vm: Vm, pids: Iterable[int]) -> dict[int, Inside]:
    """By PID."""
    told = "; ".join(f'echo "{_MARK}$pid {name}"; {command}' for name, command in _COMMANDS.items())
    printed = vm.run(f"for pid in {shlex.join(map(str, pids))}; do {told}; done")
    parts: dict[int, dict[str, str]] = {}
    for part in printed.split(_MARK)[1:]:
        title, _newline, text = part.partition("\n")
        pid, name = title.split()
        parts.setdefault(int(pid), {})[name] = text
    return {pid: _read(texts) for pid, texts in parts.items()}


def _read(texts: dict[str, str]) -> Inside:
    status = (line.partition(":") for line in texts["status"].splitlines())
    (root,) = json.loads(texts["root"])["filesystems"]
    return Inside(
        inodes=dict(zip(TYPES, map(int, texts["inodes"].split()), strict=True)),
        lsns={row["type"]: int(row["ns"]) for row in json.loads(texts["lsns"])["namespaces"]},
        hostname=texts["hostname"].strip(),
        interfaces={row["ifindex"]: row for row in json.loads(texts["interfaces"])},
        uids=[[int(word) for word in line.split()] for line in texts["uids"].splitlines()],
        gids=[[int(word) for word in line.split()] for line in texts["gids"].splitlines()],
        status={key: value.strip() for key, _colon, value in status},
        root=root,
    )
