"""Commands on the virtual machine, over ssh."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import LabError
from lab.vm.image import HOST_NAME, Image

_ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Shell:
    """How a running machine is reached. `control` is a directory for one ssh connection that all commands share."""

    image: Image
    port: int
    control: Path

    def options(self) -> list[str]:
        """What ssh has to be told beyond host, port, user and key."""
        return [
            *("-o", f'UserKnownHostsFile="{self.image.known_hosts}"', "-o", f"HostKeyAlias={HOST_NAME}"),
            *("-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"),
        ]

    def command(self, *arguments: str, user: str = "root") -> list[str]:
        """The ssh command line that runs `arguments`, joined by blanks as ssh does, or a shell without any."""
        multiplexed = ("-o", "ControlMaster=auto", "-o", f'ControlPath="{self.control}/%r"', "-o", "ControlPersist=600")
        return [
            *("ssh", "-F", "none", "-q", "-i", str(self.image.key), "-p", str(self.port), *self.options()),
            *(*multiplexed, f"{user}@{_ADDRESS}", *arguments),
        ]

    def run(
        self,
        command: str | Sequence[str],
        *,
        user: str = "root",
        check: bool = True,
        stdin: str | None = None,
        timeout_seconds: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        """Run a line of shell, or an argument list, on the machine; with `check`, a failure is a LabError."""
        line = command if isinstance(command, str) else shlex.join(command)
        try:
            done = subprocess.run(
                self.command(line, user=user),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                errors="surrogateescape",
                timeout=timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{HOST_NAME}: no end of {line!r} after {timeout_seconds} seconds") from error
        if check and done.returncode != 0:
            raise LabError(
                f"{HOST_NAME}: {line!r} failed with {done.returncode}: {(done.stderr or done.stdout).strip()}"
            )
        return done

    def wait(self, console: Path, timeout_seconds: float) -> None:
        """Wait until ssh answers, and set the machine's clock: a resumed one lives in the snapshot's time."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            attempt_seconds = max(1.0, min(20.0, deadline - time.monotonic()))
            try:
                self.run(f"date --set=@{time.time():.3f}", timeout_seconds=attempt_seconds)
                return
            except LabError as error:
                if time.monotonic() > deadline:
                    end = "\n".join(console.read_text(errors="replace").splitlines()[-10:])
                    raise LabError(f"{error}\nthe console ({console}) ends:\n{end}") from error
            time.sleep(0.3)

    def close(self) -> None:
        """Let go of the shared connections."""
        for socket in self.control.iterdir():
            subprocess.run(
                ["ssh", "-q", "-o", f'ControlPath="{socket}"', "-O", "exit", _ADDRESS], capture_output=True, check=False
            )

    def inventory(self) -> str:
        """An Ansible inventory with the machine as its only host, root by key."""
        return (
            "# Written when the machine was started; its port differs from run to run.\n"
            "fathom_vm:\n"
            "  hosts:\n"
            f"    {HOST_NAME}:\n"
            f"      ansible_host: {_ADDRESS}\n"
            f"      ansible_port: {self.port}\n"
            "      ansible_user: root\n"
            "      ansible_python_interpreter: /usr/bin/python3\n"
            f"      ansible_ssh_private_key_file: {_quoted(os.fspath(self.image.key))}\n"
            f"      ansible_ssh_common_args: {_quoted(shlex.join(('-F', 'none', *self.options())))}\n"
        )


def _quoted(text: str) -> str:
    """A YAML single-quoted scalar."""
    return "'" + text.replace("'", "''") + "'"
