# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the section ``memory``. Pure.

What counts is the effective limit, the smallest of the container's own, those above it, and the host's memory: a
container below a slice with a limit can't take the host's memory, and one whose own limit is above the host's memory
can. The exact ``limit``, ``swap`` and ``reservation`` are the container's own, as enforcement sets them.
"""

from __future__ import annotations

from ..containers.limits import whole_pages
from ..kernel.files import UNLIMITED
from ..limits.sizes import binary_size
from .verdict import Check, at_most, cgroup_file, declared_text, part, verdict

_SET_A_LIMIT = (
    "Give it a limit: memory.limit in a policy and the playbook fathom.containers.enforce, or the module "
    "container_memory_limit; both do without a restart. Where it is created anew, --memory or mem_limit as well."
)
_CHANGE = (
    "Let the playbook fathom.containers.enforce or the module container_memory_limit set what is expected, and change "
    "it where the container is created."
)


def limited(wanted, record, host):
    memory = part(record, "memory")
    source = memory.get("effective_limit_source")
    holds = None
    # Without the host's memory it can't be told whether a limit is below it.
    if memory.get("effective_limit_bytes") is not None and host.get("memory_total_bytes") is not None:
        holds = (source != "host") == wanted
    return verdict(
        holds,
        "a limit below the host's memory" if wanted else "no limit below the host's memory",
        remedy=_SET_A_LIMIT if wanted else "Lift the limit: memory.limit: unlimited in a policy that is enforced.",
        **_limit(record, memory),
    )


def least(wanted, record, _host):
    memory = part(record, "memory")
    effective_bytes, own_bytes = memory.get("effective_limit_bytes"), memory.get("limit_bytes")
    holds = None if effective_bytes is None else effective_bytes >= wanted
    if holds is None and own_bytes is not None and own_bytes < wanted:
        # Whatever is above it.
        holds = False
    return verdict(holds, f"at least {binary_size(wanted)}", remedy=_CHANGE, **_limit(record, memory))


def most(wanted, record, _host):
    memory = part(record, "memory")
    holds = None
    if memory.get("effective_limit_source") == "host":
        holds = False
    elif memory.get("effective_limit_bytes") is not None:
        holds = memory["effective_limit_bytes"] <= wanted
    elif at_most(memory.get("limit_bytes"), wanted):
        # Whatever is above it.
        holds = True
    return verdict(holds, f"at most {binary_size(wanted)}", remedy=_SET_A_LIMIT, **_limit(record, memory))


def exactly(wanted, record, host):
    memory = part(record, "memory")
    own = _figure(memory, "limit")
    holds = None if own is None else own == _pages(wanted, host)
    if holds:
        holds = _not_lowered(memory, own)
    return verdict(holds, _exact(wanted), remedy=_CHANGE, **_limit(record, memory))


def swap(wanted, record, host):
    memory = part(record, "memory")
    state = memory.get("swap_limit_state")
    if state == "absent":
        holds, enforced = wanted == UNLIMITED, "no limit, as this kernel counts no swap"
    else:
        own = _figure(memory, "swap_limit")
        holds, enforced = own if own is None else own == _pages(wanted, host), _exact(own)
    return verdict(
        holds,
        "no swap" if wanted == 0 else f"{_exact(wanted)} of swap" if wanted != UNLIMITED else "no limit of swap",
        declared=_declared_swap(record),
        enforced=enforced,
        evidence=[
            (cgroup_file(record, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max"), memory_swap(memory))
        ],
        remedy="Boot the host with swapaccount=1, and set it then." if state == "absent" else _CHANGE,
    )


def memory_swap(memory):
    """What the kernel's file says: on v1 memory and swap together."""
    both = memory.get("version") == 1
    figure = memory.get("memory_swap_limit_bytes" if both else "swap_limit_bytes")
    return "unlimited" if figure is None and memory.get("swap_limit_state") == "unlimited" else figure


def reservation(wanted, record, host):
    memory = part(record, "memory")
    own_bytes = memory.get("reservation_bytes")
    return verdict(
        own_bytes if own_bytes is None else own_bytes == _pages(wanted, host),
        _reserved(wanted),
        declared=declared_text(record, "memory_reservation_bytes", _reserved, "no reservation"),
        enforced=None if own_bytes is None else _reserved(own_bytes),
        evidence=[(cgroup_file(record, "memory", "memory.soft_limit_in_bytes", "memory.low"), own_bytes)],
        remedy=_CHANGE,
    )


