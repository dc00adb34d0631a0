# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images as Docker and Podman tell them. Apart from their clients, which most modules need without it.

Docker's API says nothing of which steps of an image's history made a layer: of those without a byte it may be either.
The image's own config says it, which the engine keeps on disk under its hash, and that hash is the image's id.
"""

from __future__ import annotations

import hashlib
import re
import time
from typing import List, NamedTuple, Optional

from ..kernel.files import Files
from .document import parse_document

# Of an id as engines give it, with the algorithm before it or not; a path and a target are made of it.
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")
# OCI image spec, descriptor.md, "Digests".
_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+\Z")
_NONE = "<none>"
_FRACTION = re.compile(r"\.[0-9]+(?=Z\Z)")

# What Go's programs write for "no time", as text and in seconds, and the first second of the year 10000.
_GO_ZERO = "0001-01-01T00:00:00Z"
_GO_ZERO_SECONDS = -62135596800
_END_SECONDS = 253402300800


class Step(NamedTuple):
    """A step of an image's history. ``empty_layer``: whether it made no layer. None is what can't be told."""

    created: Optional[str]
    created_by: str
    comment: str
    size_bytes: Optional[int]
    empty_layer: Optional[bool]


class Image(NamedTuple):
    """An image; ``diff_ids`` and ``steps`` from the lowest up. ``env``: NAME=value, as its containers get it.

    ``steps`` are None where nobody tells them, and ``unreadable`` [{path, reason}] is what was in the way.
    """

    id: str
    tags: List[str]
    digests: List[str]
    os: Optional[str]
    architecture: Optional[str]
    created: Optional[str]
    size_bytes: Optional[int]
    diff_ids: List[str]
    env: List[str]
    steps: Optional[List[Step]]
    unreadable: List[dict]


class DockerImages:
    """Asks for images by a Witness, so that an engine which has failed once is not asked again.

    ``refused``: {image id: [{path, reason}]} of those about which it answered with an error; it can still tell others.
    """

    _inspected = "/images/{}/json"

    def __init__(self, witness, root="/"):
        self.refused = {}
        self._witness = witness
        self._files = Files(root)
        self._configs = None

    def ids(self):
        """Of all images that are no mere steps towards others; None where the engine can't say."""
        return self._witness.read("/images/json", lambda rows: [full_id(row["Id"]) for row in _list(rows)])

    def image(self, image_id):
        """The image with its history; None if the engine has no such image, or can't say."""
        image = self._inspect(image_id)
        target = f"/images/{image_id}/history"
        unreadable = []

        def refused(reason):
            unreadable.append({"path": target, "reason": reason})
            return []

        steps = image and self._witness.read(target, steps_of_history, refused)
        if steps is None:
            return None
        history, out_of_reach = self._history(image)
        # Podman 4.3 fails at the history of an image that doesn't say when its steps were made.
        steps = steps_of_config(history) if unreadable else with_empty_layers(steps, history)
        return image._replace(steps=steps, unreadable=unreadable + out_of_reach)

    def _inspect(self, image_id):
        target = self._inspected.format(image_id)

        def refused(reason):
            self.refused[image_id] = [{"path": target, "reason": reason}]

        return self._witness.read(target, self._understand, refused)

    def _understand(self, document):
        return image_of_inspect(document)

    def _history(self, image):
        """(The history as the image's config has it, None where the config is out of reach; what was unreadable)."""
        if self._configs is None:
            self._configs = self._witness.read("/info", configs_of_info) or ""
        if not self._configs:
            return None, []
        files = self._files.again()
        data = files.data(f"{self._configs}/{image.id[len('sha256:') :]}")
        # Somebody else's directory may be in the place of the engine's, seen from here.
        if data is None or f"sha256:{hashlib.sha256(data).hexdigest()}" != image.id:
            return None, files.unreadable
        try:
            return parse_document(data)["history"], []
        except (ValueError, TypeError, KeyError, RecursionError):
            return None, []


