"""Namespaces are entered with every Python that a host may have: by its own setns, or by the C library's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.live import inside
from tests.live.fleet import Fleet, pid_of
from tests.live.plays import Json, play
from tests.parts import pythons

OWN = "{}.{}".format(*sys.version_info)
# The Python below the environment of the tests is always there.
PYTHONS = {OWN: Path(sys.executable).resolve()} | pythons.find()


@pytest.fixture(scope="module")
def pid(fleet: Fleet) -> int:
    return pid_of(fleet.run("web", hostname="inside", cgroupns="private"))


@pytest.fixture(scope="module")
def by_python(fleet: Fleet, pid: int) -> dict[str, tuple[Json, Json]]:
    """By version, the record of the container and what a program told from inside."""
    assert pid
    name = fleet.name("web")
    tasks: list[Json] = [
        {"fathom.containers.container_namespace_facts": {"containers": [name], "gather_subset": ["all"]}},
        {
            "fathom.containers.container_nsenter": {
                "container": name,
                "namespaces": list(inside.TYPES),
                "argv": ["sh", "-c", "hostname; readlink /proc/self/ns/net"],
            }
        },
    ]
    results = play(
        *({**one, "vars": {"ansible_python_interpreter": str(path)}} for path in PYTHONS.values() for one in tasks)
    )
    records = [one["ansible_facts"]["container_namespaces"]["containers"][0] for one in results[::2]]
    return dict(zip(PYTHONS, zip(records, results[1::2], strict=True), strict=True))


@pytest.mark.parametrize("version", PYTHONS)
def test_facts_and_entry_with_every_python(version: str, pid: int, by_python: dict[str, tuple[Json, Json]]) -> None:
    record, entered = by_python[version]
    assert record["hostname"] == "inside"
    assert [one["name"] for one in record["interfaces"]] == ["lo"]
    assert record["unreadable"] == []
    assert record == {**by_python[OWN][0], "processes": record["processes"]}
    assert entered["stdout_lines"] == ["inside", f"net:[{inside.inodes(pid)['net']}]"]
