"""Hosts that are containers with engines in them: the facts that each gives of its own, and how it looks from outside.

One runs Docker with the cgroupfs driver and Podman 4.3 with its service, and has a limit itself; the other runs Docker
with the systemd driver and Podman 5.4 without a service.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from lab.hostimage import APP_TARBALL
from lab.hosts import APP_IMAGE, Host, Kind, hosts, inventory
from tests.live import kernel
from tests.live.fleet import MIB, pid_of
from tests.live.plays import Json, by_id, cgroups, play, task

KINDS = {"bookworm": Kind("bookworm", "cgroupfs"), "trixie": Kind("trixie", "systemd")}
HOST_LIMITS = {"bookworm": 2048 * MIB, "trixie": None}
# Purpose: (engine, options of its `run`, the limit they ask for).
INNER: dict[str, tuple[str, list[str], int | None]] = {
    "docker-limited": ("docker", ["--memory=64m", "--memory-swap=96m"], 64 * MIB),
    "docker-unlimited": ("docker", [], None),
    "podman-limited": ("podman", ["--memory=48m"], 48 * MIB),
}
EVERY_INNER = [(suite, purpose) for suite in KINDS for purpose in INNER]
# With two cores for hosts and tests, Podman's service takes its time to start.
TIMEOUT_SECONDS = 120
# Follows the text of kernel.py.
READ_INSIDE = """
import json, sys

told = {}
for container_id, pid in json.loads(sys.argv[1]).items():
    told[container_id] = {"limits": memory_limits(pid, container_id), "hierarchies": hierarchies(pid)}
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Lab:
    """Running hosts, and what their engines' own `inspect` says of the containers inside."""

    hosts: dict[str, Host]
    outer: dict[str, Any]
    inspected: dict[tuple[str, str], Json]

    def id(self, suite: str, purpose: str) -> str:
        """The full id of a container inside."""
        return str(self.inspected[suite, purpose]["Id"])

    def pids(self, suite: str) -> dict[str, int]:
        """The containers inside a host, by id: the PID of their init as the host has it."""
        return {self.id(suite, purpose): self.inspected[suite, purpose]["State"]["Pid"] for purpose in INNER}


@pytest.fixture(scope="module")
def lab(client: docker.DockerClient) -> Iterator[Lab]:
    with hosts(*KINDS.values()) as started:
        by_suite = dict(zip(KINDS, started, strict=True))
        outer = {suite: client.containers.get(host.name) for suite, host in by_suite.items()}
        for suite, limit_bytes in HOST_LIMITS.items():
            if limit_bytes:
                outer[suite].update(mem_limit=limit_bytes, memswap_limit=2 * limit_bytes)
        by_suite["bookworm"].run("systemctl", "start", "podman.socket")
        by_suite["trixie"].run("systemctl", "stop", "podman.socket", "podman.service")
        for host in started:
            host.app_image()
            host.run("podman", "import", APP_TARBALL, APP_IMAGE)
        yield Lab(by_suite, outer, {(suite, purpose): _run(by_suite[suite], purpose) for suite, purpose in EVERY_INNER})


def _run(host: Host, purpose: str) -> Json:
    engine, options, _limit_bytes = INNER[purpose]
    host.run(engine, "run", "--detach", f"--name={purpose}", "--network=none", *options, APP_IMAGE, "sleep", "86400")
    inspected: Json
    (inspected,) = json.loads(host.run(engine, "inspect", purpose))
    return inspected


@pytest.fixture(scope="module")
def inside(lab: Lab) -> dict[str, Json]:
    """The result of a task on each host, reached as a user reaches containers."""
    return {
        suite: play(
            task(gather_subset=["memory", "hierarchies"], engine_timeout=TIMEOUT_SECONDS), inventory=inventory([host])
        )[0]
        for suite, host in lab.hosts.items()
    }


@pytest.fixture(scope="module")
def kernel_inside(lab: Lab) -> dict[str, dict[str, Json]]:
    """What the kernel says on each host, by id: the tests' own reader runs there."""
    reader = Path(kernel.__file__).read_text(encoding="utf-8") + READ_INSIDE
    return {
        suite: json.loads(host.run("python3", "-", json.dumps(lab.pids(suite)), stdin=reader))
        for suite, host in lab.hosts.items()
    }


@pytest.fixture(scope="module")
def outside(lab: Lab) -> Json:
    """The result of a task on this machine."""
    ids = [container.id for container in lab.outer.values()] + [lab.id(*which) for which in EVERY_INNER]
    return play(task(containers=ids, gather_subset=["memory", "hierarchies", "processes"]))[0]


