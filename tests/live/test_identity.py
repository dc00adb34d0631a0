"""Who a container is, and where its cgroups are: the record against Docker's inspect and /proc/PID/cgroup."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.live import kernel
from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import Fleet, eventually, pid_of
from tests.live.plays import Json, by_id, by_name, cgroups, gather, play, task

STRANGER = os.urandom(32).hex()
STRANGER_AT_DOCKER = os.urandom(32).hex()
SUBSETS = ["memory", "cpu", "pids", "hierarchies"]


@pytest.fixture(scope="module")
def containers(tree: CgroupTree, fleet: Fleet) -> dict[str, Any]:
    """Started containers by purpose."""
    started = {
        "plain": fleet.run("plain", labels={"tier": "web", "empty": ""}),
        "paused": fleet.run("paused"),
        "host-network": fleet.run("host-network", network_mode="host"),
        "host-pid": fleet.run("host-pid", pid_mode="host"),
        "elsewhere": fleet.run("elsewhere", cgroup_parent=f"{tree.root}/a/b"),
    }
    namespaces = f"container:{started['plain'].id}"
    started["sharing"] = fleet.run("sharing", network_mode=namespaces, pid_mode=namespaces)
    started["inner"] = fleet.run("inner", cgroup_parent=kernel.cgroup(pid_of(started["plain"]), "memory").path)
    started["paused"].pause()
    started["paused"].reload()
    return started


@pytest.fixture(scope="module")
def facts(tree: CgroupTree, fleet: Fleet, containers: dict[str, Any]) -> Json:
    assert containers
    tree.occupy(f"{tree.root}/{STRANGER}")
    tree.occupy(f"/docker/{STRANGER_AT_DOCKER}")
    return gather(containers=[fleet.glob, STRANGER, STRANGER_AT_DOCKER], gather_subset=SUBSETS)


@pytest.mark.parametrize("purpose", ["plain", "paused", "host-network", "host-pid", "sharing", "elsewhere", "inner"])
def test_record_is_what_docker_inspect_says(
    purpose: str, fleet: Fleet, containers: dict[str, Any], facts: Json
) -> None:
    record = by_name(facts)[fleet.name(purpose)]
    inspected = containers[purpose].attrs
    assert record["id"] == inspected["Id"]
    assert record["pid"] == inspected["State"]["Pid"]
    assert record["state"] == inspected["State"]["Status"]
    assert record["image"] == inspected["Config"]["Image"]
    assert record["labels"] == inspected["Config"]["Labels"]
    assert (record["engine"], record["engine_known"]) == ("docker", True)
    assert record["unreadable"] == []


@pytest.mark.parametrize("purpose", ["plain", "paused", "host-network", "host-pid", "sharing", "elsewhere", "inner"])
def test_hierarchies_are_the_lines_of_proc_pid_cgroup(
    purpose: str, fleet: Fleet, containers: dict[str, Any], facts: Json
) -> None:
    record = by_name(facts)[fleet.name(purpose)]
    assert record["hierarchies"] == kernel.hierarchies(pid_of(containers[purpose]))
    assert record["memory"]["path"] == kernel.cgroup(pid_of(containers[purpose]), "memory").path
    assert record["memory"]["own"] is True


def test_every_container_is_there_once(fleet: Fleet, containers: dict[str, Any], facts: Json) -> None:
    ids = sorted(record["id"] for record in facts["containers"])
    assert ids == sorted([container.id for container in containers.values()] + [STRANGER, STRANGER_AT_DOCKER])
    assert set(by_name(facts)) == {fleet.name(purpose) for purpose in containers}


def test_paused_container_keeps_its_figures(fleet: Fleet, containers: dict[str, Any], facts: Json) -> None:
    record = by_name(facts)[fleet.name("paused")]
    assert record["state"] == "paused"
    assert record["memory"]["usage_bytes"] > 0
    assert record["pids"]["current"] == kernel.cgroup(pid_of(containers["paused"]), "pids").number("pids.current")


def test_custom_parent_is_in_the_paths_and_in_what_is_declared(tree: CgroupTree, fleet: Fleet, facts: Json) -> None:
    record = by_name(facts)[fleet.name("elsewhere")]
    assert record["memory"]["path"] == f"{tree.root}/a/b/{record['id']}"
    assert record["declared"]["cgroup_parent"] == f"{tree.root}/a/b"
    assert record["nested_in"] is None


def test_container_below_a_containers_cgroup_is_nested_in_it(
    fleet: Fleet, containers: dict[str, Any], facts: Json
) -> None:
    records = by_name(facts)
    assert records[fleet.name("inner")]["nested_in"] == containers["plain"].id
    assert records[fleet.name("plain")]["nested_in"] is None
    # What runs in the inner one is no process of the outer.
    assert records[fleet.name("plain")]["pid"] != records[fleet.name("inner")]["pid"]


@pytest.mark.parametrize(("stranger", "engine"), [(STRANGER, "unknown"), (STRANGER_AT_DOCKER, "docker")])
def test_container_that_no_engine_lists_is_known_by_the_kernel_alone(stranger: str, engine: str, facts: Json) -> None:
    record = by_id(facts)[stranger]
    assert record["engine_known"] is False
    assert record["engine"] == engine
    assert (record["name"], record["image"], record["labels"], record["drift"]) == (None, None, {}, None)
    assert set(record["declared"].values()) == {None}
    assert record["state"] == "running"
    assert Path(f"/proc/{record['pid']}/comm").read_text(encoding="ascii") == "sleep\n"
    assert record["hierarchies"] == kernel.hierarchies(record["pid"])
    assert record["memory"]["usage_bytes"] is not None


def test_container_that_does_not_run_is_found_only_by_its_name(fleet: Fleet) -> None:
    created, exited = fleet.name("created"), fleet.name("exited")
    fleet.create("created", mem_limit="64m")
    container = fleet.run("exited", ["true"], mem_limit="32m")
    container.wait()
    named, running = play(task(containers=[created, container.attrs["Id"][:20]], gather_subset=SUBSETS), task())
    records = by_name(cgroups(named))
    assert {name: record["state"] for name, record in records.items()} == {
        created: "created",
        exited: "exited",
    }
    for record, declared_bytes in ((records[created], 64 << 20), (records[exited], 32 << 20)):
        assert record["engine_known"] is True
        assert record["declared"]["memory_bytes"] == declared_bytes
        assert (record["pid"], record["hierarchies"], record["unreadable"]) == (None, [], [])
        assert (record["memory"], record["cpu"], record["pids"], record["drift"]) == (None, None, None, None)
    assert not {created, exited} & set(by_name(cgroups(running)))


def test_container_whose_init_has_ended_and_was_not_yet_reaped_is_counted_as_vanished(fleet: Fleet) -> None:
    """On v1 a zombie belongs to the root cgroup of each hierarchy: its figures are nobody's."""
    pid = pid_of(fleet.run("zombie", mem_limit="64m"))
    shim = int(kernel.process_status(pid)["PPid"])
    os.kill(shim, signal.SIGSTOP)
    try:
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: kernel.process_status(pid)["State"].startswith("Z"))
        facts = gather(containers=[fleet.name("zombie")])
    finally:
        os.kill(shim, signal.SIGCONT)
    assert facts["containers"] == []
    assert facts["host"]["vanished"] == 1


