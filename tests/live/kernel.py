"""What the kernel itself says of a process and its cgroups, on cgroup v1, v2 and both side by side.

Nothing of the collection is used here: its facts are held against this. A limit is None where there is none.
"""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What v1 answers for "no limit": the largest whole page below 2^63 (admin-guide/cgroup-v1/memory.rst).
_V1_NO_LIMIT = (2**63 - 1) // mmap.PAGESIZE * mmap.PAGESIZE


@dataclass(frozen=True)
class Cgroup:
    """A cgroup of one hierarchy; `path` is below the hierarchy's root, as in /proc/PID/cgroup."""

    version: int
    path: str
    directory: Path

    @property
    def parent(self) -> Cgroup:
        """The cgroup one level up."""
        return Cgroup(self.version, self.path.rpartition("/")[0] or "/", self.directory.parent)

    def file(self, v1: str, v2: str) -> Path:
        """The same thing has another name in each version."""
        return self.directory / (v1 if self.version == 1 else v2)

    def text(self, name: str) -> str:
        """A file's text without its last newline."""
        return (self.directory / name).read_text(encoding="utf-8").rstrip("\n")

    def number(self, name: str) -> int:
        """A file that holds an integer."""
        return int(self.text(name))

    def keyed(self, name: str) -> dict[str, int]:
        """A file of lines of a key and an integer."""
        return {key: int(value) for key, value in (line.split() for line in self.text(name).splitlines())}


def hierarchies(pid: int) -> list[dict[str, Any]]:
    """The lines of /proc/PID/cgroup: {id, controllers, path}."""
    lines = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines()
    rows = (line.split(":", 2) for line in lines)
    return [{"id": int(row[0]), "controllers": row[1].split(",") if row[1] else [], "path": row[2]} for row in rows]


def mount_points() -> dict[str, Path]:
    """Where the hierarchy of each v1 controller (`name=systemd` is one) is mounted whole, and v2's under ``""``."""
    found: dict[str, Path] = {}
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, filesystem = line.partition(" - ")
        root, point = mount.split(" ")[3:5]
        kind, _, options = filesystem.split(" ", 2)
        if root == "/" and kind in ("cgroup", "cgroup2"):
            for name in options.split(",") if kind == "cgroup" else [""]:
                found.setdefault(name, Path(point))
    return found


def cgroup(pid: int, controller: str) -> Cgroup:
    """The cgroup of a process in the hierarchy that has `controller`; `""` is the v2 hierarchy itself."""
    points = mount_points()
    for row in hierarchies(pid):
        if controller in row["controllers"]:
            return Cgroup(1, row["path"], points[controller] / row["path"].lstrip("/"))
    path = next(row["path"] for row in hierarchies(pid) if row["id"] == 0)
    return Cgroup(2, path, points[""] / path.lstrip("/"))


def unified(pid: int) -> Cgroup:
    """The cgroup of a process in the v2 hierarchy, which hybrid hosts have beside the others."""
    return cgroup(pid, "")


def own(inner: Cgroup, container_id: str) -> Cgroup:
    """The container's own cgroup, of the one that a process of it is in.

    Its last name carries the id. On v1 crun puts the container, with its limits, one further down.
    """
    below, cgroup = inner, inner
    while container_id not in cgroup.path.rpartition("/")[2]:
        below, cgroup = cgroup, cgroup.parent
    by_crun = cgroup.version == 1 and below.path == f"{cgroup.path}/container" and cgroup.path.endswith(".scope")
    return below if by_crun else cgroup


def limit(path: Path) -> int | None:
    """A file that holds a limit: an integer, v2's `max`, v1's -1 or its largest whole page."""
    text = path.read_text(encoding="ascii").strip()
    return None if text in ("max", "-1", str(_V1_NO_LIMIT)) else int(text)


def memory_limit(memory: Cgroup) -> int | None:
    """The hard limit of this cgroup alone, in bytes; the root of v2 has none."""
    path = memory.file("memory.limit_in_bytes", "memory.max")
    return limit(path) if path.exists() else None