def _told(record: Json, expected: Json) -> Json:
    """What the facts say under the names that the kernel's own figures have here."""
    return {key: record["memory"][key] for key in expected}


@pytest.mark.parametrize("suite", KINDS)
def test_a_host_says_that_its_view_is_a_containers(suite: str, lab: Lab, inside: dict[str, Json]) -> None:
    facts = cgroups(inside[suite])
    assert facts["host"]["scope"] == "container"
    assert (facts["host"]["vanished"], facts["host"]["unreadable"]) == (0, [])
    assert sorted(by_id(facts)) == sorted(lab.pids(suite))
    assert "warnings" not in inside[suite]


@pytest.mark.parametrize("suite", KINDS)
def test_a_hosts_engines_are_asked(suite: str, lab: Lab, inside: dict[str, Json]) -> None:
    engines = {engine["name"]: engine for engine in cgroups(inside[suite])["host"]["engines"]}
    assert set(engines) == {"docker", "podman"}
    version = lab.hosts[suite].run("docker", "version", "--format={{.Server.Version}}").strip()
    assert (engines["docker"]["reachable"], engines["docker"]["version"]) == (True, version)
    assert engines["docker"]["cgroup_driver"] == KINDS[suite].cgroup_driver
    assert engines["podman"]["reachable"] is (suite == "bookworm")


@pytest.mark.parametrize(("suite", "purpose"), EVERY_INNER)
def test_a_record_is_what_the_engines_inspect_says(suite: str, purpose: str, lab: Lab, inside: dict[str, Json]) -> None:
    """Podman without a service is known by its storage: names and images, and no limits."""
    record, inspected = by_id(cgroups(inside[suite]))[lab.id(suite, purpose)], lab.inspected[suite, purpose]
    engine = INNER[purpose][0]
    assert (record["name"], record["engine"], record["engine_known"]) == (purpose, engine, True)
    assert (record["pid"], record["state"]) == (inspected["State"]["Pid"], "running")
    assert record["image"] == (inspected["ImageName"] if engine == "podman" else inspected["Config"]["Image"])
    assert (record["nested_in"], record["unreadable"]) == (None, [])
    by_storage = engine == "podman" and suite == "trixie"
    limits = (record["declared"]["memory_bytes"], record["declared"]["memory_swap_bytes"])
    asked = (inspected["HostConfig"]["Memory"] or None, inspected["HostConfig"]["MemorySwap"] or None)
    assert limits == ((None, None) if by_storage else asked)


@pytest.mark.parametrize(("suite", "purpose"), EVERY_INNER)
def test_limits_inside_are_those_of_the_hosts_own_files(
    suite: str, purpose: str, lab: Lab, inside: dict[str, Json], kernel_inside: dict[str, dict[str, Json]]
) -> None:
    record = by_id(cgroups(inside[suite]))[lab.id(suite, purpose)]
    expected = kernel_inside[suite][record["id"]]
    assert record["hierarchies"] == expected["hierarchies"]
    assert _told(record, expected["limits"]) == expected["limits"]
    assert record["memory"]["limit_bytes"] == INNER[purpose][2]
    assert record["memory"]["own"] is True


@pytest.mark.parametrize(("suite", "purpose"), EVERY_INNER)
def test_no_drift_is_told_where_the_kernel_does_what_the_engine_says(
    suite: str, purpose: str, lab: Lab, inside: dict[str, Json]
) -> None:
    record = by_id(cgroups(inside[suite]))[lab.id(suite, purpose)]
    by_storage = (suite, INNER[purpose][0]) == ("trixie", "podman")
    assert record["drift"] == (None if by_storage else [])


def test_a_reload_of_systemd_takes_no_limit_away(lab: Lab, inside: dict[str, Json]) -> None:
    """Nor do the facts tell so. systemd writes its own limits again when it makes the next cgroup."""
    host, container_id = lab.hosts["trixie"], lab.id("trixie", "docker-limited")
    record = by_id(cgroups(inside["trixie"]))[container_id]
    assert (record["systemd"]["unit"], record["reload_drift"]) == (f"docker-{container_id}.scope", [])
    host.run("systemctl", "daemon-reload")
    host.run("docker", "run", "--rm", "--network=none", APP_IMAGE, "sh", "-c", ":")
    limits = kernel.memory_limits(_pid_outside(lab, "trixie", "docker-limited"), container_id)
    assert limits["limit_bytes"] == 64 * MIB


