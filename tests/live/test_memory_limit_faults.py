"""What is left when a change of limits is cut off: the old limits or the new, and what a second run mends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from docker.models.containers import Container

from lab import CHECKOUT, engine
from tests.live import kernel, sockets
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, play
from tests.live.test_memory_limit import held, noted, row, set_limits

OLD, NEW = (128 * MIB, 64 * MIB), (48 * MIB, 0)
SERVER_ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n"
DISK_FULL = SERVER_ERROR + b'{"message":"disk full"}'
# Runs the module's work on this machine and kills itself before the n-th thing that it would do to the container.
SUICIDE = Path(__file__).with_name("suicide.py")


@pytest.fixture
def container(fleet: Fleet, request: pytest.FixtureRequest) -> Iterator[Container]:
    """With the old limits, which kernel and engine agree on."""
    purpose = f"fault-{abs(hash(request.node.name)) % 10**8}"
    container = fleet.run(purpose, mem_limit=OLD[0], memswap_limit=sum(OLD))
    assert held(container) == OLD
    yield container
    container.remove(force=True)


def asked_for(container: Container, **options: object) -> Json:
    """The task that asks for the new limits."""
    return set_limits({"containers": [container.name], "memory": str(NEW[0]), "swap": str(NEW[1])}, **options)


def mended(container: Container) -> None:
    """A second run brings the new limits, and a third has nothing to do."""
    pid = pid_of(container)
    _second, third = play(asked_for(container), asked_for(container))
    assert held(container) == NEW
    assert noted(container) == (NEW[0], sum(NEW))
    assert third["changed"] is False
    assert pid_of(container) == pid
    assert kernel.oom_kills(kernel.cgroup(pid, "memory")) == 0


# Two writes to the kernel, an update of the engine; the fourth is not reached.
@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_killed_before_each_step(step: int, container: Container) -> None:
    command = [sys.executable, str(SUICIDE), container.name or "", str(NEW[0]), str(NEW[1]), str(step)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == (-9 if step < 4 else 0), done.stderr
    memory, swap = held(container)
    assert memory in (OLD[0], NEW[0])
    assert noted(container) == ((OLD[0], sum(OLD)) if step < 4 else (NEW[0], sum(NEW)))
    if step == 1:
        assert swap == OLD[1]
    mended(container)


def through(treat: Callable[[Callable[[], bytes]], bytes], container: Container) -> Json:
    """The result of the task whose updates go to the engine through somebody who treats them so."""
    with sockets.listening(sockets.changes_by(str(engine.SOCKET), treat)) as socket:
        (result,) = play(asked_for(container, docker_socket=socket, ignore_errors=True))
    assert "Traceback" not in str(result)
    return result


def test_an_engine_that_changes_the_kernel_and_then_answers_500(container: Container) -> None:
    def treat(forward: Callable[[], bytes]) -> bytes:
        forward()
        return DISK_FULL

    result = through(treat, container)
    assert row(result)["status"] == "failed"
    assert "disk full" in result["msg"]
    # Its record has the new ones, and the same answer keeps the old ones from being noted again.
    assert held(container)[0] in (OLD[0], NEW[0])
    mended(container)


def test_an_engine_that_answers_500_to_the_first_update_only(container: Container) -> None:
    asked: list[None] = []

    def treat(forward: Callable[[], bytes]) -> bytes:
        asked.append(None)
        answer = forward()
        return DISK_FULL if len(asked) == 1 else answer

    result = through(treat, container)
    assert row(result)["status"] == "failed"
    assert held(container) == OLD
    assert noted(container) == (OLD[0], sum(OLD))
    mended(container)


def test_an_engine_that_refuses(container: Container) -> None:
    result = through(lambda _forward: DISK_FULL, container)
    assert row(result)["status"] == "failed"
    assert held(container) == OLD
    assert noted(container) == (OLD[0], sum(OLD))
    mended(container)


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """No byte can be written meanwhile where the engine keeps the container's record."""
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "fathom-live", folder], check=True)
    try:
        for name, data in files.items():
            (folder / name).write_bytes(data)
        with suppress(OSError), (folder / "full").open("wb", buffering=0) as full:
            while True:
                full.write(bytes(4096))
        yield
        assert {name: (folder / name).read_bytes() for name in files} == files
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_under_the_engines_record(container: Container) -> None:
    root = container.client.info()["DockerRootDir"]  # type: ignore[union-attr]
    with full_disk(Path(root) / "containers" / str(container.id)):
        (result,) = play(asked_for(container, ignore_errors=True))
    assert row(result)["status"] == "failed"
    assert "no space left on device" in result["msg"]
    assert held(container) == OLD
    assert noted(container) == (OLD[0], sum(OLD))
    mended(container)


def test_an_engine_that_hangs_when_the_kernel_is_set(container: Container) -> None:
    with sockets.listening(sockets.changes_by(str(engine.SOCKET), lambda _forward: b"")) as socket:
        (result,) = play(asked_for(container, docker_socket=socket, engine_timeout=2, ignore_errors=True))
    assert row(result)["status"] == "failed"
    assert held(container) == OLD
    assert noted(container) == (OLD[0], sum(OLD))
    mended(container)


def test_a_restart_in_the_middle(container: Container) -> None:
    pid = pid_of(container)

    def treat(forward: Callable[[], bytes]) -> bytes:
        answer = forward()
        container.restart(timeout=0)
        return answer

    result = through(treat, container)
    container.reload()
    assert pid_of(container) != pid
    assert row(result)["status"] == "changed"
    assert held(container) == NEW
    assert noted(container) == (NEW[0], sum(NEW))


def test_a_container_that_ends_in_the_middle(container: Container) -> None:
    def treat(forward: Callable[[], bytes]) -> bytes:
        container.kill()
        container.wait()
        return forward()

    result = through(treat, container)
    # A lower limit may be what ended it: nobody is left who could tell.
    assert row(result)["status"] == "failed"
    assert "has ended meanwhile" in row(result)["reason"]
    # The engine has noted it for the next start.
    assert noted(container) == (NEW[0], sum(NEW))
    container.start()
    container.reload()
    mended(container)
