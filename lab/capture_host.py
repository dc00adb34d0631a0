"""Reads what a host's kernel shows of its containers, and writes it as a tar archive to standard output.

`capture` sends this file to the host, where nothing but Python 3.8 is needed: `python3 - ARGUMENTS < capture_host.py`.
An argument is the process id of a container's process, or a pattern of the paths of further files to take. Without
process ids, every process is taken that looks like a container's, and what places all others. No command lines and no
environments are read: they hold secrets.
"""

from __future__ import annotations

import errno
import io
import os
import platform
import re
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

# The path of a cgroup that some runtime made for a container. Wider than need be: what else is there tests a reader.
_NAMES = r"[0-9a-f]{64}|libpod|lxc\.|/machine\.slice/.|kubepods|cri-containerd|crio-|nerdctl|fathom-|/lab(\.slice)?/."
CONTAINER = re.compile(rf".*?({_NAMES})[^/]*")
HOST_FILES = ("meminfo", "swaps", "uptime", "sys/kernel/osrelease", "self/cgroup", "self/status")
PROCESS_FILES = ("cgroup", "stat", "status", "uid_map", "gid_map", "timens_offsets", "attr/current")
CGROUP_FILES = ("memory.", "cpu.", "cpuset.", "cpuacct.", "pids.", "io.", "blkio.", "cgroup.")
# Figures per node, processor or thread, and of schedulers that nobody uses: most of the bulk, and of no use.
BULKY = re.compile(r"numa_stat|usage_percpu|usage_all|stat\.local|slabinfo|blkio\.bfq|_recursive|kmem\.|threads|tasks")
# Of the host's own mounts, those that tell where its files are; a container's are taken whole.
TELLING_MOUNTS = re.compile(rb" / / |- (?:proc|sysfs|cgroup2?) ")
GONE = (errno.ENOENT, errno.ESRCH, errno.ENODEV)
# What can't be read on any host: a file that is there for eventfds, a label without a security module that gives one.
MEANINGLESS = (errno.EINVAL, errno.EOPNOTSUPP)
PROC = Path("/proc")
# A kernel thread stands for the host's namespaces where process 1 may not be looked at.
KERNELS_OWN = 2
ENGINES = {
    "docker": ("docker", "version", "--format", "{{.Server.Version}}"),
    "podman": ("podman", "--version"),
    "runc": ("runc", "--version"),
    "crun": ("crun", "--version"),
    "containerd": ("containerd", "--version"),
    "systemd": ("systemctl", "--version"),
    "lxc": ("lxc-start", "--version"),
}


def main(arguments: list[str]) -> None:
    pids = {int(argument) for argument in arguments if argument.isdigit()}
    patterns = [argument for argument in arguments if not argument.isdigit()]
    paths = list(dict.fromkeys(wanted(pids, patterns)))
    headers = {"comment": description()}
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.PAX_FORMAT, pax_headers=headers) as archive:
        telling = [line for line in content_of(PROC / "self/mountinfo").splitlines(True) if TELLING_MOUNTS.search(line)]
        add_file(archive, PROC / "self/mountinfo", 0o444, b"".join(telling))
        for path in paths:
            add(archive, path)


def wanted(pids: set[int], patterns: Iterable[str]) -> Iterator[Path]:
    """Paths to read, some of which may be gone by the time."""
    yield from (PROC / name for name in HOST_FILES)
    yield from namespaces(PROC / "self")
    hosts_mounts = mount_namespace(PROC / str(KERNELS_OWN))
    memberships = set()
    for pid in sorted(int(place.name) for place in PROC.iterdir() if place.name.isdigit()):
        process = PROC / str(pid)
        contained = {line for line in text_of(process / "cgroup").splitlines() if CONTAINER.match(line)}
        # Beside containers, their monitors have cgroups of their own.
        taken = pid in pids if pids else bool(contained) and mount_namespace(process) != hosts_mounts
        if taken:
            memberships |= contained
            yield from (process, process / "mountinfo")
        if taken or pid == KERNELS_OWN:
            yield process
            yield from (process / name for name in PROCESS_FILES)
            yield from namespaces(process)
        elif pid == 1 or not (pids or kernel_thread(process)):
            yield from (process, process / "cgroup", process / "stat")
    yield from cgroup_files(memberships)
    for pattern in patterns:
        yield from sorted(Path("/").glob(pattern.lstrip("/")))


