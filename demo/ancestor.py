"""A cgroup with a memory limit of its own, for a container to be started below."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from demo import cgroups
from lab import LabError

# A dash in a slice's name would make systemd put another slice around it, which nobody would remove.
SLICE = "fathomdemo.slice"
CGROUP = "/fathom-demo"


def create(cgroup_driver: str, limit_bytes: int) -> str:
    """Make it, or set its limit where it is left from before; the name is what `--cgroup-parent` takes."""
    if cgroup_driver == "systemd":
        _create_slice(limit_bytes)
        return SLICE
    _create_directory(limit_bytes)
    return CGROUP


def remove() -> bool:
    """Remove it, by whatever driver it was made; True if there was one. No container may be left in it."""
    stopped = _stop_slice()
    # On version 1 there are hierarchies that systemd does not tend, where Docker's runtime has left the slice's name.
    places = [mount.point / name for mount in cgroups.mounts() for name in (CGROUP.lstrip("/"), SLICE)]
    left = [place for place in places if place.is_dir()]
    for place in left:
        _remove_directory(place)
    return stopped or bool(left)


def _create_slice(limit_bytes: int) -> None:
    """A transient unit: nothing is written that outlives it, and no daemon-reload touches other containers."""
    _stop_slice()
    manager = ["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"]
    properties = ["2", "MemoryAccounting", "b", "true", "MemoryMax", "t", str(limit_bytes)]
    done = subprocess.run(
        ["busctl", "call", *manager, "StartTransientUnit", "ssa(sv)a(sa(sv))", SLICE, "fail", *properties, "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LabError(f"systemd does not start {SLICE} with MemoryMax={limit_bytes}: {done.stderr.strip()}")


def _stop_slice() -> bool:
    """Stop the slice if systemd runs here and has it; systemd forgets a transient unit that has stopped."""
    if not Path("/run/systemd/system").is_dir():
        return False
    active = subprocess.run(["systemctl", "is-active", "--quiet", SLICE], check=False).returncode == 0
    if active:
        subprocess.run(["systemctl", "stop", SLICE], check=True)
    return active


def _create_directory(limit_bytes: int) -> None:
    mount = cgroups.memory_mount()
    parent = cgroups.MemoryCgroup(mount.version, mount.point / CGROUP.lstrip("/"))
    if mount.version == 2:
        (mount.point / "cgroup.subtree_control").write_text("+memory", encoding="ascii")
    parent.directory.mkdir(exist_ok=True)
    # Before Linux 5.11 a version 1 cgroup limits what is below it only if it was told to.
    hierarchical = parent.directory / "memory.use_hierarchy"
    if hierarchical.exists() and hierarchical.read_text(encoding="ascii").strip() == "0":
        hierarchical.write_text("1", encoding="ascii")
    parent.limit_file.write_text(str(limit_bytes), encoding="ascii")


def _remove_directory(directory: Path) -> None:
    """A cgroup stays busy for a moment after the last process in it has ended."""
    deadline = time.monotonic() + 5
    while True:
        try:
            directory.rmdir()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise LabError(
                    f"{directory} can't be removed: {error.strerror}; does something still run in it?"
                ) from error
            time.sleep(0.1)
