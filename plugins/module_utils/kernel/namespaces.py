# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/PID/ns (namespaces(7)): which namespaces a process is in."""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Optional

from .process import is_kernel_thread

# In the order of namespaces(7)'s importance to a container: what it sees of processes, network, files, names.
TYPES = ("pid", "net", "ipc", "mnt", "uts", "user", "cgroup", "time")

_LINK = re.compile(r"[a-z_]+:\[(\d+)\]\Z")

# The first process; and the kernel's own threads, which nobody can move, for where the first may not be looked at.
_FIRST, _KERNELS_OWN = 1, 2


class Reference(NamedTuple):
    """The host's namespaces, and the process that they were read from; no ``pid`` where they can't be read."""

    pid: Optional[int]
    inodes: Dict[str, Optional[int]]


def read_namespaces(files, pid):
    """{type: inode}, None where this kernel has no such type or it can't be read.

    All namespaces of a kernel are files of one file system, so that the inode alone tells them apart, and the link's
    text has it: ``net:[4026531840]``.
    """
    return {kind: _inode(files, f"/proc/{pid}/ns/{kind}") for kind in TYPES}


def read_reference(files):
    """The namespaces that count as the host's: those of the first process, as the reader sees it."""
    denied = []
    for pid in (_FIRST, _KERNELS_OWN):
        own = files.again()
        if not own.exists(f"/proc/{pid}"):
            own.refuse(f"/proc/{pid}/ns", "no such process is visible here")
        elif pid == _FIRST or is_kernel_thread(own, pid):
            inodes = read_namespaces(own, pid)
            if not own.unreadable and any(inodes.values()):
                return Reference(pid, inodes)
        denied.extend(own.unreadable)
    files.unreadable.extend(denied)
    return Reference(None, dict.fromkeys(TYPES))


def _inode(files, path):
    target = files.link(path)
    if target is None:
        return None
    match = _LINK.match(target)
    if match is None:
        files.refuse(path, f"expected a link to 'TYPE:[INODE]', found {target[:80]!r}")
        return None
    return int(match.group(1))
