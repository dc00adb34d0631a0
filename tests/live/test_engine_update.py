"""What Docker notes, and what the kernel then has, when it is told limits of memory: the ground of the limit module.

What is told is read back from the kernel's files and from the engine by its own SDK, also after a restart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import MemorySettings
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from docker.models.containers import Container

from lab import engine
from tests.live import kernel
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.kernel import Cgroup

LIMITED: dict[str, Any] = {"mem_limit": 64 * MIB, "memswap_limit": 96 * MIB}
TIMEOUT_SECONDS = 60


@pytest.fixture
def asked() -> Iterator[Docker]:
    asked = Docker(str(engine.SOCKET), TIMEOUT_SECONDS)
    yield asked
    asked.close()


@pytest.fixture
def version_1(client: docker.DockerClient) -> None:
    if client.info().get("CgroupVersion", "1") != "1":
        pytest.skip("what holds on cgroup v1 alone; tests/vm has its counterpart for v2")


def memory(container: Container) -> Cgroup:
    return kernel.own(kernel.cgroup(pid_of(container), "memory"), str(container.id))


def held(container: Container) -> tuple[int | None, int | None, int | None]:
    """(memory, memory + swap, reservation) that the kernel holds; None without a limit."""
    container.reload()
    cgroup = memory(container)
    return kernel.memory_limit(cgroup), kernel.memory_swap_limit(cgroup), kernel.reservation(cgroup) or None


def noted(asked: Docker, container: Container) -> tuple[int | None, int | None, int | None]:
    """The same as the engine has it; -1 for swap without a limit."""
    declared = asked.describe(str(container.id)).declared
    return declared["memory_bytes"], declared["memory_swap_bytes"], declared["memory_reservation_bytes"]


def update(asked: Docker, container: Container, *settings: Any) -> list[str]:
    return asked.update(asked.describe(str(container.id)), MemorySettings(*settings))


def processes(container: Container) -> tuple[int, str]:
    """The first process and when it was started: another one after a restart."""
    container.reload()
    pid = pid_of(container)
    return pid, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def prepare(container: Container, **files: int) -> None:
    """Set the kernel's files as the limit module does before it tells the engine."""
    for name, value in files.items():
        (memory(container).directory / f"memory.{name}").write_text(str(value))


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        pytest.param({}, (64 * MIB, 64 * MIB, None), id="never limited, no swap"),
        pytest.param({}, (64 * MIB, UNLIMITED, None), id="never limited, any swap"),
        pytest.param(LIMITED, (128 * MIB, 256 * MIB, 16 * MIB), id="raised"),
        pytest.param(LIMITED, (32 * MIB, 32 * MIB, None), id="lowered"),
        pytest.param(LIMITED, (64 * MIB + 1, 96 * MIB + 4095, None), id="no whole pages"),
        pytest.param(LIMITED, (6 * MIB, 6 * MIB, 6 * MIB), id="the smallest"),
    ],
)
def test_what_is_told_is_noted_and_held_and_outlives_a_restart(fleet: Fleet, asked: Docker, options, settings) -> None:
    container = fleet.run(f"told-{settings[0]}-{settings[1]}", **options)
    before = processes(container)
    assert update(asked, container, *settings) == []
    assert processes(container) == before
    for _round in ("at once", "after a restart"):
        assert noted(asked, container) == (settings[0], -1 if settings[1] == UNLIMITED else settings[1], settings[2])
        assert held(container) == (
            settings[0] // 4096 * 4096,
            None if settings[1] == UNLIMITED else settings[1] // 4096 * 4096,
            settings[2],
        )
        container.restart(timeout=0)


@pytest.mark.usefixtures("version_1")
def test_limits_are_lifted_for_good(fleet: Fleet, asked: Docker) -> None:
    container = fleet.run("lifted", **LIMITED, mem_reservation=16 * MIB)
    prepare(container, **{"memsw.limit_in_bytes": -1, "limit_in_bytes": -1})
    update(asked, container, UNLIMITED, UNLIMITED, 0)
    for _round in ("at once", "after a restart"):
        assert noted(asked, container) == (None, -1, None)
        assert held(container) == (None, None, None)
        container.restart(timeout=0)
    update(asked, container, 64 * MIB, 64 * MIB, 8 * MIB)
    assert noted(asked, container) == held(container) == (64 * MIB, 64 * MIB, 8 * MIB)


@pytest.mark.usefixtures("version_1")
def test_unlimited_swap_is_noted_and_not_set(fleet: Fleet, asked: Docker) -> None:
    """Why the kernel has to be set first."""
    container = fleet.run("any-swap", **LIMITED)
    update(asked, container, 64 * MIB, UNLIMITED, None)
    assert noted(asked, container) == (64 * MIB, -1, None)
    assert held(container) == (64 * MIB, 96 * MIB, None)
    with pytest.raises(EngineError, match=r"answered 500: .*memory\.limit_in_bytes: invalid argument"):
        update(asked, container, 128 * MIB, UNLIMITED, None)
    assert noted(asked, container) == (64 * MIB, -1, None)
    assert held(container) == (64 * MIB, 96 * MIB, None)


def test_the_same_can_be_told_twice(fleet: Fleet, asked: Docker) -> None:
    container = fleet.run("twice", **LIMITED)
    for _round in range(2):
        update(asked, container, 32 * MIB, 48 * MIB, 8 * MIB)
        assert noted(asked, container) == held(container) == (32 * MIB, 48 * MIB, 8 * MIB)


def test_other_limits_stay(fleet: Fleet, asked: Docker) -> None:
    others: dict[str, Any] = {"nano_cpus": 500_000_000, "cpu_shares": 512, "cpuset_cpus": "0", "pids_limit": 50}
    container = fleet.run("others", **LIMITED, **others, restart_policy={"Name": "on-failure", "MaximumRetryCount": 3})
    before = container.attrs["HostConfig"]
    update(asked, container, 32 * MIB, 48 * MIB, None)
    container.reload()
    changed = {key for key, value in container.attrs["HostConfig"].items() if before[key] != value}
    assert changed == {"Memory", "MemorySwap"}


def test_a_container_that_does_not_run_has_it_when_it_is_started(fleet: Fleet, asked: Docker) -> None:
    container = fleet.create("later", **LIMITED)
    update(asked, container, 128 * MIB, UNLIMITED, 16 * MIB)
    assert noted(asked, container) == (128 * MIB, -1, 16 * MIB)
    container.start()
    assert held(container) == (128 * MIB, None, 16 * MIB)


@pytest.mark.parametrize("settings", [(6 * MIB - 1, 64 * MIB, None), (64 * MIB, 64 * MIB, 6 * MIB - 1)])
def test_what_it_objects_to_is_what_it_refuses(fleet: Fleet, asked: Docker, settings) -> None:
    container = fleet.run(f"refused-{settings[0]}", **LIMITED)
    before = noted(asked, container), held(container)
    assert asked.objection(MemorySettings(*settings), 1, True) is not None
    with pytest.raises(EngineError, match="answered 400: 'Minimum memory"):
        update(asked, container, *settings)
    assert (noted(asked, container), held(container)) == before


def test_a_container_that_is_gone(fleet: Fleet, asked: Docker) -> None:
    container = fleet.create("gone", **LIMITED)
    claim = asked.describe(str(container.id))
    container.remove()
    with pytest.raises(EngineError, match="answered 404: 'No such container"):
        asked.update(claim, MemorySettings(64 * MIB, 64 * MIB, None))
