"""The demo's image: four layers, built by the engine from parts of this machine, serving a page."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import docker
from docker.models.images import Image

from demo import LABEL, STATE, busybox

TAG = "fathom-demo/page"
PORT = 8080
TITLE = "fathom demo"
_SOURCES = Path(__file__).with_name("image")


def build(client: docker.DockerClient) -> Image:
    """Build it, or take what the engine's cache still has of the same parts."""
    image, _log = client.images.build(
        fileobj=_context(),
        custom_context=True,
        tag=TAG,
        labels={LABEL: "image"},
        network_mode="none",
        rm=True,
        forcerm=True,
    )
    return image


def remove(client: docker.DockerClient) -> list[str]:
    """Remove every image that a demo built, those that a later build left without a name included."""
    images = client.images.list(filters={"label": LABEL})
    for image in images:
        image.remove(force=True)
    return [image.tags[0] if image.tags else image.short_id for image in images]


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
