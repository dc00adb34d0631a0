# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frees a container's caches before its limit is lowered on cgroup v2 (admin-guide/cgroup-v2.rst, "Memory").

A limit below what is in use makes the kernel kill where it can't reclaim. Both ways here only reclaim:
``memory.reclaim``, and ``memory.high`` on kernels before 5.19, which throttles whoever allocates and so is let down
for moments only.
"""

from __future__ import annotations

import errno
import os
import time

from ..errors import FathomError
from .order import spell

_CHUNK_BYTES = 64 << 20
# The kernel counts in pages, of at most 64 KiB, and takes less than one for none.
_LEAST_BYTES = 64 << 10
_IDLE_CHUNKS = 4
_LONGEST_SECONDS = 60


def reclaim(files, writer, directory, most_bytes):
    """Until at most ``most_bytes`` are in use or no more can be had; what is in use then (None: can't be read)."""
    if files.exists(directory + "/memory.reclaim"):
        _in_chunks(files, directory, most_bytes, lambda _used, chunk: _ask(writer, directory, chunk))
    elif _used(files, directory) is not None:
        _in_a_child(lambda: _by_high(files, writer, directory, most_bytes), directory)
    return _used(files, directory)


def _in_chunks(files, directory, most_bytes, take):
    """``take(used, chunk)`` again and again, while it helps."""
    end = time.monotonic() + _LONGEST_SECONDS
    idle = 0
    used = _used(files, directory)
    while used is not None and used > most_bytes and idle < _IDLE_CHUNKS and time.monotonic() < end:
        take(used, min(max(used - most_bytes, _LEAST_BYTES), _CHUNK_BYTES))
        left = _used(files, directory)
        idle = 0 if left is not None and left < used else idle + 1
        used = left


def _ask(writer, directory, chunk):
    try:
        writer.write(directory + "/memory.reclaim", str(chunk))
    except OSError as exc:
        # It reclaimed less than that.
        if exc.errno != errno.EAGAIN:
            raise


def _by_high(files, writer, directory, most_bytes):
    path = directory + "/memory.high"
    high = files.limit(path)
    if high is None:
        return
    try:
        # Never above what somebody else has set.
        _in_chunks(
            files, directory, most_bytes, lambda used, chunk: writer.write(path, spell(2, min(used - chunk, high)))
        )
    finally:
        writer.write(path, spell(2, high))


def _in_a_child(work, directory):
    """A session of its own sees it through: a module that is killed must not leave ``memory.high`` down."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setsid()
            work()
            status = 0
        finally:
            os._exit(status)
    _child, status = os.waitpid(child, 0)
    if status:
        raise FathomError(
            f"{directory}/memory.high could not be let down for a moment and put back: see what it is, since a low one "
            "throttles the container"
        )


def _used(files, directory):
    return files.number(directory + "/memory.current")
