"""Containers of every kind on the virtual machine: each engine and runtime, each way of being limited.

    residents = zoo.start(shell, "docker-limited", "podman-rootless")
    residents["docker-limited"].pid

What a resident says of itself is the word of its engine's own commands: tests hold it against what the kernel shows.
`guest/zoo` starts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lab import LabError
from lab.vm.image import GUEST
from lab.vm.shell import Shell

IMAGE = "fathom-lab/busybox"
MIB = 1 << 20
# The slice above docker-in-slice, and what it leaves of the container's own 1 GiB.
SLICE = "lab.slice"
SLICE_LIMIT_BYTES = 128 * MIB
_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Kind:
    """What a container is given. Its own limits, None without one: memory, and memory and swap together."""

    engine: str
    memory_bytes: int | None = None
    memory_swap_bytes: int | None = None


# Docker and Podman give as much swap as memory where they are told of memory alone; others leave swap unlimited.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "docker-limited": Kind("docker", 64 * MIB, 64 * MIB),
        "docker-unlimited": Kind("docker"),
        "docker-in-slice": Kind("docker", 1024 * MIB, 2048 * MIB),
        # A process that was started in it by `docker exec` has been killed for want of memory.
        "docker-oom": Kind("docker", 32 * MIB, 32 * MIB),
        "podman-limited": Kind("podman", 64 * MIB, 128 * MIB),
        "podman-runc": Kind("podman", 64 * MIB, 128 * MIB),
        "podman-cgroupfs": Kind("podman", 64 * MIB, 128 * MIB),
        # Two in one pod; it comes with a third, the pod's infrastructure container.
        "podman-pod-first": Kind("podman", 64 * MIB, 128 * MIB),
        "podman-pod-second": Kind("podman"),
        "podman-rootless": Kind("podman", 64 * MIB, 128 * MIB),
        "nspawn": Kind("nspawn", 64 * MIB, 64 * MIB),
        "lxc": Kind("lxc", 64 * MIB),
        "ctr": Kind("containerd", 64 * MIB),
        # As the kubelet has it made, in a pod's slice; no kubelet runs.
        "ctr-kubernetes": Kind("containerd", 64 * MIB),
        # OCI runtimes without any engine.
        "runc": Kind("unknown", 64 * MIB),
        "crun": Kind("unknown", 64 * MIB),
    }
)


@dataclass(frozen=True)
class Resident:
    """A running container; `id` is the engine's full one, the name with engines that give none."""

    name: str
    id: str
    pid: int
    kind: Kind


def start(shell: Shell, *kinds: str) -> dict[str, Resident]:
    """Start one container of each of these kinds, of all without any; they are named fathom-KIND."""
    chosen = kinds or tuple(KINDS)
    script = (GUEST / "zoo").read_text(encoding="utf-8")
    said_all = shell.run(["sh", "-s", "--", *chosen], stdin=script, timeout_seconds=_TIMEOUT_SECONDS).stdout
    residents = {}
    for kind, line in zip(chosen, said_all.splitlines(), strict=True):
        said, *words = line.split()
        if said != kind or len(words) != 2:
            raise LabError(f"the machine says {line!r} where it should say the id and the pid of {kind}")
        residents[kind] = Resident(f"fathom-{kind}", words[0], int(words[1]), KINDS[kind])
    return residents
