# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_cgroup_facts: kernel and engines in, one record per container out."""

from __future__ import annotations

from ..errors import unless_gone
from ..kernel.files import Files
from ..kernel.host import read_host
from .cgroup_record import Once, container_record
from .inventory import take_inventory
from .memory import AncestorLimits
from .subsets import chosen_subsets
from .systemd import UnitFiles

SUBSETS = ("memory", "cpu", "pids", "io", "processes", "stat", "hierarchies")
DEFAULT_SUBSETS = ("memory", "cpu", "pids")


def gather_cgroup_facts(witnesses, containers=None, engines=None, gather_subset=DEFAULT_SUBSETS, root="/"):
    """({"host": ..., "containers": [...]}, warnings); see the module's RETURN for every key."""
    host = read_host(Files(root))
    inventory = take_inventory(host, witnesses, containers, engines)
    subsets = chosen_subsets(gather_subset, SUBSETS, DEFAULT_SUBSETS)
    once = Once(AncestorLimits(host.files), UnitFiles(host.files))
    records = unless_gone(lambda container: container_record(host, container, subsets, once), inventory.containers)
    vanished = len(inventory.containers) - len(records)
    return {"host": host_record(host, inventory, vanished), "containers": records}, inventory.warnings


def host_record(host, inventory, vanished):
    memory = host.controllers.get("memory")
    return {
        "mode": host.mode,
        "scope": host.scope,
        "memory_version": memory and memory.version,
        "swap_accounting": host.swap_accounting,
        "memory_total_bytes": host.meminfo.memory_total_bytes,
        "swap_total_bytes": host.meminfo.swap_total_bytes,
        "page_size_bytes": host.page_size_bytes,
        "kernel": host.kernel,
        "engines": inventory.engines,
        "vanished": vanished,
        "unreadable": host.files.unreadable,
    }
