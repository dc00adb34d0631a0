"""enforce.yml over several hosts: what it plans, sets, writes down, refuses, stops at, and how it goes back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import CHECKOUT
from tests.live import kernel
from tests.live.fleet import MIB, Fleet, eventually, pid_of, sleeps

HELD_BYTES = 40 * MIB
HOLD = ["sh", "-c", f"head -c {HELD_BYTES} /dev/zero >/dev/shm/held; exec sleep 900"]
# In the order in which hosts are handled.
NAMES = ("first", "second", "third")
LIMITED: dict[str, Any] = {"mem_limit": 80 * MIB, "memswap_limit": 80 * MIB, "shm_size": 64 * MIB}


class Hosts:
    """Three hosts of the inventory, each with the containers whose names begin with its own, and a host that is lost.

    All three are this machine, so that what becomes of one host can be told from what becomes of the others.
    """

    def __init__(self, fleet: Fleet, folder: Path) -> None:
        self.fleet = fleet
        self.records = folder / "records"
        self._inventory = folder / "hosts.json"
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        hosts: dict[str, Any] = {
            name: {**here, "memory_limits_containers": [fleet.name(name) + "-*"]} for name in NAMES
        }
        hosts["lost"] = {"ansible_host": "127.0.0.1", "ansible_port": 1}
        self._inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")

    def enforce(self, *rules: dict[str, Any], limit: str = "all:!lost", **variables: Any) -> str:
        """What the playbook prints; `ended` in variables is the code it has to end with."""
        options = variables.pop("options", [])
        ended = variables.pop("ended", 0)
        variables |= {"container_policy": rules, "memory_limits_record_dir": str(self.records)}
        command = [
            *(str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(self._inventory), "--limit", limit),
            *("playbooks/enforce.yml", "-e", json.dumps(variables), *options),
        ]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert done.returncode == ended, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def rule(self, purpose: str, **memory: Any) -> dict[str, Any]:
        """A rule for the containers whose names end in this."""
        return {
            "name": f"for {purpose}",
            "match": {"containers": [f"{self.fleet.prefix}*-{purpose}"]},
            "memory": memory,
        }

    def limit_bytes(self, purpose: str) -> int:
        """The kernel's limit of memory of one container."""
        container = self.fleet.client.containers.get(self.fleet.name(purpose))
        return memory_of(pid_of(container))

    def written(self) -> list[Path]:
        """The records, oldest first."""
        return sorted(self.records.glob("*")) if self.records.exists() else []


def memory_of(pid: int) -> int:
    cgroup = kernel.cgroup(pid, "memory")
    return int(cgroup.file("memory.limit_in_bytes", "memory.max").read_text(encoding="utf-8"))


@pytest.fixture
def hosts(fleet: Fleet, tmp_path: Path) -> Iterator[Hosts]:
    """Each host has a container that sleeps, the first also one that holds memory; each limited to 80 MiB."""
    for name in NAMES:
        fleet.run(f"{name}-idle", **LIMITED)
    holder = fleet.run("first-holder", HOLD, **LIMITED)
    eventually(lambda: sleeps(pid_of(holder)))
    yield Hosts(fleet, tmp_path)
    fleet.remove()


def rows(printed: str, title: str) -> list[list[str]]:
    """The words of the table's lines that a task of this title shows."""
    lines = iter(printed.splitlines())
    next(line for line in lines if title in line)
    table: list[list[str]] = []
    for line in lines:
        if not line:
            return table
        table.append(line.split())
    return table


def test_check_mode_shows_the_plan_of_all_hosts_and_does_nothing(hosts: Hosts) -> None:
    printed = hosts.enforce(
        hosts.rule("idle", limit="64MiB", swap=0), hosts.rule("nobody", limit="1G"), options=["--check", "--diff"]
    )
    plan = rows(printed, "Show the plan")
    assert plan[2] == ["3", "to", "be", "set"]
    assert [row[0] for row in plan[4:7]] == list(NAMES)
    assert all(row[-3:] == ["to", "be", "set"] for row in plan[4:7])
    assert "no container for the rule 'for nobody'" in " ".join(plan[7])
    assert f"-{hosts.fleet.name('first-idle')}: kernel memory 80 MiB" in printed
    assert f"+{hosts.fleet.name('first-idle')}: kernel memory 64 MiB" in printed
    assert {hosts.limit_bytes(f"{name}-idle") for name in NAMES} == {80 * MIB}
    assert hosts.written() == []


