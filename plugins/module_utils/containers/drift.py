# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where what the kernel enforces differs from what the engine declares. Pure."""

from __future__ import annotations

import math
import re

from ..kernel.files import UNLIMITED
from .limits import told, whole_pages

_CPUS_TOLERANCE = 0.001

# A number of more digits is no CPU of any kernel, and as the end of a range it would fill the memory.
_CPU_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?\Z")


def find_drift(declared, figures, has_unit, page_size_bytes):
    """[{setting, declared, enforced}], figures, booleans or the word ``unlimited``.

    ``declared`` as in Claim; ``figures`` the kernel's (``memory``, ``cpu``, ``cpuset``, ``pids``), each None where it
    was not gathered. ``has_unit``: systemd made the cgroup. A setting that the kernel would not tell is not compared.
    """
    pairs = []
    if figures.memory is not None:
        pairs += _memory(declared, figures.memory, page_size_bytes)
    if figures.cpu is not None:
        pairs += _cpu(declared, figures.cpu)
    if figures.cpuset is not None:
        pairs += _cpuset(declared, figures.cpuset)
    if figures.pids is not None:
        pairs += _pids(declared, figures.pids, has_unit)
    return [
        {"setting": setting, "declared": told(wanted), "enforced": told(enforced)}
        for setting, wanted, enforced in pairs
        if wanted is not None and enforced is not None and wanted != enforced
    ]


def _memory(declared, memory, page_size_bytes):
    def pages(value):
        return whole_pages(value, page_size_bytes)

    return [
        ("memory_bytes", pages(_or_unlimited(declared["memory_bytes"])), memory.limit),
        ("memory_swap_bytes", pages(_memory_swap(declared)), memory.memory_swap_limit),
        ("memory_reservation_bytes", pages(declared["memory_reservation_bytes"] or 0), memory.reservation),
        ("oom_kill_disabled", declared["oom_kill_disabled"], memory.oom_kill_disabled),
    ]


def _pids(declared, pids, has_unit):
    if declared["pids_limit"] is None and has_unit:
        # An engine that asks for no limit leaves it to systemd, whose DefaultTasksMax then holds.
        return []
    return [("pids_limit", _or_unlimited(declared["pids_limit"]), pids.limit)]


def _memory_swap(declared):
    """Memory + swap. None where the engine did not say: its default depends on the host."""
    swap = declared["memory_swap_bytes"]
    if swap == -1 or (swap is None and declared["memory_bytes"] is None):
        return UNLIMITED
    return swap


def _cpu(declared, cpu):
    pairs = []
    if cpu.quota_usec == UNLIMITED or (cpu.quota_usec is not None and cpu.period_usec):
        enforced = cpu.quota_usec / (cpu.period_usec or 1)
        wanted = _or_unlimited(declared["cpus"])
        same = wanted == enforced or abs(wanted - enforced) < _CPUS_TOLERANCE
        pairs.append(("cpus", enforced if same else wanted, enforced))
    shares = declared["cpu_shares"]
    if shares is not None and cpu.shares is not None:
        pairs.append(("cpu_shares", shares, cpu.shares))
    elif shares is not None and cpu.weight is not None and cpu.weight not in _weights(shares):
        pairs.append(("cpu_shares", shares, f"weight {cpu.weight}"))
    return pairs


def _weights(shares):
    """v2's weight for v1's shares: runtimes convert by the linear formula, newer ones by one that keeps 1024 at 100."""
    logarithm = math.log2(max(shares, 2))
    newer = math.ceil(10 ** ((logarithm**2 + 125 * logarithm) / 612 - 7 / 34))
    return (1 + (shares - 2) * 9999 // 262142, newer)


def _cpuset(declared, cpuset):
    wanted = declared["cpuset_cpus"]
    if wanted is None or cpuset.cpus is None or cpu_numbers(wanted) == cpu_numbers(cpuset.cpus):
        return []
    return [("cpuset_cpus", wanted, cpuset.cpus)]


def cpu_numbers(text):
    """``0-2,7`` -> {0, 1, 2, 7}; a text that is no such list stands for itself."""
    numbers = set()
    for part in text.replace(" ", "").split(","):
        match = _CPU_RANGE.match(part)
        if not match:
            return {text}
        numbers.update(range(int(match.group(1)), int(match.group(2) or match.group(1)) + 1))
    return numbers


def _or_unlimited(value):
    return UNLIMITED if value is None else value
