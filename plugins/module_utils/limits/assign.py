# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which container gets which limits: the first entry that fits it. Pure."""

from __future__ import annotations

from typing import List, NamedTuple

from ..containers.select import near_names
from ..errors import FathomError
from ..policy.match import fits, resolve
from .change import Assignment
from .holders import Limits


class Assigned(NamedTuple):
    """``missing``: texts about words that mean no container here."""

    assignments: List[Assignment]
    missing: List[str]


def assign(entries, containers, allowed):
    """``containers``: all of the host; ``allowed``: those that may be touched.

    A container that does not run is meant only by its own name or id. Raises FathomError for the beginning of an id
    that fits several.
    """
    resolved = []
    missing = []
    for index, entry in enumerate(entries):
        match, words = resolve(entry.match, containers)
        resolved.append((match, entry))
        missing += [
            f"limits[{index}] names {word!r}, and no container here has that name or id{near_names(containers, word)}"
            for word in words
        ]
    assignments = []
    for container in allowed:
        match, entry = next(((match, entry) for match, entry in resolved if fits(match, container)), (None, None))
        if entry is not None and (container.runs or container.id in (match.get("containers") or ())):
            assignments.append(Assignment(container, Limits(*entry.wanted), entry.rule))
    return Assigned(assignments, missing)


def refuse_missing(missing):
    """FathomError for what :func:`assign` did not find."""
    if missing:
        raise FathomError("; ".join(missing) + ". Nothing was changed; on_missing: warn or ignore goes on without")
