"""A part that runs beside the others: in a process of its own, and what it prints is kept until it is its turn."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
_LOOK_SECONDS = 0.5


class Beside(Generic[T]):
    """Begins `work` at once; `show` waits for its result. Left before its end, as by Ctrl-C, it is ended."""

    def __init__(self, name: str, work: Callable[[], T], log: Path) -> None:
        self._name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        self._result, sender = multiprocessing.Pipe(duplex=False)
        # Forked, as `work` need not be something that can be sent.
        self._process = multiprocessing.get_context("fork").Process(target=_run, args=(work, log, sender))
        self._process.start()
        sender.close()
        # It has begun: a signal before that would be lost.
        self._result.recv()

    def show(self) -> T:
        """Print what it has printed, and what it prints until it ends; its result."""
        with self._log.open("rb") as output:
            while True:
                ended = self._result.poll(_LOOK_SECONDS)
                sys.stdout.buffer.write(output.read())
                sys.stdout.flush()
                if ended:
                    break
        try:
            result: T = self._result.recv()
        except EOFError:
            self._process.join()
            reason = f"{self._name} ended with exit code {self._process.exitcode} and no result; why stands above"
            raise RuntimeError(reason) from None
        return result

    def __enter__(self) -> Beside[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._process.pid is not None and self._process.is_alive():
            # As a terminal would, and all that it started: tests that are interrupted clean up.
            os.killpg(self._process.pid, signal.SIGINT)
        self._process.join()


def _run(work: Callable[[], T], log: Path, sender: Connection) -> None:
    # A group of its own, so that what ends it ends all that it started. A shell that starts a run in the background has
    # it ignore the signal.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = log.open("a", buffering=1, encoding="utf-8")
    for descriptor in (1, 2):
        os.dup2(output.fileno(), descriptor)
    sys.stdout = sys.stderr = output
    sender.send(None)
    sender.send(work())
