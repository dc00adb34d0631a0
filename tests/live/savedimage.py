"""What `docker save` and `podman save` have of an image, and archives for `docker load`, made by hand.

Nothing of the collection is used here: its facts are held against this.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Saved:
    """An image as saved. `diff_ids` are hashes of the layers themselves, the lowest first; `config` is its own."""

    id: str
    diff_ids: list[str]
    config: Json

    @property
    def chain_ids(self) -> list[str]:
        """Each layer with all below it, as the OCI image spec has it (config.md, "Layer ChainID")."""
        chain = self.diff_ids[:1]
        for diff_id in self.diff_ids[1:]:
            chain.append(digest(f"{chain[-1]} {diff_id}".encode()))
        return chain

    @property
    def history(self) -> list[Json]:
        """The steps, the first step first; none where the config has no history."""
        return self.config.get("history") or []

    @property
    def chain_id_of_steps(self) -> list[str | None]:
        """For each step the chain id of the layer that it made; None where it made none."""
        chain = iter(self.chain_ids)
        return [None if step.get("empty_layer") else next(chain) for step in self.history]


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def open_saved(archive: bytes) -> Saved:
    """The one image of a docker-archive or, as Podman keeps those that it has built, of an oci-archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:

        def content(name: str) -> bytes:
            member = files.extractfile(name)
            assert member is not None, f"{name} is no file"
            return member.read()

        def blob(descriptor: Json) -> bytes:
            return content("blobs/" + descriptor["digest"].replace(":", "/"))

        if "manifest.json" in files.getnames():
            (manifest,) = json.loads(content("manifest.json"))
            config, layers = content(manifest["Config"]), [content(name) for name in manifest["Layers"]]
        else:
            (described,) = json.loads(content("index.json"))["manifests"]
            manifest = json.loads(blob(described))
            config, layers = blob(manifest["config"]), [blob(one) for one in manifest["layers"]]
    return Saved(digest(config), [digest(_unpacked(one)) for one in layers], json.loads(config))


def _unpacked(layer: bytes) -> bytes:
    return gzip.decompress(layer) if layer.startswith(b"\x1f\x8b") else layer


def layer(name: str, content: bytes) -> bytes:
    """A layer with one file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as files:
        _add(files, name, content)
    return packed.getvalue()


def archive(tag: str, layers: Sequence[bytes], labels: Json, history: list[Json] | None) -> bytes:
    """A docker-archive of an image with these layers, the lowest first; None for no history at all."""
    config: Json = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": labels, "Cmd": ["sleep", "900"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in layers]},
    }
    if history is not None:
        config["history"] = history
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as files:
        names = [f"{number}/layer.tar" for number in range(len(layers))]
        for name, one in zip(names, layers, strict=True):
            _add(files, name, one)
        _add(files, "config.json", json.dumps(config).encode())
        manifest = [{"Config": "config.json", "RepoTags": [tag], "Layers": names}]
        _add(files, "manifest.json", json.dumps(manifest).encode())
    return packed.getvalue()


def _add(files: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    files.addfile(entry, io.BytesIO(content))