def usage_below(wanted, record, _host):
    """Of the limit that counts, the working set: a cache that is dropped before anything is killed does not count."""
    memory = part(record, "memory")
    working_set_bytes, effective_bytes = memory.get("working_set_bytes"), memory.get("effective_limit_bytes")
    percent = None
    if working_set_bytes is not None and effective_bytes is not None:
        percent = 100.0 * working_set_bytes / max(effective_bytes, 1)
    enforced = None
    if percent is not None:
        enforced = f"{percent:.1f}% ({binary_size(working_set_bytes)} of {binary_size(effective_bytes)})"
    return verdict(
        None if percent is None else percent < wanted,
        f"a working set below {wanted:g}% of the effective limit",
        enforced=enforced,
        evidence=[
            (cgroup_file(record, "memory", "memory.usage_in_bytes", "memory.current"), memory.get("usage_bytes")),
            *_limit_evidence(record, memory),
        ],
        remedy="Give it more memory, or find out what it takes it for, before the kernel kills for it.",
    )


def no_oom_kills(_wanted, record, _host):
    memory = part(record, "memory")
    kills = memory.get("oom_kills")
    # In a cgroup that others share, it may be theirs that were killed.
    holds = None if kills is None or (kills and memory.get("own") is False) else kills == 0
    return verdict(
        holds,
        "no process killed for want of memory",
        enforced=None if kills is None else f"{kills} killed since the cgroup was made",
        evidence=[(cgroup_file(record, "memory", "memory.oom_control", "memory.events"), kills)],
        remedy="Raise its limit, or lower what it needs; a restart sets the count to 0.",
        reason="its cgroup is shared with others" if kills and holds is None else None,
    )


CHECKS = {
    "limited": Check(limited, ("memory",)),
    "min": Check(least, ("memory",)),
    "max": Check(most, ("memory",)),
    "limit": Check(exactly, ("memory",)),
    "swap": Check(swap, ("memory",)),
    "reservation": Check(reservation, ("memory",)),
    "usage_below": Check(usage_below, ("memory",)),
    "no_oom_kills": Check(no_oom_kills, ("memory",)),
}


def _limit(record, memory):
    """What is told beside a verdict on the limit."""
    return {
        "declared": declared_text(record, "memory_bytes", _exact, "no limit"),
        "enforced": _effective(memory),
        "evidence": _limit_evidence(record, memory),
    }


def _limit_evidence(record, memory):
    own = _figure(memory, "limit")
    rows = [
        (
            cgroup_file(record, "memory", "memory.limit_in_bytes", "memory.max"),
            "unlimited" if own == UNLIMITED else own,
        )
    ]
    source = memory.get("effective_limit_source")
    if source == "host":
        rows.append(("/proc/meminfo", memory.get("effective_limit_bytes")))
    elif source is not None and source != memory.get("path"):
        rows.append((source, memory.get("effective_limit_bytes")))
    return rows


def _effective(memory):
    effective_bytes, source = memory.get("effective_limit_bytes"), memory.get("effective_limit_source")
    own_bytes = memory.get("limit_bytes")
    if effective_bytes is None:
        return None
    if source == "host":
        own = "no limit" if own_bytes is None else binary_size(own_bytes)
        return f"{own}, so the host's {binary_size(effective_bytes)}"
    if source == memory.get("path"):
        return binary_size(effective_bytes)
    return f"{binary_size(effective_bytes)}, set by {source or 'a cgroup that is out of sight'}"


def _not_lowered(memory, own):
    """Whether the container's own limit is the one that counts, or none above is lower than the host's memory."""
    effective_bytes = memory.get("effective_limit_bytes")
    if effective_bytes is None:
        return None
    return effective_bytes >= own or memory.get("effective_limit_source") == "host"


def _figure(memory, key):
    """Bytes, UNLIMITED, or None where it is not known."""
    return UNLIMITED if memory.get(f"{key}_state") == "unlimited" else memory.get(f"{key}_bytes")


def _pages(wanted, host):
    """The kernel keeps whole pages."""
    return whole_pages(wanted, host.get("page_size_bytes") or 1)


def _exact(size_bytes):
    return None if size_bytes is None else "no limit" if size_bytes == UNLIMITED else binary_size(size_bytes)


def _reserved(size_bytes):
    return binary_size(size_bytes) if size_bytes else "no reservation"


def _declared_swap(record):
    both = part(record, "declared").get("memory_swap_bytes")
    own = part(record, "declared").get("memory_bytes")
    if both == -1:
        return "no limit of swap"
    if both is None or own is None:
        return declared_text(record, "memory_swap_bytes", binary_size, "no limit of swap")
    return f"{binary_size(both - own)} of swap" if both > own else "no swap"
