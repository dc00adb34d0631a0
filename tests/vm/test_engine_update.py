"""What Docker and Podman note, and what the kernel and systemd then have, when they are told limits of memory.

On cgroup v2, over the machine's own sockets; read back by commands there, also after a restart of the container.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim, Engine, MemorySettings
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.http import Connection
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED

from lab.vm.zoo import MIB, Resident
from tests.vm import kernel, podman
from tests.vm.boxes import reload
from tests.vm.host import Vm

# Emulated, a service takes its time to start.
TIMEOUT_SECONDS = 120
KINDS = ("docker-limited", "podman-limited", "podman-runc", "podman-cgroupfs", "podman-rootless")
# Memory, memory + swap, reservation.
Three = tuple[int | None, int | None, int | None]


@dataclass(frozen=True)
class Told:
    """A container and its engine, asked over a socket of the machine."""

    vm: Vm
    engine: Engine
    resident: Resident
    user: str
    program: str

    def claim(self) -> Claim:
        claim = self.engine.describe(self.resident.id)
        assert claim is not None
        return claim

    def tell(self, *settings: Any) -> list[str]:
        return self.engine.update(self.claim(), MemorySettings(*settings))

    def noted(self) -> Three:
        """-1 for swap without a limit."""
        declared = self.claim().declared
        assert declared is not None
        return declared["memory_bytes"], declared["memory_swap_bytes"], declared["memory_reservation_bytes"]

    def held(self) -> Three:
        """By the kernel; None without a limit."""
        resident = replace(self.resident, pid=self.claim().pid or 0)
        cgroup = kernel.cgroup(self.vm, resident)
        memory, swap = cgroup.smallest("memory.max"), cgroup.smallest("memory.swap.max")
        together = None if memory is None or swap is None else memory + swap
        low = cgroup.limit("memory.low")
        return memory, together, low or None if low is not None else -1

    def run(self, verb: str, *options: str) -> str:
        """A command of the engine's own program on the container."""
        command = ["env", "XDG_RUNTIME_DIR=/run/user/1000"] if self.user != "root" else []
        return self.vm.run([*command, self.program, verb, *options, self.resident.id], user=self.user)

    def restart(self) -> None:
        self.run("restart", "--time=0")


@pytest.fixture(scope="module")
def residents(vm: Vm) -> Iterator[dict[str, Resident]]:
    """One of each kind for all tests: what each begins with, it tells."""
    yield vm.resume_inhabited()
    vm.clean()


@pytest.fixture(scope="module")
def engines(vm: Vm, residents: dict[str, Resident]) -> Iterator[dict[str, Engine]]:
    assert residents
    with (
        podman.services(vm),
        vm.socket("/run/docker.sock") as dockers,
        vm.socket(podman.SOCKET) as podmans,
        vm.socket(podman.USER_SOCKET) as users,
    ):
        found: dict[str, Engine] = {
            "docker": Docker(dockers, TIMEOUT_SECONDS),
            "podman": Podman(podmans, TIMEOUT_SECONDS),
            "podman-rootless": Podman(users, TIMEOUT_SECONDS),
        }
        yield found
        for engine in found.values():
            engine.close()


@pytest.fixture
def told(
    request: pytest.FixtureRequest, vm: Vm, engines: dict[str, Engine], residents: dict[str, Resident]
) -> Iterator[Told]:
    """The container of the kind that the test is given."""
    resident = residents[request.param]
    rootless = request.param == "podman-rootless"
    # The time that a whole conversation may take is used up in the end.
    engine = engines["podman-rootless" if rootless else resident.kind.engine].again()
    yield Told(vm, engine, resident, "lab" if rootless else "root", resident.kind.engine)
    engine.close()


@pytest.mark.parametrize("told", KINDS, indirect=True)
def test_what_is_told_is_noted_and_held_and_outlives_a_restart(told: Told) -> None:
    pid = told.claim().pid
    assert told.engine.objection(MemorySettings(96 * MIB, 96 * MIB, 8 * MIB), 2, True) is None
    assert told.tell(96 * MIB, 96 * MIB, 8 * MIB) == []
    assert told.noted() == told.held() == (96 * MIB, 96 * MIB, 8 * MIB)
    assert told.tell(48 * MIB, 80 * MIB, None) == []
    assert told.noted() == told.held() == (48 * MIB, 80 * MIB, 8 * MIB)
    assert told.claim().pid == pid
    told.restart()
    assert told.noted() == told.held() == (48 * MIB, 80 * MIB, 8 * MIB)


