"""The disk of the virtual machine under test, made of Debian packages."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import LabError, cache, debian

GUEST = Path(__file__).with_name("guest")
HOST_NAME = "fathom-vm"
_SUITE = "trixie"
_PACKAGES = (
    *("linux-image-cloud-amd64", "systemd", "systemd-sysv", "dbus", "udev"),
    *("openssh-server", "sudo", "python3", "iproute2", "procps", "util-linux", "ca-certificates", "busybox-static"),
    *("docker.io", "docker-cli", "containerd", "runc", "crun", "iptables"),
    # Podman's bridge needs nftables; rootless it needs a user manager with a bus, mapped ids and passt; pods catatonit.
    *("podman", "netavark", "aardvark-dns", "nftables", "catatonit"),
    *("libpam-systemd", "dbus-user-session", "uidmap", "passt"),
    # lxc-start fails without a loaded AppArmor profile.
    *("systemd-container", "lxc", "apparmor"),
)
# Documentation and translations: nobody reads them there.
_LEAN = ("path-exclude=/usr/share/doc/*", "path-exclude=/usr/share/man/*", "path-exclude=/usr/share/locale/*")


_TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "ssh": "openssh-client",
}


class Unavailable(LabError):
    """This machine can't have the virtual one; the message says why."""


@dataclass(frozen=True)
class Image:
    """Files of a built image, in `directory`."""

    directory: Path

    @property
    def kernel(self) -> Path:
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.directory / "initrd"

    @property
    def disk(self) -> Path:
        """qcow2, 8 GiB, one ext4 file system without partitions."""
        return self.directory / "disk.qcow2"

    @property
    def key(self) -> Path:
        """Private ssh key that root and the user lab of the machine let in."""
        return self.directory / "key"

    @property
    def known_hosts(self) -> Path:
        """The machine's host key, under the name HOST_NAME: its port differs from run to run."""
        return self.directory / "known_hosts"


def need_tools() -> None:
    """See to it that what makes and runs the machine is there; Unavailable where it can't be had."""
    if platform.machine() != "x86_64":
        raise Unavailable(f"the virtual machine under test is x86_64, this machine is {platform.machine()}")
    try:
        debian.need(_TOOLS, "the virtual machine under test")
    except LabError as error:
        raise Unavailable(str(error)) from error


def image() -> Image:
    """The image that this version of the lab describes, built now if it isn't cached."""
    hooks = [(GUEST / hook).read_bytes() for hook in ("essential", "customize")]
    digest = cache.digest(_SUITE, *_PACKAGES, *_LEAN, *hooks)
    return Image(cache.made_once(f"vm-image-{digest}", _build))


def _build(directory: Path) -> None:
    if os.geteuid() != 0:
        raise Unavailable(
            "building the virtual machine's disk from Debian packages is root's to do, once: run it as root"
        )
    print("lab: building the virtual machine's disk from Debian packages (a minute or two, once)", file=sys.stderr)
    built = Image(directory)
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", HOST_NAME, "-f", str(built.key))
    debian.mmdebstrap(
        _SUITE,
        "-",
        [
            "--format=null",
            f"--include={','.join(_PACKAGES)}",
            *(f"--dpkgopt={option}" for option in _LEAN),
            f'--essential-hook={shlex.quote(str(GUEST / "essential"))} "$1"',
            f'--customize-hook={shlex.quote(str(GUEST / "customize"))} "$1" {shlex.quote(str(directory))}',
        ],
        log=directory.with_suffix(".log"),
    )
    kind, public = (directory / "host_key.pub").read_text(encoding="ascii").split()[:2]
    built.known_hosts.write_text(f"{HOST_NAME} {kind} {public}\n", encoding="ascii")
    raw = directory / "disk.raw"
    _run("qemu-img", "convert", "-q", "-O", "qcow2", "-c", "-o", "compression_type=zstd", str(raw), str(built.disk))
    raw.unlink()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{shlex.join(command)} failed with exit code {done.returncode}: {done.stderr.strip()}")
