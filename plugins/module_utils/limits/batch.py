# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_memory_limit: all containers of a run, planned one after the other and changed side by side."""

from __future__ import annotations

import threading
from functools import partial
from typing import NamedTuple, Optional

from ..containers.inventory import hint_of, take_inventory
from ..containers.memory import AncestorLimits
from ..containers.systemd import UnitFiles
from ..engines.contract import Engine
from ..errors import FathomError, Gone
from ..kernel.files import Files
from ..kernel.host import read_host
from ..kernel.writer import Writer
from .assign import assign, refuse_missing
from .change import Assignment, carry_out, foresee, refusal
from .holders import NOTHING
from .interrupt import noticed
from .outcome import failed, limit_diff, limit_record
from .refusal import KERNEL_ALONE, Refused
from .state import read_state
from .systemctl import set_properties


class Task(NamedTuple):
    """``keeper``: the Engine that has the container's record; ``obstacle``: why it is refused unseen."""

    assignment: Assignment
    keeper: Optional[Engine]
    obstacle: Optional[str]


def set_memory_limits(witnesses, request, check_mode, run_command, root="/"):
    """({"changed", "containers", "idle", "diff"}, warnings). ``run_command`` is AnsibleModule's."""
    host = read_host(Files(root))
    tasks, idle, warnings = _tasks(host, witnesses, request)
    outcomes = _foresee(host, tasks, request.safety)
    if not check_mode:
        _carry_out(host, tasks, outcomes, request, Writer(root), partial(set_properties, run_command))
    pairs = [(task.assignment, outcome) for task, outcome in zip(tasks, outcomes)]
    result = {
        "changed": any(outcome.changed for outcome in outcomes),
        "containers": [limit_record(*pair) for pair in pairs],
        "idle": [
            {"index": index, "rule": request.entries[index].rule, "why": why} for index, why in sorted(idle.items())
        ],
        "diff": limit_diff(pairs),
    }
    failures, refusals = failed(pairs)
    if failures or (refusals and request.on_refused == "fail"):
        result.update(failed=True, msg="; ".join(failures + refusals))
        refusals = []
    return result, warnings + refusals


def _tasks(host, witnesses, request):
    assignments, doubtful, missing, idle = [], [], [], {}

    def choose(everything, allowed):
        silent = [one.name for one in witnesses if one.error is not None]
        assigned = assign(request.entries, everything, allowed, silent)
        if request.on_missing == "fail":
            refuse_missing(assigned.missing, hint_of(witnesses))
        assignments.extend(assigned.assignments)
        doubtful.extend(assigned.doubtful)
        # A glob may fit nothing for now: that is no mistake, but maybe not what was meant.
        missing.extend(assigned.missing + assigned.missing_globs)
        idle.update(assigned.idle)
        return [one.container for one in assignments]

    inventory = take_inventory(host, witnesses, request.containers, request.engines, choose, about_engines=False)
    # A host may well have one engine alone.
    hint = hint_of([one for one in witnesses if one.present])
    warnings = inventory.warnings + [text + hint for text in missing if request.on_missing != "ignore"]
    tasks = [
        Task(one._replace(container=container), *_keeper(container, witnesses if request.safety.persist else ()))
        for one, container in zip(assignments, inventory.containers)
    ]
    return tasks + [_doubt(one, witnesses) for one in doubtful], idle, warnings


def _doubt(container, witnesses):
    error = next(one.obstacle for one in witnesses if one.name == container.engine and one.error is not None)
    obstacle = (
        f"{container.engine} can't be asked for its name and labels, so nobody knows what is meant for it: {error}"
    )
    return Task(Assignment(container, NOTHING, None), None, obstacle)


def _keeper(container, witnesses):
    """(The Engine that has the container's record, why it can't be asked); (None, None) where no engine has it."""
    found = container.found
    if found is not None and found.nested_in is not None and container.claim is None:
        return None, None
    own = [one for one in witnesses if one.name == container.engine]
    # A user's Podman has the containers of that user, so it is nearer than root's.
    if found is not None:
        own = [one for one in reversed(own) if one.speaks_for(found.identity.path)]
    for witness in own:
        if witness.error is None and container.id in witness.claims and container.claim.declared is not None:
            return witness.engine_again(), None
    error = next((one.obstacle for one in own if one.error is not None), None)
    return None, error and (
        f"{container.engine} has to note its limits and can't be asked: {error}; "
        f"{KERNEL_ALONE}, until it is started again"
    )


def _foresee(host, tasks, safety):
    ancestors, units = AncestorLimits(host.files), UnitFiles(host.files)
    outcomes = []
    for task in tasks:
        try:
            if task.obstacle is not None:
                raise Refused(task.obstacle)
            state = read_state(host, task.assignment.container, ancestors, units)
            outcomes.append(foresee(state, task.assignment, safety, task.keeper))
        except Gone:
            outcomes.append(refusal("it ended meanwhile"))
        except (Refused, FathomError) as exc:
            outcomes.append(refusal(str(exc)))
        finally:
            # It connects again for the change; until then a thousand of them would use up the file descriptors.
            if task.keeper is not None:
                task.keeper.close()
    return outcomes


def _carry_out(host, tasks, outcomes, request, writer, tell_systemd):
    """Replaces the outcomes of what is to be changed by what came of it.

    After the first kill, and after a signal, nothing else is begun.
    """
    stop = threading.Event()

    def work(at):
        if stop.is_set():
            return refusal("not tried: the run was stopped before, by a signal or a container that lost processes")
        task = tasks[at]
        try:
            outcome = carry_out(host, task.assignment, request.safety, task.keeper, writer, tell_systemd)
        except Exception as exc:
            # Whatever it is, it must not take away what is known of the others.
            outcome = refusal(f"{type(exc).__name__}: {exc}")._replace(status="failed")
        finally:
            if task.keeper is not None:
                task.keeper.close()
        if outcome.oom_kills and request.safety.below_usage != "force":
            stop.set()
        return outcome

    waiting = [at for at, outcome in enumerate(outcomes) if outcome.status == "changed"]
    if not waiting:
        return
    # Only a change pays for the import.
    from concurrent.futures import ThreadPoolExecutor

    with noticed(stop), ThreadPoolExecutor(min(request.parallel, len(waiting))) as pool:
        for at, outcome in zip(waiting, pool.map(work, waiting)):
            outcomes[at] = outcome
