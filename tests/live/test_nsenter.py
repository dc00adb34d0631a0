"""container_nsenter against nsenter(1), docker exec and /proc."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from lab import packages
from tests.live import appimage, inside, kernel, remapped
from tests.live.fleet import Fleet, eventually, pid_of
from tests.live.plays import Json, play

MODULE = "fathom.containers.container_nsenter"
# Options of nsenter(1) by type.
OPTIONS = {
    "pid": "--pid",
    "net": "--net",
    "ipc": "--ipc",
    "mnt": "--mount",
    "uts": "--uts",
    "user": "--user",
    "cgroup": "--cgroup",
    "time": "--time",
}
# Tells the namespaces that a program runs in, where /proc has it.
LINKS = ["sh", "-c", "for kind in pid net ipc mnt uts user cgroup; do readlink /proc/self/ns/$kind; done; hostname"]
AS_NOBODY = {
    "become": True,
    "become_user": "nobody",
    "become_method": "ansible.builtin.su",
    "become_flags": "-s /bin/sh",
}


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    packages.install(["iproute2"], "the tests of namespaces")


@pytest.fixture(scope="module")
def web(fleet: Fleet) -> int:
    """PID of a container with everything private."""
    return pid_of(fleet.run("web", network_mode="bridge", hostname="inside", cgroupns="private"))


@pytest.fixture(scope="module")
def host_net(fleet: Fleet) -> int:
    """PID of a container in the host's network."""
    return pid_of(fleet.run("host-net", network_mode="host"))


def task(container: str, kinds: list[str], argv: list[str], **options: Any) -> Json:
    """A task of the module, which may fail."""
    arguments = {"container": container, "namespaces": kinds, "argv": argv, **options}
    return {MODULE: arguments, "ignore_errors": True}


def by_command(pid: int, kinds: list[str], argv: list[str]) -> subprocess.CompletedProcess[bytes]:
    """What nsenter(1) makes of the same."""
    command = ["nsenter", "--target", str(pid), *(OPTIONS[kind] for kind in kinds), "--", *argv]
    return subprocess.run(command, capture_output=True, check=False)


def test_the_two_sessions_of_the_tour(fleet: Fleet, web: int) -> None:
    name = fleet.name("web")
    results = play(
        task(name, ["uts"], ["hostname"]),
        task(name, ["uts"], ["ip", "-brief", "link", "show", "docker0"]),
        task(name, ["net"], ["hostname"]),
        task(name, ["net"], ["ip", "-json", "addr"]),
    )
    hostname, link, hosts_name, addresses = (result["stdout"] for result in results)
    # The container's hostname and the host's links; then the host's hostname and the container's links.
    assert hostname == "inside" == inside.hostname(web)
    assert link.startswith("docker0")
    assert hosts_name == os.uname().nodename
    mine = {row["ifname"] for row in json.loads(addresses)}
    assert mine == {row["ifname"] for row in inside.interfaces(web).values()} == {"lo", "eth0"}
    assert [result["namespaces"] for result in results] == [["uts"], ["uts"], ["net"], ["net"]]
    assert {result["pid"] for result in results} == {web}


CHOICES = [["uts"], ["net"], ["ipc"], ["pid"], ["cgroup"], ["net", "uts"], ["pid", "mnt"], ["mnt"], list(inside.TYPES)]


@pytest.fixture(scope="module")
def by_choice(fleet: Fleet, web: int) -> list[Json]:
    assert web
    return play(*(task(fleet.name("web"), kinds, LINKS) for kinds in CHOICES))


@pytest.mark.parametrize("number", range(len(CHOICES)), ids=["+".join(kinds) for kinds in CHOICES])
def test_namespaces_are_those_that_nsenter_enters(number: int, web: int, by_choice: list[Json]) -> None:
    kinds, result = CHOICES[number], by_choice[number]
    entered = [kind for kind in kinds if inside.inodes(web)[kind] != inside.inodes(inside.HERE)[kind]]
    # It takes entering the user namespace that it is in for an error.
    told = by_command(web, entered, LINKS)
    assert result["rc"] == told.returncode == 0
    assert result["stdout_lines"] == told.stdout.decode().splitlines()
    assert sorted(result["namespaces"]) == sorted(entered)
    assert sorted(result["already_in"]) == sorted(set(kinds) - set(entered))
    assert result["changed"] is True


