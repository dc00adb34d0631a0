# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value that a user wrote is shown in an error. Pure."""

from __future__ import annotations

_LONGEST = 80
_SHORT_LIST = 15


def shown(value):
    """``'web'``, ``true``, ``a list``: short, in one line, and without what could harm a terminal."""
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    if isinstance(value, str):
        text = ascii(str(value[: _LONGEST + 1]))
    elif isinstance(value, (int, float)):
        # Python refuses to write integers of thousands of digits.
        text = repr(value) if isinstance(value, float) or value.bit_length() < 1024 else "a huge number"
    else:
        return (
            "a dictionary" if isinstance(value, dict) else "a list" if isinstance(value, (list, tuple)) else "no text"
        )
    return text if len(text) <= _LONGEST + 2 else text[:_LONGEST] + "..."


def near(word, accepted):
    """``; near it: limit; accepted: limit, max``; a long list of what is accepted only where nothing is near."""
    # Only a mistake pays for the import.
    import difflib

    found = difflib.get_close_matches(str(word)[:_LONGEST], accepted, 3, 0.6)
    texts = ["near it: " + ", ".join(found)] if found else []
    if len(accepted) <= _SHORT_LIST or not found:
        texts.append("accepted: " + ", ".join(accepted))
    return "; " + "; ".join(texts)
