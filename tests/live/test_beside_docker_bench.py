"""container_audit beside docker-bench-security on the same containers, and the kernel's own files beside both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.capabilities import CAPABILITIES
from docker.models.containers import Container

from lab import CHECKOUT, engine
from tests.live import appimage, docker_bench, inside, kernel, remapped
from tests.live.breaches import ALWAYS, CIS, HARD, HOSTS, KINDS, OLD, SOCKET, shared_directory, start
from tests.live.cgrouptree import CgroupTree
from tests.live.docker_bench_page import ITEMS, NOT_ASKED, PAGE, REMAPPED, Said, page, why
from tests.live.fleet import Fleet, pid_of
from tests.live.plays import Json, play

AUDIT = "fathom.containers.container_audit"
WRITTEN = CHECKOUT / ".cache" / "output" / PAGE.name
Both = dict[str, tuple[Container, Said]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("beside")


@pytest.fixture(scope="module")
def audited(fleet: Fleet, tree: CgroupTree, folder: Path) -> Iterator[tuple[Json, dict[str, Container]]]:
    """The audit's answer for the containers of this machine's engine, and these by kind."""
    (folder / "shared").mkdir()
    with shared_directory(folder / "shared") as shared:
        containers = start(fleet, tree, shared)
        yield _audit(fleet, engine.SOCKET), containers


@pytest.fixture(scope="module")
def both(fleet: Fleet, audited: tuple[Json, dict[str, Container]], folder: Path) -> Both:
    return _beside(fleet, *audited, engine.SOCKET, folder)


@pytest.fixture(scope="module")
def both_of_remapped(fleet: Fleet, folder: Path) -> Both:
    """The same of an engine that gives user namespaces, which is gone by now."""
    with remapped.engine() as (client, socket):
        others = Fleet(client, appimage.image(client), f"{fleet.token}-remapped")
        modes = {"remapped-users": "", "users-of-host": "host"}
        containers = {kind: others.run(kind, **HARD, userns_mode=mode) for kind, mode in modes.items()}
        return _beside(others, _audit(others, socket), containers, socket, folder)


def _audit(fleet: Fleet, socket: Path) -> Json:
    (answer,) = play({AUDIT: {"containers": [fleet.glob], "docker_socket": str(socket), "packs": ["baseline", CIS]}})
    return answer


def _beside(fleet: Fleet, answer: Json, containers: dict[str, Container], socket: Path, folder: Path) -> Both:
    by_docker_bench = docker_bench.asked(containers.values())
    if docker_bench.CHECKOUT:
        told = docker_bench.told(Path(docker_bench.CHECKOUT), fleet.prefix, socket, folder)
        assert told == {name: items for name, items in by_docker_bench.items() if items}
    return {kind: (one, _said(by_docker_bench[fleet.name(kind)], answer, one)) for kind, one in containers.items()}


def _said(by_docker_bench: set[str], answer: Json, one: Container) -> Said:
    found = [finding for finding in answer["findings"] if finding["container_id"] == one.id]
    failed = {finding["rule"] for finding in found if finding["status"] == "fail"}
    by_audit = {rule.removeprefix(f"{CIS}/") for rule in failed if rule.startswith(CIS)}
    return Said(by_docker_bench, by_audit, failed & NOT_ASKED.keys())


def test_page_has_what_the_run_gives(both: Both, both_of_remapped: Both) -> None:
    text = PAGE.read_text(encoding="utf-8")
    made = page(text, {kind: said for kind, (_container, said) in (both | both_of_remapped).items()})
    WRITTEN.parent.mkdir(parents=True, exist_ok=True)
    WRITTEN.write_text(made, encoding="utf-8")
    assert made == text, f"what this run gives is in {WRITTEN}"


def test_they_differ_where_a_reason_is_known_and_nowhere_else(both: Both, both_of_remapped: Both) -> None:
    for kind, (_container, said) in (both | both_of_remapped).items():
        differ = {item for item in ITEMS if (item in said.by_docker_bench) != (item in said.by_audit)}
        assert differ == {item for item in ITEMS if why(item, kind)}, kind


def test_audit_says_what_is_known_of_each(both: Both, both_of_remapped: Both) -> None:
    for kind, (_items_of, broken) in KINDS.items():
        assert both[kind][1].by_audit == broken | ALWAYS, kind
    assert {kind: said.by_audit for kind, (_container, said) in both_of_remapped.items()} == REMAPPED


def _is_hosts(kind: str) -> Callable[[Container], bool]:
    return lambda one: inside.inodes(pid_of(one))[kind] == inside.inodes(inside.HERE)[kind]


def _status(one: Container, key: str, base: int = 10) -> int:
    return int(kernel.process_status(pid_of(one))[key], base)


def _capabilities(one: Container) -> int:
    return _status(one, "CapBnd", 16) | _status(one, "CapEff", 16)


def _default_capabilities() -> int:
    return sum(1 << number for number, name in enumerate(CAPABILITIES) if name[4:] in docker_bench.DEFAULT_CAPABILITIES)


def _memory_is_unlimited(one: Container) -> bool:
    return kernel.effective_memory_limit(kernel.cgroup(pid_of(one), "memory"))[1] == "host"


def _shares_are_default(one: Container) -> bool:
    cpu = kernel.cgroup(pid_of(one), "cpu")
    return cpu.file("cpu.shares", "cpu.weight").read_text().strip() == ("1024" if cpu.version == 1 else "100")


def _inside(one: Container, path: str) -> Path:
    return Path(f"/proc/{pid_of(one)}/root{path}")


def _has_sensitive(one: Container) -> bool:
    places = [_inside(one, mount["Destination"]) for mount in one.attrs["Mounts"]]
    return any(place.samefile(host) for place in places for host in docker_bench.SENSITIVE if Path(host).exists())


def _reaches_socket(one: Container) -> bool:
    tails = ("", "/docker.sock", "/run/docker.sock")
    places = [_inside(one, mount["Destination"] + tail) for mount in one.attrs["Mounts"] for tail in tails]
    return any(place.exists() and place.samefile(SOCKET) for place in places)


def _mounted(one: Container, key: str, target: str | None = None) -> list[str]:
    return [mount[key] for mount in inside.mounts(pid_of(one)) if target in (None, mount["target"])]


# By item, whether a container breaks it, as /proc, findmnt and the cgroup's files have it.
KERNEL: dict[str, Callable[[Container], Any]] = {
    "5.4": lambda one: _capabilities(one) & ~_default_capabilities(),
    "5.5": lambda one: not HOSTS & ((1 << OLD) - 1) & ~_capabilities(one),
    "5.6": _has_sensitive,
    "5.10": _is_hosts("net"),
    "5.11": _memory_is_unlimited,
    "5.12": _shares_are_default,
    "5.13": lambda one: "ro" not in _mounted(one, "vfs-options", "/")[-1].split(","),
    "5.16": _is_hosts("pid"),
    "5.17": _is_hosts("ipc"),
    "5.20": lambda one: any("shared" in propagation for propagation in _mounted(one, "propagation")),
    "5.21": _is_hosts("uts"),
    "5.22": lambda one: _status(one, "Seccomp") == 0,
    "5.25": lambda one: kernel.cgroup(pid_of(one), "memory").parent.path != "/docker",
    "5.26": lambda one: _status(one, "NoNewPrivs") == 0,
    "5.29": lambda one: kernel.cgroup(pid_of(one), "pids").text("pids.max") == "max",
    "5.31": _is_hosts("user"),
    "5.32": _reaches_socket,
}


@pytest.mark.parametrize("item", ITEMS)
def test_kernel_has_what_the_audit_says(item: str, both: Both) -> None:
    for kind, (container, said) in both.items():
        assert bool(KERNEL[item](container)) == (item in said.by_audit), kind


def test_who_shares_with_whom_is_not_asked(both: Both) -> None:
    for one, other, kind in (
        ("net-of", "hard", "net"),
        ("pid-of", "shareable-ipc", "pid"),
        ("ipc-of", "shareable-ipc", "ipc"),
    ):
        pids = [pid_of(both[name][0]) for name in (one, other)]
        assert inside.inodes(pids[0])[kind] == inside.inodes(pids[1])[kind] != inside.inodes(inside.HERE)[kind]
        for name in (one, other):
            assert "baseline/other-containers" in both[name][1].beyond
            assert both[name][1].by_docker_bench == both["capable"][1].by_docker_bench - {"5.4"}


def test_apparmor_and_selinux_are_missed_where_the_kernel_has_none(
    audited: tuple[Json, dict[str, Container]], both: Both
) -> None:
    judged = {row["rule"]: row["containers"] - row["not_applicable"] for row in audited[0]["summary"]["rules"]}
    for item, there in (
        ("5.2", Path("/sys/kernel/security/apparmor").exists()),
        ("5.3", Path("/sys/fs/selinux/enforce").exists()),
    ):
        assert judged[f"{CIS}/{item}"] == (len(both) if there else 0)
    warned = {kind for kind, (_container, said) in both.items() if "5.3" in said.by_docker_bench}
    # Any option of the engine's will do.
    assert warned == {"new-privileges"}
    if judged[f"{CIS}/5.2"] == 0:
        assert all("5.2" in said.by_docker_bench for _container, said in both.values())
