"""Podman's services on the machine, which do not run unless a test asks for them: root's and the user lab's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.vm.host import Vm

SOCKET = "/run/podman/podman.sock"
USER_SOCKET = "/run/user/1000/podman/podman.sock"
_USER = "XDG_RUNTIME_DIR=/run/user/1000 systemctl --user"


@contextmanager
def services(vm: Vm) -> Iterator[None]:
    """Both listen, until the block ends."""
    try:
        vm.run("systemctl start podman.socket")
        vm.run(f"{_USER} start podman.socket", user="lab")
        yield
    finally:
        vm.run(f"{_USER} stop podman.socket podman.service", user="lab", check=False)
        vm.run("systemctl stop podman.socket podman.service", check=False)
        # What systemd leaves of them would look like services that refuse to answer.
        vm.run(f"rm -f {SOCKET} {USER_SOCKET}")
