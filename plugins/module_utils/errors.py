# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that reach a user; every message names the thing, the value, what was expected and the way out."""

from __future__ import annotations


class FathomError(Exception):
    """Something the user asked for cannot be done. The module boundary turns it into a failed task."""


class EngineError(FathomError):
    """An engine did not answer, or answered nonsense. Costs a warning: the kernel's facts still come."""


class RefusedError(EngineError):
    """An engine answered that it can't do what it was asked; it may well do something else."""


class Gone(Exception):
    """A process or cgroup ended while it was read (ENODEV, ESRCH, a changed start time). Not a failure."""


def unless_gone(read, items):
    """What ``read`` gives for each of ``items``, without those for which it raises Gone."""
    found = []
    for item in items:
        try:
            found.append(read(item))
        except Gone:
            continue
    return found
