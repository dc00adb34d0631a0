"""The demo's image: four layers, built by the engine from parts of this machine, serving a page."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import docker
from docker.errors import APIError
from docker.models.images import Image

from demo import LABEL, OF_IMAGE, STATE, busybox

TAG = "fathom-demo/page"
PORT = 8080
TITLE = "fathom demo"
_IN_USE = 409
_SOURCES = Path(__file__).with_name("image")


def build(client: docker.DockerClient) -> Image:
    """Build it, or take what the engine's cache still has of the same parts."""
    image, _log = client.images.build(
        fileobj=_context(),
        custom_context=True,
        tag=TAG,
        labels={LABEL: OF_IMAGE},
        network_mode="none",
        rm=True,
        forcerm=True,
    )
    return image


def remove(client: docker.DockerClient) -> tuple[list[str], list[str]]:
    """Remove what demos built, as what a later build left without a name: (what is gone, what is in use and stays).

    What others made of it has the label as well, and what they call it is theirs.
    """
    gone, left = [], []
    for image in client.images.list(filters={"label": f"{LABEL}={OF_IMAGE}"}):
        ours = [tag for tag in image.tags if tag.rpartition(":")[0] == TAG]
        for name in ours or ([] if image.tags else [str(image.id)]):
            try:
                client.images.remove(name)
                gone.append(name)
            except APIError as error:
                if error.status_code != _IN_USE:
                    raise
                left.append(name)
    return gone, left


def _context() -> io.BytesIO:
    members = {path.name: path.read_bytes() for path in sorted(_SOURCES.iterdir())}
    members["rootfs.tar"] = root_file_system()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members.items():
            _add(archive, tarfile.TarInfo(name), content)
    packed.seek(0)
    return packed


def root_file_system() -> bytes:
    """A tar archive of busybox and its commands; the same bytes each time, so that the engine's cache knows it."""
    program = busybox.find(STATE / "busybox")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for folder, mode in (("bin", 0o755), ("etc", 0o755), ("tmp", 0o1777)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        entry = tarfile.TarInfo("bin/busybox")
        entry.mode = 0o755
        _add(archive, entry, program.read_bytes())
        _add(archive, tarfile.TarInfo("etc/passwd"), b"root:x:0:0:root:/:/bin/sh\n")
        for applet in busybox.applets(program):
            if applet != "busybox":
                entry = tarfile.TarInfo(f"bin/{applet}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(entry)
    return packed.getvalue()


def _add(archive: tarfile.TarFile, entry: tarfile.TarInfo, content: bytes) -> None:
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
