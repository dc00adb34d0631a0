# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_namespace_facts: kernel and engines in, one record per container out."""

from __future__ import annotations

from ..errors import Gone
from ..kernel import visit
from ..kernel.files import Files
from ..kernel.host import read_host
from ..kernel.namespaces import read_reference
from .cgroups import confirm
from .discover import discover
from .inside import read_insides
from .inventory import join, take_inventory
from .namespace_record import namespace_parts, read_once
from .namespaces import Sharing, look_at
from .record import identity_record
from .subsets import chosen_subsets

SUBSETS = (
    "hostname",
    "interfaces",
    "user_map",
    "root_mount",
    "security",
    "mounts",
    "listening",
    "processes",
)
DEFAULT_SUBSETS = ("hostname", "interfaces", "user_map", "root_mount", "security")


def gather_namespace_facts(
    witnesses, containers=None, engines=None, gather_subset=DEFAULT_SUBSETS, root="/", visit=visit.visit
):
    """({"host": ..., "containers": [...], "shared": [...]}, warnings); see the module's RETURN for every key.

    ``visit`` enters namespaces, as kernel/visit.py does.
    """
    host = read_host(Files(root))
    reference = read_reference(host.files)
    inventory = take_inventory(host, witnesses, containers, engines, in_full=False)
    subsets = chosen_subsets(gather_subset, SUBSETS, DEFAULT_SUBSETS)
    views, vanished = look(host, inventory.containers)
    others = look_at_others(host, witnesses, inventory) if (containers, engines) != (None, None) else []
    insides = read_insides(views, reference, subsets, visit)
    once = read_once(host.files, reference, insides, subsets)
    alive = []
    for view in views:
        try:
            alive.append((view, namespace_parts(view, subsets, once)))
        except Gone:
            vanished += 1
    # The number of a namespace that has ended is given to a new one: only those that still are can be compared.
    sharing = Sharing([view for view, _parts in alive] + [view for view in others if still_runs(view)], reference)
    facts = {
        "host": _host_record(host, reference, inventory, once, subsets, vanished),
        "containers": [_record(view, parts, sharing) for view, parts in alive],
        "shared": sharing.groups([view for view, _parts in alive]),
    }
    return facts, inventory.warnings


def look(host, containers):
    """(A view of each, how many have ended)."""
    views = []
    for container in containers:
        try:
            views.append(look_at(host, container))
        except Gone:
            continue
    return views, len(containers) - len(views)


def look_at_others(host, witnesses, inventory):
    """Views of whoever else runs, and may share a namespace with those that were asked for."""
    asked = {one.id for one in inventory.containers}
    views, _vanished = look(host, [one for one in join(discover(host), witnesses) if one.runs and one.id not in asked])
    return views


def still_runs(view):
    try:
        if view.init is not None:
            confirm(view.files, view.init)
    except Gone:
        return False
    return True


def _record(view, parts, sharing):
    record = identity_record(view.container, view.init and view.init.pid)
    record["namespaces"] = sharing.of(view)
    record.update(parts)
    record["unreadable"] = view.files.unreadable
    return record


def _host_record(host, reference, inventory, once, subsets, vanished):
    record = {
        "scope": host.scope,
        "kernel": host.kernel,
        "namespaces": reference.inodes,
        "engines": inventory.engines,
        "vanished": vanished,
        "unreadable": host.files.unreadable,
    }
    if "hostname" in subsets:
        answer = once.insides.hostnames.get(reference.inodes["uts"])
        record["hostname"] = answer and answer.found
    if "security" in subsets:
        record["security_modules"] = once.modules
    return record
