# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which namespaces of a container are entered, and in which order."""

from __future__ import annotations

import os
from typing import NamedTuple

from ..containers.cgroups import confirm
from ..errors import FathomError, Gone
from ..kernel.namespaces import TYPES

# Those that take rights away come last: whoever has entered a user namespace has no rights outside of it, and whoever
# has entered a mnt namespace sees another /proc.
_ORDER = ("net", "ipc", "uts", "cgroup", "time", "pid", "mnt", "user")


class Door(NamedTuple):
    """An open file of a namespace."""

    kind: str
    descriptor: int


def check_types(files, kinds):
    """The kinds in the order of entry. Raises FathomError for one that this kernel does not have."""
    there = [kind for kind in TYPES if files.exists(f"/proc/self/ns/{kind}")]
    lacking = [kind for kind in kinds if kind not in there]
    if lacking:
        raise FathomError(
            f"namespaces has {', '.join(lacking)}, which the kernel of this host does not have; it has: "
            + ", ".join(there)
        )
    return [kind for kind in _ORDER if kind in kinds]


def open_doors(files, init, kinds):
    """(Doors of the container's init, kinds that are this process's own anyway). The caller closes the doors.

    A file that is open holds on to its namespace: that it is the container's is checked after all of them are open.
    """
    doors = []
    own = []
    try:
        for kind in kinds:
            path = f"/proc/{init.pid}/ns/{kind}"
            door = Door(kind, os.open(path, os.O_RDONLY | os.O_CLOEXEC))
            doors.append(door)
            if os.fstat(door.descriptor).st_ino == os.stat(f"/proc/self/ns/{kind}").st_ino:
                own.append(kind)
        confirm(files, init)
    except (OSError, Gone) as exc:
        close_doors(doors)
        if isinstance(exc, PermissionError):
            raise FathomError(
                f"{path} can't be opened: {exc.strerror}; only root may enter a container (become: true)"
            ) from exc
        raise FathomError(f"the container ended while its namespaces were opened (its process was {init.pid})") from exc
    close_doors([door for door in doors if door.kind in own])
    return [door for door in doors if door.kind not in own], own


def close_doors(doors):
    for door in doors:
        os.close(door.descriptor)
