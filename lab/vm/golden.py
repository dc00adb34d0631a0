"""What the virtual machine is resumed from: booted once, its images loaded, saved while it runs; the same inhabited."""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import LabError, cache
from lab.vm import qemu, zoo
from lab.vm.image import GUEST, Image, image, need_tools
from lab.vm.shell import Shell
from lab.vm.zoo import Resident

SNAPSHOT = "golden"
RESUME_TIMEOUT_SECONDS = 240
_BOOT_TIMEOUT_SECONDS = 400
_PROVISION_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Golden:
    """A machine to resume: `disk` holds the snapshot SNAPSHOT, taken under `accelerator`."""

    image: Image
    disk: Path
    accelerator: str

    @property
    def residents(self) -> dict[str, Resident]:
        """Its containers, by kind; none but where it is inhabited."""
        file = self.disk.with_name("residents.json")
        told = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return {kind: Resident(**said, kind=zoo.KINDS[kind]) for kind, said in told.items()}


def golden() -> Golden:
    """The snapshot that this version of the lab describes, taken now if it isn't cached."""
    need_tools()
    base = image()
    host = (qemu.version(), platform.release(), _processor())
    what_goes_in = (base.directory.name, (GUEST / "provision").read_bytes(), *qemu.HARDWARE, *host)
    directory = cache.made_once(
        f"vm-golden-{cache.digest(*what_goes_in)}", lambda partial: _take(base, partial), discard=discard
    )
    facts = json.loads((directory / "facts.json").read_text(encoding="utf-8"))
    return Golden(base, directory / "disk.qcow2", facts["accelerator"])


def inhabited() -> Golden:
    """The same with a container of every kind of lab/vm/zoo.py, which takes minutes to start where it is emulated."""
    empty = golden()
    digest = cache.digest(empty.disk.parent.name, (GUEST / "zoo").read_bytes(), *zoo.KINDS)
    directory = cache.made_once(f"vm-inhabited-{digest}", lambda partial: _inhabit(empty, partial), discard=discard)
    return Golden(empty.image, directory / "disk.qcow2", empty.accelerator)


def discard(directory: Path) -> None:
    """Remove a directory that a machine may still run on."""
    qemu.end(directory)
    shutil.rmtree(directory)


def _take(base: Image, directory: Path) -> None:
    accelerator = qemu.accelerator(base.kernel)
    print(f"lab: booting the virtual machine once for a snapshot ({accelerator}, half a minute)", file=sys.stderr)
    disk = directory / "disk.qcow2"
    shutil.copyfile(base.disk, disk)
    with _saved(base, disk, accelerator, qemu.boot_options(base.kernel, base.initrd), _BOOT_TIMEOUT_SECONDS) as shell:
        provision = (GUEST / "provision").read_text(encoding="utf-8")
        shell.run("sh -s", stdin=provision, timeout_seconds=_PROVISION_TIMEOUT_SECONDS)
    (directory / "facts.json").write_text(json.dumps({"accelerator": accelerator}), encoding="utf-8")


def _inhabit(empty: Golden, directory: Path) -> None:
    print("lab: starting a container of every kind once for a snapshot (a minute or two)", file=sys.stderr)
    disk = directory / "disk.qcow2"
    shutil.copyfile(empty.disk, disk)
    resume = ["-loadvm", SNAPSHOT]
    with _saved(empty.image, disk, empty.accelerator, resume, RESUME_TIMEOUT_SECONDS) as shell:
        residents = zoo.start(shell)
    told = {kind: {"name": one.name, "id": one.id, "pid": one.pid} for kind, one in residents.items()}
    (directory / "residents.json").write_text(json.dumps(told), encoding="utf-8")


@contextmanager
def _saved(base: Image, disk: Path, accelerator: str, way: list[str], timeout_seconds: float) -> Iterator[Shell]:
    """A machine on this disk, and afterwards SNAPSHOT of it there; `way`: the options by which it comes up."""
    directory = disk.parent
    monitor = qemu.launch(directory, disk, accelerator, way)
    try:
        with tempfile.TemporaryDirectory(prefix="fathom-vm-") as control:
            shell = Shell(base, monitor.ssh_port(), Path(control))
            shell.wait(directory / "console", timeout_seconds)
            yield shell
            shell.close()
        if said := monitor.human(f"savevm {SNAPSHOT}").strip():
            raise LabError(f"qemu can't take the snapshot: {said}")
        monitor.execute("quit")
    finally:
        qemu.end(directory)


def _processor() -> str:
    """The model name of this machine's processor: a snapshot taken under KVM belongs to it."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""
