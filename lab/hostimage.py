"""Images of hosts under test, made of Debian packages: no registry is asked for anything.

`python -m lab.hostimage bookworm trixie` makes two kinds of images with mmdebstrap and `docker import`:

- `fathom-lab/host:SUITE`: systemd, Docker, Podman, sshd: a managed host with engines of its own (see lab/hosts.py);
- `fathom-lab/clean:SUITE` (`--kind clean`): Debian as one finds it before anything of ours was installed.

Making one costs a minute, once: the root file system is cached, and the image carries the hash of what it was made of,
so that a later call that would make the same does nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import LabError, cache, debian

FILES = Path(__file__).with_name("hostfiles")
LABEL = "fathom.lab"
RECIPE_LABEL = "fathom.lab.recipe"
SUITES = ("bookworm", "trixie")
# Where a host keeps the tarball of the image that the containers inside it are made of.
APP_TARBALL = "/usr/share/fathom-lab/app.tar"

_PYTHON = ("python3", "python3-apt")
_SYSTEM = ("systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "openssh-server", "sudo")
_TOOLS = ("iproute2", "procps", "busybox-static", "ca-certificates")
_ENGINES = ("docker.io", "containerd", "runc", "crun", "iptables", "nftables")
_PODMAN = ("podman", "netavark", "aardvark-dns", "uidmap", "slirp4netns")
_DOCKER_CLI = {"bookworm": (), "trixie": ("docker-cli",)}
# Without documentation and translations: a third of the image, and nobody reads them there.
_LEAN = tuple(f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale"))
_FIRST_PROCESS = "copy-in {files}/lab-init /usr/sbin"
_ENTRYPOINT = 'ENTRYPOINT ["/usr/sbin/lab-init"]'


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what an image holds."""

    kind: str
    suite: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...]  # mmdebstrap's; {files} stands for where FILES is: the digest is the same in every clone
    changes: tuple[str, ...]  # what `docker import --change` says of the image
    options: tuple[str, ...] = _LEAN

    @property
    def tag(self) -> str:
        """The image's name at the engine, as in fathom-lab/host:bookworm."""
        return f"fathom-lab/{self.kind}:{self.suite}"

    def digest(self) -> str:
        """A hash over the recipe and the files it copies in."""
        return cache.digest(repr(self), *(path.read_bytes() for path in sorted(FILES.iterdir())))


def recipe(kind: str, suite: str) -> Recipe:
    """What is in an image of this kind, host or clean."""
    if suite not in SUITES:
        raise LabError(f"suite {suite!r} is not known here: one of {', '.join(SUITES)}")
    if kind == "host":
        # An engine's storage needs a file system that isn't itself an overlay: anonymous volumes.
        storage = 'VOLUME ["/var/lib/docker", "/var/lib/containerd", "/var/lib/containers"]'
        return Recipe(
            kind,
            suite,
            packages=_PYTHON + _SYSTEM + _TOOLS + _ENGINES + _DOCKER_CLI[suite] + _PODMAN,
            hooks=(_FIRST_PROCESS, '{files}/customize "$1"'),
            changes=(_ENTRYPOINT, 'CMD ["/lib/systemd/systemd"]', "ENV container=docker", storage),
        )
    if kind == "clean":
        # A shell reaps the processes that daemons leave behind; a bare sleep as first process would not.
        idle = 'CMD ["/bin/bash", "-c", "while :; do sleep 3600; done"]'
        storage = 'VOLUME ["/var/lib/docker", "/var/lib/containerd"]'
        return Recipe(
            kind,
            suite,
            packages=("git", "make", "python3", "ca-certificates"),
            hooks=(_FIRST_PROCESS,),
            changes=(_ENTRYPOINT, idle, storage),
        )
    raise LabError(f"kind {kind!r} is not known here: one of host, clean")


def build(wanted: Recipe) -> str:
    """Give the engine the image unless it has this very one; return its tag."""
    digest = wanted.digest()
    with cache.locked(cache.directory() / f"image-{wanted.kind}-{wanted.suite}.lock"):
        if _recipe_at_engine(wanted.tag) != digest:
            root = cache.made_once(f"{wanted.kind}-{wanted.suite}-{digest}", lambda entry: _make_root(wanted, entry))
            outdated = _docker("image", "ls", "--quiet", wanted.tag)
            changes = (f"LABEL {LABEL}=hostimage {RECIPE_LABEL}={digest}", *wanted.changes)
            _docker("import", *(f"--change={change}" for change in changes), str(root / "root.tar"), wanted.tag)
            if outdated:
                # Half a gigabyte that no name points to any more; what still runs on it keeps it.
                subprocess.run(["docker", "image", "rm", outdated], capture_output=True, check=False)
    return wanted.tag


def _make_root(wanted: Recipe, entry: Path) -> None:
    print(f"lab: making {wanted.tag} of Debian packages (about a minute, once)", file=sys.stderr, flush=True)
    hooks = (f"--customize-hook={hook.format(files=FILES)}" for hook in wanted.hooks)
    options = [f"--include={','.join(wanted.packages)}", *wanted.options, *hooks]
    debian.mmdebstrap(wanted.suite, str(entry / "root.tar"), options, entry / "mmdebstrap.log")


def _recipe_at_engine(tag: str) -> str | None:
    """The hash that the engine's image of this name carries; None where there is no such image."""
    template = f'{{{{index .Config.Labels "{RECIPE_LABEL}"}}}}'
    command = ["docker", "image", "inspect", "--format", template, tag]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else None


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"docker {arguments[0]} failed: {done.stderr.strip()}; is an engine up? python -m lab.engine up")
    return done.stdout.strip()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.hostimage", description="Make images of hosts under test.")
    parser.add_argument("--kind", choices=("host", "clean"), default="host")
    parser.add_argument("suites", nargs="+", metavar="SUITE", help=f"one of {', '.join(SUITES)}")
    options = parser.parse_args(argv)
    try:
        for suite in options.suites:
            print(build(recipe(options.kind, suite)))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
