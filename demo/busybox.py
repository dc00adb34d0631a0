"""A busybox that needs no libraries: the whole userland of the demo's image."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from lab import LabError, packages

# Where a package has it, before and after the merge of / and /usr.
_PLACES = ("bin/busybox", "usr/bin/busybox")


def find(unpack_into: Path) -> Path:
    """This machine's static busybox, or that of the distribution's package, unpacked and not installed."""
    installed = shutil.which("busybox")
    if installed and _serves(Path(installed)):
        return Path(installed)
    if shutil.which("apt-get") and not _unpacked(unpack_into):
        packages.fetch("busybox-static", unpack_into)
    for busybox in _unpacked(unpack_into):
        if _serves(busybox):
            return busybox
    raise LabError(
        "the demo's image is made of a statically linked busybox with httpd, and this machine has none:"
        " install one (Debian, Ubuntu: busybox-static; Fedora: busybox)"
    )


def applets(busybox: Path) -> list[str]:
    """The names of the commands in it."""
    return subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()


def _unpacked(folder: Path) -> list[Path]:
    return [folder / place for place in _PLACES if (folder / place).is_file()]


def _serves(busybox: Path) -> bool:
    return _is_static(busybox) and "httpd" in applets(busybox)


def _is_static(program: Path) -> bool:
    # ldd lists libraries and succeeds for a dynamic program; it fails for one that has no loader to ask.
    return subprocess.run(["ldd", program], capture_output=True, check=False).returncode != 0
