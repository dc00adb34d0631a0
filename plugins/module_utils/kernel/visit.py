# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks through namespaces in a forked child and brings back what it found there.

One child goes through all of them, one after the other: net and uts namespaces can be left again, entering one takes
microseconds and a fork milliseconds. A child that gets stuck is killed, and the next one goes on behind that place.

The child never leaves the mnt namespace that it began in, executes nothing and ends by os._exit: no file of a
container is opened by it, and what it inherits is not written twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import marshal
import os
import select
import signal
import struct
import time
from typing import Callable, NamedTuple, Optional, Tuple

from .setns import entrance

_LENGTH = struct.Struct("=I")
# F_SETPIPE_SZ of linux/fcntl.h, and the most that anybody may have (pipe(7)). With less the child soon has to wait for
# who reads its answers, and that one has other things to do.
_SET_PIPE_SIZE = 1031
_PIPE_BYTES = 1 << 20
_REAP_SECONDS = 1
# Whatever holds up one namespace after another holds them all up.
_MOST_STUCK = 3


class Place(NamedTuple):
    """A namespace and what to ask in it: ``ask`` is called without arguments and gives what marshal can carry.

    ``pids``: processes that are in it, any of which may have ended, or have left its PID to another.
    """

    kind: str
    inode: int
    pids: Tuple[int, ...]
    ask: Callable


class Answer(NamedTuple):
    """What was asked for, or why there is no answer."""

    found: object = None
    error: Optional[str] = None


def visit(places, timeout_seconds=5):
    """An Answer for each of ``places``, to be iterated once: they are asked from now on, not only when it is.

    ``timeout_seconds`` is what each of them may take.
    """
    places = list(places)
    if not places:
        return []
    try:
        enter = entrance()
    except (ImportError, AttributeError) as exc:
        return [Answer(error=f"this Python can't enter a namespace: {exc}") for _place in places]
    return _answers(places, enter, timeout_seconds, _send(places, enter))


def _answers(places, enter, timeout_seconds, sent):
    done = stuck = 0
    while done < len(places) and stuck < _MOST_STUCK:
        sent = sent or _send(places[done:], enter)
        try:
            listener = _Listener(sent.reading)
            error = None
            while done < len(places) and error is None:
                answer, error = listener.next(timeout_seconds)
                done += 1
                yield answer or Answer(error=error)
        finally:
            os.close(sent.reading)
            _end(sent.child)
        sent = None
        stuck += error is not None
    for _place in places[done:]:
        yield Answer(error=f"not tried, since {stuck} others gave no answer")


class _Sent(NamedTuple):
    """A child on its way, and the end of the pipe that its answers come out of."""

    child: int
    reading: int


def _send(places, enter):
    reading, writing = os.pipe()
    with contextlib.suppress(OSError):
        fcntl.fcntl(writing, _SET_PIPE_SIZE, _PIPE_BYTES)
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _walk(places, enter, writing)
        finally:
            os._exit(0)
    os.close(writing)
    return _Sent(child, reading)


def _walk(places, enter, writing):
    """In the child."""
    # Whoever waits for the end of the module's output must not wait for a child that gets stuck.
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    for place in places:
        try:
            _enter(place, enter)
            found, error = place.ask(), None
        except OSError as exc:
            found, error = None, exc.strerror or str(exc)
        except Exception as exc:
            found, error = None, repr(exc)
        data = marshal.dumps((found, error))
        _write(writing, _LENGTH.pack(len(data)) + data)


def _enter(place, enter):
    failure = None
    for pid in place.pids:
        try:
            descriptor = os.open(f"/proc/{pid}/ns/{place.kind}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError as exc:
            failure = failure or exc
            continue
        try:
            # The PID may be another process's by now.
            if os.fstat(descriptor).st_ino == place.inode:
                return enter(descriptor, place.kind)
        finally:
            os.close(descriptor)
    raise failure or ProcessLookupError(0, "no process is left in it")


class _Listener:
    """Takes answers off a pipe."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._data = bytearray()
        self._taken = 0

    def next(self, timeout_seconds):
        """(Answer, None), or (None, why there is none)."""
        deadline = time.monotonic() + timeout_seconds
        data = self._take(_LENGTH.size, deadline)
        if data:
            data = self._take(_LENGTH.unpack(data)[0], deadline)
        if data:
            return Answer(*marshal.loads(data)), None
        return None, f"no answer within {timeout_seconds:g} s" if data is None else "the process that asked was ended"

    def _take(self, size, deadline):
        """None where the time is up, b"" where nothing more will come."""
        while len(self._data) - self._taken < size:
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                return None
            block = os.read(self._descriptor, 1 << 20)
            if not block:
                return b""
            del self._data[: self._taken]
            self._taken = 0
            self._data += block
        begin = self._taken
        self._taken += size
        return bytes(self._data[begin : self._taken])


def _write(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _end(child):
    """Kill and reap; one that can't even be killed, in the middle of a call to the kernel, is left behind."""
    os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + _REAP_SECONDS
    while os.waitpid(child, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.0002)
