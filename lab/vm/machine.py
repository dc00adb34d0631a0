"""The virtual machine of a checkout: resumed from the golden snapshot, and gone without a trace when stopped."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import CHECKOUT, LabError, cache
from lab.vm import qemu
from lab.vm.golden import RESUME_TIMEOUT_SECONDS, SNAPSHOT, Golden, discard, golden
from lab.vm.image import HOST_NAME, Image
from lab.vm.shell import Shell


@dataclass(frozen=True)
class Machine:
    """A machine whose disk, console and inventory are in `directory`. Each checkout has its own, on its own port."""

    directory: Path = CHECKOUT / ".cache" / "vm"

    @classmethod
    def named(cls, name: str) -> Machine:
        """One beside the checkout's own, for whoever needs a machine to themselves."""
        return cls(CHECKOUT / ".cache" / f"vm-{name}")

    @property
    def inventory(self) -> Path:
        """An Ansible inventory; it is there while the machine is up."""
        return self.directory / "inventory.yml"

    def up(self, made: Callable[[], Golden] = golden) -> Shell:
        """The machine as it is if it runs, else a fresh copy of the golden one, or of what is `made`, resumed."""
        with self._locked():
            if self._running():
                return self.shell()
            self._discard()
            source = made()
            self.directory.mkdir(parents=True)
            disk = self.directory / "disk.qcow2"
            # A qcow2 overlay doesn't inherit the snapshots of the file below it; a copy takes a fraction of a second.
            shutil.copyfile(source.disk, disk)
            monitor = qemu.launch(self.directory, disk, source.accelerator, ["-loadvm", SNAPSHOT])
            shell = Shell(source.image, monitor.ssh_port(), Path(tempfile.mkdtemp(prefix="fathom-vm-")))
            self._remember(shell)
            try:
                shell.wait(self.directory / "console", RESUME_TIMEOUT_SECONDS)
            except LabError:
                qemu.end(self.directory)
                raise
            self.inventory.write_text(shell.inventory(), encoding="utf-8")
            return shell

    def stop(self) -> bool:
        """End the machine and remove what is left of it or of a killed one; False if there was nothing."""
        with self._locked():
            there = self.directory.exists()
            self._discard()
            return there

    def reserved(self) -> AbstractContextManager[None]:
        """For whoever starts containers on the machine and ends it: waits until no one else has it reserved."""
        return cache.locked(self.directory.with_name(f"{self.directory.name}.reserved"))

    def running(self) -> bool:
        """Whether the machine is up."""
        with self._locked():
            return self._running()

    def shell(self) -> Shell:
        """How to reach the machine that is up; LabError if none is."""
        if not self._running():
            raise LabError(f"{HOST_NAME} is not running for this checkout; start it: make vm")
        known = self._state()
        return Shell(Image(Path(known["image"])), known["port"], Path(known["control"]))

    def _running(self) -> bool:
        # The inventory is written last: without it a killed `up` has left a machine half-way.
        return self.inventory.exists() and qemu.running(self.directory) is not None

    def _discard(self) -> None:
        if not self.directory.exists():
            return
        if control := self._state().get("control"):
            shutil.rmtree(control, ignore_errors=True)
        discard(self.directory)

    def _remember(self, shell: Shell) -> None:
        state = {"image": str(shell.image.directory), "port": shell.port, "control": str(shell.control)}
        (self.directory / "state.json").write_text(json.dumps(state), encoding="utf-8")

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads((self.directory / "state.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return state

    def _locked(self) -> AbstractContextManager[None]:
        return cache.locked(self.directory.with_name(f"{self.directory.name}.lock"))
