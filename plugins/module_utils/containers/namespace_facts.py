# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_namespace_facts: kernel and engines in, one record per container out."""

from __future__ import annotations

from ..errors import unless_gone
from ..kernel import visit
from ..kernel.files import Files
from ..kernel.host import read_host
from ..kernel.namespaces import read_reference
from . import inside_record, namespace_record
from .inside import ask_insides
from .inside_record import Visited, inside_parts
from .inventory import take_inventory
from .namespace_record import namespace_parts, read_once
from .namespaces import Sharing
from .record import identity_record
from .subsets import chosen_subsets
from .views import look, look_at_others, still_runs

SUBSETS = (*inside_record.SUBSETS, *namespace_record.SUBSETS)
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
    views = look(host, inventory.containers)
    others = look_at_others(host, witnesses, inventory) if (containers, engines) != (None, None) else []
    hear_insides = ask_insides(views, reference, subsets, visit)
    once = read_once(host.files, subsets)
    told = unless_gone(lambda view: (view, namespace_parts(view, subsets, once)), views)
    visited = Visited(reference.inodes["net"], hear_insides(), {})

    def complete(one):
        view, parts = one
        return view, {**inside_parts(view, subsets, visited), **parts}

    alive = [(view, parts) for view, parts in unless_gone(complete, told) if still_runs(view)]
    # The number of a namespace that has ended is given to a new one: only those that still are can be compared.
    sharing = Sharing([view for view, _parts in alive] + [view for view in others if still_runs(view)], reference)
    facts = {
        "host": _host_record(host, reference, inventory, len(inventory.containers) - len(alive)),
        "containers": [_record(view, parts, sharing) for view, parts in alive],
        "shared": sharing.groups([view for view, _parts in alive]),
    }
    if "hostname" in subsets:
        answer = visited.insides.hostnames.get(reference.inodes["uts"])
        facts["host"]["hostname"] = answer and answer.found
    if "security" in subsets:
        facts["host"]["security_modules"] = once.modules
    return facts, inventory.warnings


def _record(view, parts, sharing):
    record = identity_record(view.container, view.init and view.init.pid)
    record["namespaces"] = sharing.of(view)
    record.update(parts)
    record["unreadable"] = view.files.unreadable
    return record


def _host_record(host, reference, inventory, vanished):
    return {
        "scope": host.scope,
        "kernel": host.kernel,
        "namespaces": reference.inodes,
        "engines": inventory.engines,
        "vanished": vanished,
        "unreadable": host.files.unreadable,
    }
