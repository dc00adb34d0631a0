"""Things that take minutes to make, made once for every checkout of this user, named by a hash of what goes in."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def directory() -> Path:
    """`fathom-containers` in the user's cache directory."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "fathom-containers"


def digest(*parts: str | bytes) -> str:
    """First 16 hex digits of a hash over `parts`, their order and their borders."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(b"%d:%s" % (len(data), data))
    return whole.hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; whoever dies with it has let it go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(name: str, make: Callable[[Path], None], discard: Callable[[Path], None] = shutil.rmtree) -> Path:
    """The cached directory `name`; `make` fills it first where it is not there yet.

    It appears under its name only when it is whole, and one process makes it while the others wait. `discard` removes
    what a killed `make` has left.
    """
    entry = directory() / name
    if entry.exists():
        return entry
    with locked(entry.with_name(f"{name}.lock")):
        if not entry.exists():
            partial = entry.with_name(f"{name}.partial")
            if partial.exists():
                discard(partial)
            partial.mkdir()
            make(partial)
            partial.rename(entry)
    return entry
