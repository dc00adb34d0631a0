# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.limits import limit_state, limited, told
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED


@pytest.mark.parametrize(
    ("value", "absent", "state", "figure", "word"),
    [
        (4096, False, "limited", 4096, 4096),
        (0, False, "limited", 0, 0),
        (UNLIMITED, False, "unlimited", None, "unlimited"),
        (None, False, "unknown", None, None),
        (None, True, "absent", None, None),
        (4096, True, "limited", 4096, 4096),
    ],
)
def test_absent_unlimited_unknown_and_zero_are_four_things(value, absent, state, figure, word):
    assert limit_state(value, absent) == state
    assert limited(value) == figure
    assert told(value) == word
