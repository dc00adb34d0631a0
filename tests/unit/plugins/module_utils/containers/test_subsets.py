# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.subsets import chosen_subsets, subset_option
from hypothesis import given
from hypothesis import strategies as st

SUBSETS = ("memory", "cpu", "pids", "io", "stat")
DEFAULT = ("memory", "cpu", "pids")


def chosen(words):
    return chosen_subsets(words, SUBSETS, DEFAULT)


@pytest.mark.parametrize(
    ("words", "subsets"),
    [
        (DEFAULT, {"memory", "cpu", "pids"}),
        (["io"], {"io"}),
        (["io", "memory"], {"io", "memory"}),
        (["all"], set(SUBSETS)),
        (["all", "io"], set(SUBSETS)),
        (["all", "!io"], set(SUBSETS) - {"io"}),
        (["!cpu"], {"memory", "pids"}),
        (["!io"], set(DEFAULT)),
        (["!all"], set()),
        (["!all", "io"], {"io"}),
        (["all", "!all"], set()),
        (["io", "!io"], set()),
    ],
)
def test_chosen_subsets(words, subsets):
    assert chosen(words) == subsets


@given(st.lists(st.sampled_from([prefix + word for prefix in ("", "!") for word in ("all", *SUBSETS)]), min_size=1))
def test_the_algebra_of_subsets(words):
    some = chosen(words)
    assert some <= set(SUBSETS)
    assert some == chosen(list(reversed(words)))
    assert some == chosen(words + words)
    for subset in SUBSETS:
        assert subset not in chosen([*words, "!" + subset])
        if "!" + subset not in words:
            assert subset in chosen([*words, subset])


def test_every_word_may_be_taken_away():
    option = subset_option(SUBSETS, DEFAULT)
    assert option["default"] == list(DEFAULT)
    assert option["choices"] == ["all", *SUBSETS, "!all", "!memory", "!cpu", "!pids", "!io", "!stat"]
