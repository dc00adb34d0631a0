"""A load that a container on the machine carries: memory that it holds, and caches of a file, as much as it is told.

    load.py carry DIRECTORY/NAME    in the container: listens on DIRECTORY/NAME.socket, and works on what it carries
    load.py tell DIRECTORY          on the machine: stdin has {NAME: [held MiB, cached MiB]}; ends when all carry that

Python of Debian 13, standard library.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import socket
import sys
import threading
import time
from pathlib import Path

MIB = 1 << 20
PAGE = 4096
TOUCHES_A_ROUND = 64
ROUND_SECONDS = 1
LONGEST_SECONDS = 120


class Load:
    """What one container carries; two threads share it under a lock."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self._held: list[mmap.mmap] = []
        self._cached = 0
        self._lock = threading.Lock()

    def become(self, held: int, cached: int) -> None:
        """So many MiB of either."""
        with self._lock:
            while len(self._held) > held:
                self._held.pop().close()
            while len(self._held) < held:
                block = mmap.mmap(-1, MIB)
                block.write(b"x" * MIB)
                self._held.append(block)
            os.ftruncate(self._file, min(cached, self._cached) * MIB)
            for at in range(self._cached, cached):
                os.pwrite(self._file, b"y" * MIB, at * MIB)
            os.fsync(self._file)
            self._cached = cached

    def work(self) -> None:
        """Touch some of it again and again, so that what was reclaimed or swapped out comes back."""
        while True:
            time.sleep(ROUND_SECONDS)
            with self._lock:
                for _touch in range(TOUCHES_A_ROUND):
                    if self._held:
                        random.choice(self._held)[random.randrange(MIB // PAGE) * PAGE] = 1
                    if self._cached:
                        os.pread(self._file, PAGE, random.randrange(self._cached * MIB // PAGE) * PAGE)


def carry(path: str) -> None:
    load = Load(f"{path}.data")
    # That of the container before it was started again.
    Path(f"{path}.socket").unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{path}.socket")
    server.listen()
    threading.Thread(target=load.work, daemon=True).start()
    while True:
        client, _address = server.accept()
        with client:
            held, cached = client.recv(64).split()
            load.become(int(held), int(cached))
            client.sendall(b"carried")


def tell(directory: str) -> None:
    clients = {}
    for name, (held, cached) in json.load(sys.stdin).items():
        clients[name] = client = connected(f"{directory}/{name}.socket")
        client.sendall(b"%d %d" % (held, cached))
    for name, client in clients.items():
        if client.recv(64) != b"carried":
            sys.exit(f"the load of {name} has ended")


def connected(path: str) -> socket.socket:
    """To a load that may be just starting, or just starting again."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(LONGEST_SECONDS)
    end = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            client.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return client


if __name__ == "__main__":
    {"carry": carry, "tell": tell}[sys.argv[1]](sys.argv[2])
