# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program in namespaces that are entered before.

Two processes: one enters, starts the program as its child and waits for it, since a pid namespace is entered by
children only; this one reads what the program writes and watches the time. What enters imports nothing and looks up no
names: in a foreign mnt namespace that would load a container's files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import time
from typing import List, NamedTuple, Optional, Tuple

from ..kernel.setns import entrance

# More of a program's output than this is read and thrown away.
MOST_OUTPUT_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 16
_REAP_SECONDS = 1
_SEARCHED = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Program(NamedTuple):
    """Words and directory as the kernel takes them."""

    argv: List[bytes]
    chdir: Optional[bytes]
    timeout_seconds: float


class Outcome(NamedTuple):
    """``rc``: None if it did not end by itself, negative for the signal that ended it.

    ``failure``: what could not be done, as (step, errno), if it was not started.
    """

    rc: Optional[int]
    stdout: bytes
    stderr: bytes
    stdout_truncated: bool
    stderr_truncated: bool
    timed_out: bool
    failure: Optional[Tuple[str, int]]


class _Failed(Exception):
    def __init__(self, step, number):
        super().__init__(step)
        self.step = step
        self.number = number


def run(program, doors) -> Outcome:
    """Raises ImportError where this Python can't enter a namespace."""
    enter = entrance()
    candidates = _candidates(program.argv[0])
    out, err, report = os.pipe(), os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _supervise(program, candidates, doors, enter, (out[1], err[1], report[1]))
        finally:
            os._exit(1)
    for pipe in (out, err, report):
        os.close(pipe[1])
    try:
        return _listen(program.timeout_seconds, child, out[0], err[0], report[0])
    finally:
        _end(child)
        for pipe in (out, err, report):
            os.close(pipe[0])


def _candidates(name):
    """The paths that a program's name may stand for."""
    if b"/" in name:
        return [name]
    searched = [os.fsencode(place) for place in (*os.environ.get("PATH", "").split(":"), *_SEARCHED) if place]
    return [place + b"/" + name for place in dict.fromkeys(searched)]


def _supervise(program, candidates, doors, enter, pipes):
    """In the first child."""
    out, err, report = pipes
    try:
        _close_all_but({0, 1, 2, *pipes, *(door.descriptor for door in doors)})
        # The group that ends as a whole when the time is up.
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        for descriptor, target in ((nowhere, 0), (out, 1), (err, 2)):
            os.dup2(descriptor, target)
        _enter_all(doors, enter)
        child = _step("fork", os.fork)
        if child == 0:
            _execute(program, candidates)
        # The output ends with the program, not with this process.
        for descriptor in (out, err, 1, 2):
            os.close(descriptor)
        _pid, status = os.waitpid(child, 0)
        os.write(report, b"X %d\n" % (os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)))
    except _Failed as exc:
        os.write(report, b"E %s %d\n" % (exc.step.encode("ascii"), exc.number))
        os._exit(127)
    os._exit(0)


def _close_all_but(kept):
    """A file or directory of the host that somebody left open is none of the program's."""
    for descriptor in {int(name) for name in os.listdir("/proc/self/fd")} - kept:
        # That of the listing is closed already.
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _enter_all(doors, enter):
    """Root enters the user namespace last, and may do all before. Whoever may not has rights inside of its own only."""
    users = [door for door in doors if door.kind == "user"]
    waiting = []
    for door in doors:
        if door.kind != "user":
            try:
                _step(door.kind, enter, door.descriptor, door.kind)
            except _Failed as exc:
                if exc.number != errno.EPERM or not users:
                    raise
                waiting.append(door)
    for door in users + waiting:
        _step(door.kind, enter, door.descriptor, door.kind)
        if door.kind == "user":
            _become_root()


def _become_root():
    """The ids that this process had outside are nobody's inside."""
    # A user's own namespaces may forbid it, and then there are none to lose.
    with contextlib.suppress(PermissionError):
        os.setgroups([])
    _step("root", os.setgid, 0)
    _step("root", os.setuid, 0)


def _execute(program, candidates):
    """In the second child."""
    if program.chdir is not None:
        _step("chdir", os.chdir, program.chdir)
    # Python ignores it, and so would the program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    failure = errno.ENOENT
    for path in candidates:
        try:
            os.execv(path, program.argv)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as exc:
            failure = exc.errno
    raise _Failed("execute", failure)


def _step(name, action, *words):
    try:
        return action(*words)
    except OSError as exc:
        raise _Failed(name, exc.errno or 0) from None


def _listen(timeout_seconds, child, out, err, report):
    outputs = {out: _Output(), err: _Output()}
    told = b""
    poll = select.poll()
    for descriptor in (out, err, report):
        os.set_blocking(descriptor, False)
        poll.register(descriptor, select.POLLIN)
    deadline = time.monotonic() + timeout_seconds
    waiting, timed_out = True, False
    while waiting:
        left = deadline - time.monotonic()
        ready = poll.poll(left * 1000) if left > 0 else []
        if not ready:
            timed_out = True
            _end_group(child)
            break
        for descriptor, _event in ready:
            data = _read(descriptor)
            if descriptor != report:
                outputs[descriptor].add(data or b"")
                if data == b"":
                    poll.unregister(descriptor)
            elif data == b"":
                waiting = False
            else:
                told += data or b""
                waiting = b"X" not in told
    for descriptor, output in outputs.items():
        # What a pipe holds of it. What the program left running may write on; that is not waited for.
        output.add(_read(descriptor) or b"")
    return _outcome(told, timed_out, outputs[out], outputs[err])


def _read(descriptor):
    """None where there is nothing to read now, b"" where nothing more will come."""
    try:
        return os.read(descriptor, _BLOCK_BYTES)
    except BlockingIOError:
        return None


def _outcome(told, timed_out, out, err):
    rc = failure = None
    for line in told.split(b"\n"):
        words = line.split()
        if words[:1] == [b"X"]:
            rc = int(words[1])
        elif words[:1] == [b"E"]:
            failure = (words[1].decode("ascii"), int(words[2]))
    return Outcome(rc, out.data, err.data, out.truncated, err.truncated, timed_out, failure)


class _Output:
    def __init__(self):
        self._blocks = []
        self._size = 0
        self.truncated = False

    @property
    def data(self):
        return b"".join(self._blocks)

    def add(self, data):
        taken = data[: MOST_OUTPUT_BYTES - self._size]
        self.truncated = self.truncated or len(taken) < len(data)
        self._size += len(taken)
        self._blocks.append(taken)


def _end_group(child):
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        # It has not come to make its group.
        os.kill(child, signal.SIGKILL)


def _end(child):
    """Reap what entered; one that can't even be killed, in the middle of a call to the kernel, is left behind."""
    os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + _REAP_SECONDS
    while os.waitpid(child, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.001)
