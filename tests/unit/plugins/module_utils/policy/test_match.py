# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Dict, NamedTuple, Optional

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.policy.match import (
    exact_words,
    fits,
    image_names,
    resolve,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C
from hypothesis import given
from hypothesis import strategies as st


class One(NamedTuple):
    id: str
    name: Optional[str] = None
    engine: str = "docker"
    image: Optional[str] = None
    labels: Optional[Dict[str, str]] = None
    state: Optional[str] = "running"


WEB = One(A, "web-1", image="nginx:1.27", labels={"tier": "web", "com.docker.compose.project": "shop", "empty": ""})
NAMELESS = One(C, None, "unknown", None, None, None)


@pytest.mark.parametrize(
    ("match", "fitting"),
    [
        ({}, True),
        ({"containers": None, "labels": None, "images": None, "engines": None}, True),
        ({"containers": ["web-*"]}, True),
        ({"containers": ["web-1"]}, True),
        ({"containers": ["api", "web-?"]}, True),
        ({"containers": ["web"]}, False),
        ({"containers": ["WEB-*"]}, False),
        ({"containers": [A]}, True),
        ({"containers": [A[:12]]}, True),
        ({"containers": [A[:4]]}, True),
        ({"containers": [A[:3]]}, False),
        ({"containers": [A[:3] + "*"]}, True),
        ({"containers": [B[:12]]}, False),
        ({"labels": {"tier": "web"}}, True),
        ({"labels": {"tier": "w*"}}, True),
        ({"labels": {"tier": "w*", "empty": "*"}}, True),
        ({"labels": {"empty": ""}}, True),
        ({"labels": {"tier": "web", "absent": "*"}}, False),
        ({"labels": {"tier": "db"}}, False),
        ({"images": ["nginx:*"]}, True),
        ({"images": ["nginx"]}, False),
        ({"images": ["redis*", "*:1.27"]}, True),
        ({"engines": ["podman", "docker"]}, True),
        ({"engines": ["podman"]}, False),
        ({"states": ["running", "paused"]}, True),
        ({"states": ["exited"]}, False),
        ({"compose_projects": ["sh*"]}, True),
        ({"compose_projects": ["blog"]}, False),
        ({"containers": ["web-*"], "labels": {"tier": "db"}}, False),
        ({"containers": ["web-*"], "labels": {"tier": "web"}, "images": ["nginx:*"], "engines": ["docker"]}, True),
    ],
)
def test_every_key_has_to_fit(match, fitting):
    assert fits(match, WEB) is fitting


@pytest.mark.parametrize(
    "match",
    [
        {"containers": ["web-1"]},
        {"labels": {"tier": "*"}},
        {"images": ["*"]},
        {"states": ["running"]},
        {"compose_projects": ["*"]},
        {"engines": ["docker"]},
    ],
)
def test_what_is_not_known_fits_nothing(match):
    assert not fits(match, NAMELESS)


def test_a_nameless_container_is_found_by_its_id():
    assert fits({"containers": ["*"]}, NAMELESS)
    assert fits({"containers": [C[:12]]}, NAMELESS)


def test_podman_names_its_compose_projects_too():
    assert fits({"compose_projects": ["shop"]}, One(A, labels={"io.podman.compose.project": "shop"}))


@pytest.mark.parametrize(
    ("image", "names"),
    [
        (None, []),
        ("", []),
        ("nginx", ["nginx", "nginx:latest"]),
        ("nginx:1", ["nginx:1"]),
        ("registry.example.org/team/nginx:1", ["registry.example.org/team/nginx:1"]),
        ("localhost/own:1", ["localhost/own:1", "own:1"]),
        ("registry:5000/app", ["registry:5000/app", "registry:5000/app:latest"]),
        ("app@sha256:00", ["app@sha256:00"]),
    ],
)
def test_an_image_goes_by_the_names_that_people_give_it(image, names):
    assert image_names(image) == names


def test_exact_words():
    assert exact_words({"containers": ["web-*", "db", "a?", "[x]", A]}) == ["db", A]
    assert exact_words({"containers": None}) == exact_words({}) == []


def test_names_come_before_ids_and_ids_before_their_beginnings():
    named_as_an_id_begins = One(B, A[:6])
    every = [WEB, named_as_an_id_begins]
    assert resolve({"containers": [A[:6], "web-*"]}, every) == ({"containers": ["web-*", B]}, [])
    box = One("cafe", "box", "lxc")
    assert resolve({"containers": ["cafe"]}, [box, One("cafe" + "0" * 60)]) == ({"containers": ["cafe"]}, [])


def test_one_name_with_two_engines_is_both():
    assert resolve({"containers": ["web-1"]}, [WEB, One(B, "web-1", "podman")]) == ({"containers": [A, B]}, [])


def test_words_that_mean_nothing_are_told():
    match, missing = resolve({"containers": ["nope", "web-1", "zz*"], "engines": ["docker"]}, [WEB])
    assert (match, missing) == ({"containers": ["zz*", A], "engines": ["docker"]}, ["nope"])


def test_where_no_word_means_anything_no_container_fits():
    match, missing = resolve({"containers": ["nope"]}, [WEB])
    assert missing == ["nope"]
    assert not fits(match, WEB)


def test_without_words_the_match_stays_as_it_is():
    assert resolve({"labels": {"tier": "web"}, "containers": None}, [WEB])[1] == []
    assert resolve({}, [WEB]) == ({}, [])


def test_an_ambiguous_beginning_is_an_error():
    with pytest.raises(FathomError, match=rf"'abcd' fits 2 containers: abcd1{'0' * 7}, abcd2{'0' * 7}; give more of"):
        resolve({"containers": ["abcd"]}, [One("abcd2" + "0" * 59), One("abcd1" + "0" * 59)])


containers = st.lists(
    st.builds(One, st.text("abcd", min_size=6, max_size=6), st.none() | st.text("abcdx", min_size=1, max_size=5)),
    unique_by=lambda one: one.id,
    max_size=6,
)


@given(containers, st.lists(st.text("abcdx*?[", min_size=1, max_size=5), min_size=1, max_size=4))
def test_resolving_chooses_no_container_that_the_words_do_not_fit(every, words):
    try:
        match, missing = resolve({"containers": words}, every)
    except FathomError:
        return
    for one in every:
        assert fits({"containers": words}, one) or not fits(match, one)
    for word in missing:
        assert not any(fits({"containers": [word]}, one) for one in every)
