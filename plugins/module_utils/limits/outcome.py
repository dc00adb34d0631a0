# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of container_memory_limit returns: a record for each container, and the difference as text. Pure."""

from __future__ import annotations

from operator import itemgetter

from ..containers.limits import limit_state, limited
from ..containers.record import identity_record
from ..kernel.files import UNLIMITED
from .sizes import told_size

_LONGEST_LIST = 10
_DECLARED = ("memory_bytes", "memory_swap_bytes", "memory_reservation_bytes")


def limit_record(assignment, outcome):
    state = outcome.before
    running = state and state.running
    return {
        **identity_record(assignment.container, state and state.pid),
        "rule": assignment.rule,
        "status": outcome.status,
        "reason": outcome.reason,
        "smallest_bytes": outcome.smallest_bytes,
        "before": _limits(outcome.before),
        "after": _limits(outcome.after),
        "usage_bytes": running.use.usage_bytes if running and running.use else None,
        "working_set_bytes": running.working_set_bytes if running else None,
        "oom_kills": outcome.oom_kills,
        "steps": [step.told() for step in outcome.plan.steps] if outcome.plan else [],
        "verified": outcome.verified,
        "persistent": outcome.plan.persistent if outcome.plan else None,
        "notes": outcome.notes,
    }


def _limits(state):
    if state is None:
        return None
    kernel = state.kernel
    absent = state.swap_accounting is False
    return {
        "limit_state": limit_state(kernel.memory),
        "limit_bytes": limited(kernel.memory),
        "swap_limit_state": limit_state(kernel.swap, absent=absent),
        "swap_limit_bytes": limited(kernel.swap),
        "reservation_bytes": limited(kernel.reservation),
        "declared": _declared(state.record),
    }


def _declared(record):
    """As the facts have it: null where nothing is set, -1 for unlimited swap."""
    if record is None:
        return dict.fromkeys(_DECLARED)
    memory = limited(record.memory)
    together = record.memory_swap
    if together == UNLIMITED:
        together = None if memory is None else -1
    return dict(zip(_DECLARED, (memory, together, record.reservation or None)))


def limit_diff(pairs):
    """Ansible's ``diff`` of (Assignment, Outcome) pairs: what changed, a line for each container and holder."""
    before, after = [], []
    for title, outcome in sorted(((_title(assignment), outcome) for assignment, outcome in pairs), key=itemgetter(0)):
        if outcome.status == "changed":
            before += _lines(title, outcome.before)
            after += _lines(title, outcome.after)
    return {
        "before_header": "memory limits",
        "after_header": "memory limits",
        "before": "".join(line + "\n" for line in before),
        "after": "".join(line + "\n" for line in after),
    }


def _title(assignment):
    container = assignment.container
    return container.name or container.id[:12]


def _lines(title, state):
    lines = [f"{title}: kernel {_told(state.kernel)}"] if state.running else []
    return lines + ([f"{title}: {state.container.engine} {_told(state.record)}"] if state.record else [])


def _told(limits):
    return ", ".join(f"{name} {told_size(value)}" for name, value in zip(limits._fields, limits) if value is not None)


def failed(pairs):
    """(What failed, what was refused) among (Assignment, Outcome) pairs, as texts; of many the first."""
    texts = {"failed": [], "refused": []}
    for assignment, outcome in pairs:
        if outcome.status in texts:
            hint = f" (at least {told_size(outcome.smallest_bytes)})" if outcome.smallest_bytes is not None else ""
            texts[outcome.status].append(f"{_title(assignment)}: {outcome.reason}{hint}")
    return _first(texts["failed"]), _first(texts["refused"])


def _first(texts):
    more = len(texts) - _LONGEST_LIST
    return texts[:_LONGEST_LIST] + ([f"and {more} more, see containers"] if more > 0 else [])
