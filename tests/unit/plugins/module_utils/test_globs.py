# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.globs import globbed
from ansible_collections.fathom.containers.tests.unit.examples import examples
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "glob", "fits"),
    [
        ("web-1", "web-*", True),
        ("web-1", "WEB-*", False),
        ("web-1", "web-[0-9]", True),
        ("b", "[b-2]", False),
        ("web", "['web', 'web-2']", False),
    ],
)
def test_globs(name, glob, fits):
    assert globbed(name, glob) is fits


@examples(0.5)
@given(st.text(max_size=20), st.text("ab2-[]!*?\\'", max_size=20))
def test_no_glob_is_too_odd(name, glob):
    assert globbed(name, glob) in (True, False)
