"""Namespaces of containers that are hostile, frozen, crowded or gone, and of a reader that may not look."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespace_facts import (
    SUBSETS,
    gather_namespace_facts,
)
from ansible_collections.fathom.containers.plugins.module_utils.engines.find import witnesses
from ansible_collections.fathom.containers.plugins.module_utils.options import shared_options

from lab import packages
from tests.live import filewatch, inside
from tests.live.churn import Churn
from tests.live.fleet import Fleet, eventually, pid_of
from tests.live.plays import Json, by_id, by_name, play

MODULE = "fathom.containers.container_namespace_facts"
PARAMS = {option: spec.get("default") for option, spec in shared_options().items()} | {"engine_timeout": 30}
# The most that the kernel takes: 64 bytes of anything, and 15 of anything but slashes, colons and spaces.
HOSTNAME = "{{ 7*7 }}<b>\x1b[31m\u202e'\"".encode() + b"\xff\xfe\r\n" + b"x" * 64
INTERFACE = "{{7*7}}\x1b\u202e<b>".encode()
# As in test_without_root.
AS_NOBODY = {
    "become": True,
    "become_user": "nobody",
    "become_method": "ansible.builtin.su",
    "become_flags": "-s /bin/sh",
}


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    packages.install(["iproute2"], "the tests of namespaces")


def facts(result: Json) -> Json:
    return result["ansible_facts"]["container_namespaces"]


def gather(**options: Any) -> Json:
    return facts(play({MODULE: options})[0])


def in_process(**options: Any) -> Json:
    asked = witnesses(PARAMS)
    try:
        return gather_namespace_facts(asked, **options)[0]
    finally:
        for witness in asked:
            witness.close()


def ip(pid: int, *lines: bytes) -> None:
    """Run lines of `ip` in the network namespace of a process."""
    subprocess.run(["nsenter", "-t", str(pid), "-n", "ip", "-batch", "-"], input=b"\n".join(lines), check=True)


def test_hostile_names_come_as_data(fleet: Fleet) -> None:
    pid = pid_of(fleet.run("hostile"))
    code = f"import socket; socket.sethostname({HOSTNAME[:64]!r})"
    subprocess.run(["nsenter", "-t", str(pid), "-u", sys.executable, "-c", code], check=True)
    ip(pid, b"link add " + INTERFACE + b" type bridge")
    options = {"containers": [fleet.name("hostile")]}
    seen = "{{ (ansible_facts.container_namespaces.containers | first).hostname }}"
    result, shown = play({MODULE: options}, {"ansible.builtin.debug": {"msg": seen}})
    (record,) = facts(result)["containers"]
    assert record["hostname"] == HOSTNAME[:64].decode("utf-8", "backslashreplace")
    assert [one["name"] for one in record["interfaces"]] == ["lo", INTERFACE.decode()]
    assert shown["msg"] == record["hostname"]


def test_too_many_interfaces_and_addresses_are_cut(fleet: Fleet) -> None:
    pid = pid_of(fleet.run("crowded"))
    ip(pid, *(b"link add d%d type bridge" % i for i in range(300)), b"link set lo up")
    ip(pid, *(b"addr add 10.1.%d.%d/8 dev lo" % (i >> 8, i & 255) for i in range(300)))
    record = by_name(gather(containers=[fleet.name("crowded")]))[fleet.name("crowded")]
    there = sorted(inside.interfaces(pid))
    assert (len(there), len(record["interfaces"]), record["interfaces_truncated"]) == (301, 256, True)
    assert [one["index"] for one in record["interfaces"]] == there[:256]
    assert (len(record["interfaces"][0]["addresses"]), record["interfaces"][0]["addresses_truncated"]) == (256, True)
    assert record["unreadable"] == []


def test_too_many_processes_are_cut(fleet: Fleet) -> None:
    crowd = ["sh", "-c", "for i in $(seq 1100); do sleep 900 & done; exec sleep 900"]
    container = fleet.run("many", crowd)
    pid = pid_of(container)
    eventually(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
    (record,) = in_process(containers=[container.id], gather_subset=["processes"])["containers"]
    assert (len(record["processes"]), record["processes_truncated"]) == (1000, True)
    container.remove(force=True)


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_what_does_not_run_on_is_read_like_any_other(state: str, fleet: Fleet) -> None:
    container = fleet.run(state, hostname="still")
    pid = pid_of(container)
    container.pause() if state == "paused" else os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        record = in_process(containers=[container.id], gather_subset=["all"])["containers"][0]
        assert time.monotonic() - started < 3
        assert (record["hostname"], record["unreadable"]) == ("still", [])
        assert record["state"] == ("paused" if state == "paused" else "running")
        assert {kind: one["inode"] for kind, one in record["namespaces"].items()} == inside.inodes(pid)
        assert [one["name"] for one in record["interfaces"]] == ["lo"]
        assert [one["pid"] for one in record["processes"]] == [pid]
    finally:
        container.unpause() if state == "paused" else os.kill(pid, signal.SIGCONT)


def test_container_that_was_not_started(fleet: Fleet) -> None:
    fleet.create("created")
    record = by_name(gather(containers=[fleet.name("created")], gather_subset=["all"]))[fleet.name("created")]
    assert (record["state"], record["pid"], record["unreadable"]) == ("created", None, [])
    assert {record[subset] for subset in SUBSETS} == {None}
    assert {one["inode"] for one in record["namespaces"].values()} == {None}


def test_without_root_nothing_is_said_to_be_private(fleet: Fleet) -> None:
    container = fleet.run("closed")
    pid = pid_of(container)
    task = {MODULE: {"containers": [container.id], "gather_subset": ["all"]}, **AS_NOBODY}
    told = facts(play(task, vars={"ansible_python_interpreter": "/usr/bin/python3"})[0])
    record = by_id(told)[str(container.id)]
    nothing = {"inode": None, "shared_with_host": None, "shared_with": None}
    assert record["namespaces"] == dict.fromkeys(inside.TYPES, nothing)
    assert (record["hostname"], record["interfaces"], record["interfaces_truncated"]) == (None, None, None)
    denied = {one["path"]: one["reason"] for one in record["unreadable"]}
    assert denied == {f"/proc/{pid}/ns/{kind}": "Permission denied" for kind in inside.TYPES}
    # What everybody may read is there.
    assert (record["namespace_pid"], record["user_map"]["identity"], record["listening"]) == (1, True, [])
    assert record["root_mount"]["fstype"] == "overlay"
    assert "CAP_CHOWN" in record["security"]["capabilities_effective"]
    assert told["host"]["namespaces"] == dict.fromkeys(inside.TYPES)
    assert {f"/proc/1/ns/{kind}" for kind in inside.TYPES} <= {one["path"] for one in told["host"]["unreadable"]}
    assert told["host"]["hostname"] is None
    assert told["shared"] == []


def test_without_an_engine_the_kernel_tells_it_all(fleet: Fleet) -> None:
    first = fleet.run("first")
    second = fleet.run("second", network_mode=f"container:{fleet.name('first')}")
    (result,) = play({MODULE: {"docker_socket": "/nowhere/docker.sock"}})
    records = by_id(facts(result))
    record = records[str(first.id)]
    assert (record["name"], record["engine_known"], record["pid"]) == (None, False, pid_of(first))
    assert record["namespaces"]["net"]["shared_with"] == [second.id]
    assert record["hostname"] == first.short_id
    assert any("docker can't be asked" in warning for warning in result["warnings"])


def test_no_file_of_a_container_is_opened(fleet: Fleet) -> None:
    container = fleet.run("watched")
    root = Path(f"/proc/{pid_of(container)}/root/")
    with filewatch.opened(root) as files:
        records = gather(gather_subset=["all"])["containers"]
    assert container.id in {one["id"] for one in records}
    assert files == []
    # What would have been seen.
    with filewatch.opened(root) as files:
        container.exec_run("true")
    assert [one for one in files if one.endswith("/bin/busybox")]


def test_containers_that_come_and_go_are_never_mixed(fleet: Fleet) -> None:
    churn = Churn(fleet, 20)
    checked = 0
    with churn.running(2):
        for _ in range(40):
            told = in_process()
            for record in told["containers"]:
                if record["id"] in churn.truths and record["pid"] is not None:
                    _check(record, churn.truths[record["id"]].pid)
                    checked += 1
    assert churn.ended > 20
    assert checked > 400


def _check(record: Json, pid: int) -> None:
    assert record["pid"] == pid
    assert record["namespace_pid"] == 1
    assert record["unreadable"] == []
    for kind in ("pid", "net", "ipc", "mnt", "uts"):
        one = record["namespaces"][kind]
        assert one["inode"] is not None
        assert (one["shared_with_host"], one["shared_with"]) == (False, [])
    assert record["hostname"] == record["id"][:12]
    assert [one["name"] for one in record["interfaces"]] == ["lo"]
