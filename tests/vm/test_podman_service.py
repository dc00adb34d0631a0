"""Podman where its service listens, root's and a user's: what it declares is held against the kernel."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lab.vm.zoo import Resident
from tests.vm import kernel, podman
from tests.vm.host import Json, Vm
from tests.vm.test_cgroup_facts import MODULE

KINDS = ("podman-limited", "podman-runc", "podman-rootless")


@pytest.fixture(scope="module")
def residents(vm: Vm) -> Iterator[dict[str, Resident]]:
    try:
        everybody = vm.resume_inhabited()
        with podman.services(vm):
            yield {kind: everybody[kind] for kind in KINDS}
    finally:
        vm.clean()


@pytest.fixture(scope="module")
def facts(vm: Vm, residents: dict[str, Resident]) -> Json:
    assert residents
    # Emulated, a service takes its time to start.
    result = vm.ansible(MODULE, {"engines": ["podman"], "engine_timeout": 120})
    facts: Json = result["ansible_facts"]["container_cgroups"]
    return facts


def test_both_services_are_asked(facts: Json, vm: Vm) -> None:
    engines = {engine["socket"]: engine for engine in facts["host"]["engines"]}
    assert set(engines) == {"/run/podman/podman.sock", "/run/user/1000/podman/podman.sock"}
    version = vm.run(["podman", "version", "--format", "{{.Client.Version}}"]).strip()
    for engine in engines.values():
        assert (engine["reachable"], engine["error"]) == (True, None)
        assert (engine["version"], engine["cgroup_driver"]) == (version, "systemd")


@pytest.mark.parametrize("kind", KINDS)
def test_declared_is_what_podman_inspect_says(kind: str, facts: Json, residents: dict[str, Resident], vm: Vm) -> None:
    record = next(one for one in facts["containers"] if one["id"] == residents[kind].id)
    user = "lab" if kind == "podman-rootless" else "root"
    (inspected,) = json.loads(vm.run(["podman", "inspect", residents[kind].id], user=user))
    assert (record["name"], record["pid"]) == (inspected["Name"], inspected["State"]["Pid"])
    assert record["labels"] == inspected["Config"]["Labels"]
    host = inspected["HostConfig"]
    assert record["declared"]["memory_bytes"] == host["Memory"]
    assert record["declared"]["memory_swap_bytes"] == host["MemorySwap"]
    assert record["declared"]["pids_limit"] == host["PidsLimit"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_drifts_where_the_kernel_has_what_was_declared(
    kind: str, facts: Json, residents: dict[str, Resident], vm: Vm
) -> None:
    """crun 1.21 tells systemd a limit of swap that counts the memory as well; the right one is in its own cgroup."""
    record = next(one for one in facts["containers"] if one["id"] == residents[kind].id)
    cgroup = kernel.cgroup(vm, residents[kind])
    memory, swap = cgroup.smallest("memory.max"), cgroup.smallest("memory.swap.max")
    assert memory is not None
    assert swap is not None
    assert memory + swap == record["declared"]["memory_swap_bytes"] == record["memory"]["memory_swap_limit_bytes"]
    assert (record["drift"], record["reload_drift"]) == ([], [])
