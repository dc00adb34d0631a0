# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import itertools

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.images import Step
from ansible_collections.fathom.containers.plugins.module_utils.images.layers import Match, chain_ids, match_steps
from hypothesis import given
from hypothesis import strategies as st

# Those of a small image that docker built, as its config and the names of its folders in layerdb have them.
DIFF_IDS = [
    "sha256:3adc74df682c11446b27bb4dd1750e3a0a2498beeb232393c12e72bb860dc335",
    "sha256:fe23fc1251b9bce3891120175b7c8b418e9f72afe8f070fa44936b874ea001d7",
    "sha256:5a75ebbda7ebb927bef6d7553ba11f3693e9e0d214761ba65e14297c703297ae",
]
CHAIN_IDS = [
    "sha256:3adc74df682c11446b27bb4dd1750e3a0a2498beeb232393c12e72bb860dc335",
    "sha256:f3aad2103bca8f755abb7354f8f3a350e6629ba172ff827b0684de681c31d801",
    "sha256:f72cf380d4491a119985239e8cb4557822ee67190d27203a05e9211616da1726",
]


def steps(*kinds):
    """Steps of (bytes, whether they made no layer)."""
    return [Step(None, "", "", size, empty) for size, empty in kinds]


def told(matches):
    return [(match.empty_layer, match.layer) for match in matches]


def test_chain_ids_are_those_of_the_engine():
    assert chain_ids(DIFF_IDS) == CHAIN_IDS


def test_an_image_may_have_no_layer():
    assert chain_ids([]) == []
    assert match_steps([], 0) == ([], [])
    assert match_steps(steps((0, True)), 0) == ([Match(True, None)], [])


@given(st.lists(st.binary(max_size=3).map(lambda data: "sha256:" + hashlib.sha256(data).hexdigest()), max_size=130))
def test_a_chain_id_depends_on_all_below_and_nothing_above(diff_ids):
    chain = chain_ids(diff_ids)
    assert chain[:1] == diff_ids[:1]
    for length in range(len(diff_ids)):
        assert chain_ids(diff_ids[:length]) == chain[:length]
    for number in range(1, len(chain)):
        both = f"{chain[number - 1]} {diff_ids[number]}"
        assert chain[number] == "sha256:" + hashlib.sha256(both.encode()).hexdigest()


def test_what_the_config_says_counts():
    # In the document's own example mkdir made a layer without a byte and WORKDIR none.
    document = steps((5590000, False), (0, True), (0, False), (0, True), (7470000, False), (0, True))
    matches, sizes = match_steps(document, 3)
    assert told(matches) == [(False, 0), (True, None), (False, 1), (True, None), (False, 2), (True, None)]
    assert sizes == [5590000, 0, 7470000]


@pytest.mark.parametrize(
    ("kinds", "layers", "expected", "sizes"),
    [
        # As many steps with bytes as layers: the others made none.
        ((7, 0, 8, 0), 2, [(False, 0), (True, None), (False, 1), (True, None)], [7, 8]),
        # As many steps as layers: all made one.
        ((0, 7, 0), 3, [(False, 0), (False, 1), (False, 2)], [0, 7, 0]),
        # One of the two without a byte made a layer; what lies below and above them is sure.
        ((7, 0, 0, 8), 3, [(False, 0), (None, None), (None, None), (False, 2)], [7, 0, 8]),
        # The step between them may have made the first or the second layer.
        ((0, 7, 0), 2, [(None, None), (False, None), (None, None)], [None, None]),
        ((0, 7, 0, 9), 3, [(None, None), (False, None), (None, None), (False, 2)], [None, None, 9]),
        # Histories of other layers.
        ((7, 8), 1, [(False, None), (False, None)], [None]),
        ((7, 0), 3, [(False, None), (None, None)], [None] * 3),
        ((0, 0), 3, [(None, None), (None, None)], [None] * 3),
        ((), 2, [], [None, None]),
    ],
)
def test_without_it_only_what_is_the_same_either_way(kinds, layers, expected, sizes):
    matches, found = match_steps(steps(*((size, None) for size in kinds)), layers)
    assert (told(matches), found) == (expected, sizes)


def test_a_config_that_does_not_fit_matches_nothing():
    matches, sizes = match_steps(steps((7, False), (0, True)), 2)
    assert (told(matches), sizes) == ([(False, None), (True, None)], [None, None])


@given(st.lists(st.tuples(st.sampled_from([0, 0, 5, 6]), st.booleans()), max_size=9))
def test_nothing_is_told_that_could_be_otherwise(kinds):
    """Against all ways in which the steps without a byte may have made the layers that are there."""
    kinds = [(size, empty and not size) for size, empty in kinds]
    layer_count = sum(1 for _size, empty in kinds if not empty)
    bare = [number for number, (size, _empty) in enumerate(kinds) if not size]
    ways = []
    for made in itertools.combinations(bare, layer_count - (len(kinds) - len(bare))):
        index = itertools.count()
        ways.append([next(index) if size or number in made else None for number, (size, _e) in enumerate(kinds)])
    matches, sizes = match_steps(steps(*((size, None) for size, _empty in kinds)), layer_count)
    for number, match in enumerate(matches):
        layers = {way[number] for way in ways}
        assert match.layer == (next(iter(layers)) if len(layers) == 1 else None)
        assert match.empty_layer is None or {layer is None for layer in layers} == {match.empty_layer}
    for layer, size in enumerate(sizes):
        possible = {kinds[way.index(layer)][0] for way in ways}
        assert size is None or possible == {size}


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=130))
def test_with_it_every_layer_is_the_next_step_that_made_one(kinds):
    layer_count = sum(1 for _size, empty in kinds if not empty)
    matches, sizes = match_steps(steps(*kinds), layer_count)
    assert [match.layer for match in matches if not match.empty_layer] == list(range(layer_count))
    assert sizes == [size for size, empty in kinds if not empty]
