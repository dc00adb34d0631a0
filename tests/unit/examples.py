# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many examples a property is tried with; how many are usual is for conftest.py to say."""

from __future__ import annotations

from hypothesis import settings


def examples(times):
    """Settings with so many times the usual number of examples, for what needs more, or takes long for each."""
    return settings(max_examples=max(1, round(settings.default.max_examples * times)))
