"""Containers that start and stop all the time, and what each of them was: the truth that records are held against."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docker.models.containers import Container

from tests.live.fleet import MIB, Fleet, pid_of

_PAGE_BYTES = 4096


@dataclass(frozen=True)
class Truth:
    """What is so of one container for as long as it lives."""

    name: str
    pid: int
    limit_bytes: int


def limit_of(number: int) -> int:
    """No two containers of a run have the same limit."""
    return 16 * MIB + number * _PAGE_BYTES


class Churn:
    """Keeps `size` containers alive, each for a moment; `truths` has every one there ever was, by id."""

    def __init__(self, fleet: Fleet, size: int) -> None:
        self.truths: dict[str, Truth] = {}
        self.ended = 0
        self._fleet = fleet
        self._alive: queue.Queue[Container] = queue.Queue()
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._errors: list[BaseException] = []
        for _ in range(size):
            self._start()

    @contextmanager
    def running(self, threads: int) -> Iterator[None]:
        """While the block runs, each thread starts a container and ends the oldest, over and over."""
        workers = [threading.Thread(target=self._turn_over) for _ in range(threads)]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            self._stop.set()
            for worker in workers:
                worker.join()
        if self._errors:
            raise self._errors[0]

    def _turn_over(self) -> None:
        try:
            while not self._stop.is_set():
                self._start()
                self._alive.get().remove(force=True)
                self.ended += 1
        except BaseException as error:
            self._errors.append(error)

    def _start(self) -> None:
        number = next(self._numbers)
        limit = limit_of(number)
        name = f"churn-{number}"
        options: dict[str, Any] = {"mem_limit": limit, "memswap_limit": limit, "labels": {"number": str(number)}}
        container = self._fleet.run(name, **options)
        self.truths[container.attrs["Id"]] = Truth(self._fleet.name(name), pid_of(container), limit)
        self._alive.put(container)
