"""container_namespace_facts and container_nsenter on cgroup v2: Docker, Podman pods, a user's Podman, nspawn."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.live.inside import TYPES, as_record
from tests.vm import boxes, inside
from tests.vm.boxes import Box
from tests.vm.host import Json, Vm
from tests.vm.inside import Inside

FACTS = "fathom.containers.container_namespace_facts"
NSENTER = "fathom.containers.container_nsenter"
NETWORK = "fathom-six"
# By purpose, options of docker run; every container but these has what Docker makes private by default.
DOCKERS = {
    "private": "--network bridge --ipc shareable --hostname inside",
    "host-net": "--network host",
    "host-pid": "--network none --pid host",
    "host-uts": "--network none --uts host",
    "host-ipc": "--network none --ipc host --read-only",
    "host-cgroup": "--network none --cgroupns host --security-opt no-new-privileges",
    "of-private": "".join(f"--{kind} container:fathom-docker-private " for kind in ("network", "pid", "ipc")),
}
WITH_HOST = {f"docker-host-{kind}": kind for kind in ("net", "pid", "uts", "ipc", "cgroup")}
OTHERS = ("podman-pod-first", "podman-pod-second", "podman-rootless", "nspawn")
ALL = [*(f"docker-{purpose}" for purpose in DOCKERS), *OTHERS, "infra"]
# Tells the namespaces that a program runs in, where /proc has them.
LINKS = ["sh", "-c", "for kind in pid net ipc uts user cgroup; do readlink /proc/self/ns/$kind; done; hostname; id -u"]
OPTIONS = dict(zip(TYPES, ("pid", "net", "ipc", "mount", "uts", "user", "cgroup", "time"), strict=True))
# What is entered, and whose.
ENTERED = [
    ("docker-private", ["uts"]),
    ("docker-private", ["net"]),
    ("docker-private", ["pid", "net", "ipc", "uts", "cgroup"]),
    ("podman-pod-second", ["net", "ipc", "uts"]),
    ("podman-rootless", ["user", "uts", "net"]),
    ("nspawn", ["pid", "mnt", "ipc", "uts", "cgroup"]),
]


@dataclass(frozen=True)
class Sight:
    """What the modules tell, and what the machine's tools do: by name without fathom-."""

    names: dict[str, str]
    pids: dict[str, int]
    views: dict[int, Inside]
    facts: Json
    entered: list[Json]
    expected: list[str]

    @property
    def host(self) -> Inside:
        return self.views[1]

    def record(self, name: str) -> Json:
        (found,) = [one for one in self.facts["containers"] if one["pid"] == self.pids[name]]
        return dict(found)

    def view(self, name: str) -> Inside:
        return self.views[self.pids[name]]


@pytest.fixture(scope="module")
def sight(vm: Vm) -> Iterator[Sight]:
    made = [Box(f"fathom-docker-{purpose}", "docker", options, network="") for purpose, options in DOCKERS.items()]
    try:
        with ThreadPoolExecutor() as pool:
            residents = pool.submit(vm.start, *OTHERS)
            pids = start_dockers(vm, made)
        pids |= {kind: resident.pid for kind, resident in residents.result().items()}
        infra = "podman ps --filter name=infra --format '{{.Names}} {{.Pid}}'"
        name, pid = vm.run(infra).split()
        pids["infra"] = int(pid)
        names = {one: f"fathom-{one}" for one in pids} | {"infra": name}
        wait_for_addresses(vm, pids["docker-private"])
        facts, *entered = vm.play(
            {FACTS: {"gather_subset": ["all"]}},
            *({NSENTER: {"container": names[one], "namespaces": kinds, "argv": LINKS}} for one, kinds in ENTERED),
        )
        lines = [
            shlex.join(["nsenter", "--target", str(pids[one]), *(f"--{OPTIONS[kind]}" for kind in kinds), "--", *LINKS])
            for one, kinds in ENTERED
        ]
        expected = vm.run("; echo @; ".join(lines)).split("@\n")
        views = inside.look(vm, [1, *pids.values()])
        yield Sight(names, pids, views, facts["ansible_facts"]["container_namespaces"], entered, expected)
    finally:
        vm.clean()


def start_dockers(vm: Vm, made: list[Box]) -> dict[str, int]:
    """PIDs by name; the first is what others share, and has a second network, with IPv6."""
    vm.run(f"docker network create --ipv6 --subnet fd00:fa70::/64 {NETWORK}")
    boxes.start(vm, made[:1])
    vm.run(f"docker network connect {NETWORK} {made[0].name}")
    boxes.start(vm, made[1:])
    return {name.removeprefix("fathom-"): one.pid for name, one in boxes.look(vm, made).items()}


def wait_for_addresses(vm: Vm, pid: int) -> None:
    """Until an address of IPv6 was probed for, its interface is not what it will be."""
    deadline = time.monotonic() + 60
    while "tentative" in vm.run(f"nsenter --net=/proc/{pid}/ns/net ip addr"):
        assert time.monotonic() < deadline, "an address of IPv6 stays tentative"
        time.sleep(0.5)


def test_host(sight: Sight, vm: Vm) -> None:
    host = sight.facts["host"]
    assert host["namespaces"] == sight.host.inodes
    assert (host["scope"], host["hostname"]) == ("host", vm.run("hostname").strip())
    assert host["unreadable"] == []
    assert len(sight.facts["containers"]) == len(ALL)


