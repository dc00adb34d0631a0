# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim
from ansible_collections.fathom.containers.plugins.module_utils.images.layers import chain_ids
from ansible_collections.fathom.containers.plugins.module_utils.images.record import LONGEST_TEXT, image_record
from ansible_collections.fathom.containers.plugins.module_utils.images.store import Store
from ansible_collections.fathom.containers.tests.unit.fake_images import CREATED, Built, digest
from ansible_collections.fathom.containers.tests.unit.plugins.module_utils.images.test_store import read

WEB = Built(
    ("ADD base", 100),
    ("ENV PASSWORD=a B=c d", None),
    ("|1 TOKEN=x /bin/sh -c mkdir /app", 0),
    tags=["web:1"],
    env=["PASSWORD=a B=c d"],
)
CHAIN = chain_ids(WEB.diff_ids)


def record(built, users=(), history=True, reveal=False, config=True):
    store = Store("docker", "/s", [read(built, config)], {built.id: list(users)}, True)
    return image_record(store, built.id, history, reveal)


def user(name, container_id="c" * 64):
    return Claim(container_id, name, "docker", None, "running", None, {}, None)


def test_a_record():
    assert record(WEB, [user("web-2"), user("web-1"), user(None)]) == {
        "id": WEB.id,
        "engine": "docker",
        "engine_known": True,
        "socket": "/s",
        "tags": ["web:1"],
        "digests": [],
        "os": "linux",
        "architecture": "amd64",
        "created": "2026-11-24T07:40:44.411772816Z",
        "size_bytes": 100,
        "unique_bytes": 100,
        "shared_bytes": 0,
        "layers": [
            {"diff_id": WEB.diff_ids[0], "chain_id": CHAIN[0], "size_bytes": 100, "shared_with": []},
            {"diff_id": WEB.diff_ids[1], "chain_id": CHAIN[1], "size_bytes": 0, "shared_with": []},
        ],
        "history": [
            step("ADD base", 100, CHAIN[0]),
            step("ENV PASSWORD=********", 0, None),
            step("|1 TOKEN=******** /bin/sh -c mkdir /app", 0, CHAIN[1]),
        ],
        "containers": ["c" * 64, "web-1", "web-2"],
        "unreadable": [],
    }


def step(created_by, size_bytes, chain_id):
    return {
        "created": CREATED,
        "created_by": created_by,
        "created_by_truncated": False,
        "size_bytes": size_bytes,
        "empty_layer": chain_id is None,
        "chain_id": chain_id,
        "comment": "",
    }


def test_secrets_are_shown_to_who_asks_for_them():
    lines = [one["created_by"] for one in record(WEB, reveal=True)["history"]]
    assert lines == [by for by, _size, _content in WEB.steps]


def test_history_is_left_out_and_sizes_are_not():
    told = record(WEB, history=False)
    assert "history" not in told
    assert told["layers"][0]["size_bytes"] == 100


def test_what_can_not_be_told_is_null():
    unsure = record(Built(("ADD base", 100), ("RUN mkdir /a", 0), ("WORKDIR /a", None)), config=False)
    assert [(one["empty_layer"], one["chain_id"] is None) for one in unsure["history"]] == [
        (False, False),
        (None, True),
        (None, True),
    ]
    assert [one["size_bytes"] for one in unsure["layers"]] == [100, 0]
    assert unsure["unique_bytes"] == 100


def test_an_image_without_history():
    told = record(Built(("ADD base", 100), ("ADD more", 1), history=False))
    assert told["history"] == []
    assert [one["size_bytes"] for one in told["layers"]] == [None, None]
    assert (told["size_bytes"], told["unique_bytes"], told["shared_bytes"]) == (101, None, 0)


def test_an_image_whose_history_nobody_tells():
    store = Store("docker", "/s", [read(WEB)._replace(steps=None, unreadable=["why"])], {}, True)
    told = image_record(store, WEB.id, True, False)
    assert (told["history"], told["unreadable"], told["unique_bytes"]) == (None, ["why"], None)
    assert [one["size_bytes"] for one in told["layers"]] == [None, None]


def test_steps_without_sizes():
    steps = [one._replace(size_bytes=None) for one in read(WEB).steps]
    told = image_record(Store("docker", "/s", [read(WEB)._replace(steps=steps)], {}, True), WEB.id, True, False)
    assert [one["chain_id"] for one in told["history"]] == [CHAIN[0], None, CHAIN[1]]
    assert [one["size_bytes"] for one in (*told["history"], *told["layers"])] == [None] * 5


@pytest.mark.parametrize("history", [True, False])
def test_an_image_that_was_removed(history):
    gone = digest("gone")
    told = image_record(Store("docker", "/s", [], {gone: [user("web")]}, True), gone, history, False)
    assert set(told) == set(record(WEB, history=history))
    assert {key for key, value in told.items() if value is not None} == {
        *("id", "engine", "engine_known", "socket", "containers", "unreadable")
    }
    assert (told["engine_known"], told["containers"]) == (False, ["web"])


def test_a_line_has_an_end():
    line = "RUN " + "x" * 65536
    (told,) = record(Built((line, 5)))["history"]
    assert (told["created_by"], told["created_by_truncated"]) == (line[:LONGEST_TEXT], True)
    (told,) = record(Built(("x" * LONGEST_TEXT, 5)))["history"]
    assert told["created_by_truncated"] is False


def test_a_secret_is_hidden_before_the_line_is_cut():
    (told,) = record(Built(("RUN " + "x" * (LONGEST_TEXT - 20) + " TOKEN=" + "s" * 65536, 5)))["history"]
    assert "sss" not in told["created_by"]


def test_text_of_others_comes_as_it_is():
    line = "RUN echo '{{ 7*7 }}' \x1b[31m <b>\u202e \\ud800"
    assert record(Built((line, 5)))["history"][0]["created_by"] == line
