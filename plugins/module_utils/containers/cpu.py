# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``cpu`` part of a container's facts: the cpu, cpuacct and cpuset controllers, each where it really is."""

from __future__ import annotations

from ..kernel import cpu_v1, cpu_v2
from ..kernel.cpuset import read_cpuset
from .limits import limit_state, limited


def read_cpu(files, cgroups):
    """Cpu, or None where no cpu controller is visible."""
    cpu = cgroups.by_controller.get("cpu")
    accounting = cgroups.by_controller.get("cpuacct")
    if cpu is not None and cpu.hierarchy.version == 2:
        return cpu_v2.read_cpu(files, cpu.directory)
    if cpu is None and accounting is None:
        return None
    return cpu_v1.read_cpu(files, cpu and cpu.directory, accounting and accounting.directory)


def read_container_cpuset(files, cgroups):
    """Cpuset, or None where the controller is not visible."""
    cgroup = cgroups.by_controller.get("cpuset")
    return cgroup and read_cpuset(files, cgroup.directory, cgroup.hierarchy.version)


def cpu_record(cpu, cpuset):
    quota = limited(cpu.quota_usec)
    return {
        "limit_state": limit_state(cpu.quota_usec),
        "limit_cpus": quota / cpu.period_usec if quota is not None and cpu.period_usec else None,
        "quota_usec": quota,
        "period_usec": cpu.period_usec,
        "shares": cpu.shares,
        "weight": cpu.weight,
        "cpuset_cpus": cpuset and (cpuset.effective_cpus or cpuset.cpus),
        "usage_usec": cpu.usage_usec,
        "periods": cpu.periods,
        "throttled_periods": cpu.throttled_periods,
        "throttled_usec": cpu.throttled_usec,
    }
