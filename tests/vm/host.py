"""The virtual machine under test, as tests see it: by its shell, and as a user's controller reaches it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab import CHECKOUT
from lab.vm import golden, zoo
from lab.vm.image import HOST_NAME
from lab.vm.machine import Machine
from lab.vm.shell import Shell
from lab.vm.zoo import Resident

Json = dict[str, Any]
_FORWARD_TIMEOUT_SECONDS = 60


class Vm:
    """A running machine. Where a method takes `user`, that is root or lab, an ordinary user."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._resumed: Shell | None = None

    def _up(self) -> Shell:
        """The way to the machine, which is resumed first where it was ended."""
        if self._resumed is None:
            self._resumed = self._machine.up()
        return self._resumed

    def run(
        self,
        command: str | Sequence[str],
        *,
        user: str = "root",
        check: bool = True,
        stdin: str | None = None,
        timeout_seconds: float = 300,
    ) -> str:
        """What a line of shell or an argument list prints there; with `check`, a failure is an error."""
        done = self._up().run(command, user=user, check=check, stdin=stdin, timeout_seconds=timeout_seconds)
        return done.stdout

    @contextmanager
    def socket(self, path: str) -> Iterator[str]:
        """A local socket that leads to the one at this path of the machine."""
        with tempfile.TemporaryDirectory(prefix="fathom-vm-") as directory:
            near = Path(directory, "socket")
            command = self._up().command("-N", "-o", "ExitOnForwardFailure=yes", "-L", f"{near}:{path}")
            # A connection of its own: the shared one would keep the socket open.
            with subprocess.Popen([command[0], "-o", "ControlPath=none", *command[1:]]) as forwarding:
                try:
                    deadline = time.monotonic() + _FORWARD_TIMEOUT_SECONDS
                    while not near.exists():
                        assert forwarding.poll() is None, f"ssh ended with {forwarding.returncode}: {command}"
                        assert time.monotonic() < deadline, f"no socket after {_FORWARD_TIMEOUT_SECONDS} s: {command}"
                        time.sleep(0.05)
                    yield str(near)
                finally:
                    forwarding.terminate()

    def read(self, path: str | Path) -> str:
        """A file of the machine."""
        return self.run(["cat", str(path)])

    def resume_inhabited(self) -> dict[str, Resident]:
        """End it, and resume it with a container of every kind, those of lab/vm/zoo.py."""
        self.clean()
        source = golden.inhabited()
        self._resumed = self._machine.up(lambda: source)
        return source.residents

    def start(self, *kinds: str) -> dict[str, Resident]:
        """A container of each of these kinds, see lab/vm/zoo.py; `clean` removes them."""
        return zoo.start(self._up(), *kinds)

    def clean(self) -> None:
        """End it, and all that was done on it: whoever uses it next resumes it as it was made.

        Emulated, that takes a tenth of the time that removing some containers takes.
        """
        self._machine.stop()
        self._resumed = None

    def ansible(self, module: str, args: Mapping[str, Any] | None = None, *, user: str = "root") -> Json:
        """The result of one module run, a failed one's too."""
        arguments = ["-m", module, *(("-a", json.dumps(args)) if args else ()), HOST_NAME]
        # Ad-hoc runs print for people unless told to use the callback.
        environment = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"}
        done = self._controller("ansible", arguments, user, environment)
        try:
            result: Json = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"][HOST_NAME]
        except (ValueError, LookupError):
            raise AssertionError(f"ansible -m {module} gave no result:\n{done.stdout}\n{done.stderr}") from None
        assert not result.get("unreachable"), result
        return result

    def play(self, *tasks: Json) -> list[Json]:
        """The results of a play's tasks, of which each may fail; with pipelining, which saves seconds a task."""
        plays = [{"hosts": HOST_NAME, "gather_facts": False, "ignore_errors": True, "tasks": tasks}]
        environment = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_PIPELINING": "true"}
        with tempfile.NamedTemporaryFile("w", prefix="fathom-vm-", suffix=".yml") as file:
            json.dump(plays, file)
            file.flush()
            done = self._controller("ansible-playbook", [file.name], "root", environment)
        try:
            results: list[Json] = [task["hosts"][HOST_NAME] for task in json.loads(done.stdout)["plays"][0]["tasks"]]
        except (ValueError, LookupError):
            raise AssertionError(f"the play gave no result:\n{done.stdout}\n{done.stderr}") from None
        assert len(results) == len(tasks), results
        assert not any(result.get("unreachable") for result in results), results
        return results

    def playbook(
        self, path: str | Path, extra: Mapping[str, Any] | None = None, *options: str, user: str = "root"
    ) -> subprocess.CompletedProcess[str]:
        """A run of a playbook with these extra variables and options; its exit code is the caller's to judge."""
        return self._controller("ansible-playbook", [str(path), "-e", json.dumps(extra or {}), *options], user, {})

    def _controller(
        self, program: str, arguments: Sequence[str], user: str, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        self._up()
        inventory = str(self._machine.inventory)
        command = [str(Path(sys.executable).with_name(program)), "-i", inventory, "-e", f"ansible_user={user}"]
        return subprocess.run(
            [*command, *arguments],
            cwd=CHECKOUT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
