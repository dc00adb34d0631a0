# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host as a whole: where the hierarchy of every controller is mounted, and whose view this is."""

from __future__ import annotations

import os
from typing import Dict, NamedTuple, Optional

from ..errors import FathomError
from .files import Files
from .meminfo import MemInfo, read_meminfo
from .mounts import Hierarchy, cgroup_hierarchies, read_mounts
from .process import read_memberships

# The initial namespaces have fixed inodes since Linux 3.8 (include/linux/proc_ns.h).
_INITIAL_NAMESPACES = {"pid": "pid:[4026531836]", "cgroup": "cgroup:[4026531835]"}


class Host(NamedTuple):
    """``controllers``: {"memory": Hierarchy, ...}, each resolved on its own; ``tree``: the hierarchy to walk."""

    files: Files
    mode: str
    scope: Optional[str]
    controllers: Dict[str, Hierarchy]
    unified: Optional[Hierarchy]
    tree: Hierarchy
    meminfo: MemInfo
    swap_accounting: Optional[bool]
    page_size_bytes: int
    kernel: Optional[str]

    def hierarchy(self, controllers):
        """The hierarchy of one line of /proc/PID/cgroup."""
        return self.controllers.get(controllers[0]) if controllers else self.unified


def read_host(files, page_size_bytes=None):
    """Raises FathomError where no cgroup file system is mounted."""
    names = [membership.controllers for membership in read_memberships(files, "self")]
    hierarchies = cgroup_hierarchies(read_mounts(files), names)
    if not hierarchies:
        raise FathomError(
            f"no cgroup file system is mounted here (none in {files.root}/proc/self/mountinfo), so the kernel's "
            "figures for containers can't be read; mount one, or run the task on the host itself instead of in a "
            "container without /sys/fs/cgroup"
        )
    unified = next((hierarchy for hierarchy in hierarchies if hierarchy.version == 2), None)
    controllers = _controllers(files, hierarchies, unified)
    memory = controllers.get("memory")
    return Host(
        files=files,
        mode=_mode(hierarchies, unified),
        scope=_scope(files),
        controllers=controllers,
        unified=unified,
        tree=memory or controllers.get("pids") or hierarchies[0],
        meminfo=read_meminfo(files),
        swap_accounting=None if memory is None else _swap_accounting(files, memory),
        page_size_bytes=page_size_bytes or os.sysconf("SC_PAGE_SIZE"),
        kernel=files.text("/proc/sys/kernel/osrelease"),
    )


def _controllers(files, hierarchies, unified):
    found = {name: hierarchy for hierarchy in hierarchies for name in hierarchy.names}
    if unified is not None:
        for name in (files.text(unified.point + "/cgroup.controllers") or "").split():
            found.setdefault(name, unified)
    return found


def _mode(hierarchies, unified):
    if unified is None:
        return "legacy"
    return "unified" if len(hierarchies) == 1 else "hybrid"


def _scope(files):
    """Whether this is the host's own view, or that of a container with PIDs or cgroups of its own."""
    links = {kind: files.link("/proc/self/ns/" + kind) for kind in _INITIAL_NAMESPACES}
    known = {kind: link for kind, link in links.items() if link is not None}
    if not known:
        return None
    return "host" if all(link == _INITIAL_NAMESPACES[kind] for kind, link in known.items()) else "container"


def _swap_accounting(files, memory):
    """The files that limit swap are there or not for the whole host; on v2 the root has none, so look below it."""
    if memory.version == 1:
        return files.exists(memory.point + "/memory.memsw.limit_in_bytes")
    below = (memory.point + "/" + name for name in files.directories(memory.point))
    with_memory = next((directory for directory in below if files.exists(directory + "/memory.max")), None)
    return None if with_memory is None else files.exists(with_memory + "/memory.swap.max")
