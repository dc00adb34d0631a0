# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``memory`` part of a container's facts, and the limit that counts among all of its ancestors'."""

from __future__ import annotations

from ..kernel import memory_v1, memory_v2
from ..kernel.files import UNLIMITED, printable_path
from ..kernel.pressure import read_pressure
from .limits import limit_state, limited

_VERSIONS = {1: memory_v1, 2: memory_v2}


class AncestorLimits:
    """The limits of the cgroups above the containers, each read once in a run."""

    def __init__(self, files):
        self._files = files
        self._known = {}

    def along(self, cgroup, own_limit):
        """[(path, limit)] from the cgroup itself up to the root of what is visible."""
        chain = [(cgroup.path, own_limit)]
        path = cgroup.path
        while path not in ("", "/"):
            path = path.rpartition("/")[0] or "/"
            chain.append((path, self.limit(cgroup.hierarchy, path)))
        return chain

    def limit(self, hierarchy, path):
        """The hard limit of one cgroup; None where it can't be read."""
        key = (hierarchy.point, path)
        if key not in self._known:
            directory = hierarchy.directory(path)
            limit = None if directory is None else _VERSIONS[hierarchy.version].read_limit(self._files, directory)
            self._known[key] = limit
        return self._known[key]


def read_memory(files, cgroup):
    """What the container's own cgroup has."""
    return _VERSIONS[cgroup.hierarchy.version].read_memory(files, cgroup.directory)


def with_inner_limits(files, cgroup, memory):
    """What holds for the container: the smaller limits of its own cgroup and of the runtime's below it, if any."""
    if cgroup.inner is None:
        return memory
    limits = {figure: getattr(memory, figure) for figure in ("limit", "swap_limit", "high")}
    for figure, inner in memory_v2.read_limits(files, cgroup.inner).items():
        if limits[figure] is not None and inner is not None:
            limits[figure] = min(limits[figure], inner)
    return memory._replace(memory_swap_limit=memory_v2.together(limits["limit"], limits["swap_limit"]), **limits)


def effective_limit(chain, kernel_limit, memory_total_bytes):
    """(bytes, source): the smallest limit over a cgroup and its ancestors, nearest first, and who sets it.

    The source is the path of the nearest cgroup with that limit, ``host`` where no limit is below the host's memory,
    and None where it is set by a cgroup that can't be seen from here; both are None where a limit can't be read.
    ``kernel_limit`` is v1's own minimum, which counts instead of the chain's: it knows ancestors that are out of sight
    and those that don't pass on their limit.
    """
    limits = [limit for _path, limit in chain]
    if kernel_limit is None and None in limits:
        return None, None
    smallest = min(limits) if kernel_limit is None else kernel_limit
    if memory_total_bytes is not None and smallest >= memory_total_bytes:
        return memory_total_bytes, "host"
    if smallest == UNLIMITED:
        return None, None
    return smallest, next((path for path, limit in chain if limit == smallest), None)


def working_set_bytes(memory):
    """What is in use without the pages of files that nobody has looked at for a while."""
    if memory.usage is None or memory.inactive_file is None:
        return None
    return max(memory.usage - memory.inactive_file, 0)


def memory_record(host, files, memory, cgroup, unified, ancestors):
    version = cgroup.hierarchy.version
    effective_bytes, source = effective_limit(
        ancestors.along(cgroup, memory.limit), memory.kernel_limit, host.meminfo.memory_total_bytes
    )
    no_swap_limit = host.swap_accounting is False
    return {
        "path": printable_path(cgroup.path),
        "own": cgroup.own,
        "version": version,
        "limit_state": limit_state(memory.limit),
        "limit_bytes": limited(memory.limit),
        "effective_limit_bytes": effective_bytes,
        "effective_limit_source": source and printable_path(source),
        "swap_limit_state": limit_state(memory.swap_limit, absent=no_swap_limit),
        "swap_limit_bytes": limited(memory.swap_limit),
        "memory_swap_limit_bytes": limited(memory.memory_swap_limit),
        "reservation_bytes": limited(memory.reservation),
        "minimum_bytes": limited(memory.minimum),
        "high_state": limit_state(memory.high, absent=version == 1),
        "high_bytes": limited(memory.high),
        "usage_bytes": memory.usage,
        "working_set_bytes": working_set_bytes(memory),
        "peak_bytes": memory.peak,
        "swap_usage_bytes": memory.swap_usage,
        "zswap_usage_bytes": memory.zswap_usage,
        "limit_hits": memory.limit_hits,
        "oom_kills": memory.oom_kills,
        "oom_kill_disabled": memory.oom_kill_disabled,
        "oom_group": memory.oom_group,
        "pressure": _pressure(files, cgroup, unified),
    }


def _pressure(files, cgroup, unified):
    """On hybrid hosts the pressure is in the v2 hierarchy, where a container may have no cgroup of its own."""
    if unified is None or (cgroup.own and not unified.own):
        return None
    return read_pressure(files, unified.directory + "/memory.pressure")
