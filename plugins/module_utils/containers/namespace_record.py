# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container's namespace facts: what /proc tells of its init."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from ..kernel.confinement import confinement, read_apparmor, read_modules, read_selinux
from ..kernel.idmap import is_identity, read_id_map
from ..kernel.process import namespace_pids, read_status
from .host_mounts import HostMounts
from .mounts import read_mount_parts
from .processes import read_processes

SUBSETS = ("user_map", "root_mount", "security", "mounts", "processes")
# Those that are cut where they are long.
_CUT = ("mounts", "processes")


class Once(NamedTuple):
    """What is read once in a run and serves all containers.

    ``host_mounts``: a HostMounts where it is to be told what of the host is mounted.
    """

    modules: Optional[List[str]]
    host_mounts: Optional[HostMounts] = None


def read_once(files, subsets, host_mounts=None):
    return Once(read_modules(files) if "security" in subsets else [], host_mounts)


def namespace_parts(view, subsets, once):
    """Of ``subsets`` those that /proc tells. Raises Gone where the container ended.

    Whoever calls it makes sure afterwards that the PID is not another process's by now.
    """
    if view.init is None:
        return {"namespace_pid": None, **untold(subsets.intersection(SUBSETS), _CUT)}
    files, pid = view.files, view.init.pid
    status = read_status(files, pid)
    inside = namespace_pids(status)
    parts = {"namespace_pid": inside[-1] if inside else None}
    if "user_map" in subsets:
        parts["user_map"] = _user_map(files, pid)
    if not subsets.isdisjoint(("root_mount", "mounts")):
        parts.update(read_mount_parts(files, pid, subsets, once.host_mounts))
    if "security" in subsets:
        parts["security"] = _security(files, pid, status, once.modules)
    if "processes" in subsets:
        parts["processes"], parts["processes_truncated"] = read_processes(files, view.container.pids)
    return parts


def untold(subsets, cut):
    """Of a container whose processes can't be seen; ``cut``: those of which it is told whether they were cut."""
    return dict.fromkeys([*subsets, *(f"{part}_truncated" for part in cut if part in subsets)])


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
    told, modules = confinement(status), modules or ()
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
