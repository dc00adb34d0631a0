"""The golden snapshot: the virtual machine booted once, its images loaded, saved while it runs."""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab import LabError, cache
from lab.vm import qemu
from lab.vm.image import GUEST, Image, image, need_tools
from lab.vm.shell import Shell

SNAPSHOT = "golden"
_BOOT_TIMEOUT_SECONDS = 400
_PROVISION_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Golden:
    """A machine to resume: `disk` holds the snapshot SNAPSHOT, taken under `accelerator`."""

    image: Image
    disk: Path
    accelerator: str


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


def discard(directory: Path) -> None:
    """Remove a directory that a machine may still run on."""
    qemu.end(directory)
    shutil.rmtree(directory)


def _take(base: Image, directory: Path) -> None:
    accelerator = qemu.accelerator(base.kernel)
    print(f"lab: booting the virtual machine once for a snapshot ({accelerator}, half a minute)", file=sys.stderr)
    disk = directory / "disk.qcow2"
    shutil.copyfile(base.disk, disk)
    monitor = qemu.launch(directory, disk, accelerator, qemu.boot_options(base.kernel, base.initrd))
    try:
        with tempfile.TemporaryDirectory(prefix="fathom-vm-") as control:
            shell = Shell(base, monitor.ssh_port(), Path(control))
            shell.wait(directory / "console", _BOOT_TIMEOUT_SECONDS)
            provision = (GUEST / "provision").read_text(encoding="utf-8")
            shell.run("sh -s", stdin=provision, timeout_seconds=_PROVISION_TIMEOUT_SECONDS)
            shell.close()
        if said := monitor.human(f"savevm {SNAPSHOT}").strip():
            raise LabError(f"qemu can't take the snapshot: {said}")
        monitor.execute("quit")
    finally:
        qemu.end(directory)
    (directory / "facts.json").write_text(json.dumps({"accelerator": accelerator}), encoding="utf-8")


def _processor() -> str:
    """The model name of this machine's processor: a snapshot taken under KVM belongs to it."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""