@pytest.mark.parametrize("name", ALL)
def test_inodes_are_those_of_proc_and_lsns(name: str, sight: Sight) -> None:
    told = {kind: one["inode"] for kind, one in sight.record(name)["namespaces"].items()}
    assert told == sight.view(name).inodes
    known = sight.view(name).lsns
    assert len(known) >= 7
    assert {kind: told[kind] for kind in known} == known
    assert sight.record(name)["unreadable"] == []


@pytest.mark.parametrize("name", ALL)
def test_sharing_is_what_inodes_say(name: str, sight: Sight) -> None:
    for kind, told in sight.record(name)["namespaces"].items():
        inode = sight.view(name).inodes[kind]
        others = sorted(sight.names[one] for one in ALL if one != name and sight.view(one).inodes[kind] == inode)
        with_host = inode == sight.host.inodes[kind]
        assert told == {"inode": inode, "shared_with_host": with_host, "shared_with": [] if with_host else others}


@pytest.mark.parametrize("name", ALL)
def test_sharing_is_what_was_asked_for(name: str, sight: Sight) -> None:
    """Docker's containers have a cgroup namespace of their own on v2, and so have Podman's."""
    told = sight.record(name)["namespaces"]
    shared = {kind for kind in TYPES if told[kind]["shared_with_host"]}
    always = {"time"} if name == "podman-rootless" else {"time", "user"}
    if name == "nspawn":
        always |= {"net"}
    assert shared == always | ({WITH_HOST[name]} if name in WITH_HOST else set())
    pod = ("podman-pod-first", "podman-pod-second", "infra")
    groups = {one: (set(pod) - {one}, {"net", "ipc", "uts"}) for one in pod}
    groups["docker-of-private"] = ({"docker-private"}, {"net", "pid", "ipc"})
    groups["docker-private"] = ({"docker-of-private"}, {"net", "pid", "ipc"})
    others, kinds = groups.get(name, (set(), set()))
    for kind in set(TYPES) - shared:
        assert told[kind]["shared_with"] == (sorted(sight.names[one] for one in others) if kind in kinds else [])


@pytest.mark.parametrize("name", ALL)
def test_hostname_and_interfaces_are_those_of_hostname_and_ip(name: str, sight: Sight) -> None:
    record, view = sight.record(name), sight.view(name)
    assert record["hostname"] == view.hostname
    told = {row["index"]: row for row in record["interfaces"]}
    if record["namespaces"]["net"]["shared_with_host"]:
        # The host's come and go with the containers of other tests.
        assert {"lo", "docker0"} <= {row["name"] for row in told.values()}
    else:
        assert told == {index: as_record(row, sight.host.interfaces) for index, row in view.interfaces.items()}
    assert record["interfaces_truncated"] is False


def test_two_networks_and_a_peer_on_the_host(sight: Sight) -> None:
    record = sight.record("docker-private")
    assert record["hostname"] == "inside"
    assert [row["name"] for row in record["interfaces"]] == ["lo", "eth0", "eth1"]
    assert {row["ifname"] for row in sight.host.interfaces.values()} >= {
        row["host_peer"] for row in record["interfaces"][1:]
    }
    addresses = {one["address"] for row in record["interfaces"] for one in row["addresses"]}
    assert any(one.startswith("fd00:fa70::") for one in addresses)


@pytest.mark.parametrize("name", ALL)
def test_pids_users_and_what_confines(name: str, sight: Sight) -> None:
    record, view = sight.record(name), sight.view(name)
    assert record["namespace_pid"] == int(view.status["NSpid"].split()[-1])
    for key, lines in (("uid", view.uids), ("gid", view.gids)):
        assert [[one["inside"], one["outside"], one["count"]] for one in record["user_map"][key]] == lines
    assert record["user_map"]["identity"] is (view.uids == [[0, 0, 4294967295]])
    assert record["user_map"]["identity"] is (name != "podman-rootless")
    security = record["security"]
    assert security["no_new_privileges"] is (view.status["NoNewPrivs"] == "1")
    assert security["seccomp"] == {"0": "disabled", "2": "filter"}[view.status["Seccomp"]]
    assert len(security["capabilities_effective"]) == int(view.status["CapEff"], 16).bit_count()
    options = f"{view.root['vfs-options']},{view.root['fs-options']}".split(",")
    assert record["root_mount"]["fstype"] == view.root["fstype"]
    assert record["root_mount"]["read_only"] is ("ro" in options)
    assert record["root_mount"]["read_only"] is (name == "docker-host-ipc")


@pytest.mark.parametrize("number", range(len(ENTERED)), ids=[f"{name}-{'+'.join(of)}" for name, of in ENTERED])
def test_namespaces_are_those_that_nsenter_enters(number: int, sight: Sight) -> None:
    name, kinds = ENTERED[number]
    result = sight.entered[number]
    assert result["rc"] == 0, result
    assert result["stdout_lines"] == sight.expected[number].splitlines()
    assert (sorted(result["namespaces"]), result["already_in"]) == (sorted(kinds), [])
    assert result["pid"] == sight.pids[name]


def test_the_two_sessions_of_the_tour(sight: Sight) -> None:
    """uts alone gives the container's hostname in the host's network; net alone the other way round."""
    uts, net = (result["stdout_lines"] for result in sight.entered[:2])
    own, host = sight.view("docker-private"), sight.host
    assert (uts[6], uts[1]) == (own.hostname, f"net:[{host.inodes['net']}]")
    assert (net[6], net[1]) == (host.hostname, f"net:[{own.inodes['net']}]")
