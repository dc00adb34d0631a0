"""What cAdvisor reads of a container: its settings and one round of its figures, with its default metrics.

The files are those that its handler and runc's readers open, on either version of cgroups; those that a kernel lacks
cost it a look, as they do there. It would go on to do this every few seconds; here it is done once.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

_KINDS = ("memory", "memory.memsw", "memory.kmem", "memory.kmem.tcp")
_BLKIO = (
    "io_serviced",
    "io_service_bytes",
    "sectors",
    "io_service_time",
    "io_wait_time",
    "io_merged",
    "time",
    "io_queued",
)
_FILES = {
    "cpu": ("cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.stat"),
    "cpuacct": ("cpuacct.usage", "cpuacct.stat", "cpuacct.usage_percpu", "cpuacct.usage_all"),
    "cpuset": ("cpuset.cpus", "cpuset.mems", "cpuset.memory_migrate", "cpuset.memory_pressure", "cpuset.mem_exclusive"),
    "memory": (
        *("memory.stat", "memory.use_hierarchy", "memory.numa_stat", "memory.soft_limit_in_bytes"),
        *(f"{kind}.{name}" for kind in _KINDS for name in ("usage_in_bytes", "max_usage_in_bytes", "failcnt")),
        *(f"{kind}.limit_in_bytes" for kind in _KINDS),
    ),
    "blkio": tuple(f"blkio.{name}_recursive" for name in _BLKIO),
    "pids": ("pids.current", "pids.max"),
    "": (
        *("cpu.weight", "cpu.max", "cpu.stat", "cpuset.cpus.effective", "io.stat", "pids.current", "pids.max"),
        *("memory.stat", "memory.numa_stat", "memory.current", "memory.max", "memory.high", "memory.low"),
        *("memory.peak", "memory.swap.current", "memory.swap.max"),
    ),
}


def look(pid: int) -> dict[str, str]:
    """The text of each file of the container of this process, by path."""
    network = Path(f"/proc/{pid}/net/dev")
    return {**dict(_cgroup_files(pid)), str(network): network.read_text(encoding="ascii")}


def _cgroup_files(pid: int) -> Iterator[tuple[str, str]]:
    points = _points()
    for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
        _number, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            for name in _FILES.get(controller, ()) if controller in points else ():
                file = points[controller] / path.lstrip("/") / name
                try:
                    yield str(file), file.read_text(encoding="utf-8")
                except OSError:
                    continue


@functools.cache
def _points() -> dict[str, Path]:
    """Where each controller is mounted; "" is the v2 hierarchy."""
    found = {}
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        own, _dash, of_file_system = line.partition(" - ")
        kind, _source, options = of_file_system.split(None, 2)
        point = Path(own.split()[4])
        if kind == "cgroup2":
            found[""] = point
        elif kind == "cgroup":
            found.update(dict.fromkeys(options.split(","), point))
    return found
