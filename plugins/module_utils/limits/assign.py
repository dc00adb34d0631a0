# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which container gets which limits: the first entry that fits it. Pure."""

from __future__ import annotations

from typing import Dict, List, NamedTuple

from ..containers.select import near_names
from ..errors import FathomError
from ..globs import is_glob
from ..policy.match import fits, resolve
from .change import Assignment
from .holders import Limits

# What an entry says of containers that their engine alone knows.
_TOLD_BY_ENGINES = ("containers", "labels", "images", "states", "compose_projects")


# Why no container gets the limits of an entry.
NOTHING_FITS, STOPPED, EARLIER = "nothing_fits", "stopped", "earlier_entry"


class Assigned(NamedTuple):
    """``doubtful``: containers that an entry may mean, as nobody can tell their names and labels.

    ``missing``: texts about words that mean no container here; ``missing_globs``: about globs that fit none.
    ``idle``: {index of an entry that is nobody's: why, one of NOTHING_FITS, STOPPED and EARLIER}.
    """

    assignments: List[Assignment]
    doubtful: List[object]
    missing: List[str]
    missing_globs: List[str]
    idle: Dict[int, str]


def assign(entries, containers, allowed, silent=()):
    """``containers``: all of the host; ``allowed``: those that may be touched; ``silent``: engines that did not answer.

    A container that does not run is meant only by its own name or id. Raises FathomError for the beginning of an id
    that fits several.
    """
    resolved = []
    missing, missing_globs = [], []
    for index, entry in enumerate(entries):
        match, words = resolve(entry.match, containers)
        resolved.append((match, entry))
        missing += [
            f"limits[{index}] names {word!r}, and no container here has that name or id{near_names(containers, word)}"
            for word in words
        ]
        missing_globs += [
            f"limits[{index}] has the glob {word!r}, and no container here has a name or id that fits it"
            for word in match.get("containers") or ()
            if is_glob(word) and not any(fits({"containers": [word]}, one) for one in containers)
        ]
    assignments, doubtful, used = [], [], set()
    for container in allowed:
        index = next((index for index, (match, _entry) in enumerate(resolved) if fits(match, container)), None)
        if index is None:
            unnamed = container.claim is None and container.engine in silent
            doubtful += [container] if unnamed and any(_may_fit(match, container) for match, _entry in resolved) else []
        elif _is_meant(container, resolved[index][0]):
            entry = resolved[index][1]
            assignments.append(Assignment(container, Limits(*entry.wanted), entry.rule))
            used.add(index)
    idle = {index: _why_idle(match, allowed) for index, (match, _entry) in enumerate(resolved) if index not in used}
    return Assigned(assignments, doubtful, missing, missing_globs, idle)


def _is_meant(container, match):
    return container.runs or container.id in (match.get("containers") or ())


def _why_idle(match, allowed):
    fitting = [one for one in allowed if fits(match, one)]
    if not fitting:
        return NOTHING_FITS
    return EARLIER if any(_is_meant(one, match) for one in fitting) else STOPPED


def refuse_missing(missing, hint=""):
    """FathomError for what :func:`assign` did not find; ``hint`` says what else could be the reason."""
    if missing:
        raise FathomError(
            "; ".join(missing) + hint + ". Nothing was changed; on_missing: warn or ignore goes on without"
        )


def _may_fit(match, container):
    """Whether it would fit a container of this engine of which all else is not known."""
    engines = match.get("engines")
    asks = any(match.get(key) is not None for key in _TOLD_BY_ENGINES)
    return asks and (engines is None or container.engine in engines)
