"""What the collection costs, measured beside what others do for the same answer: `make bench`."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / ".cache" / "bench"


class BenchError(Exception):
    """Something that keeps the bench from measuring; the message says what, and the way out."""
