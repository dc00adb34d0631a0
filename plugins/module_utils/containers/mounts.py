# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts ``root_mount`` and ``mounts`` of a container's facts."""

from __future__ import annotations

from ..kernel.files import printable_path
from ..kernel.mounts import parse_mount

# Little enough to keep for a fleet.
MOST_MOUNTS = 1000

_PROPAGATION = {"shared": "shared", "master": "slave", "unbindable": "unbindable"}


def read_mount_parts(files, pid, subsets, host_mounts=None):
    """Those of root_mount, mounts and mounts_truncated that ``subsets`` ask for.

    With ``host_mounts`` (a HostMounts), ``mounts`` are those of file systems that the host has mounted as well, each
    with ``host_paths`` and ``reaches_host``.
    """
    path = f"/proc/{pid}/mountinfo"
    lines = files.path_lines(path)
    parts = {}
    if "root_mount" in subsets:
        roots = [line for line in lines if line.split(" ", 5)[4:5] == ["/"]]
        # What is mounted last hides what was there before.
        found = _records(files, path, roots[-1:], None)
        parts["root_mount"] = found[0] if found else None
    if "mounts" in subsets:
        readable = bool(lines)
        if host_mounts is not None:
            lines = [line for line in lines if host_mounts.may_have(line)]
        parts["mounts"] = _records(files, path, lines[:MOST_MOUNTS], host_mounts) if readable else None
        parts["mounts_truncated"] = None if parts["mounts"] is None else len(lines) > MOST_MOUNTS
    return parts


def _records(files, path, lines, host_mounts):
    try:
        return [_record(parse_mount(line), host_mounts) for line in lines]
    except ValueError as exc:
        files.refuse(path, printable_path(str(exc)))
        return None


def _record(mount, host_mounts):
    words = [field.partition(":")[0] for field in mount.propagation]
    record = {
        "point": printable_path(mount.point),
        # A user's FUSE has a type of any bytes.
        "fstype": printable_path(mount.fstype),
        "source": printable_path(mount.source),
        "root": printable_path(mount.root),
        # It may be the mount that is read-only, or the whole file system.
        "read_only": "ro" in mount.flags or "ro" in mount.options,
        "flags": [flag for flag in mount.flags if flag not in ("rw", "ro")],
        "propagation": [_PROPAGATION[word] for word in words if word in _PROPAGATION] or ["private"],
    }
    if host_mounts is not None:
        record["host_paths"] = [printable_path(path) for path in host_mounts.paths(mount)]
        record["reaches_host"] = host_mounts.reached_by(mount)
    return record
