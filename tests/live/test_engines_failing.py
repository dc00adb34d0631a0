"""An engine that is away, hangs, dies or talks nonsense costs a warning; what the kernel has still comes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from lab import engine
from tests.live import kernel, sockets
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, by_id, by_name, cgroups, play, task

TIMEOUT_SECONDS = 1.5
# Purpose: (how the socket behaves, what the reason has to say).
CASES: dict[str, tuple[sockets.Behaviour, str]] = {
    "hangs": (sockets.hang, "within engine_timeout, 1.5 seconds"),
    "drips": (sockets.drip, "within engine_timeout, 1.5 seconds"),
    "hangs-up": (sockets.hang_up, "closed the connection without an answer"),
    "half-a-head": (sockets.says(b"HTTP/1.1 200 OK\r\nContent-Le"), "within engine_timeout"),
    "no-http": (sockets.says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "does not speak HTTP"),
    "no-length": (sockets.says(b"HTTP/1.1 200 OK\r\n\r\n{}"), "how long"),
    "no-json": (sockets.answers_json("<html>{{ 7*7 }}</html>"), "no JSON"),
    "wrong-json": (sockets.answers_json('"a text"'), "answered what it should not"),
    "null": (sockets.answers_json("null"), "answered what it should not"),
    "error": (sockets.answers_json('{"message": "out of order"}', "500 Internal Server Error"), "500: 'out of order'"),
    # It is asked for the list, for each of two containers, and for itself.
    "dies-at-list": (sockets.dies_at(str(engine.SOCKET), 1, 400), "closed the connection"),
    "dies-at-inspect": (sockets.dies_at(str(engine.SOCKET), 2, 400), "closed the connection"),
    "dies-at-info": (sockets.dies_at(str(engine.SOCKET), 4, 300), "closed the connection"),
}
LIMITS = {"one": 24 * MIB, "two": 32 * MIB}
# Up to where the engine has said who its containers are.
NAMES_KNOWN = ("dies-at-inspect", "dies-at-info")
ALL_KNOWN = ("dies-at-info",)


@pytest.fixture(scope="module")
def started(fleet: Fleet) -> dict[str, Any]:
    return {purpose: fleet.run(purpose, mem_limit=limit) for purpose, limit in LIMITS.items()}


@pytest.fixture(scope="module")
def results(started: dict[str, Any]) -> dict[str, Json]:
    """The result of each case, and of an absent socket and a directory in its place."""
    ids = [container.id for container in started.values()]
    with ExitStack() as stack:
        paths = {
            purpose: stack.enter_context(sockets.listening(behaviour)) for purpose, (behaviour, _) in CASES.items()
        }
        paths |= {"absent": "/nonexistent/engine.sock", "directory": "/proc"}
        tasks = [
            task(
                containers=ids,
                docker_socket=path,
                engine_timeout=TIMEOUT_SECONDS,
                gather_subset=["memory", "hierarchies"],
            )
            for path in paths.values()
        ]
        return dict(zip(paths, play(*tasks), strict=True))


@pytest.mark.parametrize("purpose", [*CASES, "absent", "directory"])
def test_reason_is_a_warning_and_in_the_facts(purpose: str, results: dict[str, Json]) -> None:
    reason = {"absent": "No such file or directory", "directory": "Connection refused"}.get(purpose) or CASES[purpose][
        1
    ]
    (told,) = [one for one in cgroups(results[purpose])["host"]["engines"] if one["name"] == "docker"]
    assert told["reachable"] is False
    assert reason in told["error"]
    assert [warning for warning in results[purpose]["warnings"] if told["error"] in warning and "docker" in warning]


@pytest.mark.parametrize("purpose", [*CASES, "absent", "directory"])
def test_kernel_speaks_for_the_containers(purpose: str, started: dict[str, Any], results: dict[str, Json]) -> None:
    records = by_id(cgroups(results[purpose]))
    assert set(records) == {container.id for container in started.values()}
    for container in started.values():
        record = records[container.id]
        memory = kernel.cgroup(pid_of(container), "memory")
        assert (record["pid"], record["engine"]) == (pid_of(container), "docker")
        assert record["memory"]["limit_bytes"] == kernel.memory_limit(memory)
        assert record["hierarchies"] == kernel.hierarchies(pid_of(container))
        assert record["drift"] == ([] if purpose in ALL_KNOWN else None)
        assert record["declared"]["memory_bytes"] == (kernel.memory_limit(memory) if purpose in ALL_KNOWN else None)
        assert record["engine_known"] is (purpose in NAMES_KNOWN)
        assert record["name"] == (container.name if purpose in NAMES_KNOWN else None)


def test_name_can_not_be_told_from_a_mistake_and_the_error_says_why(fleet: Fleet, started: dict[str, Any]) -> None:
    assert started
    with sockets.listening(sockets.hang_up) as path:
        failed, absent = play(
            task(ignore_errors=True, containers=[fleet.name("one")], docker_socket=path),
            task(ignore_errors=True, containers=[fleet.name("one")], docker_socket="/nonexistent/engine.sock"),
        )
    for result, reason in ((failed, "closed the connection"), (absent, "No such file or directory")):
        assert result["failed"] is True
        assert fleet.name("one") in result["msg"]
        assert reason in result["msg"]


def test_engine_that_is_not_asked_can_not_fail(started: dict[str, Any]) -> None:
    ids = [container.id for container in started.values()]
    (result,) = play(
        task(containers=[f"{one}*" for one in ids], engines=["lxc"], docker_socket="/nonexistent/engine.sock")
    )
    assert by_name(cgroups(result)) == {}
    assert result["warnings"] == [f"no container matches '{one}*'" for one in ids]
    assert cgroups(result)["containers"] == []
