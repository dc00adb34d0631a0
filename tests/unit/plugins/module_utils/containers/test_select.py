# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import NamedTuple, Optional

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.select import select
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C
from hypothesis import given
from hypothesis import strategies as st


class One(NamedTuple):
    id: str
    name: Optional[str]


D = A[:5] + "d" * 59
WEB, API, NAMELESS, CAFE = One(A, "web-1"), One(B, "api"), One(C, None), One(D, "cafe")
ALL = [WEB, API, NAMELESS, CAFE, One("box", None)]
BOX = ALL[-1]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (None, ALL),
        (["api"], [API]),
        ([A], [WEB]),
        ([C], [NAMELESS]),
        ([A[:6]], [WEB]),
        ([C[:12]], [NAMELESS]),
        (["box"], [BOX]),
        (["cafe"], [CAFE]),
        (["api", "web-1"], [API, WEB]),
        (["api", B, B[:12], "a*"], [API, WEB, CAFE]),
        (["web-*"], [WEB]),
        (["web-[0-9]"], [WEB]),
        (["?pi"], [API]),
        ([C[:8] + "*"], [NAMELESS]),
        (["*"], ALL),
        (["nothing-*"], []),
        (["WEB-*"], []),
    ],
)
def test_names_ids_prefixes_and_globs(wanted, chosen):
    assert select(ALL, wanted) == chosen


def test_a_name_comes_before_the_beginning_of_an_id():
    named = One(D, A[:6])
    assert select([WEB, named], [A[:6]]) == [named]


def test_the_same_name_with_two_engines_is_both():
    podmans = One(B, "web-1")
    assert select([WEB, podmans], ["web-1"]) == [WEB, podmans]


def test_an_ambiguous_prefix_lists_the_candidates():
    with pytest.raises(FathomError) as caught:
        select(ALL, [A[:4]])
    message = str(caught.value)
    assert f"'{A[:4]}' fits 2 containers" in message
    assert f"{A[:12]} (web-1)" in message
    assert f"{D[:12]} (cafe)" in message
    assert "give more of the id, or the name" in message


def test_ambiguous_without_names_and_with_many():
    many = [One(f"a{number:063x}", None) for number in range(30)]
    with pytest.raises(FathomError, match="fits 30 containers") as caught:
        select(many, ["a000"])
    assert str(caught.value).count("a00000000000") == 10


def test_no_match_lists_near_names():
    with pytest.raises(FathomError, match=r"no container has the name or id 'wbe-1'; near it: web-1"):
        select(ALL, ["wbe-1"])


def test_no_match_and_nothing_near_lists_what_there_is():
    with pytest.raises(FathomError, match="'zzzzzzzz'; there are: ") as caught:
        select(ALL, ["zzzzzzzz"])
    assert C[:12] in str(caught.value)


def test_no_match_where_nothing_is():
    with pytest.raises(FathomError, match="'web'; there are no containers here"):
        select([], ["web"])


def test_the_hint_says_what_else_it_could_be():
    with pytest.raises(FathomError, match=r"\. Mind that docker is down\Z"):
        select([], ["web"], ". Mind that docker is down")


def test_one_unknown_among_known_fails_all():
    with pytest.raises(FathomError, match="'nope'"):
        select(ALL, ["api", "nope"])


def test_a_prefix_of_a_name_is_no_match():
    with pytest.raises(FathomError):
        select(ALL, ["web"])


def test_a_few_digits_are_no_prefix():
    with pytest.raises(
        FathomError, match="id 'b0', and the beginning of an id has four digits or more; there are: web"
    ):
        select([One("b0" + "1" * 62, "web")], ["b0"])


def test_the_empty_word_is_no_prefix_of_everything():
    with pytest.raises(FathomError, match="the name or id ''"):
        select(ALL, [""])


def test_an_empty_list_is_an_error():
    with pytest.raises(FathomError, match="containers is an empty list, which selects nothing: name at least one"):
        select(ALL, [])


def test_hostile_words_are_shown_escaped():
    with pytest.raises(FathomError) as caught:
        select(ALL, ["{{ x }}\x1b31m\n"])
    assert "'{{ x }}\\x1b31m\\n'" in str(caught.value)


containers = st.lists(
    st.builds(One, st.text("abc", min_size=4, max_size=6), st.none() | st.text("abcx", min_size=1, max_size=3)),
    unique_by=lambda one: one.id,
    max_size=6,
)


@given(containers, st.lists(st.text("abcx*?[]", max_size=4), max_size=4) | st.none())
def test_any_words_choose_some_of_the_containers_once_or_fail(every, wanted):
    try:
        chosen = select(every, wanted)
    except FathomError:
        assert wanted is not None
        return
    assert len(chosen) == len(set(chosen))
    assert set(chosen) <= set(every)


@given(containers)
def test_every_container_is_chosen_by_its_id_and_by_its_name(every):
    ids = {one.id for one in every}
    for one in every:
        if not any(other.name == one.id for other in every):
            assert select(every, [one.id]) == [one]
        if one.name:
            assert select(every, [one.name]) == [other for other in every if other.name == one.name]
    assert {one.id for one in select(every, ["*"])} == ids
