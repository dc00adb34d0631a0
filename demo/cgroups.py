"""Where a process's memory cgroup is in the file system, and the limit that it carries.

Written apart from the collection's own readers: what the demo sets up here is what they are held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab import LabError


@dataclass(frozen=True)
class Mount:
    """A mounted cgroup hierarchy, from a line of mountinfo (proc_pid_mountinfo(5))."""

    version: int
    controllers: frozenset[str]  # empty on version 2, where cgroup.controllers tells
    root: str  # the cgroup that shows at `point`; "/" but in some containers
    point: Path


@dataclass(frozen=True)
class MemoryCgroup:
    """A cgroup of the hierarchy that controls memory."""

    version: int
    directory: Path

    @property
    def limit_file(self) -> Path:
        """The file of the hard limit."""
        return self.directory / ("memory.max" if self.version == 2 else "memory.limit_in_bytes")

    @property
    def parent(self) -> MemoryCgroup:
        """The cgroup one level up."""
        return MemoryCgroup(self.version, self.directory.parent)


def mounts() -> list[Mount]:
    """All cgroup hierarchies that this process sees mounted."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, filesystem = line.partition(" - ")
        kind, _source, options = filesystem.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            root, point = mount.split(" ")[3:5]
            controllers = frozenset(options.split(",")) if kind == "cgroup" else frozenset()
            found.append(Mount(2 if kind == "cgroup2" else 1, controllers, root, Path(point)))
    return found


def memory_mount() -> Mount:
    """The hierarchy that controls memory: the first version's where it has memory, as on hybrid hosts."""
    found = mounts()
    for mount in found:
        if mount.version == 1 and "memory" in mount.controllers:
            return mount
    for mount in found:
        if mount.version == 2 and "memory" in (mount.point / "cgroup.controllers").read_text(encoding="ascii").split():
            return mount
    raise LabError("no mounted cgroup hierarchy controls memory here: limits can't be shown on this kernel")


def memory_cgroup(pid: int) -> MemoryCgroup:
    """The memory cgroup of a process."""
    mount = memory_mount()
    for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
        hierarchy, controllers, path = line.split(":", 2)
        if (hierarchy == "0") if mount.version == 2 else ("memory" in controllers.split(",")):
            below = path if mount.root == "/" else path.removeprefix(mount.root)
            return MemoryCgroup(mount.version, mount.point / below.lstrip("/"))
    raise LabError(f"/proc/{pid}/cgroup names no cgroup for memory")
