# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine on a real unix socket that answers as a test tells it: well, slowly, in pieces, or with nonsense."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import tempfile
import threading

# Parts of an answer that are no bytes.
CLOSE = "close"
HANG = "hang"


class FakeEngine:
    """``answer(target)`` gives the parts of an answer: bytes to send, seconds (float) to wait, CLOSE or HANG.

    The connection is kept alive after an answer, as Docker's is. ``targets``, ``bodies`` (of those that have one, as
    decoded JSON) and ``connections`` tell what was asked. ``at_once``: connections do not wait for one another.
    """

    def __init__(self, path, answer, at_once=True):
        self.path = path
        self.targets = []
        self.bodies = []
        self.connections = 0
        self._answer = answer
        self._at_once = at_once
        self._stop = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(8)
        self._listener.settimeout(0.02)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join(10)
        self._listener.close()

    def _serve(self):
        while not self._stop.is_set():
            try:
                connection, _address = self._listener.accept()
            except socket.timeout:
                continue
            self.connections += 1
            connection.settimeout(0.02)
            if self._at_once:
                threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()
            else:
                self._serve_one(connection)

    def _serve_one(self, connection):
        with connection, contextlib.suppress(OSError):
            self._converse(connection)

    def _converse(self, connection):
        while True:
            # A byte at a time: what follows the head is read for itself.
            head = self._received(connection, lambda head: head.endswith(b"\r\n\r\n"), 1)
            if head is None:
                return
            target = head.split(b" ")[1].decode()
            self.targets.append(target)
            length = re.search(rb"\r\nContent-Length: ([0-9]+)\r\n", head)
            if length:
                size = int(length.group(1))
                self.bodies.append(json.loads(self._received(connection, lambda body, size=size: len(body) >= size)))
            for part in self._answer(target):
                if part == CLOSE:
                    return
                if part == HANG:
                    self._stop.wait()
                elif isinstance(part, float):
                    self._stop.wait(part)
                else:
                    connection.settimeout(None)
                    connection.sendall(part)
                    connection.settimeout(0.02)
                if self._stop.is_set():
                    return

    def _received(self, connection, whole, most_bytes=65536):
        """What has come when it is ``whole``; None at the end of the conversation."""
        data = b""
        while not whole(data):
            try:
                block = connection.recv(most_bytes)
            except socket.timeout:
                if self._stop.is_set():
                    return None
                continue
            if not block:
                return None
            data += block
        return data


@contextlib.contextmanager
def engine(answer, at_once=True):
    """A FakeEngine. Its socket is in a short directory: the kernel allows paths of 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="fathom-") as directory:
        fake = FakeEngine(f"{directory}/engine.sock", answer, at_once)
        try:
            yield fake
        finally:
            fake.stop()


def reply(document, status=200, headers=()):
    """A whole answer with a length."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def chunked(document, size=7):
    """A whole answer in chunks of ``size`` bytes."""
    body = json.dumps(document).encode()
    chunks = [body[i : i + size] for i in range(0, len(body), size)]
    framed = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n"


def inspected(container_id, name="web", status="running", pid=0, labels=None, **host_config):
    """The answer of Docker's /containers/ID/json, those parts that are read."""
    return {
        "Id": container_id,
        "Name": "/" + name,
        "State": {"Status": status, "Running": status == "running", "Pid": pid},
        "Config": {"Image": "goweb:latest", "Labels": labels or {}},
        "HostConfig": dict(
            {
                "Memory": 0,
                "MemorySwap": 0,
                "MemoryReservation": 0,
                "NanoCpus": 0,
                "CpuQuota": 0,
                "CpuPeriod": 0,
                "CpuShares": 0,
                "CpusetCpus": "",
                "PidsLimit": None,
                "OomKillDisable": False,
                "CgroupParent": "",
            },
            **host_config,
        ),
    }


def docker(*containers, info=None, update=None):
    """The answers of a Docker that has these ``containers``, as ``inspected`` gives them.

    ``update``: the answer to one, ``{"Warnings": None}`` unless given.
    """
    by_id = {container["Id"]: container for container in containers}

    def row(container):
        return {
            "Id": container["Id"],
            "Names": [container["Name"]],
            "Image": container["Config"]["Image"],
            "State": container["State"]["Status"],
            "Labels": container["Config"]["Labels"],
        }

    def answer(target):
        if target == "/info":
            return [reply(info or {"ServerVersion": "20.10.24+dfsg1", "CgroupDriver": "cgroupfs"})]
        if target == "/containers/json":
            return [reply([row(one) for one in by_id.values() if one["State"]["Status"] != "exited"])]
        if target == "/containers/json?all=1":
            return [reply([row(one) for one in by_id.values()])]
        if target.endswith("/update"):
            return [update or reply({"Warnings": None})]
        container_id = target.split("/")[2]
        if container_id in by_id:
            return [reply(by_id[container_id])]
        return [reply({"message": "No such container: " + container_id}, 404)]

    return answer
