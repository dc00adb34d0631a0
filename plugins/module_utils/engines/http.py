# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 over a unix socket: GET and POST, kept alive, with one deadline for the whole conversation.

http.client would be the library for this. It is not used because its time-out is one of each read, so that an engine
which sends a byte a second holds the task for ever, and because its import (ssl, email) takes longer than listing and
inspecting 100 containers.
"""

from __future__ import annotations

import collections
import errno
import json
import re
import socket
import struct
import time

from ..errors import EngineError
from ..kernel.files import printable
from .document import parse_document

_BLOCK_BYTES = 65536
_LARGEST_HEAD_BYTES = 65536
_LARGEST_BODY_BYTES = 64 << 20
# Few, so that neither side ever waits for the other to read.
_MOST_AHEAD = 8

_STATUS = re.compile(rb"[0-9]{3}\Z")
_LENGTH = re.compile(rb"[0-9]{1,18}\Z")

# No Content, Not Modified: these never have a body, nor the headers that say how long it is (RFC 9110, 6.4.1).
_BODILESS = (204, 304)


class Connection:
    """A conversation with an engine; all that it takes to answer must fit into ``timeout_seconds``.

    ``uid``: whose the engine has to be, where that is not root's to choose: a user can put a link to somebody else's
    socket in the place of its own.
    """

    def __init__(self, path, timeout_seconds, uid=None):
        self.path = path
        self._uid = uid
        self.timeout_seconds = timeout_seconds
        self._left_seconds = timeout_seconds
        self._deadline = None
        self._socket = None
        self._buffer = b""
        self._silent = True
        # Questions: those that will come, and those that were sent already and have no answer yet.
        self._coming, self._sent = collections.deque(), collections.deque()

    def expect(self, targets):
        """Tell what :meth:`get` is to be called with next, in this order: the engine then works on some of it ahead.

        It is no promise: what comes in another order is asked for as ever.
        """
        self._coming = collections.deque(_question("GET", target) for target in targets)

    def get(self, target):
        """(status, the decoded JSON). Raises EngineError for anything that is not an answer of HTTP with JSON."""
        status, _headers, body = self._converse("GET", target)
        try:
            return status, parse_document(body)
        except (ValueError, RecursionError) as exc:
            raise EngineError(f"GET {target} on {self.path} answered no JSON: {body[:80]!r}") from exc

    def post(self, target, document):
        """(status, the decoded JSON; None for an empty body, and a text where it is no JSON).

        What is asked for has to be the same when it is done twice: it is sent again where the engine has let the
        connection go without a byte of an answer, and then nobody can tell whether it had been done.
        """
        status, _headers, body = self._converse("POST", target, json.dumps(document).encode("ascii"))
        try:
            return status, parse_document(body) if body.strip() else None
        except (ValueError, RecursionError):
            return status, printable(body).strip()

    def headers(self, target):
        """{name in small letters: text} of the answer to a GET, whatever else it holds."""
        _status, headers, _body = self._converse("GET", target)
        return {printable(name): printable(value) for name, value in headers.items()}

    def _converse(self, method, target, body=None):
        """(status, {name: value} of the answer's headers, its body), all in bytes."""
        self._deadline = time.monotonic() + self._left_seconds
        try:
            return self._ask(_question(method, target, body))
        except socket.timeout as exc:
            raise EngineError(
                f"no answer to {method} {target} on {self.path} within engine_timeout, "
                f"{self.timeout_seconds:g} seconds for the whole conversation"
            ) from exc
        except OSError as exc:
            whose = "; it is root's and its group's (become: true)" if isinstance(exc, PermissionError) else ""
            raise EngineError(f"{self.path}: {exc.strerror or exc}{whose}") from exc
        finally:
            self._left_seconds = self._deadline - time.monotonic()

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._sent.clear()

    def _ask(self, question):
        if self._sent and self._sent[0] != question:
            self.close()
        if self._socket is not None:
            try:
                self._send(question)
                return self._answer()
            except (BrokenPipeError, ConnectionResetError):
                # A kept-alive connection that the engine has let go meanwhile, as Podman's service soon does.
                self.close()
        self._connect()
        self._send(question)
        return self._answer()

    def _send(self, question):
        self._remaining()
        # Of what was asked ahead, some of the answer may be here.
        self._silent = not self._buffer
        if self._sent:
            self._sent.popleft()
        else:
            self._socket.sendall(question)
            if self._coming and self._coming[0] == question:
                self._coming.popleft()
            else:
                self._coming.clear()
        try:
            while self._coming and len(self._sent) < _MOST_AHEAD:
                self._sent.append(self._coming.popleft())
                self._socket.sendall(self._sent[-1])
        except (BrokenPipeError, ConnectionResetError):
            # It closes after each answer. That to the question may be here.
            self._coming.clear()
            self._sent.clear()

    def _connect(self):
        self._buffer = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._remaining()
        self._socket.connect(self.path)
        if self._uid is not None:
            credentials = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            _pid, uid, _gid = struct.unpack("3i", credentials)
            if uid != self._uid:
                raise EngineError(f"{self.path} is a socket of user {uid}, expected one of user {self._uid}")

    def _remaining(self):
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise socket.timeout()
        self._socket.settimeout(seconds)

    def _answer(self):
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
        self._remaining()
        block = self._socket.recv(_BLOCK_BYTES)
        if not block and self._silent:
            raise ConnectionResetError(errno.ECONNRESET, "closed the connection without an answer")
        if not block:
            raise EngineError(f"{self.path} closed the connection in the middle of an answer")
        self._silent = False
        self._buffer += block


def _question(method, target, body=None):
    lines = [f"{method} {target} HTTP/1.1", "Host: engine"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (body or b"")
