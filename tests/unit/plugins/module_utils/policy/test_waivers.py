# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.policy.waivers import read_waivers
from hypothesis import given
from hypothesis import strategies as st

WAIVER = {"rule": "limit", "containers": ["db-*"], "reason": "is moved", "expires": "2027-03-31"}


def refused(waivers):
    with pytest.raises(FathomError) as caught:
        read_waivers(waivers)
    return str(caught.value)


@pytest.mark.parametrize("expires", ["2027-03-31", dt.date(2027, 3, 31)])
def test_a_waiver(expires):
    (waiver,) = read_waivers([{**WAIVER, "expires": expires}])
    assert waiver == ("limit", ["db-*"], "is moved", dt.date(2027, 3, 31))


def test_none():
    assert read_waivers([]) == []


@pytest.mark.parametrize(
    ("waivers", "message"),
    [
        (None, "the waivers are empty, expected a list, each with rule, containers, reason, expires"),
        ({}, "the waivers are a dictionary, expected a list"),
        (["x"], "waiver 1 is 'x', expected a dictionary with some of rule, containers, reason, expires"),
        ([{}], "waiver 1 is empty"),
        ([WAIVER, {"rule": "b"}], "waiver 2 (rule 'b') has no containers and no reason and no expires"),
        ([{"containers": ["a"]}], "waiver 1 has no rule and no reason and no expires; a waiver has rule, containers, "),
        ([{**WAIVER, "expire": 1}], "waiver 1 (rule 'limit') has the unknown key 'expire'; near it: expires"),
        ([{**WAIVER, "rule": 7}], "waiver 1: rule is 7, expected text"),
        (
            [{**WAIVER, "containers": "db"}],
            "waiver 1 (rule 'limit'): containers is 'db', expected a list; write ",
        ),
        ([{**WAIVER, "containers": []}], "containers is an empty list"),
        ([{**WAIVER, "reason": " "}], "reason is empty, expected text"),
        ([{**WAIVER, "expires": "31.3.2027"}], "expires is '31.3.2027', expected the last day on which it holds, such"),
        ([{**WAIVER, "expires": "2027-02-30"}], "expires is '2027-02-30', expected the last day"),
        ([{**WAIVER, "expires": 20270331}], "expires is 20270331, expected the last day"),
        ([{**WAIVER, "expires": None}], "expires is empty, expected the last day"),
        ([{**WAIVER, "expires": dt.datetime(2027, 3, 31, 12, tzinfo=dt.timezone.utc)}], "expires is '2027-03-31T12:"),
    ],
)
def test_a_mistake_names_the_waiver_and_the_key(waivers, message):
    assert message in refused(waivers)


def test_hostile_text_is_shown_escaped_and_cut():
    message = refused([{"rule": "\x1b[31m\u202e{{ 1 }}\n" + "x" * 5000, "expires": "\x1b[2J" * 100}])
    assert message.isprintable()
    assert len(message) < 500


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2027-03-31"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WAIVER, "x"]), inner, max_size=5),
    max_leaves=12,
)
nearly = st.builds(lambda key, value: {**WAIVER, key: value}, st.sampled_from(list(WAIVER)), json_like)


@given(json_like | st.lists(nearly, max_size=3))
def test_anything_is_read_or_refused(waivers):
    try:
        read = read_waivers(waivers)
    except FathomError:
        return
    assert [waiver.rule for waiver in read] == [given["rule"] for given in waivers]
    assert all(isinstance(waiver.expires, dt.date) for waiver in read)
