# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of container_memory_limit, of one host or of many, in one shape. Pure."""

from __future__ import annotations

import re

# What ansible-core puts before a message of its own, and again before that of a task that passes it on.
_PREFIXES = re.compile(r"\A(?:Task failed: )+")
# The name that the result of a single host goes by.
ALONE = ""


def by_host(results):
    """{host: result}; a result by itself is that of ALONE. What a host never got to is {}."""
    if isinstance(results.get("changed"), bool):
        return {ALONE: results}
    return {host: result or {} for host, result in results.items()}


def containers_of(result):
    """The containers in a result, those of a task with a loop together."""
    parts = result.get("results") or [result]
    return [container for part in parts for container in part.get("containers") or ()]


def failure_of(result):
    """Why a host has no result, or a failure that is no container's; None where there is no such thing."""
    parts = [part for part in result.get("results") or [result] if part.get("failed") or part.get("unreachable")]
    if not parts or any(container["status"] in ("failed", "refused") for container in containers_of(result)):
        return None
    return _PREFIXES.sub("", str(parts[0].get("msg") or "it failed and did not say why"))


def key_of(container):
    """What tells a container from every other one of the host."""
    return container["engine"], container["id"]


def title_of(container):
    return container["name"] or f"{container['engine']} {container['id'][:12]}"


def sizes_of(limits):
    """{"memory", "swap", "reservation"} of a container's ``before`` or ``after``: bytes, or a state that has none.

    Of one that does not run it is what its engine has noted for the next start. A reservation of 0 is none.
    """
    if limits is None:
        return {"memory": "unknown", "swap": "unknown", "reservation": 0}
    declared = limits["declared"]
    if limits["limit_state"] == "unknown":
        memory, together = declared["memory_bytes"], declared["memory_swap_bytes"]
        unlimited_swap = memory is None or together == -1
        swap = "unlimited" if unlimited_swap else "unknown" if together is None else together - memory
        memory = "unlimited" if memory is None else memory
    else:
        memory = _size(limits["limit_state"], limits["limit_bytes"])
        swap = _size(limits["swap_limit_state"], limits["swap_limit_bytes"])
    reservation = limits["reservation_bytes"] or declared["memory_reservation_bytes"] or 0
    return {"memory": memory, "swap": swap, "reservation": reservation}


def _size(state, size_bytes):
    return size_bytes if state == "limited" else state
