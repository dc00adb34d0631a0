"""container_namespace_facts against /proc, lsns, nsenter, ip, findmnt and the engine, on every kind of sharing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from lab import packages
from tests.live import appimage, inside, kernel, remapped
from tests.live.fleet import Fleet, eventually, pid_of
from tests.live.plays import Json, play

MODULE = "fathom.containers.container_namespace_facts"
# What a program listens on that runs in a container's network namespace; it ends with its input.
LISTENERS = """
import socket, sys
for kind, family, address in (
    (socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", 8080)),
    (socket.SOCK_STREAM, socket.AF_INET, ("0.0.0.0", 8081)),
    (socket.SOCK_STREAM, socket.AF_INET6, ("::", 8082)),
    (socket.SOCK_STREAM, socket.AF_INET6, ("::ffff:127.0.0.1", 8083)),
    (socket.SOCK_DGRAM, socket.AF_INET, ("127.0.0.53", 53)),
    (socket.SOCK_DGRAM, socket.AF_INET6, ("::", 54)),
):
    one = socket.socket(family, kind)
    one.bind(address)
    kind == socket.SOCK_STREAM and one.listen()
    globals()[str(address)] = one
print(flush=True)
sys.stdin.read()
"""
# Keyword arguments of the Docker SDK; NAME stands for the container `private`.
KINDS: dict[str, dict[str, Any]] = {
    "private": {"network_mode": "bridge", "hostname": "inside", "ipc_mode": "shareable"},
    "none": {},
    "host-net": {"network_mode": "host"},
    "host-pid": {"pid_mode": "host"},
    "host-uts": {"uts_mode": "host"},
    "host-ipc": {"ipc_mode": "host"},
    "own-cgroup": {"cgroupns": "private"},
    "net-of": {"network_mode": "container:NAME"},
    "ipc-of": {"ipc_mode": "container:NAME"},
    "pid-of": {"pid_mode": "container:NAME"},
    "all-of": {"network_mode": "container:NAME", "ipc_mode": "container:NAME", "pid_mode": "container:NAME"},
    "read-only": {"read_only": True, "tmpfs": {"/tmp": ""}},
    "capable": {"cap_add": ["NET_ADMIN", "SYS_TIME"], "cap_drop": ["CHOWN"]},
    "bare": {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]},
    "unconfined": {"security_opt": ["seccomp=unconfined"]},
    "user": {"user": "1234"},
    "listens": {"network_mode": "bridge"},
}
# Who is in whose namespaces, of those that Docker makes private by default.
PRIVATE = ("pid", "net", "ipc", "mnt", "uts")
WITH_HOST = {"host-net": {"net"}, "host-pid": {"pid"}, "host-uts": {"uts"}, "host-ipc": {"ipc"}}
OF_PRIVATE = {"net-of": {"net"}, "ipc-of": {"ipc"}, "pid-of": {"pid"}, "all-of": {"net", "ipc", "pid"}}


@dataclass(frozen=True)
class Gathered:
    """What the module told, and PIDs by purpose."""

    listening: list[str]
    facts: Json
    pids: dict[str, int]
    containers: dict[str, Container]

    def record(self, purpose: str) -> Json:
        """The facts of one container."""
        (found,) = [one for one in self.facts["containers"] if one["pid"] == self.pids[purpose]]
        return found


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    packages.install(["iproute2"], "the tests of namespaces")


@pytest.fixture(scope="module")
def networks(client: docker.DockerClient, fleet: Fleet) -> Iterator[list[str]]:
    """Two networks, one with IPv6."""
    names = [f"{fleet.prefix}one", f"{fleet.prefix}two"]
    pool = docker.types.IPAMPool(subnet="fd00:fa70::/64")
    made = [
        client.networks.create(names[0], labels={appimage.LABEL: "live"}),
        client.networks.create(
            names[1],
            enable_ipv6=True,
            ipam=docker.types.IPAMConfig(pool_configs=[pool]),
            labels={appimage.LABEL: "live"},
        ),
    ]
    try:
        yield names
    finally:
        fleet.remove()
        for network in made:
            network.remove()


@pytest.fixture(scope="module")
def gathered(client: docker.DockerClient, fleet: Fleet, networks: list[str]) -> Gathered:
    containers = {}
    for purpose, options in KINDS.items():
        filled: dict[str, Any] = {
            key: value.replace("NAME", fleet.name("private")) if isinstance(value, str) else value
            for key, value in options.items()
        }
        containers[purpose] = fleet.run(purpose, **filled)
    two = fleet.create("two-networks", network_mode=networks[0])
    client.networks.get(networks[1]).connect(two)
    two.start()
    two.reload()
    containers["two-networks"] = two
    pids = {purpose: pid_of(container) for purpose, container in containers.items()}
    # Until an address of IPv6 was probed for, its interface is not what it will be.
    eventually(lambda: "tentative" not in json.dumps(inside.interfaces(pids["two-networks"])))
    with _listeners(pids["listens"]):
        (result,) = play({MODULE: {"containers": [fleet.glob], "gather_subset": ["all"]}})
        listening = _listening(pids["listens"])
    return Gathered(listening, result["ansible_facts"]["container_namespaces"], pids, containers)


def _listening(pid: int) -> list[str]:
    done = subprocess.run(
        ["nsenter", "-t", str(pid), "-n", "ss", "-Hltun"], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.splitlines()


@contextmanager
def _listeners(pid: int) -> Iterator[None]:
    command = ["nsenter", "-t", str(pid), "-n", sys.executable, "-c", LISTENERS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"\n"
        yield
        process.communicate()


ALL = [*KINDS, "two-networks"]


def test_host(gathered: Gathered) -> None:
    host = gathered.facts["host"]
    assert host["namespaces"] == inside.inodes(inside.HERE)
    assert host["hostname"] == os.uname().nodename
    assert (host["scope"], host["kernel"]) == ("host", os.uname().release)
    assert host["unreadable"] == []


@pytest.mark.parametrize("purpose", ALL)
def test_inodes_are_those_of_proc_and_lsns(purpose: str, gathered: Gathered) -> None:
    told = {kind: one["inode"] for kind, one in gathered.record(purpose)["namespaces"].items()}
    assert told == inside.inodes(gathered.pids[purpose])
    known = inside.lsns(gathered.pids[purpose])
    assert len(known) >= 7
    assert {kind: told[kind] for kind in known} == known
    assert gathered.record(purpose)["unreadable"] == []


@pytest.mark.parametrize("purpose", ALL)
def test_sharing_is_what_was_asked_for(purpose: str, fleet: Fleet, gathered: Gathered) -> None:
    told = gathered.record(purpose)["namespaces"]
    for kind in PRIVATE:
        assert told[kind]["shared_with_host"] == (kind in WITH_HOST.get(purpose, set()))
        group = {"private"} | {other for other, kinds in OF_PRIVATE.items() if kind in kinds}
        expected = sorted(fleet.name(other) for other in group - {purpose}) if purpose in group else []
        assert told[kind]["shared_with"] == ([] if told[kind]["shared_with_host"] else expected)
    for kind in ("user", "time"):
        assert told[kind] == {"inode": inside.inodes(inside.HERE)[kind], "shared_with_host": True, "shared_with": []}
    if purpose == "own-cgroup":
        assert told["cgroup"]["shared_with_host"] is False


def test_groups_are_those_that_inodes_make(fleet: Fleet, gathered: Gathered) -> None:
    by_inode: dict[tuple[str, int], set[str]] = {}
    for purpose, pid in gathered.pids.items():
        for kind, inode in inside.inodes(pid).items():
            by_inode.setdefault((kind, inode), set()).add(fleet.name(purpose))
    host = inside.inodes(inside.HERE)
    expected = {key: names for key, names in by_inode.items() if len(names) > 1 or host[key[0]] == key[1]}
    mine = {fleet.name(purpose) for purpose in gathered.pids}
    told = {(one["type"], one["inode"]): mine.intersection(one["containers"]) for one in gathered.facts["shared"]}
    assert told == expected
    assert all(one["with_host"] == (host[one["type"]] == one["inode"]) for one in gathered.facts["shared"])


@pytest.mark.parametrize("purpose", ALL)
def test_hostname_is_what_the_container_says(purpose: str, gathered: Gathered) -> None:
    told = gathered.record(purpose)["hostname"]
    assert told == inside.hostname(gathered.pids[purpose])
    assert f"{told}\n".encode() == gathered.containers[purpose].exec_run("hostname").output
    assert gathered.record("private")["hostname"] == "inside"


@pytest.mark.parametrize("purpose", [one for one in ALL if one != "host-net"])
def test_interfaces_are_those_of_ip(purpose: str, gathered: Gathered) -> None:
    on_host = inside.interfaces(inside.HERE)
    told = {row["index"]: row for row in gathered.record(purpose)["interfaces"]}
    expected = {
        index: inside.as_record(row, on_host) for index, row in inside.interfaces(gathered.pids[purpose]).items()
    }
    assert told == expected
    assert gathered.record(purpose)["interfaces_truncated"] is False


def test_interfaces_of_the_host_are_those_that_last(gathered: Gathered) -> None:
    told = {row["name"] for row in gathered.record("host-net")["interfaces"] if row["kind"] != "veth"}
    assert {"lo", "docker0"} <= told
    assert told <= {row["ifname"] for row in inside.interfaces(inside.HERE).values()}


@pytest.mark.parametrize("purpose", ["private", "two-networks", "listens"])
def test_addresses_and_macs_are_the_engines(purpose: str, gathered: Gathered) -> None:
    told = gathered.record(purpose)["interfaces"]
    networks = gathered.containers[purpose].attrs["NetworkSettings"]["Networks"].values()
    for network in networks:
        (interface,) = [one for one in told if one["mac"] == network["MacAddress"]]
        addresses = {(one["address"], one["prefix"]) for one in interface["addresses"]}
        assert (network["IPAddress"], network["IPPrefixLen"]) in addresses
        if network["GlobalIPv6Address"]:
            assert (network["GlobalIPv6Address"], network["GlobalIPv6PrefixLen"]) in addresses
        assert interface["kind"] == "veth"
        assert Path(f"/sys/class/net/{interface['host_peer']}/iflink").read_text() == f"{interface['index']}\n"
    assert any(network["GlobalIPv6Address"] for network in networks) == (purpose == "two-networks")
    assert len(networks) == len(told) - 1


@pytest.mark.parametrize("purpose", ALL)
def test_mounts_are_those_of_findmnt(purpose: str, gathered: Gathered) -> None:
    record = gathered.record(purpose)
    told = [
        (one["point"], one["fstype"], one["read_only"], "shared" in one["propagation"], "slave" in one["propagation"])
        for one in record["mounts"]
    ]
    expected = [
        (
            one["target"],
            one["fstype"],
            "ro" in (one["vfs-options"] + "," + one["fs-options"]).split(","),
            "shared" in one["propagation"],
            "slave" in one["propagation"],
        )
        for one in inside.mounts(gathered.pids[purpose])
    ]
    assert told == expected
    assert record["root_mount"] == record["mounts"][0]
    assert record["root_mount"]["read_only"] == (purpose == "read-only")
    assert record["mounts_truncated"] is False


@pytest.mark.parametrize("purpose", ALL)
def test_pids_and_users(purpose: str, gathered: Gathered) -> None:
    record = gathered.record(purpose)
    status = kernel.process_status(gathered.pids[purpose])
    assert record["namespace_pid"] == int(status["NSpid"].split()[-1])
    assert (record["namespace_pid"] == 1) == (purpose not in ("host-pid", "pid-of", "all-of"))
    everything = [{"inside": 0, "outside": 0, "count": 4294967295}]
    assert record["user_map"] == {"uid": everything, "gid": everything, "identity": True}
    assert gathered.pids[purpose] in {one["pid"] for one in record["processes"]}


@pytest.mark.parametrize("purpose", ALL)
def test_capabilities_are_those_of_capsh(purpose: str, gathered: Gathered) -> None:
    security = gathered.record(purpose)["security"]
    status = kernel.process_status(gathered.pids[purpose])
    for key, field in (("capabilities_effective", "CapEff"), ("capabilities_bounding", "CapBnd")):
        decoded = subprocess.run(["capsh", f"--decode={status[field]}"], stdout=subprocess.PIPE, text=True, check=True)
        names = decoded.stdout.strip().partition("=")[2]
        assert ",".join(security[key]).lower() == names
    assert security["no_new_privileges"] == (purpose == "bare")
    expected = {"0": "disabled", "2": "filter"}[status["Seccomp"]]
    assert security["seccomp"] == expected
    if purpose == "unconfined":
        assert expected == "disabled"
    if purpose == "capable":
        assert {"CAP_NET_ADMIN", "CAP_SYS_TIME"} <= set(security["capabilities_effective"])
        assert "CAP_CHOWN" not in security["capabilities_bounding"]
    if purpose == "bare":
        assert security["capabilities_bounding"] == security["capabilities_effective"] == []
    if purpose == "user":
        assert security["capabilities_effective"] == []
        assert "CAP_CHOWN" in security["capabilities_bounding"]


def test_sockets_that_listen(gathered: Gathered) -> None:
    record = gathered.record("listens")
    told = {(one["protocol"], one["address"], one["port"]) for one in record["listening"]}
    expected = set()
    for line in gathered.listening:
        protocol, _state, _receive, _send, local = line.split()[:5]
        address, _, port = local.rpartition(":")
        expected.add((protocol, {"*": "::"}.get(address, address.strip("[]")), int(port)))
    assert told == expected
    assert len(told) == 6
    assert ("tcp", "::ffff:127.0.0.1", 8083) in told
    assert record["listening_truncated"] is False
    assert gathered.record("none")["listening"] == []


def test_those_not_asked_for_are_sharers_too(fleet: Fleet, gathered: Gathered) -> None:
    assert gathered
    (result,) = play({MODULE: {"containers": [fleet.name("net-of")], "gather_subset": ["!all"]}})
    (record,) = result["ansible_facts"]["container_namespaces"]["containers"]
    assert record["namespaces"]["net"]["shared_with"] == [fleet.name("all-of"), fleet.name("private")]


def test_engine_with_users_of_its_own() -> None:
    with remapped.engine() as (client, socket):
        image = appimage.image(client)
        container = client.containers.run(
            image, ["sleep", "900"], name="fathom-live-remapped", detach=True, network_mode="none"
        )
        host = client.containers.run(
            image, ["sleep", "900"], name="fathom-live-unmapped", detach=True, network_mode="none", userns_mode="host"
        )
        container.reload()
        host.reload()
        options: Json = {"containers": ["fathom-live-*mapped"], "docker_socket": str(socket), "gather_subset": ["all"]}
        (result,) = play({MODULE: options})
        records = {one["name"]: one for one in result["ansible_facts"]["container_namespaces"]["containers"]}
        own, hosts = records["fathom-live-remapped"], records["fathom-live-unmapped"]
        pid = pid_of(container)
        assert {kind: one["inode"] for kind, one in own["namespaces"].items()} == inside.inodes(pid)
        assert own["namespaces"]["user"]["shared_with_host"] is False
        assert hosts["namespaces"]["user"]["shared_with_host"] is True
        mapped = [{"inside": 0, "outside": remapped.FIRST_ID, "count": remapped.IDS}]
        assert own["user_map"] == {"uid": mapped, "gid": mapped, "identity": False}
        assert hosts["user_map"]["identity"] is True
        assert own["hostname"] == inside.hostname(pid) == container.short_id
        assert [one["name"] for one in own["interfaces"]] == ["lo"]
        assert own["unreadable"] == []


def test_play_that_gathers_facts_has_them(fleet: Fleet, gathered: Gathered) -> None:
    assert gathered
    glob = {
        "group/fathom.containers.containers": {"containers": [fleet.name("private")], "gather_subset": ["hostname"]}
    }
    results = play(
        {"ansible.builtin.debug": {"msg": "{{ ansible_facts.container_namespaces.containers }}"}},
        gather_facts=True,
        vars={"ansible_facts_modules": [MODULE]},
        module_defaults=glob,
    )
    (record,) = results[-1]["msg"]
    assert (record["name"], record["hostname"]) == (fleet.name("private"), "inside")
    assert "interfaces" not in record
