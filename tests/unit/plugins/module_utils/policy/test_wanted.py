# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.policy.wanted import Entry, Wanted, read_limits
from hypothesis import given
from hypothesis import strategies as st

MIB = 1 << 20


def test_an_entry_as_ansible_gives_it():
    given_by_ansible = {
        "containers": ["web-*", "db"],
        "labels": {"tier": "web"},
        "images": None,
        "engines": ["docker"],
        "memory": "256MiB",
        "swap": "0",
        "reservation": None,
        "rule": "web tier",
    }
    assert read_limits([given_by_ansible]) == [
        Entry(
            {"containers": ["web-*", "db"], "labels": {"tier": "web"}, "engines": ["docker"]},
            Wanted(256 * MIB, 0, None),
            "web tier",
        )
    ]


def test_without_selectors_it_is_for_every_container():
    assert read_limits([{"memory": "unlimited", "swap": "unlimited", "reservation": "0"}]) == [
        Entry({}, Wanted(UNLIMITED, UNLIMITED, 0), None)
    ]


@pytest.mark.parametrize("written", ["0", "unlimited"])
def test_no_reservation_can_be_said_in_two_ways(written):
    assert read_limits([{"memory": "64M", "reservation": written}])[0].wanted == (64 * MIB, None, 0)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], r"limits is an empty list, expected a list such as"),
        (None, r"limits is empty, expected a list"),
        ("db", r"limits is 'db', expected a list"),
        (
            [{"memory": "1G"}, "db"],
            r"limits\[1\] is 'db', expected a dictionary with some of containers, .*reservation",
        ),
        ([{"memroy": "1G"}], r"limits\[0\] has the unknown key 'memroy'; near it: memory; accepted: containers, "),
        ([{"containers": ["db"]}], r"limits\[0\] sets nothing: give at least one of memory, swap, reservation"),
        ([{"memory": None, "rule": "x"}], r"limits\[0\] \(rule 'x'\) sets nothing"),
        ([{"memory": "256Mb", "rule": "web"}], r"limits\[0\] \(rule 'web'\)\.memory is '256Mb', expected a size"),
        ([{"memory": "0"}], r"limits\[0\]\.memory is '0', which is no memory at all"),
        ([{"memory": "1M", "containers": []}], r"limits\[0\]\.containers is an empty list, which selects nothing"),
        ([{"memory": "1M", "labels": {}}], r"limits\[0\]\.labels is empty, which selects nothing"),
        ([{"memory": "1M", "labels": {"a": 1}}], r"limits\[0\]\.labels\['a'\] is 1, expected text"),
        ([{"memory": "1M", "engines": ["doker"]}], r"engines\[0\] is 'doker'; near it: docker; accepted: docker, "),
        ([{"memory": "1M", "images": [""]}], r"limits\[0\]\.images\[0\] is empty"),
        ([{"memory": "1M", "severity": "high"}], r"unknown key 'severity'"),
        (
            [{"memory": "1M"}, {"memory": "64M", "reservation": "65M", "rule": "web"}],
            r"limits\[1\] \(rule 'web'\)\.reservation is '65M', more than its memory, '64M'",
        ),
    ],
)
def test_a_mistake_names_the_entry(entries, message):
    with pytest.raises(FathomError, match=message):
        read_limits(entries)


leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1M", "docker"])
some_key = (
    st.sampled_from(["containers", "labels", "images", "engines", "memory", "swap", "reservation", "rule"]) | st.text()
)
json_like = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(some_key, inner, max_size=4), max_leaves=12
)


@given(json_like | st.lists(st.dictionaries(some_key, json_like, max_size=4), max_size=3))
def test_anything_is_read_or_refused(entries):
    try:
        read = read_limits(entries)
    except FathomError:
        return
    assert len(read) == len(entries)
    assert all(entry.wanted != (None, None, None) for entry in read)
