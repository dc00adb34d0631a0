# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Globs, as the shell has them: ``*``, ``?`` and ``[...]``."""

from __future__ import annotations

import fnmatch
import re

_SIGNS = re.compile(r"[*?\[]")


def is_glob(word):
    return _SIGNS.search(word) is not None


def globbed(name, glob):
    """Whether the glob fits the whole name. A range that begins behind its end, as in ``[b-2]``, fits nothing."""
    try:
        return fnmatch.fnmatchcase(name, glob)
    except re.error:
        # So say Pythons from 3.10 on; those before can't read it.
        return False
