"""The tour of containers of Docker 26 and of Podman 5 on cgroup v2, beside what the machine's own programs say."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.vm import zoo
from lab.vm.image import HOST_NAME
from lab.vm.zoo import Resident
from tests.live import tourtext
from tests.live.savedimage import Saved
from tests.live.tourtext import cell, chapter
from tests.vm import inside, kernel
from tests.vm.host import Vm
from tests.vm.inside import Inside
from tests.vm.kernel import Cgroup

# Of each engine one. The limit that counts for the first is of the slice above it, and for the other its own.
KINDS = ("docker-in-slice", "podman-limited")
WORDS = {64 * zoo.MIB: "64 MiB", 128 * zoo.MIB: "128 MiB", 1024 * zoo.MIB: "1 GiB"}
CHAPTERS = 12


@dataclass(frozen=True)
class Sight:
    """Of one container, the tour as text and as a page, and what the kernel and the engine's own program say.

    `membership`: the cgroup of its first process. `root`: the names in its root directory. `steps`: how many its
    image's history has.
    """

    told: list[str]
    page: str
    resident: Resident
    view: Inside
    host: Inside
    cgroup: Cgroup
    membership: str
    effective: tuple[int, str]
    image: Saved
    steps: int
    root: list[str]


@pytest.fixture(scope="module")
def sights(vm: Vm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Sight]]:
    """By kind."""
    folder = tmp_path_factory.mktemp("tour")
    try:
        everybody = vm.resume_inhabited()
        residents = {kind: everybody[kind] for kind in KINDS}
        views = inside.look(vm, [1, *(one.pid for one in residents.values())])
        yield {kind: _look(vm, resident, views, folder) for kind, resident in residents.items()}
    finally:
        vm.clean()


def _look(vm: Vm, resident: Resident, views: dict[int, Inside], folder: Path) -> Sight:
    engine = resident.kind.engine
    done = vm.playbook("playbooks/tour.yml", {"container": resident.name, "tour_report_dir": str(folder)})
    assert done.returncode == 0, done.stdout + done.stderr
    cgroup = kernel.cgroup(vm, resident)
    template = "{{.Id}} {{json .RootFS.Layers}}"
    image_id, diff_ids = vm.run([engine, "image", "inspect", "--format", template, zoo.IMAGE]).split(maxsplit=1)
    return Sight(
        told=tourtext.lines(done.stdout),
        page=html.unescape((folder / f"tour-{resident.name}@{HOST_NAME}.html").read_text(encoding="utf-8")),
        resident=resident,
        view=views[resident.pid],
        host=views[1],
        cgroup=cgroup,
        membership=vm.read(f"/proc/{resident.pid}/cgroup").strip().removeprefix("0::"),
        effective=kernel.smallest_limit(vm, cgroup.path),
        image=Saved("sha256:" + image_id.removeprefix("sha256:"), json.loads(diff_ids), {}),
        steps=len(vm.run([engine, "history", "--quiet", zoo.IMAGE]).splitlines()),
        root=vm.run([engine, "exec", resident.name, "ls", "-A", "/"]).split(),
    )


@pytest.fixture(params=KINDS)
def sight(request: pytest.FixtureRequest, sights: dict[str, Sight]) -> Sight:
    return sights[request.param]


def printed(lines: list[str], command: str) -> list[str]:
    """What a program said that was entered with, up to the next one or to where the namespace is kept."""
    begin = lines.index(f"$ {command}") + 1
    end = next(number for number in range(begin, len(lines)) if lines[number].startswith(("$ ", "where: ")))
    return lines[begin:end]


def interfaces(lines: list[str]) -> set[str]:
    """The names in what `ip -brief` printed, without those of their other ends."""
    return {line.split()[0].partition("@")[0] for line in lines}


def test_the_layers_of_its_image(sight: Sight) -> None:
    lines = chapter(sight.told, "The layers of its image")
    assert zoo.IMAGE in cell(lines, "image")
    assert cell(lines, "id") == sight.image.id
    assert sight.image.chain_ids
    for number, chain_id in enumerate(sight.image.chain_ids, 1):
        assert [line for line in lines if line.startswith(f"{number} ") and f" {chain_id[7:19]} " in line]
    steps = chapter(sight.told, "How the image was built")
    assert len([line for line in steps if re.match(r"\d{4}-\d\d-\d\d ", line)]) == sight.steps > 0


def test_the_view_from_inside(sight: Sight) -> None:
    lines = chapter(sight.told, "The view from inside")
    assert cell(lines, "hostname") == sight.view.hostname != sight.host.hostname
    begin = lines.index("The root directory, as it is listed inside:") + 1
    end = next(number for number in range(begin, len(lines)) if lines[number].startswith("where: "))
    assert " ".join(lines[begin:end]).split() == sorted(sight.root)


def test_processes_and_namespaces(sight: Sight) -> None:
    pid = sight.resident.pid
    assert [line for line in chapter(sight.told, "Its processes, seen from the host") if re.match(rf"{pid} +1 ", line)]
    lines = chapter(sight.told, "Its namespaces, and whose they are")
    for kind, inode in sight.view.inodes.items():
        (row,) = [line for line in lines if line.startswith(f"{kind} ")]
        assert f" {inode} " in row
        assert row.endswith("the host's") is (inode == sight.host.inodes[kind])


def test_namespaces_entered_alone(sight: Sight) -> None:
    uts, net = chapter(sight.told, "Its uts namespace alone"), chapter(sight.told, "Its net namespace alone")
    assert printed(uts, "hostname") == [sight.view.hostname]
    assert printed(net, "hostname") == [sight.host.hostname]
    of_host, own = ({row["ifname"] for row in one.interfaces.values()} for one in (sight.host, sight.view))
    assert interfaces(printed(uts, "ip -brief link")) == of_host
    assert interfaces(printed(net, "ip -brief address")) == own != of_host


def test_cgroup_and_memory(sight: Sight) -> None:
    rows = [line.split() for line in chapter(sight.told, "Its cgroup in every hierarchy") if line.startswith("0 ")]
    assert rows == [["0", "cgroup", "v2", sight.membership]]
    assert sight.membership in sight.page
    limits = chapter(sight.told, "Its memory limit")
    assert cell(limits, "limit") == WORDS[sight.cgroup.number("memory.max")]
    assert f"where: {kernel.ROOT}{sight.cgroup.path}/memory.max" in limits
    bytes_that_count, source = sight.effective
    counts = chapter(sight.told, "The limit that counts, and who sets it")
    assert cell(counts, "limit that counts") == WORDS[bytes_that_count]
    own = source == sight.cgroup.path
    assert cell(counts, "set by") == ("the container's own cgroup" if own else f"the cgroup {source}, above it")


def test_the_limit_that_counts_may_be_of_a_slice(sights: dict[str, Sight]) -> None:
    assert [sights[kind].effective[0] for kind in KINDS] == [zoo.SLICE_LIMIT_BYTES, 64 * zoo.MIB]


def test_what_the_engine_declares(sights: dict[str, Sight]) -> None:
    """No service of Podman runs, which alone could tell."""
    docker, podman = (chapter(sights[kind].told, "What the engine declares") for kind in KINDS)
    assert cell(docker, "memory_bytes") == WORDS[zoo.KINDS[KINDS[0]].memory_bytes or 0]
    assert "No engine tells what it declares" in " ".join(podman)


def test_the_page_tells_the_same(sight: Sight) -> None:
    assert len(re.findall("<section ", sight.page)) == CHAPTERS
    assert sight.page.count("<figure ") == 3
    assert sight.image.id in sight.page
    assert all(str(inode) in sight.page for inode in sight.view.inodes.values())
