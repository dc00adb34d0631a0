"""What the machine's kernel has for a container, read by commands there and by nothing of the collection's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from lab.vm.zoo import Resident
from tests.vm.host import Vm

ROOT = PurePosixPath("/sys/fs/cgroup")
UNLIMITED = "max"


@dataclass(frozen=True)
class Cgroup:
    """The container's own cgroup on v2: its path, and the text of each of its files by name.

    ``inner`` are those of the cgroup ``container`` that crun makes below it, where a smaller limit may be.
    """

    path: str
    files: dict[str, str]
    inner: dict[str, str]

    def number(self, name: str) -> int:
        return int(self.files[name])

    def limit(self, name: str) -> int | None:
        """A file's figure, None for ``max``."""
        return None if self.files[name] == UNLIMITED else int(self.files[name])

    def smallest(self, name: str) -> int | None:
        """The smaller of the two cgroups' figures, None for ``max`` in both."""
        texts = [self.files[name], *([self.inner[name]] if name in self.inner else [])]
        return min((int(text) for text in texts if text != UNLIMITED), default=None)

    def keyed(self, name: str) -> dict[str, int]:
        return {key: int(value) for key, value in (line.split() for line in self.files[name].splitlines())}


def cgroup(vm: Vm, resident: Resident) -> Cgroup:
    """Found by the PID that the engine's own command gave; cut behind the part that carries the container's id."""
    path = PurePosixPath(vm.read(f"/proc/{resident.pid}/cgroup").strip().removeprefix("0::"))
    # systemd writes a hyphen in a unit's name as \\x2d.
    while resident.id not in path.name.replace("\\x2d", "-"):
        path = path.parent
    return Cgroup(str(path), read_all(vm, path), read_all(vm, path / "container"))


def read_all(vm: Vm, path: PurePosixPath) -> dict[str, str]:
    """Every readable file of a cgroup, in one command."""
    directory = ROOT / str(path).lstrip("/")
    mark = "@@@ "
    text = vm.run(
        f"cd '{directory}' 2>/dev/null && for f in memory.* cpu.* cpuset.* io.* pids.*; do "
        f"[ -r $f ] && [ $f != memory.reclaim ] && echo '{mark}'$f && cat $f 2>/dev/null; done; true"
    )
    files = {}
    for part in text.split(mark)[1:]:
        name, _newline, content = part.partition("\n")
        files[name] = content.strip()
    return files


def smallest_limit(vm: Vm, path: str) -> tuple[int, str]:
    """The smallest memory.max from a cgroup up to the root, and the nearest cgroup that has it; else the host."""
    total = int(vm.run("awk '/^MemTotal/ {print $2}' /proc/meminfo")) * 1024
    best, source = total, "host"
    here = PurePosixPath(path)
    chain = [here, *here.parents][:-1]
    for one in reversed(chain):
        text = vm.run(f"cat '{ROOT / str(one).lstrip('/')}/memory.max'").strip()
        if text != UNLIMITED and int(text) <= best and int(text) < total:
            best, source = int(text), str(one)
    return best, source
