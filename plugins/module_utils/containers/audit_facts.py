# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_audit: what a policy is judged by, for each container one record of what both facts modules tell.

One list of each engine and one walk of the kernel serve all of it.
"""

from __future__ import annotations

from ..errors import Gone, unless_gone
from ..kernel.confinement import confinement
from ..kernel.files import Files
from ..kernel.host import read_host
from ..kernel.namespaces import read_reference
from ..kernel.process import read_status
from . import cgroup_facts, namespace_record
from .cgroup_record import Once, cgroup_parts
from .cgroups import NO_CGROUPS, cgroups_of
from .host_mounts import HostMounts, real_path
from .inventory import take_inventory
from .memory import AncestorLimits
from .namespace_record import namespace_parts, read_once
from .namespaces import Sharing
from .record import identity_record
from .systemd import UnitFiles
from .views import look, look_at_others, still_runs

# Whatever is judged: what a container has and uses of memory is shown of each.
_ALWAYS = {"memory"}
_FIRST = 1
# What a container used over time and what it met with: no rule is about it, and it is a quarter of a container's files.
_UNJUDGED = frozenset(
    (
        *("cpu.stat", "cpuacct.usage", "pids.current", "pids.events", "memory.pressure"),
        *("memory.max_usage_in_bytes", "memory.failcnt", "memory.peak", "memory.swap.current", "memory.zswap.current"),
    )
)


def gather_audit_facts(witnesses, containers=None, engines=None, subsets=(), paths=(), root="/"):
    """({"host": ..., "containers": [...], "shared": [...]}, warnings).

    ``subsets``: of both facts modules, those that are judged; ``paths``: those whose place on the host is asked for.
    A record has the keys of both modules, and ``cgroups`` {controller: {version, directory}}, ``isolation`` (see
    engines/isolation.py); ``declared`` and ``isolation`` are None where no engine described the container.
    """
    host = read_host(Files(root, _UNJUDGED))
    reference = read_reference(host.files)
    inventory = take_inventory(host, witnesses, containers, engines)
    subsets = _ALWAYS.union(subsets)
    mounts = HostMounts(host.files, reference.pid) if "mounts" in subsets else None
    once = (
        Once(AncestorLimits(host.files), UnitFiles(host.files)),
        read_once(host.files, subsets, mounts),
    )
    views = look(host, inventory.containers)
    others = []
    if (containers, engines) != (None, None):
        others = look_at_others(host, witnesses, inventory)
    alive = unless_gone(lambda view: (view, _record(host, view, subsets, *once)), views)
    # The number of a namespace that has ended is given to a new one: only those that still are can be compared.
    sharing = Sharing([view for view, _record in alive] + [view for view in others if still_runs(view)], reference)
    for view, record in alive:
        record["namespaces"] = sharing.of(view)
        record["unreadable"] = view.files.unreadable
    facts = {
        "host": {
            **cgroup_facts.host_record(host, inventory, len(inventory.containers) - len(alive)),
            "namespaces": reference.inodes,
            "security_modules": once[1].modules if "security" in subsets else None,
            "capabilities": _capabilities(host.files) if "security" in subsets else None,
            "cpus": host.files.text("/sys/devices/system/cpu/online"),
            "mounts_known": mounts.known if mounts else None,
            "pid_max": host.files.number("/proc/sys/kernel/pid_max") if "pids" in subsets else None,
            "real_paths": {path: real_path(host.files, path) for path in [*paths, *_sockets(inventory, paths)]},
        },
        "containers": [record for _view, record in alive],
        "shared": sharing.groups([view for view, _record in alive]),
    }
    return facts, inventory.warnings


def _sockets(inventory, paths):
    """Those of the engines, which a rule about mounts may mean."""
    return [engine["socket"] for engine in inventory.engines] if paths else []


def _record(host, view, subsets, once_for_cgroups, once_for_namespaces):
    """All but what takes all containers to tell."""
    container, files = view.container, view.files
    cgroups = cgroups_of(host, files, view.init) if view.init else NO_CGROUPS
    record = identity_record(container, cgroups.pid)
    record.update(namespace_parts(view, subsets.intersection(namespace_record.SUBSETS), once_for_namespaces))
    record.update(
        cgroup_parts(host, files, container, cgroups, subsets.intersection(cgroup_facts.SUBSETS), once_for_cgroups)
    )
    record["cgroups"] = {
        name: {"version": cgroup.hierarchy.version, "directory": cgroup.directory}
        for name, cgroup in cgroups.by_controller.items()
    }
    claim = container.claim
    record["declared"] = claim and claim.declared
    record["isolation"] = claim and claim.isolation
    return record


def _capabilities(files):
    """All that the host's first process may have, so that what a container has can be held against it."""
    try:
        return confinement(read_status(files, _FIRST)).bounding
    except Gone:
        return None
