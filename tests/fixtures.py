"""`python -m tests.fixtures v1|v2`: captures anew the hosts that unit tests read, into tests/unit/fixtures.

v1 is this machine with Docker, v2 the virtual one with containers of every kind. NAME.tree is what the kernel showed.
NAME.json is what was known at that moment by other means: `containers`, a row each with what it was given, and
`answers`, those of the engines' sockets by target.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docker

from lab import capture, engine
from lab.vm import zoo
from lab.vm.machine import Machine
from lab.vm.shell import Shell
from tests.live import appimage
from tests.unit import trees

_ANSWERS = Path(__file__).with_name("engine_answers.py")
_PREFIX = "fathom-fixture-"
_PARENT = "fathom-fixture"
_PARENT_LIMIT_BYTES = 1 << 30
_MIB = 1 << 20

# Keyword arguments of the Docker SDK, and what is the container's own limit: memory, and memory and swap together.
_V1_CONTAINERS: dict[str, dict[str, Any]] = {
    "unlimited": {},
    "limited": {"mem_limit": 64 * _MIB, "memswap_limit": 64 * _MIB},
    # A page and 25 bytes more than 64 MiB: the kernel keeps whole pages.
    "page-odd": {"mem_limit": 64 * _MIB + 4096 + 25},
    "ancestor-limited": {"cgroup_parent": f"/{_PARENT}"},
    "pids-cpus": {"pids_limit": 64, "nano_cpus": 500_000_000, "cpu_shares": 512, "cpuset_cpus": "0"},
    "reservation": {"mem_limit": 64 * _MIB, "memswap_limit": 256 * _MIB, "mem_reservation": 32 * _MIB},
    "host-network": {"network_mode": "host"},
    "shared-network": {"network_mode": f"container:{_PREFIX}limited"},
}

# Who manages what, beside the kernel: systemd's units, and what runtimes and Podman write down of their containers.
_V2_STATE = (
    "/run/systemd/transient/*",
    "/run/systemd/system/lab.slice",
    "/run/systemd/system.control/**/*",
    "/run/user/*/systemd/transient/*",
    "/run/runc/fathom-*/state.json",
    "/run/crun/*/status",
    "/run/user/*/crun/*/status",
    "/run/containerd/io.containerd.runtime.v2.task/*/*/init.pid",
    "/var/lib/containers/storage/overlay-containers/containers.json",
    "/home/lab/.local/share/containers/storage/overlay-containers/containers.json",
)
_V2_SOCKETS = {
    "docker": "/run/docker.sock",
    "podman": "/run/podman/podman.sock",
    "podman of user 1000": "/run/user/1000/podman/podman.sock",
}


def v1() -> None:
    """This machine, whose other containers stay out of it."""
    engine.up()
    client = docker.DockerClient(base_url=f"unix://{engine.SOCKET}", timeout=120)
    try:
        _start_v1(client)
        rows = [_v1_row(kind, client.containers.get(_PREFIX + kind)) for kind in _V1_CONTAINERS]
        tree = capture.this_machine(*(str(row["pid"]) for row in rows))
        # Whoever ran this, and where, is no part of the host.
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            tree = tree.replace(f"|{line}\n", f"|{line.rpartition(':')[0]}:/\n")
        answers = {"docker": _answers([sys.executable], str(engine.SOCKET), _PREFIX)}
        _save("v1-hybrid-docker", tree, rows, answers)
    finally:
        for container in client.containers.list(all=True, filters={"label": f"{appimage.LABEL}=fixture"}):
            container.remove(force=True, v=True)
        for directory in _parents("*"):
            directory.rmdir()


def _start_v1(client: docker.DockerClient) -> None:
    image = appimage.image(client)
    labels = {appimage.LABEL: "fixture"}
    for kind, options in _V1_CONTAINERS.items():
        client.containers.run(image, ["sleep", "3600"], name=_PREFIX + kind, labels=labels, detach=True, **options)
    _parents("memory")[0].joinpath("memory.limit_in_bytes").write_text(str(_PARENT_LIMIT_BYTES), encoding="ascii")
    # An OOM kill to count, of a process that isn't the container's first.
    client.containers.get(f"{_PREFIX}limited").exec_run(["tail", "/dev/zero"])


def _v1_row(kind: str, container: Any) -> dict[str, Any]:
    host = container.attrs["HostConfig"]
    return {
        "kind": kind,
        "engine": "docker",
        "name": container.name,
        "id": container.id,
        "pid": container.attrs["State"]["Pid"],
        "memory_bytes": host["Memory"] or None,
        "memory_swap_bytes": host["MemorySwap"] or None,
    }


def v2() -> None:
    """The virtual machine, all of it."""
    machine = Machine()
    with machine.reserved():
        machine.stop()
        shell = machine.up()
        rows = [_v2_row(kind, resident) for kind, resident in zoo.start(shell).items()]
        # Before any socket listens, as on most hosts.
        tree = capture.virtual_machine(shell, *_V2_STATE)
        _save("v2-systemd-docker-podman", tree, rows, _v2_answers(shell))
        machine.stop()


def _v2_row(kind: str, resident: zoo.Resident) -> dict[str, Any]:
    return {
        "kind": kind,
        "engine": resident.kind.engine,
        "name": resident.name,
        "id": resident.id,
        "pid": resident.pid,
        "memory_bytes": resident.kind.memory_bytes,
        "memory_swap_bytes": resident.kind.memory_swap_bytes,
    }


def _v2_answers(shell: Shell) -> dict[str, Any]:
    units = ("systemctl {} podman.socket", "systemctl --machine=lab@ --user {} podman.socket")
    for unit in units:
        shell.run(unit.format("start"))
    answers = {name: _answers(shell.command("python3"), path, "") for name, path in _V2_SOCKETS.items()}
    for unit in units:
        shell.run(f"{unit.format('stop')}; {unit.format('stop').replace('.socket', '.service')}")
    return answers


def _answers(python: list[str], socket: str, prefix: str) -> Any:
    with _ANSWERS.open("rb") as script:
        command = [*python, "-", socket, prefix or '""']
        return json.loads(subprocess.run(command, stdin=script, stdout=subprocess.PIPE, check=True).stdout)


def _parents(hierarchy: str) -> list[Path]:
    return list(Path("/sys/fs/cgroup").glob(f"{hierarchy}/{_PARENT}"))


def _save(name: str, tree: str, rows: list[dict[str, Any]], answers: dict[str, Any]) -> None:
    trees.FIXTURES.mkdir(exist_ok=True)
    (trees.FIXTURES / f"{name}.tree").write_text(tree, encoding="utf-8")
    text = json.dumps({"containers": rows, "answers": answers}, indent=1)
    (trees.FIXTURES / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fixtures", description="Capture the unit tests' hosts anew.")
    parser.add_argument("host", choices=("v1", "v2"))
    {"v1": v1, "v2": v2}[parser.parse_args(argv).host]()


if __name__ == "__main__":
    main()
