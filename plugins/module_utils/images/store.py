# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of one engine, and of each layer who has it and how many bytes it takes. Pure.

Engines share nothing with each other: each keeps its layers for itself.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple

from ..engines.contract import Claim
from ..engines.images import Image
from .layers import Match, chain_ids, match_steps


class Held(NamedTuple):
    """An image with the chain ids of its layers, and for each of its steps the layer that it made."""

    image: Image
    chain: List[str]
    matches: List[Match]


class Store:
    """``complete``: whether all images are known; if not, nobody can say that a layer is not shared.

    ``users``: {image id: the containers made from it}, also of images that the engine doesn't have any more.
    ``refused``: {image id: [{path, reason}]} of those that it has and can't tell.
    """

    def __init__(self, engine, socket, images, users, complete, refused=None):
        self.engine: str = engine
        self.socket: str = socket
        self.users: Dict[str, List[Claim]] = users
        self.complete: bool = complete
        self.refused: Dict[str, List[dict]] = refused or {}
        self.held: Dict[str, Held] = {}
        self.sizes: dict = {}
        self._owners: Dict[str, List[str]] = {}
        for image in images:
            self._add(image)

    @property
    def ids(self):
        """Of all images, those of which the engine tells nothing at the end."""
        return list(dict.fromkeys((*self.held, *self.refused, *self.users)))

    def shared_with(self, image_id, chain_id):
        """The ids of the other images that have this layer with all below it; None where that can't be told."""
        return sorted(set(self._owners[chain_id]) - {image_id}) if self.complete else None

    def bytes_of(self, chain, shared):
        """Bytes of those of these layers that several images have, or that one has; None where they can't be told."""
        sizes = [self.sizes[one] for one in set(chain) if (len(self._owners[one]) > 1) is shared]
        return sum(sizes) if self.complete and None not in sizes else None

    def total(self, shared):
        """The same of all layers, each counted once."""
        return self.bytes_of(self._owners, shared)

    def _add(self, image):
        chain = chain_ids(image.diff_ids)
        matches, sizes = match_steps(image.steps or [], len(chain))
        self.held[image.id] = Held(image, chain, matches)
        for chain_id, size in zip(chain, sizes):
            self._owners.setdefault(chain_id, []).append(image.id)
            # What one image's history doesn't tell, another's may.
            if self.sizes.get(chain_id) is None:
                self.sizes[chain_id] = size
