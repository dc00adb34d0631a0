# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a change of a container's memory limits is judged by, read at one moment."""

from __future__ import annotations

import os
import re
from typing import List, NamedTuple, Optional, Tuple

from ..containers.cgroups import Cgroup, confirm, read_cgroups
from ..containers.inventory import Container
from ..containers.memory import AncestorLimits, read_memory, with_inner_limits, working_set_bytes
from ..containers.systemd import UnitFiles
from ..errors import FathomError, Gone
from ..kernel import memory_v2
from ..kernel.files import UNLIMITED, printable_path
from .holders import NOTHING, Limits, of_kernel, of_record, of_unit
from .use import Use, read_use

_OF_THE_SYSTEM = re.compile(r"(?:/[^/]+\.slice)*/[^/]+\.(?:scope|service)\Z")


class Running(NamedTuple):
    """A container's cgroup of memory. ``identity`` is another one as soon as the container is started again.

    ``directories``: where its limits have to be written; some runtimes make a cgroup below its own, with limits as
    well. ``ceiling``: the smallest limit above it, and the path of the cgroup that sets it; ``hidden_above``: that of
    one whose limit can't be read.
    """

    cgroup: Cgroup
    identity: Tuple[Optional[int], Optional[int], int]
    use: Optional[Use]
    working_set_bytes: Optional[int]
    high: Optional[float]
    oom_kills: Optional[int]
    directories: List[str]
    ceiling: Tuple[float, Optional[str]]
    hidden_above: Optional[str]
    unreadable: List[dict]

    @property
    def version(self):
        return self.cgroup.hierarchy.version


class State(NamedTuple):
    """``running`` and ``kernel`` of a container that does not run: None and NOTHING.

    ``record``: what its engine holds, None where none does. ``unit``: systemd's name for its cgroup and what it holds.
    """

    container: Container
    pid: Optional[int]
    running: Optional[Running]
    kernel: Limits
    record: Optional[Limits]
    unit: Optional[str]
    unit_limits: Limits
    memory_version: Optional[int]
    page_size_bytes: int
    memory_total_bytes: Optional[int]
    swap_free_bytes: Optional[int]
    swap_accounting: Optional[bool]


def read_state(host, container, ancestors=None, units=None) -> State:
    """``ancestors`` and ``units``: caches that may serve several containers, fresh ones otherwise.

    Raises Gone where the container ends meanwhile, FathomError where the memory controller can't be seen.
    """
    files = host.files.again()
    declared = container.claim and container.claim.declared
    state = State(
        container=container,
        pid=None,
        running=None,
        kernel=NOTHING,
        record=of_record(declared).on(host.page_size_bytes) if declared else None,
        unit=None,
        unit_limits=NOTHING,
        memory_version=host.controllers["memory"].version if "memory" in host.controllers else None,
        page_size_bytes=host.page_size_bytes,
        memory_total_bytes=host.meminfo.memory_total_bytes,
        swap_free_bytes=host.meminfo.swap_free_bytes,
        swap_accounting=host.swap_accounting,
    )
    if not container.runs or not container.pids:
        return state
    cgroups = read_cgroups(host, files, _located(container))
    cgroup = cgroups.by_controller.get("memory")
    if cgroup is None:
        raise FathomError("no cgroup of the memory controller is visible for it from here")
    memory = with_inner_limits(files, cgroup, read_memory(files, cgroup))
    inner = memory_v2.read_limits(files, cgroup.inner) if cgroup.inner else {}
    unit = _system_unit(host, container, units or UnitFiles(files))
    ceiling, hidden_above = _above(ancestors or AncestorLimits(files), cgroup)
    running = Running(
        cgroup=cgroup,
        identity=(cgroups.pid, cgroups.start_time, _inode(files, cgroup.directory)),
        use=read_use(memory, cgroup.hierarchy.version),
        working_set_bytes=working_set_bytes(memory),
        high=memory.high,
        oom_kills=memory.oom_kills,
        directories=_directories(files, cgroup),
        ceiling=ceiling,
        hidden_above=hidden_above,
        unreadable=files.unreadable,
    )
    confirm(files, cgroups)
    return state._replace(
        pid=cgroups.pid,
        running=running,
        kernel=of_kernel(memory),
        unit=unit.name if unit else None,
        unit_limits=of_unit(unit, cgroup.hierarchy.version, inner).on(host.page_size_bytes) if unit else NOTHING,
    )


def _located(container):
    """With the process that its engine names: whatever else has a cgroup of this name is not the container.

    A user's engine names none.
    """
    found, claim = container.found, container.claim
    if found is None or claim is None or claim.pid in (None, *found.pids):
        return container
    return container._replace(found=found._replace(pids=[claim.pid]))


def _directories(files, cgroup):
    inner = cgroup.inner is not None and files.exists(cgroup.inner + "/memory.max")
    return [cgroup.directory, *([cgroup.inner] if inner else [])]


def _system_unit(host, container, units):
    """The unit that systemd has made for the container's cgroup; what stands deeper only has its name.

    Users' own managers are out of reach from here; their engines tell them.
    """
    if container.found is None:
        return None
    path, root = container.found.identity.path, host.tree.root
    if root != "/":
        path = path[len(root) :]
    return units.unit_of(path) if _OF_THE_SYSTEM.match(path) else None


def _above(ancestors, cgroup):
    """((the smallest limit, whose it is), the path of the nearest whose limit can't be read)."""
    above = ancestors.along(cgroup, None)[1:]
    known = [(limit, printable_path(path)) for path, limit in above if limit is not None and limit != UNLIMITED]
    hidden = next((printable_path(path) for path, limit in above if limit is None), None)
    return min(known, default=(UNLIMITED, None), key=lambda pair: pair[0]), hidden


def _inode(files, directory):
    try:
        return os.stat(files.root + directory).st_ino
    except FileNotFoundError as exc:
        raise Gone(directory) from exc
