# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/PID/mountinfo (proc_pid_mountinfo(5)): what is mounted where, and where each cgroup hierarchy really is."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

_OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One line. ``root`` is the part of the file system that is mounted, ``options`` are the super block's.

    ``device`` (``8:1``) tells the file system apart from all others.
    """

    root: str
    point: str
    fstype: str
    source: str
    options: Tuple[str, ...]
    flags: Tuple[str, ...]
    propagation: Tuple[str, ...]
    device: str


class Hierarchy(NamedTuple):
    """A mounted cgroup hierarchy: ``version`` 1 or 2; ``names`` as in /proc/PID/cgroup (none on v2)."""

    version: int
    names: Tuple[str, ...]
    root: str
    point: str

    def directory(self, path) -> Optional[str]:
        """The directory of a cgroup, or None where it is outside what is mounted here."""
        if self.root != "/":
            if path != self.root and not path.startswith(self.root + "/"):
                return None
            path = path[len(self.root) :]
        if path == "/.." or path.startswith("/../"):
            return None
        return self.point + path.rstrip("/")


def read_mounts(files, pid="self"):
    return [parse_mount(line) for line in files.path_lines(f"/proc/{pid}/mountinfo")]


def parse_mount(line):
    """``36 35 98:0 /r /p rw master:1 - ext4 /dev/x rw,discard`` -> Mount; the optional fields run until `` - ``."""
    before, separator, after = line.partition(" - ")
    fields = before.split(" ")
    tail = after.split(" ")
    if not separator or len(fields) < 6 or len(tail) < 3:
        raise ValueError(f"not a line of mountinfo: {line[:200]!r}")
    return Mount(
        root=_unescape(fields[3]),
        point=_unescape(fields[4]),
        fstype=tail[0],
        source=_unescape(tail[1]),
        options=tuple(tail[2].split(",")),
        flags=tuple(fields[5].split(",")),
        propagation=tuple(fields[6:]),
        device=fields[2],
    )


def cgroup_hierarchies(mounts, names):
    """The cgroup hierarchies among the mounts.

    ``names`` are the v1 hierarchies' as /proc/self/cgroup lists them, one tuple of controllers each: a v1 mount shows
    its controllers among other options, and only that list tells them apart. A hierarchy mounted more than once is
    taken where its whole is visible.
    """
    chosen = {}
    for mount in mounts:
        if mount.fstype == "cgroup2":
            key = ()
        elif mount.fstype == "cgroup":
            key = next((group for group in names if group and group[0] in mount.options), None)
        else:
            continue
        if key is None or (key in chosen and (chosen[key].root == "/" or mount.root != "/")):
            continue
        chosen[key] = Hierarchy(1 if key else 2, key, mount.root, mount.point)
    return list(chosen.values())


def _unescape(text):
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text) if "\\" in text else text
