# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a report: those that this run asked, beside those that only earlier ones did. Pure.

An entry is what audit.json has of a host:

``run``                  begin of the run that the host was last part of
``audited_at``           time of the answer below, None where there never was one
``error``                why that run has no answer of the host, else None
``previous_audited_at``  time of the answer that ``changes`` compares with, None where there is none
``changes``              as changes.compare gives, None where there is nothing to compare with

and, from the last answer, all of it but ``changed`` and ``not_judged``. A host that was lost keeps its last answer.
"""

from __future__ import annotations

import heapq

from .changes import compare

NOT_ASKED = "it failed or was unreachable before the audit came to it"
_OURS = ("run", "audited_at", "error", "previous_audited_at", "changes")
_LEFT_OUT = ("changed", "not_judged")


def merge(previous, asked, run):
    """(name, entry) pairs sorted by name.

    ``previous``: such pairs of the last report, sorted by name. ``asked``: {name: function of its entry before}, or of
    None, that gives what the run has of the host: {"time", "error", "answer"}, or None where it has nothing new.
    ``run``: its begin.
    """
    names = ((name, None) for name in sorted(asked))
    pending = None
    for name, entry in heapq.merge(previous, names, key=lambda pair: pair[0]):
        if pending is not None and pending[0] != name:
            yield from _entry(*pending, asked, run)
            pending = None
        pending = (name, entry or (pending and pending[1]))
    if pending is not None:
        yield from _entry(*pending, asked, run)


def _entry(name, before, asked, run):
    record = asked[name](before) if name in asked else None
    if record is not None:
        yield name, _asked(before or {}, record, run)
    elif before is not None:
        yield name, before


def _asked(before, record, run):
    if record["answer"] is None:
        earlier = {"audited_at": None, "previous_audited_at": None, "changes": None, **before}
        return dict(earlier, run=run, error=record["error"])
    answer = {key: value for key, value in record["answer"].items() if key not in _LEFT_OUT}
    last = answer_of(before)
    changes = compare(last, answer)
    previous = before["audited_at"] if last is not None else None
    head = {"run": run, "audited_at": record["time"], "error": None, "previous_audited_at": previous}
    return {**head, "changes": changes, **answer}


def answer_of(entry):
    """The answer in an entry, or None where the host was never audited."""
    if not entry or entry["audited_at"] is None:
        return None
    return {key: value for key, value in entry.items() if key not in _OURS}
