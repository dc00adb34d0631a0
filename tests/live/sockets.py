"""Unix sockets that an engine could be behind, and that fail in one way or another."""

from __future__ import annotations

import itertools
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

# How one connection is treated.
Behaviour = Callable[[socket.socket], None]
_BLOCK_BYTES = 65536


@contextmanager
def listening(behaviour: Behaviour) -> Iterator[str]:
    """The path of a socket whose every connection is treated so, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="fathom-live-") as folder:
        path = Path(folder, "engine.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.bind(str(path))
            path.chmod(0o666)
            server.listen()
            thread = threading.Thread(target=_serve, args=(server, behaviour), daemon=True)
            thread.start()
            try:
                yield str(path)
            finally:
                server.shutdown(socket.SHUT_RDWR)
                thread.join(timeout=10)


def _serve(server: socket.socket, behaviour: Behaviour) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        # One client may hold a connection while another asks.
        threading.Thread(target=_treat, args=(connection, behaviour), daemon=True).start()


def _treat(connection: socket.socket, behaviour: Behaviour) -> None:
    with connection, suppress(OSError):
        # An error is the other side, which has had enough of it.
        behaviour(connection)


def hang(connection: socket.socket) -> None:
    """Take every question and never answer one."""
    while connection.recv(_BLOCK_BYTES):
        pass


def drip(connection: socket.socket) -> None:
    """Answer without end, a byte every tenth of a second: no single read ever waits long."""
    connection.recv(_BLOCK_BYTES)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")
    while True:
        connection.sendall(b" ")
        time.sleep(0.1)


def hang_up(connection: socket.socket) -> None:
    """Take a question and go."""
    connection.recv(_BLOCK_BYTES)


def says(answer: bytes) -> Behaviour:
    """Answer every question with the same bytes."""

    def say(connection: socket.socket) -> None:
        while connection.recv(_BLOCK_BYTES):
            connection.sendall(answer)

    return say


def answers_json(body: str, status: str = "200 OK") -> Behaviour:
    """Answer every question with this JSON."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    return says((head + body).encode())


def dies_at(engine: str, question: int, after_bytes: int) -> Behaviour:
    """Hand what is said on to a real engine, and die `after_bytes` of the answer to the n-th question of all."""
    numbers = itertools.count(1)

    def relay(connection: socket.socket) -> None:
        while request := connection.recv(_BLOCK_BYTES):
            number = next(numbers)
            if number <= question:
                answer = _ask(engine, request)
                connection.sendall(answer if number < question else answer[:after_bytes])
            if number >= question:
                return

    return relay


def changes_by(engine: str, treat: Callable[[Callable[[], bytes]], bytes]) -> Behaviour:
    """Hand the conversation on to a real engine, but for each POST answer what `treat` gives; it may forward it."""

    def relay(connection: socket.socket) -> None:
        while request := connection.recv(_BLOCK_BYTES):
            forward = partial(_ask, engine, request)
            connection.sendall(treat(forward) if request.startswith(b"POST ") else forward())

    return relay


def _ask(engine: str, request: bytes) -> bytes:
    """The whole answer of an engine: asked to close the connection, it marks the end so, and that word is taken out."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as real:
        real.connect(engine)
        real.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        blocks = []
        while block := real.recv(_BLOCK_BYTES):
            blocks.append(block)
    return b"".join(blocks).replace(b"Connection: close\r\n", b"", 1)
