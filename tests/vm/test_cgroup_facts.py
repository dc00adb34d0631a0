"""The facts of every kind of container on cgroup v2, against the kernel's own files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lab.vm import zoo
from lab.vm.zoo import Resident
from tests.vm import kernel
from tests.vm.host import Json, Vm
from tests.vm.kernel import Cgroup

MODULE = "fathom.containers.container_cgroup_facts"
PODMAN = [kind for kind, about in zoo.KINDS.items() if about.engine == "podman"]


@dataclass(frozen=True)
class Sight:
    """What was seen in one go: by the kernel's files before and after, and by the module between."""

    residents: dict[str, Resident]
    before: dict[str, Cgroup]
    after: dict[str, Cgroup]
    facts: Json
    warnings: list[str]

    def record(self, kind: str) -> Json:
        (record,) = [one for one in self.facts["containers"] if one["id"] == self.residents[kind].id]
        return record


@pytest.fixture(scope="module")
def sight(vm: Vm) -> Iterator[Sight]:
    try:
        residents = vm.resume_inhabited()
        before = {kind: kernel.cgroup(vm, resident) for kind, resident in residents.items()}
        result = vm.ansible(MODULE, {"gather_subset": ["all"]})
        after = {kind: kernel.cgroup(vm, resident) for kind, resident in residents.items()}
        yield Sight(residents, before, after, result["ansible_facts"]["container_cgroups"], result.get("warnings", []))
    finally:
        vm.clean()


def test_the_host_is_told_as_it_is(vm: Vm, sight: Sight) -> None:
    host = sight.facts["host"]
    assert (host["mode"], host["memory_version"], host["scope"]) == ("unified", 2, "host")
    assert host["swap_accounting"] is True
    assert host["memory_total_bytes"] == int(vm.run("awk '/^MemTotal/ {print $2}' /proc/meminfo")) * 1024
    assert host["kernel"] == vm.run("uname -r").strip()
    (docker,) = [engine for engine in host["engines"] if engine["name"] == "docker"]
    assert (docker["reachable"], docker["cgroup_driver"]) == (True, "systemd")
    assert docker["version"] == vm.run(["docker", "version", "--format", "{{.Server.Version}}"]).strip()
    assert (host["vanished"], host["unreadable"]) == (0, [])


def test_every_container_is_found_once_and_nothing_else(vm: Vm, sight: Sight) -> None:
    pod_infrastructure = vm.run("podman ps --no-trunc --quiet --filter name=infra").split()
    found = sorted(record["id"] for record in sight.facts["containers"])
    assert found == sorted([*(resident.id for resident in sight.residents.values()), *pod_infrastructure])


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_identity(kind: str, sight: Sight) -> None:
    resident, record = sight.residents[kind], sight.record(kind)
    assert (record["engine"], record["pid"], record["state"]) == (resident.kind.engine, resident.pid, "running")
    assert record["engine_known"] is (record["engine"] in {"docker", "podman"})
    has_name = record["engine"] in {"docker", "podman", "lxc", "nspawn"}
    assert record["name"] == (resident.name if has_name else None)
    assert record["unreadable"] == []
    assert record["nested_in"] is None


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_limits_are_those_of_the_kernels_files(kind: str, sight: Sight) -> None:
    memory, cgroup = sight.record(kind)["memory"], sight.after[kind]
    assert (memory["path"], memory["version"], memory["own"]) == (cgroup.path, 2, True)
    for state, key, name in (
        ("limit_state", "limit_bytes", "memory.max"),
        ("swap_limit_state", "swap_limit_bytes", "memory.swap.max"),
        ("high_state", "high_bytes", "memory.high"),
    ):
        assert (memory[state], memory[key]) == (
            "unlimited" if cgroup.smallest(name) is None else "limited",
            cgroup.smallest(name),
        )
    assert memory["limit_bytes"] == sight.residents[kind].kind.memory_bytes
    assert (memory["reservation_bytes"], memory["minimum_bytes"]) == (
        cgroup.number("memory.low"),
        cgroup.number("memory.min"),
    )
    assert memory["oom_group"] is (cgroup.number("memory.oom.group") == 1)


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_effective_limit_is_the_smallest_on_the_way_up(kind: str, vm: Vm, sight: Sight) -> None:
    memory = sight.record(kind)["memory"]
    expected = kernel.smallest_limit(vm, sight.after[kind].path)
    assert (memory["effective_limit_bytes"], memory["effective_limit_source"]) == expected