def test_words_choose_containers(fleet: Fleet, containers: dict[str, Any]) -> None:
    plain = containers["plain"]
    by_word = play(
        task(containers=[plain.name]),
        task(containers=[plain.id]),
        task(containers=[plain.id[:30]]),
        task(containers=[fleet.glob, plain.name], engines=["docker"]),
        task(containers=[f"{fleet.prefix}host-*"]),
        task(containers=[fleet.glob], engines=["podman", "lxc"]),
    )
    names = [sorted(by_name(cgroups(result))) for result in by_word]
    assert names[:3] == [[plain.name]] * 3
    assert plain.name in names[3]
    assert len(names[3]) == len(set(names[3])) == len(cgroups(by_word[3])["containers"])
    assert names[4] == [fleet.name("host-network"), fleet.name("host-pid")]
    assert names[5] == []


def test_host_is_what_the_kernel_and_the_engine_say(client: Any, facts: Json) -> None:
    host = facts["host"]
    points = kernel.mount_points()
    memory = kernel.cgroup(os.getpid(), "memory")
    assert host["mode"] == ("unified" if set(points) == {""} else "hybrid" if "" in points else "legacy")
    assert host["scope"] == "host"
    assert host["memory_version"] == memory.version
    assert host["memory_total_bytes"] == kernel.memory_total_bytes()
    assert host["swap_total_bytes"] == kernel.swap_total_bytes()
    assert host["page_size_bytes"] == os.sysconf("SC_PAGE_SIZE")
    assert host["kernel"] == os.uname().release
    assert host["vanished"] == 0
    assert host["unreadable"] == []
    assert {engine["name"]: engine for engine in host["engines"]}["docker"] == {
        "name": "docker",
        "version": client.version()["Version"],
        "socket": "/var/run/docker.sock",
        "cgroup_driver": client.info()["CgroupDriver"],
        "reachable": True,
        "error": None,
    }
