# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One socket of an engine, with one question at a time: HTTP/1.1 over a unix socket, kept alive."""

from __future__ import annotations

import errno
import re
import socket
import struct

from ..errors import EngineError

_BLOCK_BYTES = 65536
_LARGEST_HEAD_BYTES = 65536
_LARGEST_BODY_BYTES = 64 << 20

_STATUS = re.compile(rb"[0-9]{3}\Z")
_LENGTH = re.compile(rb"[0-9]{1,18}\Z")

# No Content, Not Modified: these never have a body, nor the headers that say how long it is (RFC 9110, 6.4.1).
_BODILESS = (204, 304)


class Channel:
    """``silent``: no byte has come of the answer to the last question.

    ``seconds_left``: function of the seconds that it may take, which raises socket.timeout where there are none.
    ``uid`` as Connection takes it. OSError is raised as the socket does, EngineError for what is no HTTP.
    """

    def __init__(self, path, uid, seconds_left):
        self.path = path
        self.silent = True
        self._uid = uid
        self._seconds_left = seconds_left
        self._socket = None
        self._buffer = b""
        self._patience_seconds = None

    @property
    def is_open(self):
        return self._socket is not None

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, question):
        """Connects where it is not."""
        if self._socket is None:
            self._connect()
        self._socket.settimeout(self._seconds_left())
        self.silent = True
        self._socket.sendall(question)

    def answer(self, patience_seconds=None):
        """(status, {name: value} of the headers, body) in bytes; ``patience_seconds``: for the first of it to come."""
        self._patience_seconds = patience_seconds
        while True:
            head = self._until(b"\r\n\r\n", _LARGEST_HEAD_BYTES)
            lines = head.split(b"\r\n")
            words = lines[0].split(None, 2)
            if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not _STATUS.match(words[1]):
                raise EngineError(f"{self.path} does not speak HTTP: {head[:80]!r}")
            if not words[1].startswith(b"1"):
                break
        headers = {
            key.strip().lower(): value.strip() for key, _c, value in (line.partition(b":") for line in lines[1:])
        }
        status = int(words[1])
        body = b"" if status in _BODILESS else self._body(headers)
        if headers.get(b"connection", b"").lower() == b"close":
            self.close()
        return status, headers, body

    def _connect(self):
        self._buffer = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(self._seconds_left())
        self._socket.connect(self.path)
        if self._uid is not None:
            credentials = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            _pid, uid, _gid = struct.unpack("3i", credentials)
            if uid != self._uid:
                raise EngineError(f"{self.path} is a socket of user {uid}, expected one of user {self._uid}")

    def _body(self, headers):
        if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
            return self._chunks()
        length = headers.get(b"content-length", b"")
        if not _LENGTH.match(length):
            raise EngineError(f"{self.path} did not say in bytes how long its answer is: {length[:80]!r}")
        return self._exactly(int(length))

    def _chunks(self):
        chunks = []
        have = 0
        while True:
            line = self._until(b"\r\n", _LARGEST_HEAD_BYTES).split(b";")[0]
            try:
                size = int(line, 16)
            except ValueError as exc:
                raise EngineError(f"{self.path} sent a malformed chunk: {line[:80]!r}") from exc
            if size == 0:
                while self._until(b"\r\n", _LARGEST_HEAD_BYTES):
                    pass
                return b"".join(chunks)
            have += size
            if have > _LARGEST_BODY_BYTES:
                raise EngineError(f"{self.path} sends an answer of more than {_LARGEST_BODY_BYTES} bytes")
            chunks.append(self._exactly(size))
            self._until(b"\r\n", _LARGEST_HEAD_BYTES)

    def _until(self, mark, most_bytes):
        while mark not in self._buffer:
            if len(self._buffer) > most_bytes:
                raise EngineError(f"{self.path} does not speak HTTP: {self._buffer[:80]!r}")
            self._receive()
        found, _mark, self._buffer = self._buffer.partition(mark)
        return found

    def _exactly(self, size):
        if not 0 <= size <= _LARGEST_BODY_BYTES:
            raise EngineError(f"{self.path} announced an answer of {size} bytes")
        blocks = [self._buffer]
        have = len(self._buffer)
        while have < size:
            self._buffer = b""
            self._receive()
            blocks.append(self._buffer)
            have += len(self._buffer)
        data = b"".join(blocks)
        self._buffer = data[size:]
        return data[:size]

    def _receive(self):
        seconds = self._seconds_left()
        if self.silent and self._patience_seconds is not None:
            seconds = min(seconds, self._patience_seconds)
        self._socket.settimeout(seconds)
        block = self._socket.recv(_BLOCK_BYTES)
        if not block and self.silent:
            raise ConnectionResetError(errno.ECONNRESET, "closed the connection without an answer")
        if not block:
            raise EngineError(f"{self.path} closed the connection in the middle of an answer")
        self.silent = False
        self._buffer += block