def effective_memory_limit(memory: Cgroup) -> tuple[int, str]:
    """(bytes, path of the nearest cgroup that sets it, or `host`): the least of all on the way to the root."""
    smallest, source = memory_total_bytes(), "host"
    way = [memory]
    while way[-1].path != "/":
        way.append(way[-1].parent)
    for step in reversed(way):
        own = memory_limit(step)
        if own is not None and own < memory_total_bytes() and own <= smallest:
            smallest, source = own, step.path
    return smallest, source


def swap_limit(memory: Cgroup) -> int | None:
    """Swap alone, in bytes."""
    if memory.version == 2:
        return limit(memory.directory / "memory.swap.max")
    both, own = memory_swap_limit(memory), memory_limit(memory)
    return None if both is None or own is None else both - own


def memory_swap_limit(memory: Cgroup) -> int | None:
    """Memory and swap together, in bytes, as v1 counts."""
    if memory.version == 1:
        return limit(memory.directory / "memory.memsw.limit_in_bytes")
    own, swap = memory_limit(memory), limit(memory.directory / "memory.swap.max")
    return None if own is None or swap is None else own + swap


def reservation(memory: Cgroup) -> int:
    """v1's soft limit, v2's memory.low, in bytes; 0 for none."""
    return limit(memory.file("memory.soft_limit_in_bytes", "memory.low")) or 0


def memory_limits(pid: int, container_id: str) -> dict[str, Any]:
    """All of it for the container that a process is in, under the names that the facts have for it."""
    memory = own(cgroup(pid, "memory"), container_id)
    effective_bytes, source = effective_memory_limit(memory)
    return {
        "path": memory.path,
        "version": memory.version,
        "limit_bytes": memory_limit(memory),
        "swap_limit_bytes": swap_limit(memory),
        "memory_swap_limit_bytes": memory_swap_limit(memory),
        "effective_limit_bytes": effective_bytes,
        "effective_limit_source": source,
    }


def memory_usage(memory: Cgroup) -> int:
    """Memory in use, page cache included, in bytes."""
    return int(memory.file("memory.usage_in_bytes", "memory.current").read_text())


def memory_peak(memory: Cgroup) -> int:
    """Highest usage so far, in bytes."""
    return int(memory.file("memory.max_usage_in_bytes", "memory.peak").read_text())


def oom_kills(memory: Cgroup) -> int:
    """Processes killed for want of memory."""
    return memory.keyed("memory.oom_control" if memory.version == 1 else "memory.events")["oom_kill"]


def cpu_quota(cpu: Cgroup) -> tuple[int | None, int]:
    """(microseconds of CPU time in each period, the period in microseconds)."""
    if cpu.version == 1:
        return limit(cpu.directory / "cpu.cfs_quota_us"), cpu.number("cpu.cfs_period_us")
    quota, period = cpu.text("cpu.max").split()
    return (None if quota == "max" else int(quota)), int(period)


def cpu_usage_usec(pid: int) -> int:
    """CPU time used by the cgroup, in microseconds."""
    accounting = cgroup(pid, "cpuacct")
    if accounting.version == 1:
        return accounting.number("cpuacct.usage") // 1000
    return accounting.keyed("cpu.stat")["usage_usec"]


def memory_total_bytes() -> int:
    """MemTotal of /proc/meminfo."""
    return _meminfo_bytes("MemTotal")


def swap_total_bytes() -> int:
    """SwapTotal of /proc/meminfo."""
    return _meminfo_bytes("SwapTotal")


def _meminfo_bytes(key: str) -> int:
    found = re.search(rf"^{key}: +(\d+) kB$", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    assert found, f"/proc/meminfo has no {key}"
    return int(found[1]) * 1024


def process_status(pid: int) -> dict[str, str]:
    """/proc/PID/status as {key: text}."""
    text = Path(f"/proc/{pid}/status").read_bytes().decode("utf-8", "backslashreplace")
    return {key: value.strip() for key, _, value in (line.partition(":") for line in text.split("\n") if line)}
