# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which containers a user means by names, ids, id prefixes and globs. Pure."""

from __future__ import annotations

import re

from ..engines.contract import ID_PREFIX
from ..errors import FathomError
from ..globs import globbed, is_glob

_PREFIX = re.compile(rf"{ID_PREFIX}\Z")
_TOO_SHORT = re.compile(r"[0-9a-f]{1,3}\Z")


def select(containers, wanted, hint=""):
    """The containers (anything with ``id`` and ``name``) that ``wanted`` names; all of them where it is None.

    A word is a name, an id, an id prefix or a glob over names and ids, in this order. Raises FathomError for a word
    without a glob that matches nothing or whose prefix fits several; ``hint`` says what else could be the reason.
    """
    if wanted is None:
        return list(containers)
    if not wanted:
        raise FathomError(
            "containers is an empty list, which selects nothing: name at least one container by name, id, id prefix "
            "or glob, or leave the option out for all running containers"
        )
    chosen = []
    for word in wanted:
        chosen.extend(container for container in _matches(containers, word, hint) if container not in chosen)
    return chosen


def idle_globs(containers, wanted):
    """The globs of ``wanted`` that match nothing: no error, but maybe not what was meant."""
    return [word for word in wanted or () if is_glob(word) and not _matches(containers, word, "")]


def _matches(containers, word, hint):
    if is_glob(word):
        return [one for one in containers if globbed(one.name or "", word) or globbed(one.id, word)]
    exact = [one for one in containers if one.name == word] or [one for one in containers if one.id == word]
    if exact:
        return exact
    by_prefix = [one for one in containers if _PREFIX.match(word) and one.id.startswith(word)]
    if len(by_prefix) > 1:
        candidates = ", ".join(sorted(map(_title, by_prefix))[:10])
        raise FathomError(
            f"container id prefix {word!r} fits {len(by_prefix)} containers: {candidates}; "
            "give more of the id, or the name"
        )
    if not by_prefix:
        short = ", and the beginning of an id has four digits or more" if _TOO_SHORT.match(word) else ""
        raise FathomError(f"no container has the name or id {word!r}{short}{near_names(containers, word)}{hint}")
    return by_prefix


def near_names(containers, word):
    """How a message about ``word`` goes on: the names that it may have meant."""
    # Only a mistake pays for the import.
    import difflib

    # Names first: an id says little.
    names = sorted({ascii(one.name)[1:-1] for one in containers if one.name})
    names += sorted({ascii(one.id[:12])[1:-1] for one in containers if not one.name})
    near = difflib.get_close_matches(word, names, 5, 0.5)
    if near:
        return "; near it: " + ", ".join(near)
    return "; there are: " + ", ".join(names[:10]) if names else "; there are no containers here"


def _title(container):
    return f"{container.id[:12]} ({ascii(container.name)[1:-1]})" if container.name else container.id[:12]
