# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the section ``namespaces``: whose namespaces a container is in. Pure."""

from __future__ import annotations

from ..globs import globbed
from .verdict import Check, all_hold, isolation_text, names, part, process_file, verdict

# What the engine was asked for, by the key of the container's ``isolation``.
_MODES = {
    "pid": "pid_mode",
    "net": "network_mode",
    "ipc": "ipc_mode",
    "uts": "uts_mode",
    "user": "userns_mode",
    "cgroup": "cgroupns_mode",
}
_ENGINE_OPTIONS = {
    "pid": "--pid",
    "net": "--network",
    "ipc": "--ipc",
    "uts": "--uts",
    "user": "--userns (or userns-remap of the engine)",
    "cgroup": "--cgroupns",
}
# Of those that a host may be expected to keep to itself: no engine gives a container a time namespace of its own.
_JUDGED = ("pid", "net", "ipc", "mnt", "uts", "user")


def private(wanted, record, _host, allowed):
    """Neither the host's nor another container's, unless all of those are among ``allowed`` (names or globs)."""
    answers = {kind: all_hold([_not_hosts(record, kind), _alone(record, kind, allowed)]) for kind in wanted}
    return _verdict(record, answers, f"{names(wanted, 8)} of its own{_or_with(allowed)}")


def not_shared_with_host(wanted, record, _host):
    answers = {kind: _not_hosts(record, kind) for kind in wanted}
    return _verdict(record, answers, f"{names(wanted, 8)} not of the host")


def not_shared_with_containers(wanted, record, _host, allowed):
    """Not another container's; whether it is the host's does not matter."""
    answers = {kind: _alone(record, kind, allowed) for kind in wanted}
    return _verdict(record, answers, f"{names(wanted, 8)} of no other container{_or_with(allowed)}")


def shared_with_host(wanted, record, host):
    """No other than these are the host's.

    The cgroup namespace counts where the host has cgroup v2 alone, as with v1 no engine makes one by default.
    """
    judged = (*_JUDGED, "cgroup") if host.get("mode") == "unified" else _JUDGED
    answers = {kind: _not_hosts(record, kind) for kind in judged if kind not in wanted}
    expected = f"only {names(wanted, 8)} of the host" if wanted else "no namespace of the host"
    return _verdict(record, answers, expected)


CHECKS = {
    "private": Check(private, additions=("allow_shared_with",)),
    "not_shared_with_host": Check(not_shared_with_host),
    "not_shared_with_containers": Check(not_shared_with_containers, additions=("allow_shared_with",)),
    "shared_with_host": Check(shared_with_host),
}


def _alone(record, kind, allowed):
    """Whether no other container than these is in it; of the host's namespace none is told."""
    others = _one(record, kind).get("shared_with")
    if others is None:
        return None
    return all(any(globbed(other, glob) for glob in allowed or ()) for other in others)


def _or_with(allowed):
    return f", or shared with {names(allowed)}" if allowed else ""


def _not_hosts(record, kind):
    hosts = _one(record, kind).get("shared_with_host")
    return None if hosts is None else not hosts


def _one(record, kind):
    return part(part(record, "namespaces"), kind)


def _verdict(record, answers, expected):
    holds = all_hold(answers.values())
    told = [kind for kind, answer in answers.items() if answer is holds]
    modes = [_MODES[kind] for kind in told if kind in _MODES]
    options = [_ENGINE_OPTIONS[kind] for kind in told if kind in _ENGINE_OPTIONS]
    return verdict(
        holds,
        expected,
        declared=isolation_text(record, *modes) if modes else None,
        enforced=None if holds is None else "; ".join(_shared(record, kind) for kind in told) or "its own",
        evidence=[(process_file(record, f"ns/{kind}"), _one(record, kind).get("inode")) for kind in told],
        remedy=f"Create whichever joined the other anew, without {', '.join(options) or 'sharing'}, or allow what it "
        "shares in the rule.",
        reason=None if holds is not None else f"it can't be told who else is in its {names(told, 8)}",
    )


def _shared(record, kind):
    one = _one(record, kind)
    if one.get("shared_with_host"):
        return f"{kind} of the host"
    others = one.get("shared_with")
    return f"{kind} shared with {names(others)}" if others else f"{kind} of its own"
