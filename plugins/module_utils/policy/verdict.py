# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check says of a container, and how checks read records. Pure.

A record is what the facts modules tell of a container, in one dictionary (containers/audit_facts.py); a part of it may
be missing or None, which is then not known.
"""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional, Sequence, Tuple

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
# What the check asks about does not exist on this host.
NOT_APPLICABLE = "not_applicable"

_STATUS = {True: PASS, False: FAIL, None: UNKNOWN}
_MOST_NAMES = 5


class Verdict(NamedTuple):
    """``expected``, ``declared`` (by the engine) and ``enforced`` (by the kernel) are texts, None for not known.

    ``evidence``: (path of the kernel's file, what it says). ``remedy``: what to do where it fails. ``reason``: why it
    is not known, where the check knows better than the list of what could not be read.
    """

    status: str
    expected: str
    declared: Optional[str] = None
    enforced: Optional[str] = None
    evidence: Sequence[Tuple[str, object]] = ()
    remedy: Optional[str] = None
    reason: Optional[str] = None


class Check(NamedTuple):
    """``judge(wanted, record, host)`` gives a Verdict; ``subsets`` are those of the facts modules that it reads.

    ``additions``: other keys of its section, whose values (None where not given) follow as arguments.
    """

    judge: Callable[..., Verdict]
    subsets: Tuple[str, ...] = ()
    additions: Tuple[str, ...] = ()


def verdict(holds, expected, **about):
    """``holds``: True, False, or None where it can't be told."""
    return Verdict(_STATUS[holds], expected, **about)


def part(record, key):
    """A dictionary in a record; an empty one where it is not known."""
    return record.get(key) or {}


def all_hold(answers):
    """One False is enough for False, and one None keeps True away."""
    answers = list(answers)
    return False if False in answers else None if None in answers else True


def at_most(value, most):
    return None if value is None else value <= most


def cgroup_file(record, controller, v1, v2):
    """The path of a file of the container's cgroup; its name alone where the place is not known."""
    place = part(part(record, "cgroups"), controller)
    name = v1 if place.get("version", 2) == 1 else v2
    return f"{place['directory']}/{name}" if place.get("directory") else name


def process_file(record, name):
    return f"/proc/{record['pid']}/{name}" if record.get("pid") else name


def declared_text(record, key, say, none):
    """What the engine declares of ``key`` in words; ``none`` where it sets nothing, None where it said nothing."""
    declared = record.get("declared")
    if not declared:
        return None
    return none if declared.get(key) is None else say(declared[key])


def isolation_text(record, *keys):
    """What the engine was asked for: ``privileged: true; seccomp: default``; None where it said nothing."""
    isolation = record.get("isolation")
    if not isolation:
        return None
    return "; ".join(f"{key}: {_word(isolation.get(key))}" for key in keys)


def unasked(record, host):
    """The engines that can't be asked of a container and whose it is or may be."""
    down = [one.get("name") for one in host.get("engines") or () if not one.get("reachable")]
    engine = record.get("engine") or "unknown"
    return [name for name in down if engine in (name, "unknown")]


def names(words, most=_MOST_NAMES):
    """``a, b and 7 more``."""
    words = [str(word) for word in words]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _word(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return names(value) or "none"
    return "default" if value in (None, "") else str(value)