def mount_namespace(process: Path) -> str | None:
    try:
        return os.readlink(process / "ns/mnt")  # noqa: PTH115 (Python 3.9)
    except OSError:
        return None


def namespaces(process: Path) -> list[Path]:
    try:
        return sorted((process / "ns").iterdir())
    except OSError:
        return []


def kernel_thread(process: Path) -> bool:
    """Whether the process is one of the kernel's own, children of its first (proc_pid_stat(5), field 4)."""
    return text_of(process / "stat").rpartition(")")[2].split()[1:2] == [str(KERNELS_OWN)]


def cgroup_files(memberships: Iterable[str]) -> Iterator[Path]:
    """Files of the cgroups in these lines of /proc/PID/cgroup: of each one, of its parents, of what is below it."""
    mounted = hierarchies()
    directories: set[Path] = set()
    for line in memberships:
        _, controllers, path = line.split(":", 2)
        runtimes_own = CONTAINER.match(path)
        if controllers in mounted and runtimes_own:
            top = mounted[controllers]
            directory = Path(f"{top}{runtimes_own[0]}")
            directories.update(Path(place) for place, _, _ in os.walk(directory))
            directories.update(parent for parent in directory.parents if parent == top or top in parent.parents)
    for directory in sorted(directories):
        yield directory
        for place in sorted(directory.iterdir()):
            if place.name.startswith(CGROUP_FILES) and not BULKY.search(place.name):
                yield place


def hierarchies() -> dict[str, Path]:
    """{controllers as in /proc/PID/cgroup: mount point}."""
    found = {}
    for line in text_of(PROC / "self/mountinfo").splitlines():
        mount_point = line.split(" ")[4]
        kind, _, options = line.partition(" - ")[2].split(" ", 2)
        if kind == "cgroup2":
            found[""] = Path(mount_point)
        elif kind == "cgroup":
            flags = ("rw", "ro", "xattr", "clone_children", "noprefix", "release_agent=")
            names = ",".join(name for name in options.split(",") if not name.startswith(flags))
            found[names] = Path(mount_point)
    return found


def add(archive: tarfile.TarFile, path: Path) -> None:
    """Put a file, link or directory into the archive; what can't be read is left out, and said on standard error."""
    try:
        status = path.lstat()
        member = tarfile.TarInfo(str(path))
        member.mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISLNK(status.st_mode):
            member.type, member.linkname = tarfile.SYMTYPE, os.readlink(path)  # noqa: PTH115 (Python 3.9)
            archive.addfile(member)
        elif stat.S_ISDIR(status.st_mode):
            member.type = tarfile.DIRTYPE
            archive.addfile(member)
        elif stat.S_ISREG(status.st_mode):
            # That a file can be written but not read is a fact too.
            add_file(archive, path, member.mode, path.read_bytes() if member.mode & 0o444 else b"")
    except OSError as error:
        if error.errno not in GONE + MEANINGLESS:
            print(f"{path}: {error.strerror}", file=sys.stderr)


def add_file(archive: tarfile.TarFile, path: Path, mode: int, content: bytes) -> None:
    member = tarfile.TarInfo(str(path))
    member.mode = mode
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def content_of(path: Path) -> bytes:
    """A file's content; nothing where the process or cgroup has gone."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def text_of(path: Path) -> str:
    return os.fsdecode(content_of(path))


def description() -> str:
    """What host this was, for whoever reads the tree."""
    release = re.search(r'^PRETTY_NAME="(.*)"$', text_of(Path("/etc/os-release")), re.MULTILINE)
    lines = [
        time.strftime("Captured on %Y-%m-%d", time.gmtime()),
        f"{release[1] if release else 'an unknown distribution'}, Linux {platform.release()} {platform.machine()}",
        f"cgroup mode {cgroup_mode()}",
    ]
    for engine, command in ENGINES.items():
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        lines.append(f"{engine}: {done.stdout.decode().splitlines()[0]}")
    return "\n".join([*lines, "Of the host's own mounts only those of /, proc, sysfs and cgroups."])


def cgroup_mode() -> str:
    """As the collection calls it."""
    mounted = hierarchies()
    if "" not in mounted:
        return "legacy"
    return "hybrid" if len(mounted) > 1 else "unified"


if __name__ == "__main__":
    main(sys.argv[1:])
