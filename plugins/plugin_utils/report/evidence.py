# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values and evidence of findings as text. Pure."""

from __future__ import annotations

import json

from ..text import harmless

# Longer than what any rule states; what a container chose may be longer and is cut.
MOST = 600


def shown(value, most=MOST):
    """Text as it is, None as nothing, all else as JSON writes it; control and bidi characters are escaped."""
    if value is None:
        return ""
    return harmless(value if isinstance(value, str) else json.dumps(value), most)


def shown_evidence(evidence):
    """``/proc/4711/ns/net = 4026531840; ...``."""
    return "; ".join(f"{shown(one['path'])} = {shown(one['value'])}" for one in evidence)