def test_a_slice_can_set_the_limit_that_counts(sight: Sight) -> None:
    memory = sight.record("docker-in-slice")["memory"]
    assert (memory["effective_limit_bytes"], memory["effective_limit_source"]) == (zoo.SLICE_LIMIT_BYTES, "/lab.slice")
    assert memory["limit_bytes"] == 1024 * zoo.MIB


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_figures_that_only_grow_lie_between_two_looks(kind: str, sight: Sight) -> None:
    record, before, after = sight.record(kind), sight.before[kind], sight.after[kind]
    pressure = {
        name: [int(one.files["memory.pressure"].splitlines()[0].rpartition("=")[2]) for one in (before, after)]
        for name in ("some",)
    }
    for told, low, high in (
        (record["memory"]["peak_bytes"], before.number("memory.peak"), after.number("memory.peak")),
        (record["memory"]["oom_kills"], *(one.keyed("memory.events")["oom_kill"] for one in (before, after))),
        (record["memory"]["limit_hits"], *(one.keyed("memory.events")["max"] for one in (before, after))),
        (record["memory"]["pressure"]["some"]["total_usec"], *pressure["some"]),
        (record["cpu"]["usage_usec"], *(one.keyed("cpu.stat")["usage_usec"] for one in (before, after))),
    ):
        assert low <= told <= high


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_usage_is_the_kernels(kind: str, sight: Sight) -> None:
    """The containers sleep, so that what they use is the same before and after, up to the kernel's own batches."""
    memory, looks = sight.record(kind)["memory"], (sight.before[kind], sight.after[kind])
    usage = [one.number("memory.current") for one in looks]
    assert min(usage) - zoo.MIB <= memory["usage_bytes"] <= max(usage) + zoo.MIB
    inactive = [one.keyed("memory.stat")["inactive_file"] for one in looks]
    assert min(usage) - max(inactive) - zoo.MIB <= memory["working_set_bytes"] <= max(usage) - min(inactive) + zoo.MIB
    assert memory["swap_usage_bytes"] in {one.number("memory.swap.current") for one in looks}
    assert memory["zswap_usage_bytes"] in {
        one.number("memory.zswap.current") if "memory.zswap.current" in one.files else None for one in looks
    }


def test_a_real_oom_kill_is_counted(sight: Sight) -> None:
    assert (
        sight.record("docker-oom")["memory"]["oom_kills"]
        == sight.after["docker-oom"].keyed("memory.events")["oom_kill"]
    )
    assert sight.record("docker-oom")["memory"]["oom_kills"] >= 1
    assert sight.record("docker-unlimited")["memory"]["oom_kills"] == 0


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_cpu_and_pids_are_those_of_the_kernels_files(kind: str, sight: Sight) -> None:
    record, cgroup = sight.record(kind), sight.after[kind]
    quota, period = cgroup.files["cpu.max"].split()
    assert record["cpu"]["quota_usec"] == (None if quota == kernel.UNLIMITED else int(quota))
    assert (record["cpu"]["period_usec"], record["cpu"]["weight"]) == (int(period), cgroup.number("cpu.weight"))
    # A user's systemd may pass on no cpuset controller.
    assert record["cpu"]["cpuset_cpus"] == cgroup.files.get("cpuset.cpus.effective")
    assert (record["pids"]["limit"], record["pids"]["current"]) == (
        cgroup.limit("pids.max"),
        cgroup.number("pids.current"),
    )


@pytest.mark.parametrize("kind", zoo.KINDS)
def test_processes_are_those_of_the_cgroup(kind: str, vm: Vm, sight: Sight) -> None:
    directory = kernel.ROOT / sight.after[kind].path.lstrip("/")
    expected = vm.run(f"find '{directory}' -name cgroup.procs -exec cat {{}} + | sort -n | uniq").split()
    assert [str(one["pid"]) for one in sight.record(kind)["processes"]] == expected


@pytest.mark.parametrize("kind", PODMAN)
def test_podman_without_a_service_is_known_by_its_storage(kind: str, sight: Sight) -> None:
    """Most hosts run none: names come from what Podman keeps on disk, and what it declares is not known."""
    record = sight.record(kind)
    assert record["image"] == f"localhost/{zoo.IMAGE}:latest"
    assert set(record["declared"].values()) == {None}
    assert record["drift"] is None
    assert not [warning for warning in sight.warnings if "podman" in warning]
    assert {engine["reachable"] for engine in sight.facts["host"]["engines"] if engine["name"] == "podman"} == {False}
