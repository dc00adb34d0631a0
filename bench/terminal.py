"""What a bench says on the terminal, and how it ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from bench import BenchError
from lab import LabError


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def carry_out(work: Callable[[], None]) -> int:
    """The exit code; a bench that is told to end cleans up as well as one that is interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: told to end"))
    try:
        work()
    except (BenchError, LabError) as error:
        say(f"bench: {error}")
        return 1
    return 0