class PodmanImages(DockerImages):
    """By Podman's own API, whose answer has the config's history in it."""

    _told = None
    _inspected = "/libpod/images/{}/json"

    def _understand(self, document):
        self._told = document.get("History")
        return image_of_inspect(document)

    def _history(self, image):  # noqa: ARG002
        return self._told, []


ASKED_BY = {"docker": DockerImages, "podman": PodmanImages}


def full_id(text):
    """``sha256:HEX``, of an id with the algorithm before it or, as Podman's own API has it, without."""
    match = _ID.match(text)
    if not match:
        raise ValueError(f"the id of an image is {text!r}")
    return "sha256:" + match.group(1)


def image_of_inspect(document):
    """The answer of /images/ID/json, still without steps."""
    layers = _list((document.get("RootFS") or {}).get("Layers") or [])
    wrong = [one for one in layers if not _DIGEST.match(one)]
    if wrong:
        raise ValueError(f"RootFS.Layers has {wrong[0]!r}")
    return Image(
        id=full_id(document["Id"]),
        tags=_named(document.get("RepoTags")),
        digests=_named(document.get("RepoDigests")),
        os=_text(document.get("Os")),
        architecture=_text(document.get("Architecture")),
        created=_text(document.get("Created"), but=_GO_ZERO),
        size_bytes=count(document["Size"]),
        diff_ids=layers,
        env=_texts((document.get("Config") or {}).get("Env")),
        steps=[],
        unreadable=[],
    )


def steps_of_history(rows):
    """The answer of /images/ID/history, which begins with the last step; whether they made layers is not in it."""
    return [
        Step(
            created=_utc(row["Created"]),
            created_by=_text(row.get("CreatedBy")) or "",
            comment=_text(row.get("Comment")) or "",
            size_bytes=count(row["Size"]),
            empty_layer=None,
        )
        for row in reversed(_list(rows))
    ]


def with_empty_layers(steps, history):
    """The steps with what the ``history`` of the image's config (OCI image spec, config.md) says of their layers."""
    if not isinstance(history, list) or len(history) != len(steps) or not all(isinstance(one, dict) for one in history):
        return steps
    return [step._replace(empty_layer=one.get("empty_layer") is True) for step, one in zip(steps, history)]


def steps_of_config(history):
    """The steps by the image's config alone, which has no sizes; None where it is out of reach or no good."""
    try:
        return [
            Step(
                created=_whole_seconds(_text(one.get("created"), but=_GO_ZERO)),
                created_by=_text(one.get("created_by")) or "",
                comment=_text(one.get("comment")) or "",
                size_bytes=None,
                empty_layer=one.get("empty_layer") is True,
            )
            for one in _list(history)
        ]
    except (TypeError, AttributeError):
        return None


def _whole_seconds(time_text):
    """As Docker's and Podman's histories tell it, which have no fractions."""
    return time_text and _FRACTION.sub("", time_text)


def configs_of_info(info):
    """The directory of the images' configs, by the answer of /info."""
    return f"{info['DockerRootDir']}/image/{info['Driver']}/imagedb/content/sha256"


def _named(texts):
    """Tags or digests; those of an image without any are written with <none>."""
    return [one for one in _texts(texts) if _NONE not in one]


def _texts(value):
    return [_text(one) or "" for one in _list(value or [])]


def _list(value):
    if not isinstance(value, list):
        raise TypeError(f"a list is {value!r}")
    return value


def _text(value, but=""):
    if value is not None and not isinstance(value, str):
        raise TypeError(f"a text is {value!r}")
    return None if value == but else value


def count(value):
    """Bytes; TypeError for what is no number of them."""
    # Python counts a bool as an int.
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(f"a size is {value!r}")
    return value


def _utc(seconds):
    """``1795506044`` -> ``2026-11-24T07:40:44Z``."""
    if not _GO_ZERO_SECONDS < seconds < _END_SECONDS:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
