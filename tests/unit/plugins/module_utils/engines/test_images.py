# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.images import (
    DockerImages,
    PodmanImages,
    full_id,
    image_of_inspect,
    steps_of_config,
    steps_of_history,
    with_empty_layers,
)
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.tests.unit.fake_engine import CLOSE, engine, reply
from ansible_collections.fathom.containers.tests.unit.fake_images import CREATED, Built, digest, image_engine
from hypothesis import given
from hypothesis import strategies as st

WEB = Built(("ADD base", 100), ("ENV A=b", None), ("RUN mkdir /app", 0), tags=["web:1"], env=["A=b"])
ABSENT = digest("no such image")


@contextlib.contextmanager
def asked(answer, client=Docker, images=DockerImages, root="/nowhere"):
    """(The images of an engine with these answers, the engine, the witness that asks it)."""
    with engine(answer) as fake:
        witness = Witness(client(fake.path, 5))
        try:
            yield images(witness, root), fake, witness
        finally:
            witness.close()


def empties(image):
    return [step.empty_layer for step in image.steps]


def test_an_image_over_one_connection(tmp_path):
    WEB.keep(tmp_path)
    with asked(image_engine([WEB]), root=str(tmp_path)) as (images, fake, _witness):
        assert images.ids() == [WEB.id]
        image = images.image(WEB.id)
        again = images.image(WEB.id)
    assert image == again
    assert fake.connections == 1
    assert fake.targets == [
        "/images/json",
        f"/images/{WEB.id}/json",
        f"/images/{WEB.id}/history",
        "/info",
        f"/images/{WEB.id}/json",
        f"/images/{WEB.id}/history",
    ]
    assert (image.id, image.tags, image.digests, image.os) == (WEB.id, ["web:1"], [], "linux")
    assert (image.size_bytes, image.diff_ids, image.env) == (100, WEB.diff_ids, ["A=b"])
    assert [step.created_by for step in image.steps] == ["ADD base", "ENV A=b", "RUN mkdir /app"]
    assert [step.created for step in image.steps] == [CREATED] * 3
    assert empties(image) == [False, True, False]
    assert image.unreadable == []


def test_podman_tells_the_config_itself():
    with asked(image_engine([WEB], podman=True), Podman, PodmanImages) as (images, fake, _witness):
        image = images.image(images.ids()[0])
    assert image.id == WEB.id
    assert empties(image) == [False, True, False]
    assert fake.targets == [
        "/images/json",
        "/_ping",
        f"/v5.4.2/libpod/images/{WEB.id}/json",
        f"/images/{WEB.id}/history",
    ]


def test_an_image_that_is_not_there():
    with asked(image_engine([WEB])) as (images, _fake, witness):
        assert images.image(ABSENT) is None
        assert images.image(WEB.id) is not None
        assert witness.error is None


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"history": []}'])
def test_a_config_that_is_not_this_images_says_nothing(tmp_path, content):
    if content is not None:
        with open(WEB.keep(tmp_path), "wb") as file:
            file.write(content)
    with asked(image_engine([WEB]), root=str(tmp_path)) as (images, _fake, _witness):
        image = images.image(WEB.id)
    assert empties(image) == [None] * 3
    assert image.unreadable == []


@pytest.mark.parametrize("config", [b"", b"[]", b"{}", b'{"history": 7}', b'{"history": [1, 2, 3]}', b"[" * 100000])
def test_a_config_that_is_nonsense_says_nothing(tmp_path, config):
    nonsense = Built(("ADD base", 100), ("ENV A=b", None))
    nonsense.config, nonsense.id = config, digest(config)
    nonsense.hex = nonsense.id[len("sha256:") :]
    nonsense.keep(tmp_path)
    with asked(image_engine([nonsense]), root=str(tmp_path)) as (images, _fake, _witness):
        assert empties(images.image(nonsense.id)) == [None, None]


def test_a_config_that_may_not_be_read_is_named(tmp_path):
    path = WEB.keep(tmp_path)
    os.remove(path)
    os.symlink("/etc/passwd", path)
    with asked(image_engine([WEB]), root=str(tmp_path)) as (images, _fake, _witness):
        image = images.image(WEB.id)
    assert empties(image) == [None] * 3
    assert [one["path"] for one in image.unreadable] == [path[len(str(tmp_path)) :]]


def test_an_engine_that_ends_in_the_middle():
    whole = image_engine([WEB])
    with asked(lambda target: [CLOSE] if target.endswith("/history") else whole(target)) as (images, fake, witness):
        assert images.image(WEB.id) is None
        assert images.image(WEB.id) is None
        assert "closed the connection without an answer" in witness.error
    assert sum(1 for target in fake.targets if target.endswith("/json")) == 1


def refusing(whole):
    """The same answers, but none about a history."""

    def answer(target):
        if target.endswith("/history"):
            return [reply({"message": "runtime error: nil pointer"}, 500)]
        return whole(target)

    return answer


