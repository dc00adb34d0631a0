# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One image as container_image_facts tells it. Pure."""

from __future__ import annotations

from .secrets import mask

# A script in a RUN has a few thousand characters.
LONGEST_TEXT = 16384


def image_record(store, image_id, history, reveal):
    """``history``: whether it is told; ``reveal``: whether with what looks secret. See the module's RETURN."""
    held = store.held.get(image_id)
    record = {
        "id": image_id,
        "engine": store.engine,
        "engine_known": held is not None,
        "socket": store.socket,
    }
    record.update(_known(store, held) if held else dict.fromkeys(_KNOWN))
    if history:
        record["history"] = held and held.image.steps and _history(held, reveal)
    record["containers"] = sorted(claim.name or claim.id for claim in store.users.get(image_id, ()))
    record["unreadable"] = held.image.unreadable if held else store.refused.get(image_id, [])
    return record


_OF_IMAGE = ("tags", "digests", "os", "architecture", "created", "size_bytes")
_KNOWN = (*_OF_IMAGE, "unique_bytes", "shared_bytes", "layers")


def _known(store, held):
    image, chain = held.image, held.chain
    known = {key: getattr(image, key) for key in _OF_IMAGE}
    known["unique_bytes"] = store.bytes_of(chain, shared=False)
    known["shared_bytes"] = store.bytes_of(chain, shared=True)
    known["layers"] = [
        {
            "diff_id": diff_id,
            "chain_id": chain_id,
            "size_bytes": store.sizes[chain_id],
            "shared_with": store.shared_with(image.id, chain_id),
        }
        for diff_id, chain_id in zip(image.diff_ids, chain)
    ]
    return known


def _history(held, reveal):
    env = () if reveal else held.image.env
    return [_step(step, match, held.chain, env, reveal) for step, match in zip(held.image.steps, held.matches)]


def _step(step, match, chain, env, reveal):
    created_by, comment = step.created_by, step.comment
    if not reveal:
        # Before it is cut, which could part a value from its name.
        created_by, comment = mask(created_by, env), mask(comment, env)
    return {
        "created": step.created,
        "created_by": created_by[:LONGEST_TEXT],
        "created_by_truncated": len(created_by) > LONGEST_TEXT,
        "size_bytes": step.size_bytes,
        "empty_layer": match.empty_layer,
        "chain_id": None if match.layer is None else chain[match.layer],
        "comment": comment[:LONGEST_TEXT],
    }
