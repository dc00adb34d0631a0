"""The tour of containers of Docker 26 and of Podman 5 on cgroup v2, beside what their own programs say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live import tourtext
from tests.live.tourtext import cell, chapter
from tests.vm import boxes
from tests.vm.boxes import Box
from tests.vm.host import Vm

BOXES = {
    "docker": Box("fathom-tour-docker", "docker", "--memory 64m --hostname inside"),
    "podman": Box("fathom-tour-podman", "podman", "--memory 64m --hostname inside"),
    "podman-rootless": Box("fathom-tour-lab", "podman", "--memory 64m --hostname inside", user="lab"),
}


@dataclass
class Sight:
    """By engine, the tour as text, its page, and what the engine's program says of the same things."""

    told: dict[str, list[str]]
    pages: dict[str, str]
    root: dict[str, list[str]]
    looks: dict[str, boxes.Look]


@pytest.fixture(scope="module")
def sight(vm: Vm, tmp_path_factory: pytest.TempPathFactory) -> Sight:
    folder = tmp_path_factory.mktemp("tour")
    try:
        boxes.start(vm, BOXES.values())
        looks = boxes.look(vm, BOXES.values())
        told, pages = {}, {}
        for name, box in BOXES.items():
            done = vm.playbook("playbooks/tour.yml", {"container": box.name, "tour_report_dir": str(folder)})
            assert done.returncode == 0, done.stdout + done.stderr
            told[name] = tourtext.lines(done.stdout)
            (page,) = Path(folder).glob(f"tour-*-{box.name}.html")
            pages[name] = page.read_text(encoding="utf-8")
        root = {
            name: vm.run([box.engine, "exec", box.name, "ls", "-A", "/"], user=box.user).splitlines()
            for name, box in BOXES.items()
        }
        return Sight(told, pages, root, {name: looks[box.name] for name, box in BOXES.items()})
    finally:
        vm.clean()


@pytest.mark.parametrize("name", BOXES)
def test_the_view_from_inside(name: str, sight: Sight) -> None:
    lines = chapter(sight.told[name], "The view from inside")
    assert cell(lines, "hostname") == "inside"
    begin = lines.index("The root directory, as it is listed inside:") + 1
    listed = [word for line in lines[begin:] if not line.startswith("where: ") for word in line.split()]
    assert listed == sorted(sight.root[name])


@pytest.mark.parametrize("name", BOXES)
def test_its_layers_are_told_also_without_a_service(name: str, sight: Sight) -> None:
    lines = chapter(sight.told[name], "The layers of its image")
    assert "fathom-lab/busybox" in cell(lines, "image")
    assert [line for line in lines if line.startswith("1 ")]


@pytest.mark.parametrize("name", BOXES)
def test_cgroup_and_memory(name: str, sight: Sight) -> None:
    told, look = sight.told[name], sight.looks[name]
    rows = [line for line in chapter(told, "Its cgroup in every hierarchy") if line.startswith("0 ")]
    assert len(rows) == 1
    assert look.id in rows[0]
    assert look.memory == 64 << 20
    assert cell(chapter(told, "Its memory limit"), "limit") == "64 MiB"
    assert cell(chapter(told, "The limit that counts, and who sets it"), "set by") == "the container's own cgroup"
    assert [line for line in chapter(told, "Its processes, seen from the host") if line.startswith(f"{look.pid} ")]


@pytest.mark.parametrize("name", BOXES)
def test_the_page_has_every_chapter(name: str, sight: Sight) -> None:
    assert sight.pages[name].count("<section ") == 12
