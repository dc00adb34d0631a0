# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cgroups of one container: which process stands for it, and its own cgroup in every hierarchy."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional

from ..errors import Gone
from ..kernel.mounts import Hierarchy
from ..kernel.process import Membership, read_memberships, read_start_time
from .discover import find_init
from .identify import own_path


class Cgroup(NamedTuple):
    """``path`` as /proc/PID/cgroup has it, cut to the container's own; ``own``: no part of it is somebody else's.

    ``inner``: the directory of the cgroup that the runtime made below it, where a part of the limits may be.
    """

    hierarchy: Hierarchy
    path: str
    directory: str
    own: bool
    inner: Optional[str] = None


class Cgroups(NamedTuple):
    """A container as the kernel has it. ``by_controller`` lacks what is not visible from here."""

    pid: Optional[int]
    start_time: Optional[int]
    memberships: List[Membership]
    by_controller: Dict[str, Cgroup]
    unified: Optional[Cgroup]


NO_CGROUPS = Cgroups(None, None, [], {}, None)

# crun's cgroup below the unit that systemd made. On v1 all limits are in it; on v2 the unit has them, but crun 1.21
# tells systemd a limit of swap that counts the memory as well, and sets the right one in its own.
_OF_CRUN = "/container"


class Init(NamedTuple):
    """The process that stands for a container. ``own_paths``: of the path of each membership, the container's part."""

    pid: int
    start_time: int
    memberships: List[Membership]
    own_paths: Dict[str, Optional[str]]


def read_init(host, files, container) -> Optional[Init]:
    """None where the container has no process, or none within sight from here.

    Raises Gone where the container has ended, or its PID belongs to another process meanwhile.
    """
    # Between two tries of its engine a container that restarts has no process.
    waits = not container.pids and container.claim is not None and container.claim.state == "restarting"
    if waits or not container.runs:
        return None
    pid = container.claim.pid if container.claim else None
    if pid is None or (container.found is not None and pid not in container.found.pids):
        # What the engine says of the PID is believed where the kernel does not contradict it.
        pid = find_init(files, container.pids)
    if container.found is None and host.scope == "container" and not _holds(read_memberships(files, pid), container):
        # A socket that was lent to this container: the engine counts PIDs in another namespace.
        files.refuse(f"/proc/{pid}", "the engine tells this PID, but here it is no process of the container")
        return None
    start_time = read_start_time(files, pid)
    memberships = read_memberships(files, pid)
    # On v1 the path is nearly always the same in every hierarchy.
    own_paths = {path: own_path(path, container.id) for path in {one.path for one in memberships}}
    if container.found is not None and not any(own_paths.values()):
        raise Gone(f"PID {pid} is no process of this container")
    return Init(pid, start_time, memberships, own_paths)


def read_cgroups(host, files, container) -> Cgroups:
    """NO_CGROUPS where it has no process within sight from here. Raises Gone as ``read_init`` does."""
    return cgroups_of(host, files, read_init(host, files, container))


def cgroups_of(host, files, init) -> Cgroups:
    """The same for an ``init`` that was read before."""
    if init is None:
        return NO_CGROUPS
    by_controller = {}
    unified = None
    for one in init.memberships:
        cgroup = _cgroup(host, files, one, init.own_paths[one.path])
        if cgroup is None:
            continue
        if not one.controllers:
            unified = cgroup
        by_controller.update(dict.fromkeys(one.controllers, cgroup))
    if unified is not None:
        for name, hierarchy in host.controllers.items():
            if hierarchy.version == 2:
                by_controller[name] = unified
    return Cgroups(init.pid, init.start_time, init.memberships, by_controller, unified)


def confirm(files, one):
    """Raises Gone unless the process that stood for the container (of an Init or Cgroups) still is the same."""
    if read_start_time(files, one.pid) != one.start_time:
        raise Gone(f"PID {one.pid} was reused")


def _holds(memberships, container):
    return any(own_path(one.path, container.id) for one in memberships)


def _cgroup(host, files, membership, own):
    hierarchy = host.hierarchy(membership.controllers)
    if hierarchy is None:
        # Mounted nowhere here: what the kernel keeps in it is known by its path only.
        return None
    path = own or membership.path
    inner = None
    if path.endswith(".scope") and (membership.path + "/").startswith(f"{path}{_OF_CRUN}/"):
        if hierarchy.version == 1:
            path += _OF_CRUN
        else:
            inner = hierarchy.directory(path + _OF_CRUN)
    directory = hierarchy.directory(path)
    if directory is None:
        files.refuse(path, f"outside the cgroup file system that is mounted at {hierarchy.point}")
        return None
    return Cgroup(hierarchy, path, directory, own is not None, inner)