def test_it_is_the_hosts_own_program_unless_mnt_is_entered(fleet: Fleet, web: int) -> None:
    assert web
    name = fleet.name("web")
    own, within, none = play(
        task(name, ["net", "uts", "ipc"], ["cat", "/etc/passwd"]),
        task(name, ["mnt"], ["busybox", "ls", "/"]),
        task(name, ["mnt"], ["python3", "--version"]),
    )
    assert own["stdout"] == Path("/etc/passwd").read_text(encoding="utf-8").rstrip("\n")
    listed = subprocess.run(["docker", "exec", name, "ls", "/"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert within["stdout_lines"] == listed.splitlines()
    assert none["failed"] is True
    assert "could not execute 'python3': No such file or directory" in none["msg"]
    assert "a program in the container" in none["msg"]


def test_inside_it_is_one_of_its_processes(fleet: Fleet, web: int) -> None:
    assert web
    (result,) = play(task(fleet.name("web"), ["pid", "mnt"], ["ps", "-o", "pid,args"]))
    assert "sleep 900" in result["stdout_lines"][1]
    assert len(result["stdout_lines"]) == 3


def test_no_more_than_the_host_shares(fleet: Fleet, host_net: int) -> None:
    (result,) = play(task(fleet.name("host-net"), ["net"], ["readlink", "/proc/self/ns/net"]))
    assert (result["namespaces"], result["already_in"]) == ([], ["net"])
    assert str(inside.inodes(host_net)["net"]) in result["stdout"]


def test_output_words_status_and_directory(fleet: Fleet, web: int) -> None:
    assert web
    name = fleet.name("web")
    binary = "printf '\\377\\\\xff\\000\\173\\173 7*7 }}\\n'; echo oops >&2; exit 3"
    raw, words, place, nowhere, signalled = play(
        task(name, ["uts"], ["sh", "-c", binary]),
        task(name, ["uts"], ["printf", "%s|", "$(id)", "a b", "", "é"]),
        task(name, ["mnt"], ["pwd"], chdir="/bin"),
        task(name, ["mnt"], ["pwd"], chdir="/usr/local"),
        task(name, ["uts"], ["sh", "-c", "kill -9 $$"]),
    )
    assert (raw["failed"], raw["rc"], raw["stderr"]) == (True, 3, "oops")
    assert raw["stdout"] == "\\xff\\xff\x00{{ 7*7 }}"
    assert base64.b64decode(raw["stdout_base64"]) == b"\xff\\xff\x00{{ 7*7 }}\n"
    assert words["stdout"] == "$(id)|a b||é|"
    assert place["stdout"] == "/bin"
    assert "could not change to '/usr/local': No such file or directory" in nowhere["msg"]
    assert signalled["rc"] == -9


@pytest.mark.parametrize("kinds", [["uts"], ["pid", "mnt"]], ids=["outside", "inside"])
def test_time_out_ends_the_whole_group(kinds: list[str], fleet: Fleet) -> None:
    # One of its own: an init that waits for nobody, as this one, keeps what has ended below it.
    name = fleet.name(f"slow-{len(kinds)}")
    fleet.run(f"slow-{len(kinds)}")
    long = ["sh", "-c", "sleep 4711 & sleep 4711 & echo begun; sleep 4711"]
    started = time.monotonic()
    (result,) = play(task(name, kinds, long, timeout=1))
    assert time.monotonic() - started < 15
    assert (result["failed"], result["rc"], result["stdout"]) == (True, None, "begun")
    assert "did not end within 1 s" in result["msg"]
    # The number alone is in the id of many a container.
    assert not [pid for pid in _pids() if b"sleep 4711" in _command(pid).replace(b"\0", b" ")]


def test_what_it_started_is_not_the_containers(fleet: Fleet, web: int) -> None:
    (result,) = play(task(fleet.name("web"), list(inside.TYPES), ["cat", "/proc/self/cgroup"]))
    assert result["rc"] == 0
    # As nsenter does it: it stays in the cgroup that it came from.
    assert kernel.cgroup(web, "pids").text("cgroup.procs").split() == [str(web)]


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_container_that_does_not_run_on(state: str, fleet: Fleet) -> None:
    container = fleet.run(state, hostname="still")
    pid = pid_of(container)
    container.pause() if state == "paused" else os.kill(pid, signal.SIGSTOP)
    try:
        (result,) = play(task(fleet.name(state), list(inside.TYPES), ["hostname"], timeout=10))
        assert (result["rc"], result["stdout"]) == (0, "still")
    finally:
        container.unpause() if state == "paused" else os.kill(pid, signal.SIGCONT)


def test_refusals(fleet: Fleet, web: int) -> None:
    assert web
    fleet.run("ended", ["true"]).wait()
    fleet.create("created")
    results = play(
        task(fleet.name("ended"), ["uts"], ["hostname"]),
        task(fleet.name("created"), ["uts"], ["hostname"]),
        task(fleet.name("nobody"), ["uts"], ["hostname"]),
        task(fleet.glob, ["uts"], ["hostname"]),
        task(fleet.name("web"), ["network"], ["hostname"]),
        task(fleet.name("web"), ["uts"], []),
        {**task(fleet.name("web"), ["net"], ["hostname"]), **AS_NOBODY},
        vars={"ansible_python_interpreter": "/usr/bin/python3"},
    )
    expected = [
        "does not run (its state is exited)",
        "does not run (its state is created)",
        "no container has the name or id",
        "give the name or id of one",
        "value of namespaces must be one or more of: pid, net, ipc, mnt, uts, user, cgroup, time",
        "argv is an empty list",
        "no container has the name or id",
    ]
    for result, message in zip(results, expected, strict=True):
        assert result["failed"] is True
        assert message in result["msg"]
        assert "stdout" not in result


def test_without_root_it_is_said_who_may(fleet: Fleet) -> None:
    container = fleet.run("closed")
    # Without the engine's word, its name is not known.
    run = {**task(str(container.id), ["net"], ["hostname"]), **AS_NOBODY}
    (result,) = play(run, vars={"ansible_python_interpreter": "/usr/bin/python3"})
    assert result["failed"] is True
    assert f"/proc/{pid_of(container)}/ns/net can't be opened: Permission denied; only root may" in result["msg"]


def test_check_mode_runs_nothing(fleet: Fleet, web: int, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    run = task(fleet.name("web"), ["uts"], ["touch", str(mark)])
    checked, failed, done = play(
        {**run, "check_mode": True},
        {**task(fleet.name("nobody"), ["uts"], ["touch", str(mark)]), "check_mode": True},
        {**run, "changed_when": False},
    )
    assert (checked["changed"], checked["skipped"], checked["pid"]) == (False, True, web)
    assert f"would have run ['touch', '{mark}'] in uts of '{fleet.name('web')}' (PID {web})" in checked["msg"]
    assert failed["failed"] is True
    assert (done["changed"], done["rc"], mark.exists()) == (False, 0, True)


def test_users_of_its_own() -> None:
    with remapped.engine() as (client, socket):
        container = client.containers.run(
            appimage.image(client), ["sleep", "900"], name="fathom-live-enter", detach=True, network_mode="none"
        )
        container.reload()
        pid = pid_of(container)
        show = ["sh", "-c", "id -u; id -g; cat /proc/self/uid_map; hostname"]
        options = {"docker_socket": str(socket)}
        everything, alone, host = play(
            task("fathom-live-enter", list(inside.TYPES), show, **options),
            task("fathom-live-enter", ["user"], ["cat", "/proc/self/uid_map"], **options),
            task("fathom-live-enter", ["pid", "mnt"], ["cat", "/proc/self/uid_map"], **options),
        )
        mapped = ["0", str(remapped.FIRST_ID), str(remapped.IDS)]
        assert everything["stdout_lines"][:2] == ["0", "0"]
        assert everything["stdout_lines"][2].split() == mapped
        assert everything["stdout_lines"][3] == container.short_id
        assert everything["namespaces"][-1] == "user"
        told = by_command(pid, ["user"], ["cat", "/proc/self/uid_map"]).stdout.decode().split()
        assert alone["stdout"].split() == told
        assert host["stdout"].split() == ["0", "0", "4294967295"]


def test_program_sees_no_file_that_was_left_open(fleet: Fleet, web: int) -> None:
    assert web
    (result,) = play(task(fleet.name("web"), ["mnt", "pid"], ["ls", "/proc/self/fd"]))
    # The last one is that of the listing.
    assert result["stdout_lines"] == ["0", "1", "2", "3"]


def test_nothing_is_left(fleet: Fleet, web: int) -> None:
    before = eventually(lambda: kernel.cgroup(web, "pids").text("cgroup.procs"))
    play(task(fleet.name("web"), ["pid", "mnt"], ["true"]))
    assert kernel.cgroup(web, "pids").text("cgroup.procs") == before
    (result,) = play(task(fleet.name("web"), ["pid", "mnt"], ["ls", "/proc"]))
    assert len([word for word in result["stdout_lines"] if word.isdigit()]) == 2


def _pids() -> list[int]:
    return [int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit()]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() if pid != os.getpid() else b""
    except (FileNotFoundError, ProcessLookupError):
        return b""
