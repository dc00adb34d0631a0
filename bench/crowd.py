"""Containers that no engine knows: cgroups with ids for names and a process in each, made by the bench itself.

What an engine would be asked for, more of them than it starts in any time one would wait: the collection finds them in
the kernel. `python -m bench.crowd` removes what a killed bench has left.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bench import CHECKOUT, BenchError, compiler

PARENT = "fathom-bench"
_GONE_WITHIN_SECONDS = 180


class Crowd:
    """The cgroups and processes; like a herd it only ever grows."""

    def __init__(self, parents: list[Path], stack: ExitStack) -> None:
        self._parents = parents
        self._stack = stack
        self.ids: list[str] = []

    def grow(self, size: int) -> None:
        """Make cgroups until there are `size` of them."""
        ids = [hashlib.sha256(f"{PARENT}-{number}".encode()).hexdigest() for number in range(len(self.ids), size)]
        program = compiler.program("crowd", CHECKOUT / "bench" / "crowd.c", "-static")
        process = self._stack.enter_context(
            subprocess.Popen(
                [str(program), *map(str, self._parents)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        assert process.stdin
        assert process.stdout
        process.stdin.write("".join(f"{one}\n" for one in [*ids, ""]))
        process.stdin.flush()
        if process.stdout.readline() != "ready\n":
            raise BenchError(
                "no cgroups with processes of their own can be made here: crowd has said above what failed"
            )
        self.ids += ids


@contextmanager
def crowd() -> Iterator[Crowd]:
    """No cgroup of the bench before, those that `grow` makes meanwhile, none afterwards."""
    if os.geteuid() != 0:
        raise BenchError("only root makes cgroups and namespaces: run the bench as root, or with --crowd and no number")
    remove()
    try:
        parents = [_parent(Path(mount)) for mount in _hierarchies()]
        with ExitStack() as stack:
            yield Crowd(parents, stack)
    finally:
        remove()


def remove() -> None:
    """Remove the bench's cgroups; the processes in them are gone, or about to be."""
    deadline = time.monotonic() + _GONE_WITHIN_SECONDS
    for mount in _hierarchies():
        parent = Path(mount) / PARENT
        while parent.exists() and not _removed(parent):
            if time.monotonic() > deadline:
                raise BenchError(f"{parent} can't be removed: processes of a bench that still runs are in it")
            time.sleep(0.1)


def _removed(parent: Path) -> bool:
    try:
        for entry in os.scandir(parent):
            if entry.is_dir():
                Path(entry.path).rmdir()
        parent.rmdir()
    except OSError:
        return False
    return True


def _hierarchies() -> list[str]:
    """Where the cgroup file systems are mounted: one for each hierarchy of v1, and that of v2."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    found = {
        # A hierarchy that is mounted twice has the same device.
        line.split()[2]: line.split()[4]
        for line in lines
        if line.partition(" - ")[2].split()[0] in {"cgroup", "cgroup2"}
    }
    return list(found.values())


def _parent(mount: Path) -> Path:
    """The bench's own cgroup in a hierarchy, so set up that cgroups below it can hold processes."""
    parent = mount / PARENT
    parent.mkdir()
    for name in ("cpuset.cpus", "cpuset.mems"):
        # v1 lets no process into a cpuset without processors and memory; v2 takes an empty one for all.
        if (mount / name).exists() and (parent / "tasks").exists():
            (parent / name).write_text((mount / name).read_text(encoding="ascii"), encoding="ascii")
            (parent / "cgroup.clone_children").write_text("1", encoding="ascii")
    if (parent / "cgroup.controllers").exists():
        for controller in (parent / "cgroup.controllers").read_text(encoding="ascii").split():
            with suppress(OSError):
                (parent / "cgroup.subtree_control").write_text(f"+{controller}", encoding="ascii")
    return parent


if __name__ == "__main__":
    remove()
