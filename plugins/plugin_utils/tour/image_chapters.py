# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image: its layers, and how they came to be."""

from __future__ import annotations

from typing import Any

from ...module_utils.limits.sizes import binary_size
from ..report.words import counted
from .blocks import Chapter, Note, Picture, Rows, Table
from .gathered import Gathered
from .words import NOT_KNOWN, size

_MOST_SHARERS = 3
_REMOVED = (
    "The engine no longer has this image, or does not tell: what is known is its id. The container goes on with it."
)


def image_chapters(gathered: Gathered) -> list[Chapter]:
    return [_layers(gathered), _history(gathered)]


def _layers(gathered: Gathered) -> Chapter:
    image, pid = gathered.image, gathered.container["pid"]
    where = [f"/proc/{pid}/mountinfo, the mount of /"] if pid else []
    return Chapter(
        "layers",
        "The layers of its image",
        "An image is a stack of layers, each a set of files upon those below it. Images that begin with the same "
        "layers share them on disk. A container adds one that can be written, and the kernel shows all as one tree.",
        where,
        _no_image(gathered) or _stack(image, Rows(_about(image, gathered))),
    )


def _no_image(gathered: Gathered) -> list[Any]:
    image = gathered.image
    if image is None:
        return [Note(gathered.why["images"])]
    if image["engine_known"]:
        return []
    why = [Note(f"{one['path']}: {one['reason']}") for one in image["unreadable"]]
    return [Rows([("id", image["id"])]), Note(_REMOVED), *why]


def _about(image: dict[str, Any], gathered: Gathered) -> list[tuple[str, str]]:
    mount = (gathered.namespaces or {}).get("root_mount")
    rows = [
        ("image", ", ".join(image["tags"]) or gathered.container["image"] or "without a name"),
        ("id", image["id"]),
        ("for", ", ".join(filter(None, (image["os"], image["architecture"]))) or "not told"),
        ("bytes", size(image["size_bytes"])),
        ("its own", size(image["unique_bytes"])),
        ("shared with other images", size(image["shared_bytes"])),
        ("containers of it", ", ".join(image["containers"])),
    ]
    return rows + ([("shown as", mount["fstype"])] if mount else [])


def _stack(image: dict[str, Any], about: Rows) -> list[Any]:
    layers = image["layers"]
    if not layers:
        return [about, Note("It has no layers.")]
    makers = {step["chain_id"]: _command(step) for step in image["history"] or () if step["chain_id"]}
    told = [layer for layer in layers if layer["size_bytes"] is not None]
    largest = max(told, key=lambda layer: layer["size_bytes"], default=None)
    words = f"{counted(len(layers), 'layer')} upon one another, to scale"
    if largest is not None:
        words += f"; the largest is number {layers.index(largest) + 1} with {binary_size(largest['size_bytes'])}"
    drawn = [(layer["size_bytes"], bool(layer["shared_with"])) for layer in layers]
    rows = [
        (
            str(number),
            size(layer["size_bytes"]),
            layer["chain_id"].rpartition(":")[2][:12],
            _sharers(layer["shared_with"]),
            makers.get(layer["chain_id"], "not told"),
        )
        for number, layer in reversed(list(enumerate(layers, 1)))
    ]
    return [
        Picture("layers", words, drawn),
        about,
        Table(("layer", "bytes", "chain id", "shared with", "made by"), rows, figures=(0, 1)),
    ]


def _sharers(ids: list[str] | None) -> str:
    if ids is None:
        return NOT_KNOWN
    if not ids:
        return "none"
    if len(ids) > _MOST_SHARERS:
        return counted(len(ids), "image")
    return ", ".join(one.rpartition(":")[2][:12] for one in ids)


def _history(gathered: Gathered) -> Chapter:
    image = gathered.image
    known = image is not None and image["engine_known"]
    return Chapter(
        "history",
        "How the image was built",
        "Each step of a build is noted in the image, the last one on top. Some made a layer, others set a value. What "
        "looks like a secret is hidden here; in the image it is not.",
        ["the image's config, which is kept by the engine: the kernel knows nothing of it"],
        _steps(image) if known else _no_image(gathered),
    )


def _steps(image: dict[str, Any]) -> list[Any]:
    history = image["history"]
    if not history:
        return [Note("The image has no history." if history is not None else "Its history can't be told.")]
    numbers = {layer["chain_id"]: str(number) for number, layer in enumerate(image["layers"], 1)}
    rows = [
        (
            (step["created"] or "")[:10],
            numbers.get(step["chain_id"], "none" if step["empty_layer"] else "not told"),
            size(step["size_bytes"]),
            _command(step),
        )
        for step in reversed(history)
    ]
    return [Table(("created", "layer", "bytes", "created by"), rows, figures=(1, 2))]


def _command(step: dict[str, Any]) -> str:
    """An image that was imported has but a comment."""
    return str(step["created_by"] or step["comment"])