@pytest.mark.parametrize("suite", KINDS)
def test_from_outside_a_host_has_its_own_cgroup(suite: str, lab: Lab, outside: Json) -> None:
    records, outer = by_id(cgroups(outside)), lab.outer[suite]
    record = records[outer.id]
    assert (record["name"], record["engine_known"], record["nested_in"]) == (lab.hosts[suite].name, True, None)
    assert record["pid"] == pid_of(outer)
    limits = kernel.memory_limits(pid_of(outer), outer.id)
    assert _told(record, limits) == limits
    assert outer.id in limits["path"].rpartition("/")[2]
    assert limits["limit_bytes"] == HOST_LIMITS[suite]
    # What runs in the containers inside are not the host's own processes.
    own = {process["pid"] for process in record["processes"]}
    assert own.isdisjoint(records[lab.id(suite, purpose)]["pid"] for purpose in INNER)
    assert pid_of(outer) in own


@pytest.mark.parametrize(("suite", "purpose"), EVERY_INNER)
def test_from_outside_a_container_inside_is_nested(suite: str, purpose: str, lab: Lab, outside: Json) -> None:
    record = by_id(cgroups(outside))[lab.id(suite, purpose)]
    assert record["nested_in"] == lab.outer[suite].id
    assert (record["engine"], record["engine_known"]) == (INNER[purpose][0], False)
    assert (record["name"], record["image"], record["state"]) == (None, None, "running")
    assert (record["drift"], record["systemd"], record["unreadable"]) == (None, None, [])
    pid = _pid_outside(lab, suite, purpose)
    assert (record["pid"], [process["pid"] for process in record["processes"]]) == (pid, [pid])
    assert record["hierarchies"] == kernel.hierarchies(pid)
    limits = kernel.memory_limits(pid, record["id"])
    assert _told(record, limits) == limits
    assert limits["limit_bytes"] == INNER[purpose][2]


def test_the_limit_of_a_host_counts_for_the_containers_inside(lab: Lab, inside: dict[str, Json], outside: Json) -> None:
    container_id, outer = lab.id("bookworm", "docker-unlimited"), lab.outer["bookworm"]
    seen = [by_id(cgroups(result))[container_id]["memory"] for result in (inside["bookworm"], outside)]
    assert {memory["effective_limit_bytes"] for memory in seen} == {HOST_LIMITS["bookworm"]}
    own = kernel.own(kernel.cgroup(pid_of(outer), "memory"), outer.id)
    assert [memory["effective_limit_source"] for memory in seen] == ["/", own.path]


def test_from_outside_engines_that_run_inside_are_not_missed(outside: Json) -> None:
    assert not [warning for warning in outside.get("warnings", []) if "podman" in warning]


def _pid_outside(lab: Lab, suite: str, purpose: str) -> int:
    """The PID that this machine has for the init of a container inside: by its PIDs in the namespaces further in."""
    outer = lab.outer[suite]
    memory = kernel.own(kernel.cgroup(pid_of(outer), "memory"), outer.id)
    inside = [str(lab.inspected[suite, purpose]["State"]["Pid"]), "1"]
    pids = [int(pid) for procs in memory.directory.rglob("cgroup.procs") for pid in procs.read_text().split()]
    (found,) = [pid for pid in pids if kernel.process_status(pid)["NSpid"].split()[-2:] == inside]
    return found


def test_a_login_that_is_not_root_becomes_it(lab: Lab) -> None:
    """By sudo, as most inventories have it; the same login without it is told what it may not read."""
    host = lab.hosts["bookworm"]
    host.run("useradd", "--create-home", "login")
    host.write("/etc/sudoers.d/login", "login ALL=(ALL) NOPASSWD: ALL\n")
    # As `docker exec --user` would have it; what this host's containers are is root's to read.
    where = inventory([host])
    where["all"]["vars"]["ansible_user"] = "login"
    options: Json = {"containers": [lab.id("bookworm", "docker-limited")], "engine_timeout": TIMEOUT_SECONDS}
    became, stayed = play({**task(**options), "become": True}, task(**options), inventory=where)
    records = [cgroups(result)["containers"][0] for result in (became, stayed)]
    assert [record["name"] for record in records] == ["docker-limited", None]
    assert [record["memory"]["limit_bytes"] for record in records] == [64 * MIB, 64 * MIB]
    assert "warnings" not in became
    assert [warning for warning in stayed["warnings"] if "Permission denied" in warning]
