"""The image of the containers under test: one static busybox and its commands, imported without any registry."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import docker

from demo import busybox
from lab import cache

LABEL = "fathom.lab"


def image(client: docker.DockerClient) -> str:
    """The image's tag, which has a hash of what is in it: it is imported once."""
    archive = _archive(busybox.find(cache.directory() / "busybox"))
    tag = hashlib.sha256(archive).hexdigest()[:16]
    if not client.images.list(f"fathom-lab/live:{tag}"):
        client.api.import_image_from_data(
            archive, repository="fathom-lab/live", tag=tag, changes=[f"LABEL {LABEL}=live"]
        )
    return f"fathom-lab/live:{tag}"


def _archive(program: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for folder in ("bin", "etc", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        entry = tarfile.TarInfo("bin/busybox")
        entry.mode, entry.size = 0o755, program.stat().st_size
        with program.open("rb") as content:
            archive.addfile(entry, content)
        for applet in busybox.applets(program):
            if applet != "busybox":
                entry = tarfile.TarInfo(f"bin/{applet}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(entry)
    return packed.getvalue()
