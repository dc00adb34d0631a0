# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.images import (
    image_of_inspect,
    steps_of_history,
    with_empty_layers,
)
from ansible_collections.fathom.containers.plugins.module_utils.images.layers import chain_ids
from ansible_collections.fathom.containers.plugins.module_utils.images.store import Store
from ansible_collections.fathom.containers.tests.unit.fake_images import Built, digest
from hypothesis import given
from hypothesis import strategies as st

BASE = Built(("ADD base", 100))
WEB = Built(("ADD base", 100), ("ENV A=b", None), ("COPY web", 20))
JOB = Built(("ADD base", 100), ("COPY job", 30), ("COPY web", 20))
# Its second layer is the first of all others: the same content, but not upon the same.
ODD = Built(("COPY odd", 7), ("ADD base", 100))


def read(built, config=True):
    """An image as an engine tells it, with what its config says of layers or without."""
    steps = steps_of_history(built.rows())
    return image_of_inspect(built.inspect())._replace(steps=with_empty_layers(steps, built.history if config else None))


def store(*images, users=None, complete=True):
    return Store("docker", "/s", [read(image) for image in images], users or {}, complete)


def test_sharing_is_by_all_that_lies_below():
    kept = store(BASE, WEB, JOB, ODD)
    assert WEB.diff_ids[0] == ODD.diff_ids[1]
    chain = kept.held[WEB.id].chain
    assert kept.shared_with(WEB.id, chain[0]) == sorted([BASE.id, JOB.id])
    assert kept.shared_with(WEB.id, chain[1]) == []
    assert WEB.diff_ids[1] == JOB.diff_ids[2]
    assert kept.shared_with(ODD.id, kept.held[ODD.id].chain[1]) == []


def test_bytes():
    kept = store(BASE, WEB, JOB, ODD)
    own = {
        one: (kept.bytes_of(kept.held[one].chain, False), kept.bytes_of(kept.held[one].chain, True))
        for one in (BASE.id, WEB.id, JOB.id, ODD.id)
    }
    assert own == {BASE.id: (0, 100), WEB.id: (20, 100), JOB.id: (50, 100), ODD.id: (107, 0)}
    assert (kept.total(False), kept.total(True)) == (177, 100)


def test_an_engine_without_images():
    kept = store()
    assert (kept.ids, kept.total(False), kept.total(True)) == ([], 0, 0)


def test_what_was_not_read_to_the_end_tells_of_no_sharing():
    kept = store(WEB, complete=False)
    chain = kept.held[WEB.id].chain
    assert kept.shared_with(WEB.id, chain[0]) is None
    assert (kept.bytes_of(chain, False), kept.total(True)) == (None, None)
    assert kept.sizes[chain[0]] == 100


def test_an_image_without_history_has_the_sizes_that_others_tell():
    mute = Built(("ADD base", 100), ("COPY own", 5), history=False)
    kept = store(BASE, mute)
    chain = kept.held[mute.id].chain
    assert [kept.sizes[one] for one in chain] == [100, None]
    assert (kept.bytes_of(chain, True), kept.bytes_of(chain, False)) == (100, None)
    assert kept.total(False) is None
    assert store(mute, BASE).sizes == kept.sizes


def test_a_layer_that_stands_in_an_image_twice_is_of_one_image():
    twice = Built(("RUN a", 5, "same"), ("RUN b", 5, "same"))
    kept = store(twice)
    chain = kept.held[twice.id].chain
    assert len(set(chain)) == 2
    assert kept.shared_with(twice.id, chain[0]) == []


def test_images_that_only_a_container_knows_of():
    gone = digest("gone")
    kept = store(BASE, users={gone: ["a container"], BASE.id: ["another"]})
    assert kept.ids == [BASE.id, gone]


@pytest.mark.parametrize("count", [1, 120])
def test_many_layers(count):
    deep = Built(*((f"RUN {number}", number) for number in range(count)))
    kept = store(deep)
    assert kept.held[deep.id].chain == chain_ids(deep.diff_ids)
    assert [match.layer for match in kept.held[deep.id].matches] == list(range(count))
    assert kept.total(False) == sum(range(count))


CONTENT = st.sampled_from("abc")


@given(st.lists(st.lists(CONTENT, max_size=4), max_size=5))
def test_sharing_is_what_common_beginnings_say(stacks):
    images = [
        Built(
            *((one, 10**number, one) for number, one in enumerate(stack)),
            ("x", None),
            tags=[f"t{tag}"],
            env=[f"T={tag}"],
        )
        for tag, stack in enumerate(stacks)
    ]
    kept = store(*images)
    for stack, image in zip(stacks, images):
        for height, chain_id in enumerate(kept.held[image.id].chain):
            others = [
                other.id
                for other_stack, other in zip(stacks, images)
                if other.id != image.id and other_stack[: height + 1] == stack[: height + 1]
            ]
            assert kept.shared_with(image.id, chain_id) == sorted(others)
    beginnings = {tuple(stack[: height + 1]) for stack in stacks for height in range(len(stack))}
    assert kept.total(False) + kept.total(True) == sum(10 ** (len(one) - 1) for one in beginnings)
