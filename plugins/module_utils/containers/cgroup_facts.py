# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_cgroup_facts: kernel and engines in, one record per container out."""

from __future__ import annotations

from ..engines.contract import declare
from ..errors import Gone
from ..kernel import blkio_v1, io_v2
from ..kernel.files import Files
from ..kernel.host import read_host
from ..kernel.pids import read_pids
from .cgroups import NO_CGROUPS, confirm, read_cgroups
from .cpu import cpu_record, read_container_cpuset, read_cpu
from .drift import find_drift
from .inventory import take_inventory
from .limits import limit_state, limited
from .memory import AncestorLimits, memory_record, read_memory
from .processes import read_processes
from .record import identity_record

SUBSETS = ("memory", "cpu", "pids", "io", "processes", "stat")
DEFAULT_SUBSETS = ("memory", "cpu", "pids")

_CONTROLLERS = {"memory": "memory", "stat": "memory", "cpu": "cpu", "pids": "pids", "io": "blkio or io"}
_IO = {1: blkio_v1.read_io, 2: io_v2.read_io}


def chosen_subsets(words):
    """As Ansible's setup reads ``gather_subset``: what is only taken away is taken from the default.

    ``["!cpu"]`` -> memory, pids; ``["all", "!io"]`` -> all but io; ``["!all", "io"]`` -> io.
    """
    added = {word for word in words if not word.startswith("!")}
    removed = {word[1:] for word in words if word.startswith("!")}
    chosen = set(SUBSETS) if "all" in added else added
    if not added and "all" not in removed:
        chosen = set(DEFAULT_SUBSETS)
    return chosen - removed


def gather_cgroup_facts(witnesses, containers=None, engines=None, gather_subset=DEFAULT_SUBSETS, root="/"):
    """({"host": ..., "containers": [...]}, warnings); see the module's RETURN for every key."""
    host = read_host(Files(root))
    inventory = take_inventory(host, witnesses, containers, engines)
    subsets = chosen_subsets(gather_subset)
    ancestors = AncestorLimits(host.files)
    records = []
    vanished = 0
    for container in inventory.containers:
        try:
            records.append(container_record(host, container, subsets, ancestors))
        except Gone:
            vanished += 1
    return {"host": host_record(host, inventory, vanished), "containers": records}, inventory.warnings


def container_record(host, container, subsets, ancestors):
    """Raises Gone where the container ends meanwhile."""
    files = host.files.again()
    cgroups = read_cgroups(host, files, container) if container.runs else NO_CGROUPS
    record = identity_record(container, cgroups.pid)
    record["hierarchies"] = [
        {"id": one.id, "controllers": list(one.controllers), "path": one.path} for one in cgroups.memberships
    ]
    memory = cpu = cpuset = pids = None
    if "memory" in subsets or "stat" in subsets:
        cgroup = cgroups.by_controller.get("memory")
        memory = cgroup and read_memory(files, cgroup)
        if "memory" in subsets:
            record["memory"] = memory and memory_record(host, files, memory, cgroup, cgroups.unified, ancestors)
        if "stat" in subsets:
            record["stat"] = memory and memory.stat
    if "cpu" in subsets:
        cpu = read_cpu(files, cgroups)
        cpuset = read_container_cpuset(files, cgroups)
        record["cpu"] = cpu and cpu_record(cpu, cpuset)
    if "pids" in subsets:
        cgroup = cgroups.by_controller.get("pids")
        pids = cgroup and read_pids(files, cgroup.directory)
        record["pids"] = pids and pids_record(pids)
    if "io" in subsets:
        record["io"] = read_container_io(files, cgroups)
    if "processes" in subsets:
        record["processes"], record["processes_truncated"] = read_processes(files, container.pids)
    if container.runs:
        confirm(files, cgroups)
        for part, value in record.items():
            if value is None and part in _CONTROLLERS:
                files.refuse(part, f"no {_CONTROLLERS[part]} controller is mounted here")
    declared = container.claim and container.claim.declared
    record["declared"] = declared or declare()
    record["drift"] = (
        find_drift(declared, memory, cpu, cpuset, pids, host.page_size_bytes) if declared and container.runs else None
    )
    record["unreadable"] = files.unreadable
    return record


def pids_record(pids):
    return {
        "limit_state": limit_state(pids.limit),
        "limit": limited(pids.limit),
        "current": pids.current,
        "limit_hits": pids.limit_hits,
    }


def read_container_io(files, cgroups):
    for name in ("blkio", "io"):
        cgroup = cgroups.by_controller.get(name)
        if cgroup is not None:
            return _IO[cgroup.hierarchy.version](files, cgroup.directory)
    return None


def host_record(host, inventory, vanished):
    memory = host.controllers.get("memory")
    return {
        "mode": host.mode,
        "scope": host.scope,
        "memory_version": memory and memory.version,
        "swap_accounting": host.swap_accounting,
        "memory_total_bytes": host.meminfo.memory_total_bytes,
        "swap_total_bytes": host.meminfo.swap_total_bytes,
        "page_size_bytes": host.page_size_bytes,
        "kernel": host.kernel,
        "engines": inventory.engines,
        "vanished": vanished,
        "unreadable": host.files.unreadable,
    }
