# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container's namespace facts: what was found inside its namespaces, and what listens there."""

from __future__ import annotations

from typing import Dict, NamedTuple

from ..kernel.listeners import read_listeners
from .inside import Insides
from .namespace_record import untold
from .network import interface_records

SUBSETS = ("hostname", "interfaces", "listening")
# Little enough to keep for a fleet.
MOST_LISTENERS = 1000

# Those that are cut where they are long.
_CUT = ("interfaces", "listening")


class Visited(NamedTuple):
    """What serves all containers of a run. ``listeners``: by the inode of a net namespace, of those read so far."""

    host_net: int
    insides: Insides
    listeners: Dict[int, list]


def inside_parts(view, subsets, visited):
    """Of ``subsets`` those that only show inside; null where that can't be seen."""
    if view.init is None:
        return untold(subsets.intersection(SUBSETS), _CUT)
    parts = {}
    if "hostname" in subsets:
        parts["hostname"] = _found(view, "uts", visited.insides.hostnames)
    if "interfaces" in subsets:
        parts["interfaces"], parts["interfaces_truncated"] = _interfaces(view, visited)
    if "listening" in subsets:
        parts["listening"], parts["listening_truncated"] = _listening(view, visited)
    return parts


def _found(view, kind, answers):
    """What was found inside; None where the namespace was not entered, which ``unreadable`` then tells."""
    inode = view.inodes[kind]
    if inode is None:
        return None
    answer = answers[inode]
    if answer.error is not None:
        view.files.refuse(f"/proc/{view.init.pid}/ns/{kind}", f"could not be entered: {answer.error}")
    return answer.found


def _interfaces(view, visited):
    network = _found(view, "net", visited.insides.networks)
    if network is None:
        return None, None
    host = visited.insides.networks.get(visited.host_net)
    return interface_records(network, host.found if host and view.inodes["net"] != visited.host_net else None)


def _listening(view, visited):
    inode = view.inodes["net"]
    listeners = visited.listeners.get(inode)
    if listeners is None:
        listeners = read_listeners(view.files, view.init.pid)
        if listeners is None:
            return None, None
        if inode is not None:
            visited.listeners[inode] = listeners
    return [dict(one._asdict()) for one in listeners[:MOST_LISTENERS]], len(listeners) > MOST_LISTENERS
