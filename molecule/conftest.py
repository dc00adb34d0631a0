"""What the tests of all scenarios share: the kernel's own files of a managed host, and the report under test.

Nothing here asks a module of the collection: which process is a container's the engine says, everything else is read
on the host from /proc and /sys/fs/cgroup, all of it at once, for every command on a host costs a tenth of a second.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

# cgroup v1 has no word for "no limit": the highest number of whole pages stands for it.
_V1_UNLIMITED = 1 << 62
# controller -> the files that are read of it, those of v1 first.
_FILES = {
    "memory": (
        *("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.usage_in_bytes"),
        *("memory.max", "memory.swap.max", "memory.current"),
        *("memory.oom_control", "memory.events"),
    ),
    "pids": ("pids.max", "pids.current"),
    "cpu": ("cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.max"),
}


@dataclass(frozen=True)
class Hierarchy:
    """A line of /proc/PID/cgroup."""

    number: int
    controllers: list[str]
    path: str


@dataclass(frozen=True)
class Kernel:
    """A managed host as its kernel and its engine describe it."""

    engine: dict[str, dict[str, Any]]  # what docker inspect says of each running container, by name
    files: dict[str, str]  # text of the kernel's files, by path

    def pid(self, name: str) -> int:
        """The container's first process, as the host numbers it."""
        return int(self.engine[name]["State"]["Pid"])

    def hierarchies(self, name: str) -> list[Hierarchy]:
        """The cgroups of the container's first process."""
        return _hierarchies(self.files[f"/proc/{self.pid(name)}/cgroup"])

    def path(self, name: str, controller: str) -> str:
        """The container's cgroup in the hierarchy of the controller."""
        return _cgroup(self.hierarchies(name), controller)[1]

    def value(self, name: str, controller: str, *files: str) -> str:
        """Text of the first of these files that the container's cgroup has: v1's name, v2's name."""
        mount, path = _cgroup(self.hierarchies(name), controller)
        return next(self.files[f"{mount}{path}/{file}"] for file in files if f"{mount}{path}/{file}" in self.files)

    def memory_limits(self, name: str) -> dict[str, int]:
        """Limit in bytes of each cgroup from the container's up to the root; those without a limit are left out."""
        mount, path = _cgroup(self.hierarchies(name), "memory")
        texts = {
            level: self.files[f"{mount}{level}/{file}"]
            for level in _levels(path)
            for file in ("memory.limit_in_bytes", "memory.max")
            if f"{mount}{level}/{file}" in self.files
        }
        limits = {level: limit_bytes(text) for level, text in texts.items()}
        return {level: limit for level, limit in limits.items() if limit is not None}

    def total_bytes(self) -> int:
        """MemTotal of the host."""
        line = next(line for line in self.files["/proc/meminfo"].splitlines() if line.startswith("MemTotal:"))
        return int(line.split()[1]) * 1024


def limit_bytes(text: str) -> int | None:
    """A limit as the kernel writes it, in bytes; None for no limit."""
    return None if text == "max" or int(text) >= _V1_UNLIMITED else int(text)


def _hierarchies(text: str) -> list[Hierarchy]:
    lines = (line.split(":", 2) for line in text.splitlines())
    return [Hierarchy(int(number), [name for name in names.split(",") if name], path) for number, names, path in lines]


def _cgroup(hierarchies: list[Hierarchy], controller: str) -> tuple[str, str]:
    """Where the hierarchy that has the controller is mounted, and the path in it; cgroup v2 has what v1 has not."""
    for hierarchy in hierarchies:
        if controller in hierarchy.controllers:
            return f"/sys/fs/cgroup/{controller}", hierarchy.path
    return "/sys/fs/cgroup", next(hierarchy.path for hierarchy in hierarchies if hierarchy.number == 0)


def _levels(path: str) -> list[str]:
    """A cgroup and all above it."""
    return [path, *(str(parent) for parent in Path(path).parents)]


def _read(host: Host, paths: Iterable[str]) -> dict[str, str]:
    """Text of those of the files that are there."""
    files: dict[str, list[str]] = {}
    once = shlex.join(dict.fromkeys(paths))
    for line in host.run(f"grep --no-messages --with-filename '' {once}").stdout.splitlines():
        path, text = line.split(":", 1)
        files.setdefault(path, []).append(text)
    return {path: "\n".join(lines) for path, lines in files.items()}


@pytest.fixture(scope="module")
def kernel(host: Host) -> Kernel:
    inspected = json.loads(host.check_output("docker inspect $(docker ps --quiet)"))
    engine = {container["Name"].removeprefix("/"): container for container in inspected}
    membership = {container["Id"]: f"/proc/{container['State']['Pid']}/cgroup" for container in inspected}
    files = _read(host, ["/proc/meminfo", *membership.values()])
    paths = []
    for container_id, file in membership.items():
        assert container_id in files[file], f"{file} is no longer that of {container_id}"
        for controller, names in _FILES.items():
            mount, path = _cgroup(_hierarchies(files[file]), controller)
            paths += [f"{mount}{level}/{name}" for level in _levels(path) for name in names]
    return Kernel(engine, files | _read(host, paths))


@pytest.fixture(scope="session")
def report_dir() -> Path:
    """Where the scenario's converge wrote its report, on this machine."""
    return Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "reports"


@pytest.fixture(scope="module")
def inventory_name(host: Host) -> str:
    return str(host.ansible.get_variables()["inventory_hostname"])


@pytest.fixture(scope="module")
def audited(inventory_name: str, report_dir: Path) -> dict[str, Any]:
    """What audit.json says of the managed host: `host`, `containers`, `findings` and more."""
    report = json.loads((report_dir / "audit.json").read_text(encoding="utf-8"))
    facts: dict[str, Any] = report["hosts"][inventory_name]
    return facts
