# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""setns(2): enter a namespace. Python has it from 3.12 on; before that the C library is called."""

from __future__ import annotations

import os

# Of the kernel's include/uapi/linux/sched.h.
FLAGS = {
    "time": 0x00000080,
    "mnt": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}


def entrance():
    """A function of (descriptor of a namespace's file, its type) that enters it, and raises OSError where it may not.

    To be had before a namespace is entered: in a foreign mnt namespace nothing may be imported.
    """
    if hasattr(os, "setns"):
        return lambda descriptor, kind: os.setns(descriptor, FLAGS[kind])
    # Ten milliseconds, which only an entry should cost.
    import ctypes

    setns = ctypes.CDLL(None, use_errno=True).setns

    def enter(descriptor, kind):
        if setns(descriptor, FLAGS[kind]) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return enter
