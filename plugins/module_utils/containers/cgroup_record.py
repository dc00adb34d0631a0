# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container's cgroup facts: what the kernel tells, shaped, beside what systemd and the engine say."""

from __future__ import annotations

from typing import NamedTuple, Optional

from ..engines.contract import declare
from ..kernel import blkio_v1, io_v2
from ..kernel.cpu import Cpu
from ..kernel.cpuset import Cpuset
from ..kernel.files import printable_path
from ..kernel.memory import Memory
from ..kernel.pids import Pids, read_pids
from .cgroups import confirm, read_cgroups
from .cpu import cpu_record, read_container_cpuset, read_cpu
from .drift import find_drift
from .limits import limit_state, limited
from .memory import AncestorLimits, memory_record, read_memory, with_inner_limits
from .processes import read_processes
from .record import identity_record
from .systemd import UnitFiles, find_reload_drift, unit_record

# Which controller, on v1 or v2, a part of the record comes from.
_CONTROLLERS = {"memory": ("memory",), "stat": ("memory",), "cpu": ("cpu",), "pids": ("pids",), "io": ("blkio", "io")}
_IO = {1: blkio_v1.read_io, 2: io_v2.read_io}


class Once(NamedTuple):
    """What is read once in a run and serves all containers."""

    ancestors: AncestorLimits
    units: UnitFiles


class Figures(NamedTuple):
    """What the kernel enforces; None where it was not asked for, or no such controller is visible.

    ``own_memory``: what the container's own cgroup has, where the runtime may have set more below it.
    """

    memory: Optional[Memory] = None
    own_memory: Optional[Memory] = None
    cpu: Optional[Cpu] = None
    cpuset: Optional[Cpuset] = None
    pids: Optional[Pids] = None


def container_record(host, container, subsets, once):
    """The facts of one container by ``subsets``. Raises Gone where it ends meanwhile."""
    files = host.files.again()
    cgroups = read_cgroups(host, files, container)
    record = identity_record(container, cgroups.pid)
    record.update(cgroup_parts(host, files, container, cgroups, subsets, once))
    record["unreadable"] = files.unreadable
    return record


def cgroup_parts(host, files, container, cgroups, subsets, once):
    """All but who the container is. Raises Gone where it ended, or its PID is another process's."""
    figures = _read_figures(files, cgroups, subsets)
    record = _parts(host, files, container, cgroups, figures, subsets, once)
    if cgroups.pid is not None:
        confirm(files, cgroups)
        for part in _CONTROLLERS.keys() & record.keys():
            if record[part] is None:
                names = " or ".join(_CONTROLLERS[part])
                files.refuse(f"/proc/{cgroups.pid}/cgroup", f"no cgroup of the {names} controller is visible from here")
    record.update(_witnesses(host, container, cgroups, figures, once))
    return record


def _read_figures(files, cgroups, subsets):
    memory, pids = cgroups.by_controller.get("memory"), cgroups.by_controller.get("pids")
    own = read_memory(files, memory) if memory and not subsets.isdisjoint(("memory", "stat")) else None
    return Figures(
        memory=own and with_inner_limits(files, memory, own),
        own_memory=own,
        cpu=read_cpu(files, cgroups) if "cpu" in subsets else None,
        cpuset=read_container_cpuset(files, cgroups) if "cpu" in subsets else None,
        pids=read_pids(files, pids.directory) if pids and "pids" in subsets else None,
    )


def _parts(host, files, container, cgroups, figures, subsets, once):
    """The part of the record that each subset asks for."""
    parts = {}
    memory = figures.memory
    if "hierarchies" in subsets:
        parts["hierarchies"] = _hierarchies(cgroups.memberships)
    if "memory" in subsets:
        cgroup = cgroups.by_controller.get("memory")
        parts["memory"] = memory and memory_record(host, files, memory, cgroup, cgroups.unified, once.ancestors)
    if "stat" in subsets:
        parts["stat"] = memory and memory.stat
    if "cpu" in subsets:
        parts["cpu"] = figures.cpu and cpu_record(figures.cpu, figures.cpuset)
    if "pids" in subsets:
        parts["pids"] = figures.pids and _pids_record(figures.pids)
    if "io" in subsets:
        parts["io"] = _read_io(files, cgroups)
    if "processes" in subsets:
        out_of_sight = container.runs and cgroups.pid is None
        parts["processes"], parts["processes_truncated"] = (
            (None, None) if out_of_sight else read_processes(files, container.pids)
        )
    return parts


def _hierarchies(memberships):
    return [
        {"id": one.id, "controllers": list(one.controllers), "path": printable_path(one.path)} for one in memberships
    ]


def _witnesses(host, container, cgroups, figures, once):
    """What systemd and the engine say, and where the kernel disagrees; None where a witness has nothing to say."""
    unit = container.found and once.units.unit_of(container.found.identity.path)
    declared = container.claim and container.claim.declared
    drift = reload_drift = None
    if declared and any(figure is not None for figure in figures):
        drift = find_drift(declared, figures, unit is not None, host.page_size_bytes)
    if unit and figures.memory:
        hierarchy = host.controllers["memory"]
        memory = figures.own_memory
        if cgroups.by_controller["memory"].path != container.found.identity.path:
            # On v1 a runtime may keep the container in a cgroup below the unit's, where systemd writes nothing.
            memory = memory._replace(limit=once.ancestors.limit(hierarchy, container.found.identity.path))
        reload_drift = find_reload_drift(unit, memory, hierarchy.version, host.page_size_bytes)
    return {
        "systemd": unit and unit_record(unit),
        "declared": declared or declare(),
        "drift": drift,
        "reload_drift": reload_drift,
    }


def _read_io(files, cgroups):
    cgroup = cgroups.by_controller.get("blkio") or cgroups.by_controller.get("io")
    return cgroup and _IO[cgroup.hierarchy.version](files, cgroup.directory)


def _pids_record(pids):
    return {
        "limit_state": limit_state(pids.limit),
        "limit": limited(pids.limit),
        "current": pids.current,
        "limit_hits": pids.limit_hits,
    }
