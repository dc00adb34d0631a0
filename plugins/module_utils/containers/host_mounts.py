# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host has mounted where: which of its files a container's mount is, and which mounts reach it."""

from __future__ import annotations

from ..globs import is_glob
from ..kernel.mounts import read_mounts

_SHARED = "shared:"
# As many as the kernel follows (path_resolution(7)).
_MOST_LINKS = 40


class HostMounts:
    """What the process ``pid`` of the host has mounted, or this one where that can't be read.

    ``known`` is False where nothing can be.
    """

    def __init__(self, files, pid):
        self._by_device = {}
        self._groups = set()
        mounts = (pid and _read(files, pid)) or _read(files, "self")
        self.known = bool(mounts)
        for mount in mounts:
            self._by_device.setdefault(mount.device, []).append((mount.root.rstrip("/"), mount.point.rstrip("/")))
            self._groups.update(_groups(mount))

    def may_have(self, line):
        """Whether a line of mountinfo is about a file system that the host has mounted too, or is no such line."""
        fields = line.split(" ", 3)
        return not self.known or len(fields) < 4 or fields[2] in self._by_device

    def paths(self, mount):
        """Where on the host that is found which a container has mounted; none where the host does not see it."""
        found = []
        for root, point in self._by_device.get(mount.device, ()):
            if mount.root == root or not root or mount.root.startswith(root + "/"):
                below = mount.root[len(root) :].rstrip("/")
                path = (point + below) or "/"
                if path not in found:
                    found.append(path)
        return found

    def reached_by(self, mount):
        """Whether what is mounted below it is mounted on the host as well: both are of one group of peers.

        Such mounts are of one file system.
        """
        if not self.known:
            return None
        return not self._groups.isdisjoint(_groups(mount))


def real_path(files, path):
    """Where a path of the host leads, all links followed; of a glob, those of the directories before it."""
    files = files.again()
    pending = path.split("/")[::-1]
    done, links = "", 0
    while pending:
        name = pending.pop()
        if is_glob(name):
            return "/".join([done, name, *pending[::-1]])
        if name == "..":
            done = done.rpartition("/")[0]
        elif name not in ("", "."):
            target = files.link(f"{done}/{name}") if links < _MOST_LINKS else None
            if target is None:
                done += "/" + name
            else:
                links += 1
                done = "" if target.startswith("/") else done
                pending += target.split("/")[::-1]
    return done or "/"


def _read(files, pid):
    try:
        return read_mounts(files, pid)
    except ValueError as exc:
        files.refuse(f"/proc/{pid}/mountinfo", str(exc))
        return []


def _groups(mount):
    return {field for field in mount.propagation if field.startswith(_SHARED)}