def test_a_refusal_and_a_lost_host_keep_no_other_host_from_being_handled(hosts: Hosts) -> None:
    wanted = (hosts.rule("holder", limit="32MiB"), hosts.rule("idle", limit="64MiB"))
    printed = hosts.enforce(*wanted, limit="all", ended=2)
    done = rows(printed, "Show what was done]")
    assert done[2] == ["3", "set,", "1", "refused;", "1", "host", "lost"]
    (lost,) = [" ".join(row) for row in done if row[:1] == ["lost:"]]
    assert "Connection refused" in lost
    assert "Task failed" not in lost
    # What Ansible puts before it is said once, by the task that passes it on.
    assert "Task failed: Action failed: Failed to connect" in printed
    assert {hosts.limit_bytes(f"{name}-idle") for name in NAMES} == {64 * MIB}
    assert hosts.limit_bytes("first-holder") == 80 * MIB
    recap = {line.split()[0]: line for line in printed.partition("PLAY RECAP")[2].splitlines() if "failed=" in line}
    assert {name for name, line in recap.items() if "failed=0" not in line} == {"first", "lost"}
    # Nothing is left to be set, so no record is written; and who may be refused is the user's to say.
    before = hosts.written()
    assert "changed=0" in hosts.enforce(*wanted, memory_limits_on_refused="warn")
    assert hosts.written() == before


def test_the_first_failure_stops_the_run_and_tells_what_was_not_begun(hosts: Hosts) -> None:
    # The kernel of v1 refuses what v2's kills for: either is a change that failed.
    printed = hosts.enforce(
        hosts.rule("holder", limit="24MiB", swap=0),
        hosts.rule("idle", limit="64MiB"),
        memory_limits_below_usage="force",
        ended=2,
    )
    assert "NO MORE HOSTS LEFT" in printed
    stopped = {row[1]: row for row in rows(printed, "Show what was done before the run stops")[4:]}
    assert "failed" in stopped[hosts.fleet.name("first-holder")]
    for name in NAMES[1:]:
        assert stopped[hosts.fleet.name(f"{name}-idle")][-2:] == ["not", "begun"]
        assert hosts.limit_bytes(f"{name}-idle") == 80 * MIB


def test_a_record_leads_back(hosts: Hosts) -> None:
    hosts.enforce(hosts.rule("idle", limit="64MiB", swap=0, reservation="16MiB"))
    (record,) = hosts.written()
    hosts.fleet.client.containers.get(hosts.fleet.name("third-idle")).remove(force=True)
    printed = hosts.enforce(memory_limits_restore=str(record))
    assert rows(printed, "Show what was done]")[2] == ["2", "set"]
    for name in NAMES[:2]:
        container = hosts.fleet.client.containers.get(hosts.fleet.name(f"{name}-idle"))
        assert memory_of(pid_of(container)) == 80 * MIB
        noted = container.attrs["HostConfig"]
        assert (noted["Memory"], noted["MemorySwap"]) == (80 * MIB, 80 * MIB)
        # Docker knows two words for none: 0 where it was never told of one, -1 since.
        assert noted["MemoryReservation"] in (0, -1)
    # The way back is written down as well, and leads forth again.
    forth = hosts.written()[-1]
    assert forth != record
    printed = hosts.enforce(hosts.rule("idle", limit="32MiB"), memory_limits_restore=str(forth))
    assert f"back to {forth}; the policy that is given as well is not enforced" in " ".join(printed.split())
    assert {hosts.limit_bytes(f"{name}-idle") for name in NAMES[:2]} == {64 * MIB}


def test_progress_is_told_by_portions(hosts: Hosts) -> None:
    for number in range(2):
        hosts.fleet.run(f"first-{number}-idle", **LIMITED)
    printed = hosts.enforce(hosts.rule("idle", limit="64MiB"), memory_limits_batch="2", limit="first")
    assert "(item=1 to 2 of 3)" in printed
    assert "(item=3 to 3 of 3)" in printed
    assert {hosts.limit_bytes(f"first-{purpose}") for purpose in ("idle", "0-idle", "1-idle")} == {64 * MIB}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "there is no policy to enforce; set container_policy"),
        ({"rules": [{"name": "web", "memroy": {}}]}, "rule 'web' has the unknown key 'memroy'; near it: memory"),
        ({"rules": [{"name": "web", "memory": {"limit": "1Mb"}}]}, "memory.limit is '1Mb', expected a size"),
        ({"memory_limits_restore": "/nowhere.json"}, "there is no file /nowhere.json; give a memory-limits-TIME.json"),
        ({"memory_limits_restore": "galaxy.yml"}, "is no record of memory limits: it is no JSON"),
        ({"memory_limits_below_usage": "never"}, "must be one of: reclaim, refuse, force, got: never"),
    ],
)
def test_a_mistake_is_told_before_anything_is_asked(tmp_path: Path, variables: dict[str, Any], told: str) -> None:
    rules = variables.pop("rules", [])
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "playbooks/enforce.yml"]
    given = {"container_policy": rules, "memory_limits_record_dir": str(tmp_path / "records"), **variables}
    done = subprocess.run(
        [*command, "-e", json.dumps(given)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert told in " ".join((done.stdout + done.stderr).split())
    assert "Plan what is to be set" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_written_is_an_error_before_anything_is_changed(hosts: Hosts, tmp_path: Path) -> None:
    hosts.records = tmp_path / "hosts.json" / "records"
    printed = hosts.enforce(hosts.rule("idle", limit="64MiB"), ended=2)
    assert "Make the directory for the record" in printed
    assert "Set the limits" not in printed
    assert {hosts.limit_bytes(f"{name}-idle") for name in NAMES} == {80 * MIB}
