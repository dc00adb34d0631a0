"""The tour's playbook on this machine: what it tells beside what the engine's own program and the kernel say."""

from __future__ import annotations

import html
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from lab import CHECKOUT
from tests.live import kernel, savedimage, tourtext
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.shelf import Shelf
from tests.live.tourtext import cell, chapter

SECRET = "hunter2"
CHAPTERS = 12
LAYERS = 120
BUILT = (
    "FROM {base}\nARG API_TOKEN\nRUN mkdir /app && touch /app/file '/a b' /.hidden\nWORKDIR /app\n"
    'CMD ["sleep", "900"]\n'
)


class Tour:
    """Runs of the playbook, whose pages go to one directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = 0

    def run(self, container: str | None, *options: str) -> str:
        """What it printed; `code` has how it ended."""
        extra: dict[str, Any] = {"tour_report_dir": str(self.folder)}
        if container is not None:
            extra["container"] = container
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "playbooks/tour.yml"]
        done = subprocess.run(
            [*command, "-e", json.dumps(extra), *options], cwd=CHECKOUT, capture_output=True, text=True, check=False
        )
        self.code = done.returncode
        return done.stdout + done.stderr

    def walk(self, container: str) -> list[str]:
        """The lines of the tour of a container."""
        printed = self.run(container)
        assert self.code == 0, printed
        return tourtext.lines(printed)

    def page(self, container: str) -> str:
        return (self.folder / f"tour-{container}@localhost.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    return Tour(tmp_path_factory.mktemp("tour") / "a b")


@pytest.fixture(scope="module")
def shelf(client: docker.DockerClient, fleet: Fleet) -> Iterator[Shelf]:
    shelf = Shelf(client, secrets.token_hex(3))
    try:
        yield shelf
    finally:
        # Images that containers use can't be removed.
        fleet.remove()
        shelf.remove()


@pytest.fixture(scope="module")
def web(fleet: Fleet, shelf: Shelf, image: str) -> Container:
    """A container upon two layers, with a limit and a network of its own."""
    built = shelf.build("web", BUILT.format(base=image), API_TOKEN=SECRET)
    return fleet.run("web", image=built.id, mem_limit=64 * MIB, hostname="web-1", network_mode="bridge")


@pytest.fixture(scope="module")
def told(tour: Tour, web: Container) -> list[str]:
    return tour.walk(str(web.name))


def said(container: Container, *command: str) -> list[str]:
    """The lines that a program prints in a container, run there by the engine."""
    done = subprocess.run(["docker", "exec", str(container.id), *command], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_image(told: list[str], shelf: Shelf) -> None:
    saved = shelf.save("web")
    lines = chapter(told, "The layers of its image")
    assert cell(lines, "id") == saved.id
    for number, chain_id in enumerate(saved.chain_ids, 1):
        assert [line for line in lines if line.startswith(f"{number} ") and chain_id[7:19] in line]
    steps = chapter(told, "How the image was built")
    assert len([line for line in steps if re.match(r"\d{4}-\d\d-\d\d ", line)]) == len(saved.history)
    assert SECRET in str(saved.history)
    assert SECRET not in "\n".join(told)


def test_the_root_directory_is_as_docker_exec_lists_it(told: list[str], web: Container) -> None:
    listed = said(web, "ls", "-A", "/")
    assert {".hidden", "a b", "app", "bin"} <= set(listed)
    lines = chapter(told, "The view from inside")
    begin = lines.index("The root directory, as it is listed inside:") + 1
    assert " ".join(lines[begin : begin + 1]).split("  ") == sorted(listed)


def test_the_view_from_inside(told: list[str], web: Container) -> None:
    lines = chapter(told, "The view from inside")
    assert [cell(lines, "hostname")] == said(web, "hostname") == ["web-1"]
    address = web.attrs["NetworkSettings"]["IPAddress"]
    assert [line for line in lines if f"{address}/" in line and "eth0" in line]


def test_processes_and_namespaces(told: list[str], web: Container) -> None:
    pid = pid_of(web)
    assert [line for line in chapter(told, "Its processes, seen from the host") if re.match(rf"{pid} +1 ", line)]
    lines = chapter(told, "Its namespaces, and whose they are")
    for kind in ("pid", "net", "mnt", "uts", "user"):
        inode = Path(f"/proc/{pid}/ns/{kind}").readlink().name.strip("]").rpartition("[")[2]
        assert [line for line in lines if line.startswith(f"{kind} ") and f" {inode} " in line], kind


def test_namespaces_entered_alone(told: list[str], web: Container) -> None:
    own = Path("/proc/sys/kernel/hostname").read_text(encoding="utf-8").strip()
    uts, net = chapter(told, "Its uts namespace alone"), chapter(told, "Its net namespace alone")
    assert (uts[uts.index("$ hostname") + 1], net[net.index("$ hostname") + 1]) == ("web-1", own)
    assert [line for line in uts if line.startswith("docker0 ")]
    assert [line for line in net if line.startswith("eth0@") and web.attrs["NetworkSettings"]["IPAddress"] in line]


def test_cgroups_and_memory(told: list[str], web: Container) -> None:
    pid = pid_of(web)
    lines = chapter(told, "Its cgroup in every hierarchy")
    for row in kernel.hierarchies(pid):
        assert [line for line in lines if line.startswith(f"{row['id']} ") and line.endswith(f"  {row['path']}")]
    memory = kernel.cgroup(pid, "memory")
    limits = chapter(told, "Its memory limit")
    assert cell(limits, "limit") == "64 MiB"
    assert kernel.memory_limit(memory) == 64 * MIB
    paths = [line.removeprefix("where: ") for line in limits if line.startswith("where: ")]
    assert [int(Path(paths[0]).read_text(encoding="ascii"))] == [64 * MIB]
    assert cell(chapter(told, "The limit that counts, and who sets it"), "set by") == "the container's own cgroup"
    assert cell(chapter(told, "What the engine declares"), "memory_bytes") == "64 MiB"


def test_the_page_tells_the_same(tour: Tour, told: list[str], web: Container) -> None:
    page = html.unescape(tour.page(str(web.name)))
    assert len(re.findall("<section ", page)) == CHAPTERS
    assert SECRET not in page
    assert "<code>a b</code>" in page
    assert cell(chapter(told, "The layers of its image"), "id") in page
    assert page.count("<figure ") == 3


def test_no_container_named(tour: Tour) -> None:
    printed = " ".join(tour.run(None).split())
    assert tour.code != 0
    assert "no container is named; give the name or id of one, as in -e container=NAME; " in printed


def test_two_that_match(tour: Tour, fleet: Fleet) -> None:
    names = [fleet.run(purpose).name for purpose in ("two-first", "two-second")]
    printed = " ".join(tour.run(fleet.name("two*")).split())
    assert tour.code != 0
    assert f"{fleet.name('two*')} fits 2 containers; give the name or id of one" in printed
    assert all(str(name) in printed for name in names)


def test_one_that_is_not_there(tour: Tour, web: Container) -> None:
    printed = " ".join(tour.run(f"{web.name}x").split())
    assert tour.code != 0
    assert f"no container has the name or id '{web.name}x'; near it: " in printed
    assert "Traceback" not in printed


def test_one_that_does_not_run(tour: Tour, fleet: Fleet) -> None:
    container = fleet.create("idle", mem_limit=64 * MIB)
    told = tour.walk(str(container.name))
    assert cell(chapter(told, "The container"), "state") == "created"
    assert cell(chapter(told, "What the engine declares"), "memory_bytes") == "64 MiB"
    assert [line for line in chapter(told, "The layers of its image") if line.startswith("1 ")]
    for title in (
        "Its processes, seen from the host",
        "The view from inside",
        "Its memory limit",
        "Its uts namespace alone",
    ):
        assert "It does not run" in " ".join(chapter(told, title)), title


def test_an_image_that_was_removed_below_a_running_container(
    tour: Tour, fleet: Fleet, shelf: Shelf, image: str
) -> None:
    built = shelf.build("removed", f"FROM {image}\nRUN touch /removed\n")
    container = fleet.create("removed", image=built.id)
    fleet.client.images.remove(str(built.id), force=True)
    container.start()
    told = tour.walk(str(container.name))
    lines = chapter(told, "The layers of its image")
    assert cell(lines, "id") == str(built.id)
    assert "The engine no longer has this image" in " ".join(lines)
    assert cell(chapter(told, "Its memory limit"), "limit") == "unlimited"


def test_one_static_program_many_layers_and_a_long_line(tour: Tour, fleet: Fleet, shelf: Shelf) -> None:
    """Nothing but one program inside, no shell and no links to it; and 120 steps, of which one has 64 KiB."""
    program, _about = fleet.run("giver").get_archive("/bin/busybox")
    layers = [b"".join(program), *(savedimage.layer(f"file-{number}", b"x" * number) for number in range(1, LAYERS))]
    history = [{"created_by": "ADD busybox"}, *({"created_by": f"RUN {number}"} for number in range(2, LAYERS))]
    history.append({"created_by": "RUN " + "x" * 65536})
    loaded = shelf.load("static", layers, history)
    container = fleet.run("static", ["/busybox", "sleep", "900"], image=loaded.id)
    told = tour.walk(str(container.name))
    names = " ".join(chapter(told, "The view from inside"))
    assert {"busybox", "file-1", f"file-{LAYERS - 1}"} <= set(names.split())
    assert "and 80 more, which are on the page" in chapter(told, "The layers of its image")
    page = tour.page(str(container.name))
    assert page.count('<rect class="own"') == LAYERS
    assert "x" * 1000 in page
    assert "x" * 20000 not in page


def test_an_engine_that_is_elsewhere_and_a_host_whose_name_is_a_path(
    tour: Tour, tmp_path: Path, web: Container
) -> None:
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"../one@two": host}}}), encoding="utf-8")
    elsewhere = {"tour_docker_socket": str(tmp_path / "absent"), "tour_engine_timeout": 5}
    printed = tour.run(str(web.id), "-i", str(inventory), "-e", json.dumps(elsewhere))
    assert tour.code == 0, printed
    assert cell(chapter(tourtext.lines(printed), "The container"), "engine") == "docker, which does not tell of it"
    pages = {path.name for path in tour.folder.iterdir()}
    assert f"tour-{str(web.id)[:12]}@..%2Fone%40two.html" in pages


def test_check_mode_writes_nothing(tmp_path: Path, web: Container) -> None:
    elsewhere = Tour(tmp_path / "never")
    printed = elsewhere.run(str(web.name), "--check")
    assert elsewhere.code == 0, printed
    assert "12. What the engine declares" in printed
    assert "8. Its net namespace alone" in printed
    assert not elsewhere.folder.exists()
