"""Hosts under test that are containers on this machine's engine, with systemd and engines of their own inside.

    with hosts(Kind("bookworm", "cgroupfs"), Kind("trixie", "systemd")) as (one, other):
        one.run("docker", "run", "--detach", "--memory=64m", one.app_image(), "sleep", "86400")
        assert one.read("/proc/meminfo")

`clean_host` gives a Debian on which nothing was installed, to prove that the project sets itself up there. Hosts are
removed with their volumes when the block ends; `python -m lab.hosts down` removes what a killed run has left.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import LabError, debian, hostimage

LABEL = f"{hostimage.LABEL}=host"
APP_IMAGE = "fathom-lab/app"
_READY_TIMEOUT_SECONDS = 90
# All that --privileged gives and an engine inside needs, less CAP_SYS_RESOURCE: not every machine may hand that on.
_FLAGS = (
    "--cap-add=ALL",
    "--cap-drop=SYS_RESOURCE",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
    "--device-cgroup-rule=a *:* rwm",
    "--cgroupns=private",
)
_BOOTED = """
until state=$(systemctl is-system-running --wait 2>/dev/null); [ "$state" = running ] || [ "$state" = degraded ]; do
    sleep 0.1
done
docker info >/dev/null
"""
# What tells pip and others of proxies, of an index of one's own and where trusted authorities are.
_NETWORK_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "pip_index_url", "pip_cert", "ssl_cert_file")
# Certificate authorities that this machine trusts beside Debian's own.
_AUTHORITIES = Path("/usr/local/share/ca-certificates")
_INOTIFY_INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
_INOTIFY_INSTANCES_PER_HOST = 8


@dataclass(frozen=True)
class Kind:
    """Which Debian a host runs, and which cgroup driver its Docker has: cgroupfs or systemd."""

    suite: str = "bookworm"
    cgroup_driver: str = "cgroupfs"


@dataclass(frozen=True)
class Host:
    """A running host; `name` is its container, its host name and its name in the inventory."""

    name: str

    def run(self, *argv: str, check: bool = True, stdin: str | None = None, timeout_seconds: float = 120) -> str:
        """What a program prints that is run on the host as root; LabError with its errors if it fails."""
        command = ["docker", "exec", "--interactive", self.name, *argv]
        try:
            done = subprocess.run(
                command, input=stdin or "", capture_output=True, text=True, check=False, timeout=timeout_seconds
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{self.name}: {argv[0]} did not end within {timeout_seconds} s: {argv}") from error
        if check and done.returncode != 0:
            raise LabError(f"{self.name}: {argv} ended with {done.returncode}: {done.stderr or done.stdout}")
        return done.stdout

    def read(self, path: str) -> str:
        """The text of a file on the host."""
        return self.run("cat", path)

    def write(self, path: str, text: str) -> None:
        """Write to a file on the host; kernel files take the text in one write."""
        self.run("dd", f"of={path}", "bs=1M", "iflag=fullblock", "status=none", stdin=text)

    def app_image(self) -> str:
        """Give the host's Docker the image for containers inside the host, and return its name."""
        if not self.run("docker", "image", "ls", "--quiet", APP_IMAGE):
            self.run("docker", "import", hostimage.APP_TARBALL, APP_IMAGE)
        return APP_IMAGE


@contextmanager
def hosts(*kinds: Kind) -> Iterator[list[Host]]:
    """Start a host of each kind, wait until systemd and Docker are up in all of them, and remove them at the end."""
    _make_room(len(kinds))
    with ExitStack() as undo:
        started = []
        for kind in kinds:
            image = hostimage.build(hostimage.recipe("host", kind.suite))
            started.append(undo.enter_context(_container(image, {"FATHOM_CGROUP_DRIVER": kind.cgroup_driver})))
        for host in started:
            try:
                host.run("sh", "-c", _BOOTED, timeout_seconds=_READY_TIMEOUT_SECONDS)
            except LabError as error:
                failed = host.run("systemctl", "--failed", "--no-legend", check=False)
                raise LabError(f"{host.name} did not come up; failed units: {failed or 'none'}") from error
        yield started


@contextmanager
def clean_host(suite: str = "bookworm", mounts: Mapping[Path, str] | None = None) -> Iterator[Host]:
    """A Debian with git, make and python3, nothing else, that reaches package archives as this machine does.

    `mounts` are directories of this machine that it sees read-only, and where. No systemd runs in it; dockerd can.
    """
    volumes = [f"--volume={source}:{target}:ro" for source, target in (mounts or {}).items()]
    image = hostimage.build(hostimage.recipe("clean", suite))
    environment = {name: value for name, value in os.environ.items() if name.lower() in _NETWORK_VARIABLES}
    with _container(image, environment, *volumes) as host:
        host.write("/etc/apt/apt.conf.d/99lab", "".join(f"{line};\n" for line in debian.transport_options()))
        for authority in _AUTHORITIES.glob("*.crt"):
            host.write(str(authority), authority.read_text(encoding="ascii"))
        host.run("update-ca-certificates")
        yield host


def inventory(members: Iterable[Host]) -> dict[str, Any]:
    """An Ansible inventory of these hosts, to be written as JSON; it needs the collection community.docker."""
    variables = {"ansible_connection": "community.docker.docker", "ansible_python_interpreter": "/usr/bin/python3"}
    return {"all": {"hosts": {host.name: {} for host in members}, "vars": variables}}


def remove(*names: str) -> None:
    """Remove containers with the anonymous volumes that their engines wrote to."""
    if names:
        subprocess.run(["docker", "rm", "--force", "--volumes", *names], capture_output=True, check=True)


def left_behind() -> list[str]:
    """Ids of hosts that are still there, of whichever run."""
    asked = ["docker", "ps", "--all", "--quiet", f"--filter=label={LABEL}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


@contextmanager
def _container(image: str, environment: Mapping[str, str], *flags: str) -> Iterator[Host]:
    host = Host(f"fathom-lab-{secrets.token_hex(4)}")
    variables = (f"--env={name}={value}" for name, value in environment.items())
    naming = (f"--name={host.name}", f"--hostname={host.name}", f"--label={LABEL}")
    try:
        started = subprocess.run(
            ["docker", "run", "--detach", *naming, *_FLAGS, *variables, *flags, image],
            capture_output=True,
            text=True,
            check=False,
        )
        if started.returncode != 0:
            raise LabError(f"a host of {image} did not start: {started.stderr.strip()}")
        yield host
    finally:
        remove(host.name)


def _make_room(count: int) -> None:
    """Each systemd holds some inotify instances; with the usual 128, about the 22nd host would end at once."""
    wanted = 128 + count * _INOTIFY_INSTANCES_PER_HOST
    limit = int(_INOTIFY_INSTANCES.read_text(encoding="ascii"))
    if count <= 10 or limit >= wanted:
        return
    if os.geteuid() != 0:
        raise LabError(
            f"{count} hosts need fs.inotify.max_user_instances={wanted}, it is {limit}:"
            f" sudo sysctl -w fs.inotify.max_user_instances={wanted}"
        )
    print(f"lab: fs.inotify.max_user_instances raised from {limit} to {wanted} for {count} hosts", file=sys.stderr)
    _INOTIFY_INSTANCES.write_text(str(wanted), encoding="ascii")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.hosts", description="Remove hosts that a run has left behind.")
    parser.add_argument("action", choices=("down",))
    parser.parse_args(argv)
    names = left_behind()
    remove(*names)
    print(f"removed {len(names)} hosts")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
