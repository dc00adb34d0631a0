# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as container_memory_limit returns them, for tests of what is made of them."""

from __future__ import annotations

MIB = 1 << 20


def limits(memory=64 * MIB, swap=64 * MIB, reservation=0, runs=True):
    """A ``before`` or ``after`` in which kernel and engine agree; None is unlimited."""
    return {
        "limit_state": ("limited" if memory is not None else "unlimited") if runs else "unknown",
        "limit_bytes": memory if runs else None,
        "swap_limit_state": ("limited" if swap is not None else "unlimited") if runs else "unknown",
        "swap_limit_bytes": swap if runs else None,
        "reservation_bytes": reservation if runs else None,
        "declared": {
            "memory_bytes": memory,
            "memory_swap_bytes": None if memory is None else -1 if swap is None else memory + swap,
            "memory_reservation_bytes": reservation or None,
        },
    }


def container(name, status="unchanged", before=None, after=None, **other):
    """One of ``containers``; without ``before`` and ``after`` it is limited to 64 MiB, and stays so."""
    before = limits() if before is None else before
    record = {
        "id": (name or "nameless").encode().hex().ljust(64, "0"),
        "name": name,
        "engine": "docker",
        "engine_known": True,
        "image": "app",
        "state": "running",
        "pid": 3993,
        "labels": {},
        "nested_in": None,
        "rule": "web tier",
        "status": status,
        "reason": None,
        "smallest_bytes": None,
        "before": before,
        "after": before if after is None else after,
        "usage_bytes": 40 * MIB,
        "working_set_bytes": 32 * MIB,
        "oom_kills": 0,
        "steps": [{"step": "kernel", "target": "/sys", "settings": {}}] if status == "changed" else [],
        "verified": True,
        "persistent": True,
        "notes": [],
    }
    return dict(record, **other)


def result(*containers, **other):
    return dict({"changed": False, "failed": False, "containers": list(containers)}, **other)
