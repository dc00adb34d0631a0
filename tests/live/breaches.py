"""Containers of which each breaks an item of the CIS benchmark, plainly or against its engine's word, or seems to."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.fathom.containers.plugins.module_utils.kernel.capabilities import CAPABILITIES
from docker.models.containers import Container

from tests.live import kernel
from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import MIB, Fleet, pid_of

CIS = "cis_docker_1_6"
SOCKET = "/var/run/docker.sock"
# Those of the kernel's capabilities that this host's own first process may have; --privileged gives all of them.
HOSTS = int(kernel.process_status(1)["CapBnd"], 16)
# What all engines know; later ones are parts of CAP_SYS_ADMIN.
OLD = CAPABILITIES.index("CAP_PERFMON")
HARD: dict[str, Any] = {
    "mem_limit": 64 * MIB,
    "memswap_limit": 64 * MIB,
    "pids_limit": 64,
    "cpu_shares": 512,
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
}
UNFILTERED = {"security_opt": ["no-new-privileges", "seccomp=unconfined"]}
NO_MEMORY_LIMIT = {"mem_limit": None, "memswap_limit": None}
# What a container has that HARD has not (None: what HARD has and it has not), and the items of the benchmark that it
# breaks by the kernel's word. SHARED stands for a directory that is a shared mount on the host, PARENT for a cgroup,
# LIMITED for one with a memory limit below it, and NAME- for the beginning of a container's name.
KINDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "hard": ({}, set()),
    "shareable-ipc": ({"ipc_mode": "shareable"}, set()),
    "capable": ({"cap_add": ["NET_ADMIN"]}, {"5.4"}),
    "default-capabilities": ({"cap_drop": None}, set()),
    "etc-writable": ({"volumes": ["/etc:/host/etc"]}, {"5.6"}),
    "etc": ({"volumes": ["/etc:/host/etc:ro"]}, {"5.6"}),
    "file-of-etc": ({"volumes": ["/etc/hostname:/etc/hostname:ro"]}, set()),
    "volume-at-etc": ({"volumes": ["/etc"]}, set()),
    "proc": ({"volumes": ["/proc:/host/proc:ro"]}, {"5.6"}),
    "whole-host": ({"volumes": {"/": {"bind": "/host", "mode": "ro"}}}, {"5.6", "5.32"}),
    "host-net": ({"network_mode": "host"}, {"5.10"}),
    "net-of": ({"network_mode": "container:NAME-hard"}, set()),
    "net-of-host-net": ({"network_mode": "container:NAME-host-net"}, {"5.10"}),
    "no-memory-limit": (NO_MEMORY_LIMIT, {"5.11"}),
    "limit-above-host": ({"mem_limit": 2**50, "memswap_limit": -1}, {"5.11"}),
    "limited-from-above": ({**NO_MEMORY_LIMIT, "cgroup_parent": "LIMITED"}, {"5.25"}),
    "drifted": ({}, {"5.11", "5.12", "5.29"}),
    "no-shares": ({"cpu_shares": None}, {"5.12"}),
    "shares-of-default": ({"cpu_shares": 1024}, {"5.12"}),
    "writable": ({"read_only": None}, {"5.13"}),
    "remounted": ({}, {"5.13"}),
    "host-pid": ({"pid_mode": "host"}, {"5.16"}),
    "pid-of": ({"pid_mode": "container:NAME-shareable-ipc"}, set()),
    "pid-of-host-pid": ({"pid_mode": "container:NAME-host-pid"}, {"5.16"}),
    "host-ipc": ({"ipc_mode": "host"}, {"5.17"}),
    "ipc-of": ({"ipc_mode": "container:NAME-shareable-ipc"}, set()),
    "ipc-of-host-ipc": ({"ipc_mode": "container:NAME-host-ipc"}, {"5.17"}),
    "shared-mount": ({"volumes": ["SHARED:/mnt:shared"]}, {"5.20"}),
    "slave-mount": ({"volumes": ["SHARED:/mnt:slave"]}, set()),
    "host-uts": ({"uts_mode": "host"}, {"5.21"}),
    "no-seccomp": (UNFILTERED, {"5.22"}),
    "other-parent": ({"cgroup_parent": "PARENT"}, {"5.25"}),
    "engines-parent": ({"cgroup_parent": "/docker"}, set()),
    "new-privileges": ({"security_opt": None}, {"5.26"}),
    "new-privileges-again": ({"security_opt": ["no-new-privileges=false"]}, {"5.26"}),
    "no-pids-limit": ({"pids_limit": None}, {"5.29"}),
    "socket": ({"volumes": [f"{SOCKET}:{SOCKET}"]}, {"5.32"}),
    "socket-elsewhere": ({"volumes": ["/run/docker.sock:/tmp/x:ro"]}, {"5.32"}),
    "directory-of-socket": ({"volumes": ["/run:/host/run:ro"]}, {"5.32"}),
    "named-like-socket": ({"volumes": ["SHARED/docker.sock.old:/mnt"]}, set()),
    "all-but-privileged": ({"cap_drop": None, "cap_add": ["ALL"], **UNFILTERED}, {"5.4", "5.5", "5.22"}),
}
# Of no engine without users of its own: every container is in the host's user namespace.
ALWAYS = {"5.31"}


@contextmanager
def shared_directory(place: Path) -> Iterator[Path]:
    """A mount of its own, in an empty directory, that whoever has it mounted can be shared with."""
    subprocess.run(["mount", "-t", "tmpfs", "fathom-live", place], check=True)
    try:
        subprocess.run(["mount", "--make-shared", place], check=True)
        (place / "docker.sock.old").mkdir()
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def start(fleet: Fleet, tree: CgroupTree, shared: Path) -> dict[str, Container]:
    """One container of each kind, by kind."""
    tree.limit_memory(f"{tree.root}/limited", 128 * MIB)
    containers = {
        kind: fleet.run(kind, **_options(fleet, tree, shared, more)) for kind, (more, _items) in KINDS.items()
    }
    _drift(pid_of(containers["drifted"]))
    _remount(pid_of(containers["remounted"]))
    return containers


def _options(fleet: Fleet, tree: CgroupTree, shared: Path, more: dict[str, Any]) -> dict[str, Any]:
    options = {**HARD, **more}
    if options.get("cap_add") == ["ALL"]:
        # All that --privileged would give, which is not possible where this machine itself has not all.
        options["cap_add"] = [name for number, name in enumerate(CAPABILITIES[:OLD]) if HOSTS >> number & 1]
    words = {"SHARED": str(shared), "PARENT": tree.root, "LIMITED": f"{tree.root}/limited", "NAME-": fleet.prefix}
    for word, text in words.items():
        for key, value in options.items():
            if isinstance(value, str):
                options[key] = value.replace(word, text)
            elif isinstance(value, list):
                options[key] = [one.replace(word, text) for one in value]
    return {key: value for key, value in options.items() if value is not None}


def _drift(pid: int) -> None:
    """Lift in the kernel what the engine goes on to declare."""
    memory, cpu, pids = (kernel.cgroup(pid, name) for name in ("memory", "cpu", "pids"))
    if memory.version == 1:
        memory.file("memory.memsw.limit_in_bytes", "").write_text("-1", encoding="ascii")
    no_limit = "-1" if memory.version == 1 else "max"
    memory.file("memory.limit_in_bytes", "memory.max").write_text(no_limit, encoding="ascii")
    cpu.file("cpu.shares", "cpu.weight").write_text("1024" if cpu.version == 1 else "100", encoding="ascii")
    pids.file("pids.max", "pids.max").write_text("max", encoding="ascii")


def _remount(pid: int) -> None:
    """Make the root file system writable, as the host's root can; `mount` has to be a process that /proc knows."""
    command = ["nsenter", f"--target={pid}", "--mount", "--pid", "/bin/busybox", "mount", "-o", "remount,rw,bind", "/"]
    subprocess.run(command, check=True)
