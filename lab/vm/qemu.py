"""qemu processes: started in the background, spoken to through a monitor, ended by what their directory says."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab import LabError

SSH_GUEST_PORT = 22
_QEMU = "qemu-system-x86_64"
_KVM = Path("/dev/kvm")
# A kernel under a working KVM writes its first line within a fraction of a second.
_KVM_PROBE_SECONDS = 5
_ACCELERATORS = {
    "kvm": ("-accel", "kvm", "-cpu", "host"),
    "tcg": ("-accel", "tcg,thread=multi,tb-size=512", "-cpu", "qemu64"),
}
# A snapshot is resumed only by a machine with these very parts. The network reaches this machine's loopback port and
# nothing else.
HARDWARE = (
    *("-machine", "q35", "-m", "2048", "-smp", "2", "-no-user-config", "-nodefaults", "-display", "none"),
    *("-device", "virtio-blk-pci,drive=root", "-device", "virtio-net-pci,netdev=net,romfile="),
)
_NETWORK = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:{SSH_GUEST_PORT}"


class Monitor:
    """The machine's QMP monitor; it closes with this object, and the machine runs on."""

    def __init__(self, connection: socket.socket) -> None:
        self._stream = connection.makefile("rw", encoding="utf-8")
        self._stream.readline()  # the greeting
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments: Any) -> Any:
        """Run a QMP command and return what it returns; LabError with qemu's own words where it fails."""
        self._stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._stream.flush()
        for line in self._stream:
            answer = json.loads(line)
            if "error" in answer:
                raise LabError(f"qemu's monitor refuses {command} {arguments}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise LabError(f"qemu ended during {command} {arguments}")

    def human(self, line: str) -> str:
        """What the human monitor answers to `line`: some commands have no other form."""
        return str(self.execute("human-monitor-command", **{"command-line": line}))

    def ssh_port(self) -> int:
        """The loopback port that qemu chose for the machine's ssh: no one else can have taken it meanwhile."""
        table = self.human("info usernet")
        found = re.search(r"HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)", table)
        if not found:
            raise LabError(f"qemu forwards no port to the machine: {table.strip()!r}")
        return int(found[1])


def version() -> str:
    """qemu's own line on its version."""
    return subprocess.run([_QEMU, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def launch(directory: Path, disk: Path, accelerator: str, extra: Sequence[str]) -> Monitor:
    """Start a machine on `disk` in the background; its process id and console are kept in `directory`."""
    ours, qemus = socket.socketpair()
    with qemus:
        command = [
            *(_QEMU, *_ACCELERATORS[accelerator], *HARDWARE),
            *("-netdev", _NETWORK),
            # The disk is thrown away with the machine: nothing is gained by waiting for the host's one.
            *("-drive", f"if=none,id=root,file={_escaped(disk)},format=qcow2,cache=unsafe,discard=unmap"),
            *("-serial", f"file:{directory / 'console'}"),
            *("-chardev", f"socket,id=monitor,fd={qemus.fileno()}", "-mon", "chardev=monitor,mode=control"),
            *("-daemonize", "-pidfile", str(_pid_file(directory))),
            *extra,
        ]
        started = subprocess.run(command, pass_fds=[qemus.fileno()], capture_output=True, text=True, check=False)
    if started.returncode != 0:
        raise LabError(f"{_QEMU} failed with exit code {started.returncode}: {started.stderr.strip()}")
    return Monitor(ours)


def boot_options(kernel: Path, initrd: Path) -> list[str]:
    """Options that boot a kernel from this machine's files, the disk being one bare file system."""
    append = "root=/dev/vda rw console=ttyS0 quiet mitigations=off"
    return ["-kernel", str(kernel), "-initrd", str(initrd), "-append", append]


def running(directory: Path) -> int | None:
    """The process id of the machine that runs for `directory`; None if none does."""
    pid_file = _pid_file(directory)
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    # The process id may be another process's by now.
    return pid if os.fsencode(pid_file) in arguments else None


def end(directory: Path) -> None:
    """End the machine that runs for `directory`, if one does."""
    if (pid := running(directory)) is None:
        return
    os.kill(pid, signal.SIGKILL)
    while running(directory) is not None:
        time.sleep(0.02)


def accelerator(kernel: Path) -> str:
    """ "kvm" if `kernel` really runs under it here, else "tcg".

    A /dev/kvm that opens proves nothing: where virtual machines are nested it may fail at an instruction only.
    """
    if not os.access(_KVM, os.R_OK | os.W_OK):
        return "tcg"
    with tempfile.TemporaryDirectory(prefix="fathom-vm-") as scratch:
        console = Path(scratch) / "console"
        command = [
            *(_QEMU, *_ACCELERATORS["kvm"], "-machine", "q35", "-m", "512", "-nodefaults", "-display", "none"),
            *("-serial", f"file:{console}", "-no-reboot", "-kernel", str(kernel)),
            *("-append", "console=ttyS0 panic=-1"),
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as probe:
            try:
                return "kvm" if _speaks(probe, console) else "tcg"
            finally:
                probe.kill()


def _speaks(probe: subprocess.Popen[bytes], console: Path) -> bool:
    deadline = time.monotonic() + _KVM_PROBE_SECONDS
    while time.monotonic() < deadline:
        if console.exists() and b"Linux version" in console.read_bytes():
            return True
        if probe.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def _pid_file(directory: Path) -> Path:
    return directory / "qemu.pid"


def _escaped(path: Path) -> str:
    # In qemu's option lists a comma ends a value; doubled it stands for itself.
    return str(path).replace(",", ",,")