@pytest.mark.parametrize(("client", "images"), [(Docker, DockerImages), (Podman, PodmanImages)])
def test_an_engine_that_fails_at_one_history_is_asked_on(tmp_path, client, images):
    WEB.keep(tmp_path)
    whole = image_engine([WEB], podman=client is Podman)
    with asked(refusing(whole), client, images, str(tmp_path)) as (found, fake, witness):
        image = found.image(WEB.id)
        assert witness.error is None
    assert [(one.created_by, one.size_bytes, one.empty_layer) for one in image.steps] == [
        ("ADD base", None, False),
        ("ENV A=b", None, True),
        ("RUN mkdir /app", None, False),
    ]
    (why,) = image.unreadable
    assert why["path"] == f"/images/{WEB.id}/history"
    assert "answered 500: 'runtime error: nil pointer'" in why["reason"]
    assert fake.connections == 1


def test_then_nobody_tells_of_the_steps_where_the_config_is_out_of_reach():
    with asked(refusing(image_engine([WEB]))) as (images, _fake, witness):
        image = images.image(WEB.id)
        assert witness.error is None
    assert (image.steps, len(image.unreadable), image.diff_ids) == (None, 1, WEB.diff_ids)


@pytest.mark.parametrize(("client", "images"), [(Docker, DockerImages), (Podman, PodmanImages)])
def test_an_engine_that_fails_at_one_image_is_asked_on(client, images):
    other = Built(("ADD other", 1))
    whole = image_engine([WEB, other], podman=client is Podman)

    def answer(target):
        return [reply({"message": "no"}, 500)] if target.endswith(f"{WEB.hex}/json") else whole(target)

    with asked(answer, client, images) as (found, _fake, witness):
        assert found.image(WEB.id) is None
        assert found.image(other.id).id == other.id
        assert witness.error is None
    assert list(found.refused) == [WEB.id]
    (why,) = found.refused[WEB.id]
    assert why["path"].endswith(f"/images/{WEB.id}/json")
    assert "answered 500: 'no'" in why["reason"]


@pytest.mark.parametrize("history", [None, 7, [7], [{"created_by": 7}], [{"created": {}}]])
def test_a_config_whose_history_is_nonsense_has_none(history):
    assert steps_of_config(history) is None


@pytest.mark.parametrize(
    "nonsense",
    [
        [],
        {"Id": "../../etc"},
        {"Id": WEB.id, "Size": -1},
        {"Id": WEB.id, "Size": True},
        {"Id": WEB.id, "Size": 1, "RootFS": {"Layers": ["sha256:../x"]}},
        {"Id": WEB.id, "Size": 1, "RootFS": {"Layers": [7]}},
        {"Id": WEB.id, "Size": 1, "RepoTags": [None, 7]},
        {"Id": WEB.id, "Size": 1, "Config": []},
        {"Id": WEB.id, "Size": 1, "Os": {}},
    ],
)
def test_nonsense_is_the_engines_failure(nonsense):
    with asked(lambda _target: [reply(nonsense)]) as (images, _fake, witness):
        assert images.image(WEB.id) is None
        assert "answered what it should not" in witness.error


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        [{}],
        [{"Created": "x", "Size": 1}],
        [{"Created": 1, "Size": None}],
        [{"Created": 1, "Size": 1, "Comment": 7}],
    ],
)
def test_a_history_of_nonsense_is_too(nonsense):
    whole = image_engine([WEB])
    with asked(lambda target: [reply(nonsense)] if target.endswith("/history") else whole(target)) as (
        images,
        _fake,
        witness,
    ):
        assert images.image(WEB.id) is None
        assert "/history on " in witness.error


@pytest.mark.parametrize("text", ["", "sha256:", "a" * 63, "a" * 65, "A" * 64, "sha512:" + "a" * 64, "a" * 64 + "\n"])
def test_what_is_no_id(text):
    with pytest.raises(ValueError, match="the id of an image is"):
        full_id(text)


def test_ids_with_the_algorithm_and_without():
    assert full_id("a" * 64) == full_id("sha256:" + "a" * 64) == "sha256:" + "a" * 64


def test_what_an_image_may_leave_out():
    image = image_of_inspect(
        {"Id": "a" * 64, "Size": 0, "RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"]}
    )
    assert image.tags == image.digests == image.diff_ids == image.env == []
    assert (image.os, image.architecture, image.created) == (None, None, None)
    assert image_of_inspect({"Id": "a" * 64, "Size": 0, "Created": "0001-01-01T00:00:00Z"}).created is None


@pytest.mark.parametrize(
    ("seconds", "created"),
    [(0, "1970-01-01T00:00:00Z"), (-62135596800, None), (10**18, None), (-(10**18), None), (1795506044, CREATED)],
)
def test_times(seconds, created):
    assert steps_of_history([{"Created": seconds, "Size": 0}])[0].created == created


def test_a_history_of_another_length_says_nothing():
    steps = steps_of_history(WEB.rows())
    assert with_empty_layers(steps, WEB.history[1:]) == steps
    assert with_empty_layers(steps, None) == steps


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*WEB.inspect(), "x"]), JSON))
def test_any_answer_is_an_image_or_an_error_that_is_caught(changes):
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        image_of_inspect(dict(WEB.inspect(), **changes))


@given(st.lists(st.dictionaries(st.sampled_from([*WEB.rows()[0], "x"]), JSON), max_size=3))
def test_any_history_is_steps_or_an_error_that_is_caught(rows):
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        steps_of_history([dict(WEB.rows()[0], **row) for row in rows])
