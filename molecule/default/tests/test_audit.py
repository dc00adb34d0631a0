"""The audit's report, and the facts that it is made of, against the kernel's own files, on each managed host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

MIB = 1 << 20
CONTAINERS = ("ancestor", "drifted", "limited", "odd", "unlimited")
# Each container holds 8 MiB; what its processes take beside that is some hundred KiB.
HELD_BYTES = 8 * MIB

each_container = pytest.mark.parametrize("name", CONTAINERS)


@pytest.fixture(scope="module")
def facts(host: Host) -> dict[str, Any]:
    """What the facts module tells of the managed host now."""
    answer = host.ansible("fathom.containers.container_cgroup_facts", "gather_subset=memory,cpu,pids,hierarchies")
    told: dict[str, Any] = answer["ansible_facts"]["container_cgroups"]
    return told


def one_of(containers: list[dict[str, Any]], name: str) -> dict[str, Any]:
    (record,) = (container for container in containers if container["name"] == name)
    return record


@pytest.fixture
def found(facts: dict[str, Any], name: str) -> dict[str, Any]:
    """The one record of the container among the facts."""
    return one_of(facts["containers"], name)


@pytest.fixture
def row(audited: dict[str, Any], name: str) -> dict[str, Any]:
    """The one row of the container in the report."""
    return one_of(audited["containers"], name)


def test_all_containers_of_the_host_and_no_others(kernel: Any, audited: dict[str, Any]) -> None:
    listed = {(container["Id"], name) for name, container in kernel.engine.items()}
    assert sorted(kernel.engine) == list(CONTAINERS)
    assert {(container["id"], container["name"]) for container in audited["containers"]} == listed
    assert len(audited["containers"]) == len(listed)


def test_the_host_itself(host: Host, kernel: Any, audited: dict[str, Any]) -> None:
    facts = audited["host"]
    (docker,) = (engine for engine in facts["engines"] if engine["name"] == "docker")
    assert facts["memory_total_bytes"] == kernel.total_bytes()
    assert facts["page_size_bytes"] == int(host.check_output("getconf PAGESIZE"))
    assert facts["kernel"] == host.check_output("uname -r")
    assert facts["scope"] == "container"
    assert docker["cgroup_driver"] == host.check_output("docker info --format '{{.CgroupDriver}}'")
    assert docker["cgroup_driver"] in host.ansible.get_variables()["group_names"]
    assert docker["version"] == host.check_output("docker info --format '{{.ServerVersion}}'")


def test_the_kernel_has_the_limits_that_the_comparisons_are_about(kernel: Any, audited: dict[str, Any]) -> None:
    limits = {name: list(kernel.memory_limits(name).values()) for name in CONTAINERS}
    page_bytes = audited["host"]["page_size_bytes"]
    assert limits == {
        "unlimited": [],
        "limited": [64 * MIB],
        "odd": [50_000_001 // page_bytes * page_bytes],
        "ancestor": [256 * MIB, 48 * MIB],
        "drifted": [80 * MIB],
    }


@each_container
def test_process(kernel: Any, found: dict[str, Any], name: str) -> None:
    assert found["pid"] == kernel.pid(name)


def test_hierarchies_when_the_module_is_asked_for_them(facts: dict[str, Any], kernel: Any) -> None:
    told = {
        container["name"]: [(line["id"], line["controllers"], line["path"]) for line in container["hierarchies"]]
        for container in facts["containers"]
    }
    assert told == {
        name: [(line.number, line.controllers, line.path) for line in kernel.hierarchies(name)] for name in CONTAINERS
    }


@each_container
def test_the_report_has_the_memory_that_the_kernel_has(kernel: Any, row: dict[str, Any], name: str) -> None:
    limits = {**kernel.memory_limits(name), "host": kernel.total_bytes()}
    source = min(limits, key=lambda level: limits[level])
    own = kernel.memory_limits(name).get(kernel.path(name, "memory"))
    assert (row["limit_state"], row["limit_bytes"]) == ("unlimited" if own is None else "limited", own)
    assert (row["effective_limit_bytes"], row["effective_limit_source"]) == (limits[source], source)
    now_bytes = int(kernel.value(name, "memory", "memory.usage_in_bytes", "memory.current"))
    assert row["usage_bytes"] == pytest.approx(now_bytes, abs=MIB)
    assert HELD_BYTES <= row["working_set_bytes"] <= row["usage_bytes"]


@pytest.mark.parametrize(
    ("rule", "failing"), [("baseline/memory-limit", ["unlimited"]), ("baseline/drift", ["drifted"])]
)
def test_findings_are_of_those_that_the_kernel_shows(audited: dict[str, Any], rule: str, failing: list[str]) -> None:
    failed = [one for one in audited["findings"] if one["rule"] == rule and one["status"] == "fail"]
    # What a daemon-reload would change is another check of the same rule.
    assert sorted({one["container"] for one in failed}) == failing
    assert all(one["evidence"] for one in failed)


@each_container
def test_memory_limit(kernel: Any, found: dict[str, Any], name: str) -> None:
    path = kernel.path(name, "memory")
    limit = kernel.memory_limits(name).get(path)
    assert (found["memory"]["path"], found["memory"]["limit_bytes"]) == (path, limit)
    assert found["memory"]["limit_state"] == ("unlimited" if limit is None else "limited")


@each_container
def test_effective_limit_and_who_sets_it(kernel: Any, found: dict[str, Any], name: str) -> None:
    memory = found["memory"]
    limits = {**kernel.memory_limits(name), "host": kernel.total_bytes()}
    source = min(limits, key=lambda level: limits[level])
    assert (memory["effective_limit_bytes"], memory["effective_limit_source"]) == (limits[source], source)


@each_container
def test_swap_limit(kernel: Any, found: dict[str, Any], name: str) -> None:
    memory = found["memory"]
    if memory["version"] == 1:
        both = int(kernel.value(name, "memory", "memory.memsw.limit_in_bytes"))
        assert memory["memory_swap_limit_bytes"] == (None if both >= 1 << 62 else both)
    else:
        swap = kernel.value(name, "memory", "memory.swap.max")
        assert memory["swap_limit_bytes"] == (None if swap == "max" else int(swap))


@each_container
def test_usage(kernel: Any, found: dict[str, Any], name: str) -> None:
    memory = found["memory"]
    now_bytes = int(kernel.value(name, "memory", "memory.usage_in_bytes", "memory.current"))
    assert memory["usage_bytes"] == pytest.approx(now_bytes, abs=MIB)
    assert HELD_BYTES <= memory["working_set_bytes"] <= memory["usage_bytes"] <= memory["peak_bytes"]


@each_container
def test_pids(kernel: Any, found: dict[str, Any], name: str) -> None:
    limit = kernel.value(name, "pids", "pids.max")
    assert found["pids"]["limit"] == (None if limit == "max" else int(limit))
    assert found["pids"]["limit_state"] == ("unlimited" if limit == "max" else "limited")
    assert found["pids"]["current"] == int(kernel.value(name, "pids", "pids.current"))


@each_container
def test_cpus(kernel: Any, found: dict[str, Any], name: str) -> None:
    if found["memory"]["version"] == 1:
        quota, period = (kernel.value(name, "cpu", f"cpu.cfs_{what}_us") for what in ("quota", "period"))
    else:
        quota, period = kernel.value(name, "cpu", "cpu.max").split()
    limited = quota not in ("-1", "max")
    assert limited == (name == "limited")
    assert found["cpu"]["limit_cpus"] == (int(quota) / int(period) if limited else None)


@each_container
def test_drift_is_where_kernel_and_engine_differ(
    kernel: Any, facts: dict[str, Any], found: dict[str, Any], name: str
) -> None:
    # Where Docker claims no limit of PIDs and its driver is systemd, systemd's default is in force: no drift either.
    claimed = kernel.engine[name]["HostConfig"]["Memory"]
    page_bytes = facts["host"]["page_size_bytes"]
    enforced = kernel.memory_limits(name).get(kernel.path(name, "memory"))
    drifted = (claimed // page_bytes * page_bytes or None) != enforced
    assert drifted == (name == "drifted")
    assert found["declared"]["memory_bytes"] == (claimed or None)
    assert found["drift"] == (
        [{"setting": "memory_bytes", "declared": claimed, "enforced": enforced}] if drifted else []
    )


def test_nothing_was_unreadable(facts: dict[str, Any]) -> None:
    assert [container["unreadable"] for container in facts["containers"]] == [[]] * len(CONTAINERS)


def test_the_page_for_people_names_them_all(inventory_name: str, report_dir: Path) -> None:
    page = (report_dir / "audit.html").read_text(encoding="utf-8")
    assert [name for name in (inventory_name, *CONTAINERS) if name not in page] == []
