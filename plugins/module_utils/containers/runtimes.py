# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OCI runtimes and containerd write down of what they run: who is behind a cgroup whose name tells nothing.

runc and crun started by hand, and ``ctr run``, name the cgroup after an id that the user chose. Each leaves a small
file below /run with the PID of the container's init; the cgroup of that process is the container's.
"""

from __future__ import annotations

import json
import re

from ..engines.contract import FULL_ID
from ..errors import Gone
from ..kernel.process import read_memberships, read_start_time
from .identify import Identity, own_path

_CONTAINERD_TASKS = "/run/containerd/io.containerd.runtime.v2.task"

# (runtime, file, key of the PID, key of its start time)
_OCI_RUNTIMES = (
    ("runc", "state.json", "init_process_pid", "init_process_start"),
    ("crun", "status", "pid", "process-start-time"),
)
# Root's, outside of and in a login session. Other users' are not believed: what they write could claim any cgroup.
_OCI_DIRECTORIES = ("/run", "/run/user/0")

# Ids that engines make are in the cgroup's name, and need no witness.
_ENGINE_ID = re.compile(FULL_ID + r"\Z")


def runtime_identities(host):
    """{path of the cgroup in the hierarchy that is walked: Identity}."""
    found = {}
    for engine, container_id, pid in _inits(host.files):
        for membership in _memberships(host.files, pid):
            if host.hierarchy(membership.controllers) == host.tree:
                path = own_path(membership.path, container_id)
                if path is not None:
                    found[path] = Identity(engine, container_id, path)
    return found


def _inits(files):
    for runtime, name, pid_key, start_key in _OCI_RUNTIMES:
        for directory in (f"{parent}/{runtime}" for parent in _OCI_DIRECTORIES):
            for container_id in _ids(files, directory):
                try:
                    state = json.loads(files.text(f"{directory}/{container_id}/{name}") or "null")
                    if read_start_time(files, int(state[pid_key])) == int(state[start_key]):
                        yield "unknown", container_id, int(state[pid_key])
                except (Gone, KeyError, TypeError, ValueError, OverflowError, RecursionError):
                    # Ended, or not (yet) a state: the kernel runs nothing under it.
                    continue
    for namespace in files.directories(_CONTAINERD_TASKS):
        directory = f"{_CONTAINERD_TASKS}/{namespace}"
        for container_id in _ids(files, directory):
            pid = files.number(f"{directory}/{container_id}/init.pid")
            if pid:
                yield "containerd", container_id, pid


def _ids(files, directory):
    return [name for name in files.directories(directory) if not _ENGINE_ID.match(name)]


def _memberships(files, pid):
    try:
        return read_memberships(files, pid)
    except Gone:
        return []
