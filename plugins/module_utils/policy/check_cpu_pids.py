# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the sections ``cpu`` and ``pids``: the container's own limits, whatever holds above it. Pure."""

from __future__ import annotations

from ..containers.drift import cpu_numbers
from .verdict import Check, cgroup_file, declared_text, part, verdict

# What a cgroup has that nobody gave a share of CPU time (cgroup-v2.rst; sched-design-CFS.rst).
_DEFAULT_SHARES, _DEFAULT_WEIGHT = 1024, 100

_SET_CPUS = "Give it a limit, as with docker update --cpus or podman update --cpus, and where it is created."
_SET_PIDS = "Give it a limit, as with docker update --pids-limit, and --pids-limit or pids_limit where it is created."


def cpu_limited(wanted, record, host):
    return _cpus(
        record,
        host,
        lambda cpus: (cpus is not None) == wanted,
        "a limit of CPU time" if wanted else "no limit of CPU time",
    )


def cpu_most(wanted, record, host):
    return _cpus(record, host, lambda cpus: cpus is not None and cpus <= wanted, f"at most {wanted:g} CPUs")


def prioritised(_wanted, record, _host):
    cpu = part(record, "cpu")
    old = cpu.get("shares") is not None
    share = cpu.get("shares") if old else cpu.get("weight")
    default = _DEFAULT_SHARES if old else _DEFAULT_WEIGHT
    return verdict(
        None if share is None else share != default,
        "a share of CPU time other than the kernel's default",
        declared=declared_text(record, "cpu_shares", lambda shares: f"{shares} shares", "the default"),
        enforced=None if share is None else f"{share}" + " (the default)" * (share == default),
        evidence=[(cgroup_file(record, "cpu", "cpu.shares", "cpu.weight"), share)],
        remedy="Decide what it is worth beside the others, as with docker update --cpu-shares.",
    )


def pids_limited(wanted, record, host):
    pids, most = part(record, "pids"), host.get("pid_max")
    holds = {"limited": wanted, "unlimited": not wanted}.get(pids.get("limit_state"))
    idle = most is not None and pids.get("limit") is not None and pids["limit"] >= most
    return _pids(
        record,
        not wanted if idle else holds,
        "a limit of processes" if wanted else "no limit of processes",
        [("/proc/sys/kernel/pid_max", most)] if idle else (),
    )


def pids_most(wanted, record, _host):
    pids = part(record, "pids")
    holds = {"limited": True, "unlimited": False}.get(pids.get("limit_state"))
    if holds:
        holds = None if pids.get("limit") is None else pids["limit"] <= wanted
    return _pids(record, holds, f"at most {wanted} processes")


CPU = {
    "limited": Check(cpu_limited, ("cpu",)),
    "max": Check(cpu_most, ("cpu",)),
    "prioritised": Check(prioritised, ("cpu",)),
}
PIDS = {"limited": Check(pids_limited, ("pids",)), "max": Check(pids_most, ("pids",))}


def _cpus(record, host, test, expected):
    """``test`` a number of CPUs, None for no limit: that of the quota, or of the CPUs it may run on if not all."""
    cpu = part(record, "cpu")
    state, quota = cpu.get("limit_state"), cpu.get("limit_cpus")
    allowed = _fewer_cpus(cpu, host)
    if state == "unlimited" and allowed is None and not _cpus_told(record, host):
        state = None
    known = [limit for limit in (quota, allowed) if limit is not None]
    smallest = min(known) if known else None
    holds = None
    if state == "unlimited" or (state == "limited" and quota is not None):
        holds = test(smallest)
    elif smallest is not None and test(smallest):
        # A quota that can't be told could only lower it.
        holds = True
    text = f"{smallest:g} CPUs" if smallest is not None else "no limit" if state == "unlimited" else None
    return verdict(
        holds,
        expected,
        declared=declared_text(record, "cpus", lambda cpus: f"{cpus:g} CPUs", "no limit"),
        enforced=text,
        evidence=[
            (
                cgroup_file(record, "cpu", "cpu.cfs_quota_us", "cpu.max"),
                "unlimited" if state == "unlimited" else cpu.get("quota_usec"),
            ),
            (
                cgroup_file(record, "cpuset", "cpuset.effective_cpus", "cpuset.cpus.effective"),
                cpu.get("cpuset_cpus"),
            ),
        ],
        remedy=_SET_CPUS,
    )


def _fewer_cpus(cpu, host):
    """The number of CPUs that it may run on, None where these are all, or it is not known."""
    own, all_cpus = (cpu_numbers(text or "") for text in (cpu.get("cpuset_cpus"), host.get("cpus")))
    return len(own) if own < all_cpus and all(isinstance(one, int) for one in own) else None


def _cpus_told(record, host):
    """Whether the CPUs that it may run on are known; where there is no such controller, they are the host's."""
    if part(record, "cpu").get("cpuset_cpus"):
        return bool(host.get("cpus"))
    return not any("/cpuset" in str(one.get("path")) for one in record.get("unreadable") or ())


def _pids(record, holds, expected, more=()):
    pids = part(record, "pids")
    unlimited = pids.get("limit_state") == "unlimited"
    enforced = "no limit" if unlimited else pids.get("limit") and str(pids["limit"])
    if more and enforced:
        enforced += ", which is all that the host has"
    file = cgroup_file(record, "pids", "pids.max", "pids.max")
    return verdict(
        holds,
        expected,
        declared=declared_text(record, "pids_limit", str, "no limit"),
        enforced=enforced,
        evidence=[(file, "unlimited" if unlimited else pids.get("limit")), *more],
        remedy=_SET_PIDS,
    )
