"""Where the module does not see the host: an error where nothing can be read, else facts that say whose view it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live import kernel
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, by_id, cgroups, play, task

# What Python needs of this machine to run in a container that has only busybox.
PYTHON = "/usr/bin/python3"
LENT = [path for path in ("/usr", "/lib", "/lib64") if Path(path).exists()]


@pytest.fixture(scope="module")
def container_id(fleet: Fleet) -> str:
    return str(fleet.run("seen", mem_limit=64 * MIB).attrs["Id"])


def test_without_a_cgroup_file_system_the_error_says_so(container_id: str) -> None:
    hidden = ["unshare", "--mount", "sh", "-c", 'umount --recursive /sys/fs/cgroup && exec "$@"', "sh"]
    (result,) = play(task(ignore_errors=True, containers=[container_id]), prefix=hidden)
    assert result["failed"] is True
    assert "no cgroup file system is mounted" in result["msg"]
    assert "mount one, or run the task on the host itself" in result["msg"]
    assert "ansible_facts" not in result


def test_where_each_hierarchy_is_mounted_is_not_assumed(container_id: str) -> None:
    moved = 'mount --rbind /sys/fs/cgroup /mnt && umount --recursive /sys/fs/cgroup && exec "$@"'
    elsewhere = ["unshare", "--mount", "sh", "-c", moved, "sh"]
    (result,) = play(task(containers=[container_id]), prefix=elsewhere)
    record = by_id(cgroups(result))[container_id]
    assert record["memory"]["limit_bytes"] == 64 * MIB
    assert record["unreadable"] == []
    assert cgroups(result)["host"]["scope"] == "host"


def test_own_cgroup_namespace_is_a_containers_view(container_id: str) -> None:
    (result,) = play(task(containers=[container_id]), prefix=["unshare", "--cgroup"])
    assert cgroups(result)["host"]["scope"] == "container"
    record = by_id(cgroups(result))[container_id]
    # From a cgroup of one's own, the others' paths lead through its parents; their limits are as readable as before.
    assert record["memory"]["path"].endswith(f"/docker/{container_id}")
    assert record["memory"]["limit_bytes"] == 64 * MIB


@pytest.mark.parametrize("taken", [False, True], ids=["nobody has the PID here", "somebody has the PID here"])
def test_pid_of_an_engine_outside_is_taken_for_no_process_inside(taken: bool, fleet: Fleet) -> None:
    """As in a container that was lent the engine's socket: the PIDs that the engine tells are not those seen there."""
    purpose = f"outside-{taken}"
    pid = pid_of(fleet.run(purpose, mem_limit=64 * MIB))
    occupy = f"echo {pid - 1} >/proc/sys/kernel/ns_last_pid; sleep 900 & test -d /proc/{pid} && " if taken else ""
    shell = ["sh", "-c", f'{occupy}exec "$@"', "sh"]
    (result,) = play(
        task(containers=[fleet.name(purpose)], gather_subset=["all"]),
        prefix=["unshare", "--pid", "--cgroup", "--mount-proc", "--kill-child", "--fork", *shell],
    )
    assert cgroups(result)["host"]["scope"] == "container"
    assert cgroups(result)["host"]["vanished"] == 0
    (record,) = cgroups(result)["containers"]
    assert (record["name"], record["state"]) == (fleet.name(purpose), "running")
    assert record["declared"]["memory_bytes"] == 64 * MIB
    assert (record["pid"], record["hierarchies"], record["processes"], record["drift"]) == (None, [], None, None)
    assert {record[part] for part in ("memory", "cpu", "pids", "io", "stat")} == {None}
    (refused,) = record["unreadable"]
    assert refused["path"] == f"/proc/{pid}"
    assert "the engine" in refused["reason"]


@pytest.fixture(scope="module")
def inside(fleet: Fleet) -> Json:
    """The facts that the module gives in a container, as a host that Ansible reaches through Docker."""
    volumes = [f"{path}:{path}:ro" for path in LENT]
    managed = fleet.run("managed", volumes=volumes, cgroupns="private", mem_limit=256 * MIB)
    variables = {
        "ansible_connection": "community.docker.docker_api",
        "ansible_python_interpreter": PYTHON,
        "ansible_remote_tmp": "/tmp",
    }
    inventory = {"all": {"hosts": {fleet.name("managed"): variables}}}
    (result,) = play(task(), inventory=inventory)
    assert pid_of(managed)
    return cgroups(result)


def test_in_a_container_its_own_view_is_told_as_such(inside: Json) -> None:
    assert inside["host"]["scope"] == "container"
    assert inside["host"]["memory_total_bytes"] == kernel.memory_total_bytes()
    assert inside["containers"] == []
    assert inside["host"]["vanished"] == 0