@pytest.mark.parametrize("told", KINDS, indirect=True)
def test_limits_are_lifted_for_good(told: Told) -> None:
    told.tell(UNLIMITED, UNLIMITED, None)
    for _round in ("at once", "after a restart"):
        assert told.noted()[:2] == (None, -1)
        assert told.held()[:2] == (None, None)
        told.restart()
    told.tell(64 * MIB, 96 * MIB, None)
    assert told.noted()[:2] == told.held()[:2] == (64 * MIB, 96 * MIB)


@pytest.mark.parametrize("told", ["docker-limited", "podman-limited", "podman-runc"], indirect=True)
def test_other_settings_stay(told: Told) -> None:
    told.tell(64 * MIB, 96 * MIB, 8 * MIB)
    before = json.loads(told.run("inspect"))[0]["HostConfig"]
    told.tell(48 * MIB, 64 * MIB, 16 * MIB)
    after = json.loads(told.run("inspect"))[0]["HostConfig"]
    changed = {key for key, value in after.items() if before[key] != value}
    assert changed == {"Memory", "MemorySwap", "MemoryReservation"}


@pytest.mark.parametrize("told", ["docker-unlimited"], indirect=True)
def test_docker_can_not_take_a_reservation_back(told: Told) -> None:
    told.tell(48 * MIB, 48 * MIB, 16 * MIB)
    assert "can't take back" in (told.engine.objection(MemorySettings(64 * MIB, 64 * MIB, 0), 2, True) or "")
    with pytest.raises(EngineError, match="docker can't take back a reservation"):
        told.tell(64 * MIB, 64 * MIB, 0)
    assert told.noted() == told.held() == (48 * MIB, 48 * MIB, 16 * MIB)
    # What stands in the way: this is no reservation on v1, and here all that the container uses.
    connection = Connection(told.engine.socket, TIMEOUT_SECONDS)
    document = {"Memory": 48 * MIB, "MemorySwap": 48 * MIB, "MemoryReservation": -1}
    assert connection.post(f"/containers/{told.resident.id}/update", document) == (200, {"Warnings": None})
    connection.close()
    assert told.held() == (48 * MIB, 48 * MIB, -1)


@pytest.mark.parametrize("told", ["podman-limited", "podman-cgroupfs", "podman-rootless"], indirect=True)
def test_podman_takes_a_reservation_back(told: Told) -> None:
    told.tell(48 * MIB, 48 * MIB, 16 * MIB)
    told.tell(48 * MIB, 48 * MIB, 0)
    assert told.noted() == told.held() == (48 * MIB, 48 * MIB, None)


@pytest.mark.parametrize("told", ["podman-limited"], indirect=True)
def test_podman_does_not_tell_what_it_has_noted_for_a_container_that_does_not_run(told: Told) -> None:
    """Why it objects to that."""
    told.tell(64 * MIB, 128 * MIB, 0)
    told.run("stop", "--time=0")
    settings = (48 * MIB, 64 * MIB, None)
    assert "does not run" in (told.engine.objection(MemorySettings(*settings), None, False) or "")
    told.tell(*settings)
    assert told.noted() == (64 * MIB, 128 * MIB, None)
    told.run("start")
    assert told.noted() == told.held() == settings


@pytest.mark.parametrize("told", ["docker-limited"], indirect=True)
def test_what_systemd_was_told_is_told_it_anew(told: Told) -> None:
    """An update with swap wins over a swap of 0 that systemd was told before, and a daemon-reload does not undo it."""
    unit = f"docker-{told.resident.id}.scope"
    told.vm.run(f"systemctl set-property --runtime {unit} MemoryMax=48M MemorySwapMax=0 MemoryLow=16M")
    assert told.held() == (48 * MIB, 48 * MIB, 16 * MIB)
    told.tell(96 * MIB, 128 * MIB, 8 * MIB)
    for _round in range(2):
        assert told.noted() == told.held() == (96 * MIB, 128 * MIB, 8 * MIB)
        reload(told.vm)
