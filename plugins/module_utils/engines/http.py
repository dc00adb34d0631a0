# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A conversation with an engine: GET and POST, with one deadline for all of it.

http.client would be the library for this. It is not used because its time-out is one of each read, so that an engine
which sends a byte a second holds the task for ever, and because its import (ssl, email) takes longer than listing and
inspecting 100 containers.
"""

from __future__ import annotations

import collections
import json
import socket
import time

from ..errors import EngineError
from ..kernel.files import printable
from .channel import Channel
from .document import parse_document

# For an answer to what was asked ahead: what stands between an engine and its users may serve one of them at a time.
_PATIENCE_SECONDS = 2.0


class Connection:
    """A conversation with an engine; all that it takes to answer must fit into ``timeout_seconds``.

    ``uid``: whose the engine has to be, where that is not root's to choose: a user can put a link to somebody else's
    socket in the place of its own.
    """

    def __init__(self, path, timeout_seconds, uid=None):
        self.path = path
        self.timeout_seconds = timeout_seconds
        self._left_seconds = timeout_seconds
        self._deadline = None
        self._channel, self._other = (Channel(path, uid, self._seconds_left) for _number in range(2))
        # Questions: those that will come, and the one that was asked on the other channel already.
        self._coming, self._asked = collections.deque(), None

    def expect(self, targets):
        """Tell what :meth:`get` is to be called with next, in this order: the engine then works on one of them ahead.

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
        for channel in (self._channel, self._other):
            channel.close()
        self._coming.clear()
        self._asked = None

    def _ask(self, question):
        asked, self._asked = self._asked, None
        if asked == question:
            self._channel, self._other = self._other, self._channel
            answer = self._answer_ahead(question)
            if answer is not None:
                return answer
        elif asked is not None:
            self._other.close()
        if self._channel.is_open:
            try:
                return self._answer(question)
            except (BrokenPipeError, ConnectionResetError):
                # A kept-alive connection that the engine has let go meanwhile, as Podman's service soon does.
                self._channel.close()
        return self._answer(question)

    def _answer(self, question):
        self._channel.send(question)
        self._ask_next(question)
        return self._channel.answer()

    def _answer_ahead(self, question):
        """The answer to what was asked ahead; None where it was lost, and nothing is asked ahead any more."""
        self._ask_next(question)
        try:
            return self._channel.answer(_PATIENCE_SECONDS)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except socket.timeout:
            if not self._channel.silent:
                raise
        self.close()
        return None

    def _ask_next(self, question):
        """Let the engine work on what comes next while the answer to the question is read."""
        if self._coming and self._coming[0] == question:
            self._coming.popleft()
        if not self._coming or self._asked is not None:
            return
        try:
            self._other.send(self._coming[0])
            self._asked = self._coming.popleft()
        except (OSError, EngineError):
            # It can be done without.
            self._other.close()
            self._coming.clear()

    def _seconds_left(self):
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise socket.timeout()
        return seconds


def _question(method, target, body=None):
    lines = [f"{method} {target} HTTP/1.1", "Host: engine"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (body or b"")
