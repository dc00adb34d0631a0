# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container's namespace facts: what /proc tells of its init, and what was found inside its namespaces."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional

from ..kernel.confinement import confinement, read_apparmor, read_modules, read_selinux
from ..kernel.idmap import is_identity, read_id_map
from ..kernel.listeners import read_listeners
from ..kernel.process import namespace_pids, read_status
from .cgroups import confirm
from .host_mounts import HostMounts
from .inside import Insides
from .mounts import read_mount_parts
from .network import interface_records
from .processes import read_processes

# Little enough to keep for a fleet.
MOST_LISTENERS = 1000

_CUT = ("interfaces", "mounts", "listening", "processes")


class Once(NamedTuple):
    """What is read once in a run and serves all containers. ``listeners``: by the inode of a net namespace.

    ``host_mounts``: a HostMounts where it is to be told what of the host is mounted.
    """

    host_net: int
    insides: Insides
    modules: List[str]
    listeners: Dict[int, list]
    host_mounts: Optional[HostMounts] = None


def read_once(files, reference, insides, subsets, host_mounts=None):
    modules = read_modules(files) if "security" in subsets else []
    return Once(reference.inodes["net"], insides, modules, {}, host_mounts)


def namespace_parts(view, subsets, once):
    """All but the namespaces themselves. Raises Gone where the container ended, or its PID is another process's."""
    if view.init is None:
        parts = dict.fromkeys(("namespace_pid", *sorted(subsets)))
        parts.update((f"{part}_truncated", None) for part in _CUT if part in subsets)
        return parts
    files, pid = view.files, view.init.pid
    status = read_status(files, pid)
    inside = namespace_pids(status)
    parts = {"namespace_pid": inside[-1] if inside else None}
    if "hostname" in subsets:
        parts["hostname"] = _found(view, "uts", once.insides.hostnames)
    if "interfaces" in subsets:
        parts["interfaces"], parts["interfaces_truncated"] = _interfaces(view, once)
    if "user_map" in subsets:
        parts["user_map"] = _user_map(files, pid)
    if not subsets.isdisjoint(("root_mount", "mounts")):
        parts.update(read_mount_parts(files, pid, subsets, once.host_mounts))
    if "security" in subsets:
        parts["security"] = _security(files, pid, status, once.modules)
    if "listening" in subsets:
        parts["listening"], parts["listening_truncated"] = _listening(view, once)
    if "processes" in subsets:
        parts["processes"], parts["processes_truncated"] = read_processes(files, view.container.pids)
    confirm(files, view.init)
    return parts


def _found(view, kind, answers):
    """What was found inside; None where the namespace was not entered, which ``unreadable`` then tells."""
    inode = view.inodes[kind]
    if inode is None:
        return None
    answer = answers[inode]
    if answer.error is not None:
        view.files.refuse(f"/proc/{view.init.pid}/ns/{kind}", f"could not be entered: {answer.error}")
    return answer.found


def _interfaces(view, once):
    network = _found(view, "net", once.insides.networks)
    if network is None:
        return None, None
    host = once.insides.networks.get(once.host_net)
    return interface_records(network, host.found if host and view.inodes["net"] != once.host_net else None)


def _user_map(files, pid):
    """``identity``: whether root inside is root outside, and so all others; null where a map can't be read."""
    maps = read_id_map(files, pid)
    same = [is_identity(maps.uid), is_identity(maps.gid)]
    return {
        "uid": maps.uid and [_range(one) for one in maps.uid],
        "gid": maps.gid and [_range(one) for one in maps.gid],
        "identity": None if None in same else all(same),
    }


def _range(one):
    return {"inside": one.inside, "outside": one.outside, "count": one.length}


def _security(files, pid, status, modules):
    told = confinement(status)
    profile, mode = read_apparmor(files, pid) if "apparmor" in modules else (None, None)
    return {
        "seccomp": told.seccomp,
        "no_new_privileges": told.no_new_privileges,
        "capabilities_effective": told.effective,
        "capabilities_bounding": told.bounding,
        "apparmor": profile,
        "apparmor_mode": mode,
        "selinux": read_selinux(files, pid) if "selinux" in modules else None,
    }


def _listening(view, once):
    inode = view.inodes["net"]
    listeners = once.listeners.get(inode)
    if listeners is None:
        listeners = read_listeners(view.files, view.init.pid)
        if listeners is None:
            return None, None
        if inode is not None:
            once.listeners[inode] = listeners
    return [dict(one._asdict()) for one in listeners[:MOST_LISTENERS]], len(listeners) > MOST_LISTENERS
