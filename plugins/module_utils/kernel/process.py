# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/PID/cgroup, stat and status (cgroups(7), proc_pid_stat(5), proc_pid_status(5))."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from ..errors import Gone

_DELETED = " (deleted)"
# PF_EXITING and PF_KTHREAD of include/linux/sched.h.
_EXITING = 0x4
_KERNEL_THREAD = 0x200000


class Membership(NamedTuple):
    """A line of /proc/PID/cgroup: the hierarchy's number, its controllers (none: the v2 hierarchy) and the path."""

    id: int
    controllers: Tuple[str, ...]
    path: str


def read_memberships(files, pid):
    """The cgroups of a process. The paths are relative to the reader's cgroup namespace."""
    return [parse_membership(line) for line in files.path_lines(f"/proc/{pid}/cgroup")]


def parse_membership(line):
    """``4:memory:/docker/1f`` -> Membership(4, ("memory",), "/docker/1f"); a path may hold colons."""
    number, controllers, path = line.split(":", 2)
    if path.endswith(_DELETED):
        path = path[: -len(_DELETED)]
    return Membership(int(number), tuple(controllers.split(",")) if controllers else (), path)


def read_start_time(files, pid):
    """When the process started, in clock ticks since boot: with the PID, what tells a process from its PID's heir.

    Raises Gone from when it begins to exit: a v1 hierarchy then shows it in its root cgroup, until it is reaped.
    """
    fields = _stat_fields(files, pid)
    if int(fields[6]) & _EXITING:
        raise Gone(pid)
    return int(fields[19])


def is_kernel_thread(files, pid):
    """Whether the process is the kernel's own, which has no program; False where it has ended."""
    try:
        return bool(int(_stat_fields(files, pid)[6]) & _KERNEL_THREAD)
    except Gone:
        return False


def read_status(files, pid):
    """/proc/PID/status as {key: text}."""
    lines = files.lines(f"/proc/{pid}/status")
    if not lines:
        raise Gone(pid)
    return {key: value.strip() for key, _colon, value in (line.partition(":") for line in lines)}


def namespace_pids(status):
    """The PID in every PID namespace from the reader's down to its own: ``NSpid: 3993 1`` -> [3993, 1]."""
    return [int(word) for word in status.get("NSpid", "").split()]


def _stat_fields(files, pid):
    """The fields of /proc/PID/stat from the third on."""
    data = files.data(f"/proc/{pid}/stat")
    if not data:
        raise Gone(pid)
    # The name before them is free text and may hold spaces and parentheses.
    return data[data.rindex(b")") + 2 :].split(None, 20)
