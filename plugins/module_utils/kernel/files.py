# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel files: the formats they are written in, and what it means when one cannot be read.

The formats are those that the kernel's admin guide names for cgroup v2 ("Interface Files": single value, flat keyed,
nested keyed); cgroup v1 and /proc use the same.
"""

from __future__ import annotations

import errno
import os

from ..errors import Gone

UNLIMITED = float("inf")

# cgroup v1 writes "no limit" as the largest page multiple below 2^63, which depends on the page size.
_V1_UNLIMITED_FROM = 1 << 62

# Processes by the hundred thousand in one cgroup.procs are far less.
_LARGEST_FILE_BYTES = 16 << 20

_ENDED = (errno.ENODEV, errno.ESRCH)
_ABSENT = (errno.ENOENT, errno.ENOTDIR)


class Files:
    """Reads below one root, and keeps in ``unreadable`` what could not be read.

    Every method gives ``None`` for a file that is absent (this kernel has no such file) as well as for one that
    cannot be read; only the latter is added to ``unreadable``, as ``{path, reason}``. :class:`Gone` is raised where
    the kernel says that what the file belongs to has ended.
    """

    def __init__(self, root="/", unwanted=frozenset()):
        """``unwanted``: names of files that count as absent, because nobody asks for what they hold."""
        self.root = root.rstrip("/")
        self.unreadable = []
        self._unwanted = unwanted

    def again(self):
        """The same root with an ``unreadable`` of its own."""
        return Files(self.root, self._unwanted)

    def data(self, path):
        """The bytes of a file."""
        if self._unwanted and path.rpartition("/")[2] in self._unwanted:
            return None
        try:
            descriptor = _open(self.root + path)
        except OSError as exc:
            return self._no_data(path, exc)
        try:
            blocks = []
            size = 0
            while size <= _LARGEST_FILE_BYTES:
                block = os.read(descriptor, 65536)
                if not block:
                    return b"".join(blocks)
                blocks.append(block)
                size += len(block)
            return self.refuse(path, f"more than {_LARGEST_FILE_BYTES} bytes")
        except OSError as exc:
            return self._no_data(path, exc)
        finally:
            os.close(descriptor)

    def rows(self, path):
        """A file's lines as bytes, one by one, for a file that may be long and is not always read to its end."""
        try:
            with open(self.root + path, "rb", buffering=65536, opener=_open) as file:
                yield from file
        except OSError as exc:
            self._no_data(path, exc)

    def text(self, path):
        """A file's text without the last newline; bytes that are no UTF-8 come as ``\\xNN``."""
        data = self.data(path)
        return None if data is None else printable(data).rstrip("\n")

    def lines(self, path):
        """A file's lines; none where it is absent or unreadable."""
        text = self.text(path)
        return text.split("\n") if text else []

    def path_lines(self, path):
        """A file's lines that hold paths, in Python's form for them: each leads to its file, whatever its bytes are."""
        data = self.data(path)
        return os.fsdecode(data).rstrip("\n").split("\n") if data else []

    def number(self, path):
        """A file that holds one integer."""
        return self._parsed(path, int, "an integer")

    def limit(self, path):
        """A file that holds one integer or ``max``: an int, or UNLIMITED."""
        return self._parsed(path, parse_limit, "an integer or 'max'")

    def flat(self, path):
        """A flat keyed file, ``KEY VALUE`` a line: {key: int}; empty where there is nothing."""
        return self._parsed(path, parse_flat, "lines of 'KEY INTEGER'") or {}

    def nested(self, path):
        """A nested keyed file, ``KEY SUBKEY=VALUE ...`` a line: {key: {subkey: str}}."""
        return self._parsed(path, parse_nested, "lines of 'KEY SUBKEY=VALUE ...'") or {}

    def link(self, path):
        """Where a symbolic link points."""
        try:
            return os.readlink(self.root + path)
        except OSError as exc:
            return self._no_data(path, exc)

    def exists(self, path):
        return os.path.lexists(self.root + path)

    def directories(self, path):
        """Names of the directories in a directory; none where it has ended meanwhile."""
        try:
            # The kernel counts a link for each directory in one, besides its own two: a leaf needs no look.
            if os.stat(self.root + path).st_nlink == 2:
                return []
        except OSError as exc:
            if exc.errno not in _ENDED:
                self._no_data(path, exc)
            return []
        return self._listed(path, lambda entry: entry.is_dir(follow_symlinks=False))

    def names(self, path):
        """Names of all that is in a directory."""
        return self._listed(path, lambda _entry: True)

    def refuse(self, path, reason):
        """Record that something could not be told, and why."""
        self.unreadable.append({"path": printable_path(path), "reason": reason})

    def _listed(self, path, wanted):
        try:
            with os.scandir(self.root + path) as entries:
                return [entry.name for entry in entries if wanted(entry)]
        except OSError as exc:
            if exc.errno not in _ENDED:
                self._no_data(path, exc)
            return []

    def _parsed(self, path, parse, expected):
        data = self.data(path)
        if data is None:
            return None
        try:
            return parse(data)
        except ValueError:
            self.refuse(path, f"expected {expected}, found {printable(data[:80])!r}")
            return None

    def _no_data(self, path, exc):
        if exc.errno in _ENDED:
            raise Gone(path) from exc
        if exc.errno not in _ABSENT:
            self.refuse(path, os.strerror(exc.errno) if exc.errno else str(exc))


def _open(path, _flags=None):
    # A user can put a pipe or a link to a device where a unit's file is looked for: that must not wait, nor open the
    # device.
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)


def printable(data):
    """Bytes as text that JSON can carry: what is no UTF-8 becomes ``\\xNN``."""
    return data.decode("utf-8", "backslashreplace")


def printable_path(path):
    """A path in Python's form (os.fsdecode) as :func:`printable` text."""
    return path if path.isascii() else printable(os.fsencode(path))


def parse_limit(data):
    """``b"4096\\n"`` -> 4096; ``b"max\\n"`` and v1's page multiple below 2^63 -> UNLIMITED."""
    return UNLIMITED if data.strip() == b"max" else or_unlimited(int(data))


def or_unlimited(value):
    """A limit of v1, of which the largest stand for UNLIMITED; None stays None."""
    return UNLIMITED if value is not None and value >= _V1_UNLIMITED_FROM else value


def parse_flat(data):
    """``b"anon 4096\\nfile 0\\n"`` -> {"anon": 4096, "file": 0}."""
    words = data.decode("utf-8", "backslashreplace").split()
    if len(words) % 2:
        raise ValueError("a key without a value")
    return dict(zip(words[::2], map(int, words[1::2])))


def parse_nested(data):
    """``b"8:0 rbytes=1 wbytes=2\\n"`` -> {"8:0": {"rbytes": "1", "wbytes": "2"}}.

    Some kernels leave the line open after the key of a device without figures: in ``7:7 7:6 rbytes=1`` they are 7:6's.
    """
    nested = {}
    for line in printable(data).splitlines():
        values = None
        for word in line.split():
            key, separator, value = word.partition("=")
            if separator and values is not None:
                values[key] = value
            elif separator or values:
                raise ValueError(line)
            else:
                values = nested.setdefault(key, {})
    return nested
