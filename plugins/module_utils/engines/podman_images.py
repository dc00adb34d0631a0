# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images in the storage of a user's Podman (containers-storage), for hosts where no service answers.

``images.json`` names them, ``layers.json`` has the sizes of layers, and each image's config, under its hash, the rest.
"""

from __future__ import annotations

import base64
import hashlib
import os

from .document import parse_document
from .images import Image, count, full_id, image_of_inspect, steps_of_config
from .podman import DRIVERS, owned_data, owned_rows

_WRONG = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
# Of one image in which parents go round in a circle.
_MOST_LAYERS = 1000


def stored_images(state):
    """([Image], whether these are all) of a PodmanState. Steps of builds that others go on from are left out."""
    images = []
    there, lost = False, False
    for driver in DRIVERS:
        folder = f"{state.storage}/{driver}-images"
        names = f"{folder}/images.json"
        rows = owned_rows(names, state.uid)
        data = owned_data(names, state.uid)
        there = there or data is not None
        # A file of somebody else's, or one that could not be understood.
        lost = (
            lost
            or (data is None and os.path.lexists(names))
            or bool(data is not None and not rows and data.strip() != b"[]")
        )
        rows_of_layers = owned_rows(f"{state.storage}/{driver}-layers/layers.json", state.uid)
        layers = {str(row.get("id")): row for row in rows_of_layers}
        for row in rows:
            # A list of images for several architectures has none.
            if not row.get("layer"):
                continue
            try:
                images.append(_image(row, layers, folder, state.uid))
            except _WRONG:
                lost = True
    return [image for image in images if not _is_step_of_another(image, images)], there and not lost


def _image(row, layers, folder, uid):
    image_id = full_id(row["id"])
    digest = image_id[len("sha256:") :]
    # Names of such files that have other signs than letters and digits are written in base64.
    name = base64.b64encode(image_id.encode("ascii")).decode("ascii")
    data = owned_data(f"{folder}/{digest}/={name}", uid) or b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"{image_id} has no config of this hash")
    config = parse_document(data)
    sizes = _sizes(row["layer"], layers)
    tags = [one for one in row.get("names") or [] if "@" not in one]
    image = image_of_inspect(
        {
            "Id": image_id,
            "RepoTags": tags,
            "RepoDigests": sorted({f"{_repository(tag)}@{row['digest']}" for tag in tags}),
            "Os": config.get("os"),
            "Architecture": config.get("architecture"),
            "Created": config.get("created"),
            "Size": sum(size for _diff_id, size in sizes) + sum((row.get("big-data-sizes") or {}).values()),
            "Config": config.get("config"),
            "RootFS": {"Layers": config["rootfs"]["diff_ids"]},
        }
    )
    steps = steps_of_config(config.get("history") or [])
    if [diff_id for diff_id, _size in sizes] == image.diff_ids:
        steps = _with_sizes(steps, [size for _diff_id, size in sizes])
    return image._replace(steps=steps)


def _sizes(layer, layers):
    """[(diff id, bytes)] of a layer and all below it, the lowest first."""
    found = []
    while layer:
        row = layers[layer]
        found.insert(0, (row["diff-digest"], count(row["diff-size"])))
        layer = row.get("parent")
        if len(found) > _MOST_LAYERS:
            raise ValueError(f"more than {_MOST_LAYERS} layers upon one another")
    return found


def _with_sizes(steps, sizes):
    """The steps, each of which made the next layer unless it made none."""
    made = [step for step in steps or () if not step.empty_layer]
    if len(made) != len(sizes):
        return steps
    following = iter(sizes)
    return [step._replace(size_bytes=0 if step.empty_layer else next(following)) for step in steps]


def _repository(tag):
    """``localhost:5000/web:1`` -> ``localhost:5000/web``."""
    return tag.rpartition(":")[0] if ":" in tag.rpartition("/")[2] else tag


def _is_step_of_another(image, images):
    return not image.tags and any(_goes_on(image, other) for other in images if other.id != image.id)


def _goes_on(image: Image, other: Image):
    """Whether the other was built upon this: it has the same layers and steps, and more of them."""
    steps, others = image.steps or [], other.steps or []
    return (
        len(steps) < len(others)
        and others[: len(steps)] == steps
        and other.diff_ids[: len(image.diff_ids)] == image.diff_ids
    )
