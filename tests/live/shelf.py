"""Images of one test module, built from those that are here already, which are gone with it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from typing import Any

import docker
import docker.errors
from docker.models.images import Image

from tests.live import savedimage
from tests.live.appimage import LABEL
from tests.live.savedimage import Saved


class Shelf:
    """Images named `fathom-live-TOKEN/PURPOSE:1`; `glob` fits all of them and no others."""

    def __init__(self, client: docker.DockerClient, token: str) -> None:
        self.client = client
        self.labels = {LABEL: "live", f"{LABEL}.run": token}
        self.glob = f"fathom-live-{token}/*"
        self._prefix = f"fathom-live-{token}/"
        self._ids: list[str] = []

    def tag(self, purpose: str) -> str:
        return f"{self._prefix}{purpose}:1"

    def build(self, purpose: str, dockerfile: str, **arguments: str) -> Image:
        """By the engine's own builder; the file `content` can be copied."""
        context = io.BytesIO()
        with tarfile.open(fileobj=context, mode="w") as files:
            for name, text in (("Dockerfile", dockerfile), ("content", purpose * 100)):
                entry = tarfile.TarInfo(name)
                entry.size = len(text.encode())
                files.addfile(entry, io.BytesIO(text.encode()))
        context.seek(0)
        image, _log = self.client.images.build(
            fileobj=context,
            custom_context=True,
            tag=self.tag(purpose),
            buildargs=arguments,
            labels=self.labels,
            rm=True,
        )
        return self._keep(image)

    def load(self, purpose: str, layers: Sequence[bytes], history: list[dict[str, Any]] | None) -> Image:
        """One whose layers and history are as given."""
        archive = savedimage.archive(self.tag(purpose), layers, self.labels, history)
        (image,) = self.client.images.load(archive)
        return self._keep(image)

    def save(self, purpose: str) -> Saved:
        """What `docker save` has of it."""
        image = self.client.images.get(self.tag(purpose))
        return savedimage.open_saved(b"".join(image.save(named=True)))

    def remove(self) -> None:
        """Remove them all; those that others are built on last."""
        for image_id in reversed(self._ids):
            try:
                self.client.images.remove(image_id, force=True)
            except docker.errors.ImageNotFound:
                continue

    def _keep(self, image: Image) -> Image:
        self._ids.append(str(image.id))
        return image
