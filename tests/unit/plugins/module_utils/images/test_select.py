# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.images import image_of_inspect
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.images.select import names_of, select_images
from ansible_collections.fathom.containers.plugins.module_utils.images.store import Store
from hypothesis import given
from hypothesis import strategies as st


def image(letter, *tags, digests=(), rest="0"):
    document = {"Id": letter + rest * (64 - len(letter)), "Size": 0, "RepoTags": [*tags], "RepoDigests": [*digests]}
    return image_of_inspect(document)


DIGEST = "nginx@sha256:" + "d" * 64
DOCKER = Store(
    "docker",
    "/d",
    [image("a1", "nginx:latest", "nginx:1.27", digests=[DIGEST]), image("a2", "web:2"), image("b", rest="f")],
    {"sha256:" + "e" * 64: ["a container"]},
    True,
)
PODMAN = Store("podman", "/p", [image("a1", "localhost/web:2", "registry.example.org/library/redis:latest")], {}, True)

TWINS = Store("podman", "/q", [image("c0de1"), image("c0de2")], {}, True)


def found(*words):
    return [(store.engine, image_id[7:9]) for store, image_id in select_images([DOCKER, PODMAN], words)[0]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nginx"], [("docker", "a1")]),
        (["nginx:1.27"], [("docker", "a1")]),
        ([DIGEST], [("docker", "a1")]),
        (["nginx", "nginx:latest"], [("docker", "a1")]),
        # One name, and two engines that have it.
        (["web:2"], [("docker", "a2"), ("podman", "a1")]),
        (["localhost/web:2"], [("podman", "a1")]),
        (["redis"], [("podman", "a1")]),
        (["library/redis"], [("podman", "a1")]),
        (["a200"], [("docker", "a2")]),
        (["sha256:a200"], [("docker", "a2")]),
        (["b" + "f" * 63], [("docker", "bf")]),
        # One id, and two engines that have it.
        (["a100"], [("docker", "a1"), ("podman", "a1")]),
        (["eeee"], [("docker", "ee")]),
        (["nginx:*", "b*"], [("docker", "a1"), ("docker", "bf")]),
        (["sha256:bf*"], [("docker", "bf")]),
        (["*redis*"], [("podman", "a1")]),
        (["*"], [("docker", "a1"), ("docker", "a2"), ("docker", "bf"), ("docker", "ee"), ("podman", "a1")]),
    ],
)
def test_words(words, expected):
    assert found(*words) == expected


def test_a_glob_that_matches_nothing_is_told():
    assert select_images([DOCKER], ["x*", "n*"])[1] == ["x*"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nginxx", "no image has the tag, digest or id 'nginxx'; near it: nginx:1.27, nginx:latest; and more"),
        ("web", "no image has the tag, digest or id 'web'; near it: web:2; and more"),
        ("c0de", "image id prefix 'c0de' fits 2 images: c0de10000000, c0de20000000; give more of the id, or a tag"),
        ("bff", "no image has the tag, digest or id 'bff'; there are: "),
        ("", "no image has the tag, digest or id ''; there are: "),
        ("\x1b[31m", "no image matches"),
    ],
)
def test_a_word_that_names_none_or_several(word, message):
    if "[" in word:
        assert select_images([DOCKER], [word]) == ([], [word])
        return
    with pytest.raises(FathomError) as error:
        select_images([DOCKER, PODMAN, TWINS], [word], "; and more")
    assert str(error.value).startswith(message)


def test_where_no_image_has_a_name():
    with pytest.raises(FathomError, match="there are no tagged images here"):
        select_images([Store("docker", "/d", [], {}, True)], ["web"])


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("registry.example.org/library/redis:7", ["library/redis:7", "redis:7"]),
        ("registry.example.org/web@sha256:12", ["web@sha256:12"]),
        ("registry:5000/team/web:1", ["team/web:1"]),
        ("localhost/web:1", ["web:1"]),
        ("team/web:1", []),
        ("web:1.2", []),
        ("library/web:1", []),
    ],
)
def test_the_registry_of_a_name_may_be_left_out(name, without):
    assert names_of([name], []) == [name, *without]


@given(st.text())
def test_any_word_names_images_or_is_refused(word):
    with contextlib.suppress(FathomError):
        chosen, idle = select_images([DOCKER, PODMAN], [word])
        assert chosen or idle == [word]
