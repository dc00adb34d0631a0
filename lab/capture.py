"""`python -m lab.capture [--vm] [PID|PATTERN ...]`: what a host's kernel shows of its containers, as one packed text.

Of this machine, or of the virtual machine under test (--vm). PIDs are those of containers' processes (default: of all
that look like some), PATTERNs name further files there. The text goes to standard output; tests/unit/trees.py makes
files of it again.
"""

from __future__ import annotations

import argparse
import io
import os
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from lab import LabError
from lab.vm.machine import Machine
from lab.vm.shell import Shell
from tests.unit import trees

_SCRIPT = Path(__file__).with_name("capture_host.py")


def this_machine(*wanted: str) -> str:
    """The packed tree of this machine; `wanted` as capture_host takes it."""
    return _captured([sys.executable, "-", *wanted])


def virtual_machine(shell: Shell, *wanted: str) -> str:
    """The packed tree of a virtual machine under test."""
    return _captured(shell.command(shlex.join(["python3", "-", *wanted])))


def _captured(python: list[str]) -> str:
    with _SCRIPT.open("rb") as script:
        done = subprocess.run(python, stdin=script, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise LabError(f"capturing failed with exit code {done.returncode}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        entries = [_entry(archive, member) for member in archive]
        return trees.dump(entries, archive.pax_headers["comment"])


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> trees.Entry:
    path = f"/{member.name.lstrip('/')}"
    if member.issym():
        return trees.Entry(trees.LINK, path, member.mode, os.fsencode(member.linkname))
    if member.isdir():
        return trees.Entry(trees.DIRECTORY, path, member.mode)
    content = archive.extractfile(member)
    return trees.Entry(trees.FILE, path, member.mode, content.read() if content else b"")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.capture", description="Capture the containers of a host.")
    parser.add_argument("--vm", action="store_true", help="of the virtual machine under test, which must be up")
    parser.add_argument("wanted", nargs="*", metavar="PID|PATTERN", help="such as 4711, or /run/systemd/transient/*")
    options = parser.parse_args(argv)
    try:
        text = virtual_machine(Machine().shell(), *options.wanted) if options.vm else this_machine(*options.wanted)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
