# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images a user means by tags, digests, ids, id prefixes and globs. Pure."""

from __future__ import annotations

import re

from ..engines.contract import ID_PREFIX
from ..errors import FathomError
from ..globs import globbed, is_glob

_PREFIX = re.compile(rf"(?:sha256:)?({ID_PREFIX})\Z")
# The folder of a registry that its users mostly leave unsaid.
_LIBRARY = "library/"


def select_images(stores, words, hint=""):
    """The (store, image id) that the words name, and the globs among them that match nothing.

    Raises FathomError for a word without a glob that matches nothing or whose prefix fits several ids; ``hint`` says
    what else could be the reason.
    """
    everything = [(store, image_id) for store in stores for image_id in store.ids]
    chosen, idle = [], []
    for word in words:
        found = _matches(everything, word, hint)
        chosen.extend(one for one in found if one not in chosen)
        if not found:
            idle.append(word)
    return chosen, idle


def names_of(tags, digests):
    """What an image is called: its tags and digests, also without the registry that they begin with."""
    names = [*tags, *digests]
    for name in tuple(names):
        registry, _slash, rest = name.partition("/")
        # As engines tell the two: a registry is localhost, or has a dot or a port.
        if rest and (registry == "localhost" or "." in registry or ":" in registry):
            names += [rest, *([rest[len(_LIBRARY) :]] if rest.startswith(_LIBRARY) else [])]
    return names


def _names(store, image_id):
    held = store.held.get(image_id)
    return names_of(held.image.tags, held.image.digests) if held else []


def _matches(everything, word, hint):
    if is_glob(word):
        return [
            (store, image_id)
            for store, image_id in everything
            if any(globbed(name, word) for name in (*_names(store, image_id), image_id, _hex(image_id)))
        ]
    wanted = {word, f"{word}:latest"}
    exact = [one for one in everything if wanted.intersection(_names(*one))]
    if exact:
        return exact
    prefix = _PREFIX.match(word)
    by_prefix = [one for one in everything if prefix and _hex(one[1]).startswith(prefix.group(1))]
    ids = sorted({image_id for _store, image_id in by_prefix})
    if len(ids) > 1:
        candidates = ", ".join(_hex(one)[:12] for one in ids[:10])
        raise FathomError(
            f"image id prefix {word!r} fits {len(ids)} images: {candidates}; give more of the id, or a tag"
        )
    if not ids:
        raise FathomError(f"no image has the tag, digest or id {word!r}{_near(everything, word)}{hint}")
    return by_prefix


def _near(everything, word):
    """How a message about ``word`` goes on: the tags that it may have meant."""
    # Only a mistake pays for the import.
    import difflib

    names = sorted({ascii(name)[1:-1] for one in everything for name in _names(*one) if "@" not in name})
    near = difflib.get_close_matches(word, names, 5, 0.5)
    if near:
        return "; near it: " + ", ".join(near)
    return "; there are: " + ", ".join(names[:10]) if names else "; there are no tagged images here"


def _hex(image_id):
    return image_id.rpartition(":")[2]
