# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the containers that the kernel runs: one walk over a cgroup hierarchy, whatever the engines say."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from ..errors import Gone
from ..kernel.process import namespace_pids, read_start_time, read_status
from .identify import Identity, identify_segment
from .runtimes import runtime_identities

# A container whose init cannot be told among its oldest processes has lost it; the oldest stands for it.
_CANDIDATES = 64


class Found(NamedTuple):
    """A container's own cgroup with ``pids`` of its processes, those of its sub-cgroups included."""

    identity: Identity
    nested_in: Optional[str]
    pids: List[int]


def discover(host) -> List[Found]:
    """Every container's cgroup that holds a process. What runs in a nested container is not its outer's."""
    files, tree = host.files, host.tree
    known = runtime_identities(host)
    chains = []
    pending: List[Tuple[str, str, Tuple[Found, ...]]] = [("", "", ())]
    while pending:
        path, parent, chain = pending.pop()
        directory = tree.point + path
        if chain:
            chain[-1].pids.extend(_read_procs(files, directory))
        for name in files.directories(directory):
            below = path + "/" + name
            full = below if tree.root == "/" else tree.root + below
            identity = known.get(full) or identify_segment(parent, name, full)
            inner = chain
            if identity is not None and all(outer.identity.id != identity.id for outer in chain):
                inner = (*chain, Found(identity, None, []))
                chains.append(inner)
            pending.append((below, name, inner))
    return [chain[-1]._replace(nested_in=_holder(chain)) for chain in chains if chain[-1].pids]


def _holder(chain):
    """The id of the container that holds the chain's last: what runs nothing itself, like a pod's cgroup, is none."""
    return next((outer.identity.id for outer in reversed(chain[:-1]) if outer.pids), None)


def find_init(files, pids):
    """The container's first process: the oldest that is PID 1 of a PID namespace of its own, or else the oldest.

    Two cgroups' worth of traps: cgroup.procs is unordered, and an engine's helper may stand beside the init.
    Raises Gone where none of several runs any more; whether the only one does, whoever reads it finds out.
    """
    if len(pids) == 1:
        return pids[0]
    started = []
    for pid in set(pids):
        try:
            started.append((read_start_time(files, pid), pid))
        except Gone:
            continue
    started.sort()
    for _start_time, pid in started[:_CANDIDATES]:
        try:
            inside = namespace_pids(read_status(files, pid))
        except Gone:
            continue
        if len(inside) > 1 and inside[-1] == 1:
            return pid
    if not started:
        raise Gone("no process is left")
    return started[0][1]


def _read_procs(files, directory):
    """cgroup.procs; PID 0 is a process outside the reader's PID namespace."""
    try:
        data = files.data(directory + "/cgroup.procs")
    except Gone:
        return []
    return [pid for pid in map(int, data.split()) if pid] if data else []
