"""Podman's services on the machine, which do not run unless a test asks for them: root's and the user lab's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.vm.host import Vm

SOCKET = "/run/podman/podman.sock"
USER_SOCKET = "/run/user/1000/podman/podman.sock"
# By user: how the manager of that user's services is told something, and where it takes settings from till it ends.
_MANAGERS = {
    "root": ("systemctl", "/run/systemd/system/podman.service.d"),
    "lab": ("XDG_RUNTIME_DIR=/run/user/1000 systemctl --user", "/run/user/1000/systemd/user/podman.service.d"),
}
_LASTING = "[Service]\nExecStart=\nExecStart=/usr/bin/podman system service --time=0\n"


@contextmanager
def services(vm: Vm, *, lasting: bool = False) -> Iterator[None]:
    """Both listen, until the block ends.

    As they come, they end after some seconds without a request. `lasting` ones stay: emulated, it takes seconds to
    start them, which counts where a test asks often.
    """
    try:
        for user, (systemctl, settings) in _MANAGERS.items():
            if lasting:
                vm.run(
                    f"mkdir -p {settings} && cat >{settings}/lasting.conf && {systemctl} daemon-reload",
                    user=user,
                    stdin=_LASTING,
                )
            vm.run(f"{systemctl} start podman.socket", user=user)
        yield
    finally:
        for user, (systemctl, settings) in _MANAGERS.items():
            vm.run(f"{systemctl} stop podman.socket podman.service", user=user, check=False)
            if lasting:
                vm.run(f"rm -r {settings}; {systemctl} daemon-reload", user=user, check=False)
        # What systemd leaves of them would look like services that refuse to answer.
        vm.run(f"rm -f {SOCKET} {USER_SOCKET}")
