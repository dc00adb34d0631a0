# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_image_facts: engines in, one record per image out."""

from __future__ import annotations

from ..containers.inventory import hint_of
from ..containers.select import idle_globs, select
from ..engines.images import ASKED_BY, full_id
from ..engines.podman_images import stored_images
from .record import image_record
from .select import select_images
from .store import Store

# Of a warning; the records have all.
_MOST_REASONS = 3


def gather_image_facts(
    witnesses, containers=None, images=None, engines=None, unused=False, history=True, reveal=False, root="/"
):
    """({"images": ..., ...}, warnings); see the module's RETURN for every key.

    Every image is read, also where few are asked for: whose layers are shared is only known of all.
    """
    for witness in witnesses:
        witness.testify(stopped=True)
    relevant = [one for one in witnesses if one.present or one.claims or one.name in (engines or ())]
    stores = [read_store(witness, root) for witness in relevant]
    claims = [claim for one in relevant for claim in one.claims.values()]
    chosen, idle = _choose(stores, claims, containers, images, unused, hint_of(relevant))
    facts = {
        "images": [image_record(store, image_id, history, reveal) for store, image_id in chosen],
        "layers_unique_bytes": _total(stores, shared=False),
        "layers_shared_bytes": _total(stores, shared=True),
        "engines": [
            {"name": one.name, "socket": one.socket, "reachable": one.error is None, "error": one.error}
            for one in relevant
        ],
    }
    warnings = [
        f"{one.name} can't be asked for all its images: {one.obstacle}"
        for one, store in zip(relevant, stores)
        # Without a service, which is usual for Podman, what is on disk is as good.
        if one.error and (one.present or not store.complete)
    ]
    warnings += [
        f"{store.engine} can't tell {len(store.refused)} of its images: "
        + "; ".join(why["reason"] for (why,) in list(store.refused.values())[:_MOST_REASONS])
        for store in stores
        if store.refused
    ]
    return facts, idle + warnings


def read_store(witness, root="/"):
    """All images of an engine, and those of its containers that its list has not, such as one without a tag left."""
    users = {}
    for claim in witness.claims.values():
        image_id = _image_id(claim)
        if image_id is not None:
            users.setdefault(image_id, []).append(claim)
    asked = ASKED_BY[witness.name](witness, root)
    found = [asked.image(image_id) for image_id in dict.fromkeys((*(asked.ids() or ()), *users))]
    images, refused = [image for image in found if image is not None], asked.refused
    complete = witness.error is None and not refused
    if witness.error is not None and witness.state is not None:
        (images, complete), refused = stored_images(witness.state), {}
    return Store(witness.name, witness.socket, images, users, complete, refused)


def _image_id(claim):
    try:
        return full_id(claim.image_id or "")
    except ValueError:
        # Nothing that an engine could be asked for.
        return None


def _choose(stores, claims, containers, images, unused, hint):
    """([(store, image id)], warnings)."""
    if images is None:
        chosen, idle = [(store, image_id) for store in stores for image_id in store.ids], []
    else:
        chosen, idle = select_images(stores, images, hint)
    if containers is not None:
        wanted = select(claims, containers, hint)
        chosen = [one for one in chosen if any(claim in wanted for claim in _users(one))]
    elif images is None and not unused:
        chosen = [one for one in chosen if _users(one)]
    return chosen, [f"no image matches {glob!r}" for glob in idle] + [
        f"no container matches {glob!r}" for glob in idle_globs(claims, containers)
    ]


def _users(one):
    store, image_id = one
    return store.users.get(image_id, ())


def _total(stores, shared):
    totals = [store.total(shared) for store in stores]
    return sum(totals) if totals and None not in totals else None
