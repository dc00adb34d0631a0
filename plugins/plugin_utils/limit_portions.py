# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's containers in portions, so that a run over many shows how far it has got. Pure."""

from __future__ import annotations

import glob

from ..module_utils.errors import FathomError
from .limit_results import containers_of


def portions(planned, size):
    """[{"label": "1 to 50 of 120", "containers": [...]}, ...] of what a result of check mode would change."""
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise FathomError(f"a portion of {size!r} containers; expected a whole number from 1 on")
    words = [_word(container["id"]) for container in containers_of(planned) if container["status"] == "changed"]
    return [
        {
            "label": f"{first + 1} to {min(first + size, len(words))} of {len(words)}",
            "containers": words[first : first + size],
        }
        for first in range(0, len(words), size)
    ]


def _word(identity):
    """A glob that fits this id alone: unlike an id itself, it is no error when the container has ended meanwhile."""
    return f"[{identity[0]}]{glob.escape(identity[1:])}"
