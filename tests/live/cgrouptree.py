"""Cgroups made by hand below one directory of every hierarchy, as an engine with the cgroupfs driver makes them."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.live import kernel


class CgroupTree:
    """`root` is the path of the topmost cgroup, /NAME, where whatever a test makes is below."""

    def __init__(self, name: str) -> None:
        self.root = f"/{name}"
        self._points = sorted(set(kernel.mount_points().values()))
        self._elsewhere: list[str] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def make(self, path: str) -> list[Path]:
        """The directories of a cgroup in all hierarchies, with those above it."""
        steps = [path[:end] for end in range(1, len(path) + 1) if end == len(path) or path[end] == "/"]
        if not path.startswith(self.root):
            self._elsewhere.append(path)
        for point in self._points:
            for step in steps:
                directory = self._directory(point, step)
                if not directory.exists():
                    directory.mkdir()
                    _give_cpus(directory)
        return [self._directory(point, path) for point in self._points]

    def limit_memory(self, path: str, limit_bytes: int) -> str:
        """Make a cgroup with a memory limit, and return its path."""
        for directory in self.make(path):
            for name in ("memory.limit_in_bytes", "memory.max"):
                if (directory / name).exists():
                    (directory / name).write_text(str(limit_bytes), encoding="ascii")
        return path

    def occupy(self, path: str) -> int:
        """Make a cgroup with a sleeping process of this machine in it, and return its PID."""
        process = subprocess.Popen(["sleep", "900"])
        self._processes.append(process)
        for directory in self.make(path):
            (directory / "cgroup.procs").write_text(str(process.pid), encoding="ascii")
        return process.pid

    def remove(self) -> None:
        """End the processes and remove the cgroups, with those that engines have made below."""
        for process in self._processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
        for path in [*self._elsewhere, self.root]:
            for point in self._points:
                for directory, _, _ in os.walk(self._directory(point, path), topdown=False):
                    Path(directory).rmdir()

    @staticmethod
    def _directory(point: Path, path: str) -> Path:
        return point / path.lstrip("/")


def _give_cpus(directory: Path) -> None:
    """A new cgroup of the v1 cpuset hierarchy has no CPU, and takes no process until it has."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (directory / "tasks").exists() and (directory / name).exists():
            (directory / name).write_text((directory.parent / name).read_text(encoding="ascii"), encoding="ascii")
