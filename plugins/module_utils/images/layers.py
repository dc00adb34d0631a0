# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of an image: their chain ids, and which step of the history made which. Pure.

A layer alone is known by its diff id, the hash of its content. What lies below counts as well for who shares it: a
chain id stands for a layer with all below it (OCI image spec, config.md, "Layer ChainID").
"""

from __future__ import annotations

import hashlib
import itertools
from typing import NamedTuple, Optional


class Match(NamedTuple):
    """Of one step: whether it made no layer, and the index of the one it made. None where that can't be told."""

    empty_layer: Optional[bool]
    layer: Optional[int]


def chain_ids(diff_ids):
    """The chain id of each layer, the lowest first."""
    chain = []
    for diff_id in diff_ids:
        both = f"{chain[-1]} {diff_id}".encode("ascii") if chain else None
        chain.append(diff_id if both is None else "sha256:" + hashlib.sha256(both).hexdigest())
    return chain


def match_steps(steps, layer_count):
    """(A Match for each step, the bytes of each layer). As many steps as there are layers made one, in their order.

    A step with a byte made a layer. Of those without, where nobody says it, as many did as layers are left over; a
    layer is told where it is the same whichever those were, and bytes that can't be told are None.
    """
    empties = [step.empty_layer for step in steps]
    if None in empties:
        empties = [False if step.size_bytes else None for step in steps]
    unsure = [number for number, empty in enumerate(empties) if empty is None]
    left_over = layer_count - empties.count(False)
    if not 0 <= left_over <= len(unsure):
        # A history that is not of these layers.
        return [Match(empty, None) for empty in empties], [None] * layer_count
    earliest = _layers(empties, unsure[:left_over])
    latest = _layers(empties, unsure[len(unsure) - left_over :])
    if earliest == latest:
        matches = [Match(layer is None, layer) for layer in earliest]
    else:
        matches = [
            Match(empty, first if first == last and empty is False else None)
            for empty, first, last in zip(empties, earliest, latest)
        ]
    return matches, _sizes(steps, matches, layer_count)


def _layers(empties, chosen):
    """For each step the index of its layer, if the chosen ones of those that nobody is sure of made one."""
    index = itertools.count()
    made = set(chosen)
    return [next(index) if empty is False or number in made else None for number, empty in enumerate(empties)]


def _sizes(steps, matches, layer_count):
    sizes = {match.layer: step.size_bytes for step, match in zip(steps, matches)}
    lost = any(step.size_bytes and match.layer is None for step, match in zip(steps, matches))
    return [sizes.get(layer, None if lost else 0) for layer in range(layer_count)]
