# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a change of a container's memory limits is judged by, read at one moment."""

from __future__ import annotations

import os
from typing import List, NamedTuple, Optional, Tuple

from ..containers.cgroups import Cgroup, confirm, read_cgroups
from ..containers.inventory import Container
from ..containers.memory import AncestorLimits, read_memory, with_inner_limits
from ..containers.systemd import UnitFiles
from ..errors import FathomError, Gone
from ..kernel import memory_v2
from ..kernel.files import UNLIMITED, Files, printable_path
from .holders import NOTHING, Limits, of_kernel, of_record, of_unit
from .use import Use, read_use

_OF_A_USER = "/user.slice/"


class Running(NamedTuple):
    """A container's cgroup of memory. ``identity`` is another one as soon as the container is started again.

    ``ceiling``: the smallest limit above it, and the path of the cgroup that sets it.
    """

    cgroup: Cgroup
    identity: Tuple[Optional[int], Optional[int], int]
    use: Optional[Use]
    working_set_bytes: Optional[int]
    high: Optional[float]
    oom_kills: Optional[int]
    ceiling: Tuple[float, Optional[str]]
    unreadable: List[dict]

    @property
    def version(self):
        return self.cgroup.hierarchy.version

    @property
    def directories(self):
        """Where its limits have to be written: some runtimes make a cgroup below its own, with limits as well."""
        return [self.cgroup.directory] + ([self.cgroup.inner] if self.cgroup.inner else [])


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
    page_size_bytes: int
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
        page_size_bytes=host.page_size_bytes,
        swap_free_bytes=host.meminfo.swap_free_bytes,
        swap_accounting=host.swap_accounting,
    )
    if not container.runs or not container.pids:
        return state
    cgroups = read_cgroups(host, files, container)
    cgroup = cgroups.by_controller.get("memory")
    if cgroup is None:
        raise FathomError("no cgroup of the memory controller is visible for it from here")
    memory = with_inner_limits(files, cgroup, read_memory(files, cgroup))
    inner = memory_v2.read_limits(files, cgroup.inner) if cgroup.inner else {}
    unit = _system_unit(container, units or UnitFiles(files))
    running = Running(
        cgroup=cgroup,
        identity=(cgroups.pid, cgroups.start_time, _inode(files, cgroup.directory)),
        use=read_use(memory, cgroup.hierarchy.version, _kernel_memory_bytes(files, cgroup)),
        working_set_bytes=_working_set_bytes(memory),
        high=memory.high,
        oom_kills=memory.oom_kills,
        ceiling=_ceiling(ancestors or AncestorLimits(files), cgroup),
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


def _system_unit(container, units):
    """Users' own managers are out of reach from here; their engines tell them."""
    path = container.found.identity.path if container.found else ""
    return None if _OF_A_USER in path else units.unit_of(path)


def _ceiling(ancestors, cgroup):
    above = ancestors.along(cgroup, None)[1:]
    known = [(limit, printable_path(path)) for path, limit in above if limit is not None and limit != UNLIMITED]
    return min(known, default=(UNLIMITED, None), key=lambda pair: pair[0])


def _working_set_bytes(memory):
    if memory.usage is None or memory.inactive_file is None:
        return None
    return max(memory.usage - memory.inactive_file, 0)


def _kernel_memory_bytes(files: Files, cgroup):
    """On v2 memory.stat tells it."""
    return files.number(cgroup.directory + "/memory.kmem.usage_in_bytes") if cgroup.hierarchy.version == 1 else None


def _inode(files, directory):
    try:
        return os.stat(files.root + directory).st_ino
    except FileNotFoundError as exc:
        raise Gone(directory) from exc
