"""Who opens files of a file system, told by the kernel itself (fanotify(7))."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FAN_CLOEXEC, _FAN_NONBLOCK = 0x1, 0x2
_FAN_MARK_ADD, _FAN_MARK_FILESYSTEM = 0x1, 0x100
_FAN_ACCESS, _FAN_OPEN, _FAN_OPEN_EXEC = 0x1, 0x20, 0x1000
_AT_FDCWD = -100
# struct fanotify_event_metadata: its length, version, reserved, length of metadata, mask, descriptor, PID.
_EVENT = struct.Struct("=IBBHQii")
_LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def opened(path: Path) -> Iterator[list[str]]:
    """The files of the file system at `path` that anybody opens, reads or executes in the block; known after it."""
    watch = _checked(_LIBC.fanotify_init(_FAN_CLOEXEC | _FAN_NONBLOCK, os.O_RDONLY | os.O_CLOEXEC))
    found: list[str] = []
    try:
        mask = ctypes.c_uint64(_FAN_ACCESS | _FAN_OPEN | _FAN_OPEN_EXEC)
        _checked(_LIBC.fanotify_mark(watch, _FAN_MARK_ADD | _FAN_MARK_FILESYSTEM, mask, _AT_FDCWD, os.fsencode(path)))
        yield found
        found.extend(_events(watch))
    finally:
        os.close(watch)


def _events(watch: int) -> Iterator[str]:
    while True:
        try:
            data = os.read(watch, 65536)
        except BlockingIOError:
            return
        offset = 0
        while offset < len(data):
            length, _version, _reserved, _metadata, _mask, descriptor, _pid = _EVENT.unpack_from(data, offset)
            yield str(Path(f"/proc/self/fd/{descriptor}").readlink())
            os.close(descriptor)
            offset += length


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
