# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON that somebody else wrote, as data that can be handed on."""

from __future__ import annotations

import json
import re

# Half of a surrogate pair is JSON, and no text: Ansible refuses the whole result that holds one.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_document(data):
    """The decoded JSON, every text of which can be encoded. Raises ValueError or RecursionError."""
    text = data.decode("utf-8", "replace")
    document = json.loads(text)
    return _encodable(document) if _SURROGATE.search(text) else document


def _encodable(value):
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    return value
