"""Root file systems made of Debian packages, through whatever archive this machine's own apt is configured with."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab import LabError, packages

# Debian's keys, which an Ubuntu machine lacks.
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def need(package_of: Mapping[str, str], purpose: str) -> None:
    """See to it that these commands (command -> package) can be run."""
    wanted = sorted({package for command, package in package_of.items() if not shutil.which(command)})
    if wanted:
        packages.install(wanted, purpose)


def mmdebstrap(suite: str, target: str, options: Sequence[str], log: Path) -> None:
    """Make a root file system of `suite` at `target`; what mmdebstrap says goes to `log`."""
    need({"mmdebstrap": "mmdebstrap"}, "making root file systems")
    if not _KEYRING.exists():
        packages.install(["debian-archive-keyring"], "making root file systems")
    transport = (f"--aptopt={option}" for option in transport_options())
    # What mmdebstrap was told about this machine's proxy is no part of what it makes.
    forget = '--customize-hook=rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"'
    command = ["mmdebstrap", "--variant=minbase", *transport, forget, *options, suite, target, *archives(suite)]
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
    if done.returncode != 0:
        raise LabError(f"mmdebstrap of {suite} failed with exit code {done.returncode}; what it said is in {log}")


def archives(suite: str) -> list[str]:
    """The Debian archives of this machine's apt, as sources.list lines for `suite`.

    Empty where apt knows no Debian archive (an Ubuntu machine, say): mmdebstrap's own default holds then.
    """
    asked = "$(ORIGIN)\t$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)"
    found: dict[str, None] = {}
    for line in _lines("apt-get", "indextargets", "--format", asked, "Created-By: Packages"):
        origin, uri, release, component = line.split("\t")
        if origin == "Debian" and component == "main":
            _, dash, pocket = release.partition("-")
            found[f"deb {uri} {suite}{dash}{pocket} main"] = None
    return list(found)


def transport_options() -> list[str]:
    """This machine's apt settings that decide how an archive is reached: proxies, certificates, checks of dates."""
    wanted = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries")
    dump = _lines("apt-config", "dump")
    return [line.rstrip(";") for line in dump if line.startswith(wanted) and not line.endswith('"";')]


def _lines(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
