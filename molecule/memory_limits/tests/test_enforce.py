"""The limits that were enforced, by the kernel's own files and the engine's record, on each managed host."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

MIB = 1 << 20
PAGE = 4096
# memory, swap alone: None for unlimited.
WANTED: dict[str, tuple[int | None, int | None]] = {
    "unlimited": (64 * MIB, 0),
    "lowered": (64 * MIB, 0),
    "raised": (256 * MIB, 0),
    "lifted": (None, None),
    "odd": (70_000_001 // PAGE * PAGE, 10_000_001 // PAGE * PAGE),
    "drifted": (96 * MIB, 0),
    "refused": (48 * MIB, 0),
    "nobodys": (80 * MIB, 0),
}
# What each had before, as docker run gave it, or as the kernel was told behind its back.
BEFORE: dict[str, tuple[int | None, int | None]] = {
    "unlimited": (None, None),
    "lowered": (96 * MIB, 64 * MIB),
    "raised": (64 * MIB, 0),
    "lifted": (64 * MIB, 0),
    "odd": (96 * MIB, 96 * MIB),
    "drifted": (80 * MIB, 16 * MIB),
}

each_container = pytest.mark.parametrize("name", WANTED)


@pytest.fixture(scope="module")
def record(kernel: Any) -> dict[str, Any]:
    """The one record of these containers, since only the first run had something to change.

    A run of this scenario that was killed leaves the records of its own.
    """
    folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "records"
    records = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("memory-limits-*.json")]
    here = {container["Id"] for container in kernel.engine.values()}
    (own,) = (
        read for read in records if here & {one["id"] for containers in read["hosts"].values() for one in containers}
    )
    assert isinstance(own, dict)
    return own


def kernel_limits(kernel: Any, name: str) -> tuple[int | None, int | None]:
    """Memory and swap alone in bytes, from the files of the container's cgroup."""
    memory = kernel.memory_limits(name).get(kernel.path(name, "memory"))
    text = kernel.value(name, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max")
    swap = None if text == "max" or int(text) >= 1 << 62 else int(text)
    counts_both = any(hierarchy.controllers == ["memory"] for hierarchy in kernel.hierarchies(name))
    return memory, swap - memory if counts_both and swap is not None else swap


@each_container
def test_kernel(kernel: Any, name: str) -> None:
    assert kernel_limits(kernel, name) == WANTED[name]


@each_container
def test_engine_has_noted_the_same(kernel: Any, name: str) -> None:
    noted = kernel.engine[name]["HostConfig"]
    memory, swap = WANTED[name]
    if memory is None or swap is None:
        # Docker takes no word for none: more than any machine has stands for it.
        assert noted["Memory"] >= 1 << 62
        assert noted["MemorySwap"] == -1
    else:
        assert (noted["Memory"], noted["MemorySwap"]) == (memory, memory + swap)


@each_container
def test_no_container_was_restarted_or_lost_a_process(
    host: Host, kernel: Any, record: dict[str, Any], name: str
) -> None:
    container = kernel.engine[name]
    started = datetime.fromisoformat(container["State"]["StartedAt"])
    assert started < datetime.fromisoformat(record["written"])
    assert container["RestartCount"] == 0
    # The time in clock ticks since the boot at which its first process began, which no restart leaves as it is.
    ticks = int(host.check_output(f"cat /proc/{kernel.pid(name)}/stat").rpartition(")")[2].split()[19])
    booted = int(host.check_output("awk '/^btime/ {print $2}' /proc/stat"))
    assert booted + ticks / int(host.check_output("getconf CLK_TCK")) == pytest.approx(started.timestamp(), abs=3)
    kills = kernel.value(name, "memory", "memory.oom_control", "memory.events")
    assert "oom_kill 0" in kills.splitlines()


@each_container
def test_each_still_holds_what_it_held(kernel: Any, name: str) -> None:
    used_bytes = int(kernel.value(name, "memory", "memory.usage_in_bytes", "memory.current"))
    assert used_bytes >= 8 * MIB


def test_a_limit_of_systemds_is_the_same(host: Host, kernel: Any) -> None:
    if "systemd" not in host.ansible.get_variables()["group_names"]:
        assert not any(name.endswith(".scope") for name in (kernel.path(name, "memory") for name in WANTED))
        return
    for name, (memory, _swap) in WANTED.items():
        unit = kernel.path(name, "memory").rpartition("/")[2]
        # On cgroup v1 Docker's runtime sets MemoryLimit.
        shown = host.check_output(f"systemctl show --property=MemoryMax --property=MemoryLimit {unit}")
        assert f"={'infinity' if memory is None else memory}" in "".join(f"{line}\n" for line in shown.splitlines())


def test_the_record_has_what_was_changed_as_it_was_before(
    inventory_name: str, kernel: Any, record: dict[str, Any]
) -> None:
    recorded = {container["name"]: container for container in record["hosts"][inventory_name]}
    assert sorted(recorded) == sorted(BEFORE)
    for name, container in recorded.items():
        assert container["id"] == kernel.engine[name]["Id"]
        assert (container["before"]["limit_bytes"], container["before"]["swap_limit_bytes"]) == BEFORE[name]
        assert (container["after"]["limit_bytes"], container["after"]["swap_limit_bytes"]) == WANTED[name]


def test_both_hosts_are_in_it(record: dict[str, Any]) -> None:
    assert len(record["hosts"]) == 2
