# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import PodmanState
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman_images import stored_images
from ansible_collections.fathom.containers.tests.unit.fake_images import CREATED, Built, Storage, digest
from hypothesis import given
from hypothesis import strategies as st

BASE = Built(("ADD base", 100), ("CMD sh", None), tags=["localhost/base:1"])
WEB = Built(("ADD base", 100), ("CMD sh", None), ("RUN mkdir /app", 0), ("COPY web", 20), tags=["localhost:5000/web"])


def stored(root):
    images, complete = stored_images(PodmanState(str(root), os.geteuid()))
    return {image.id: image for image in images}, complete


@pytest.mark.parametrize("driver", ["overlay", "vfs", "btrfs"])
def test_images_on_disk(tmp_path, driver):
    Storage(tmp_path, BASE, WEB, driver=driver)
    images, complete = stored(tmp_path)
    assert complete
    assert list(images) == [BASE.id, WEB.id]
    web = images[WEB.id]
    assert (web.tags, web.diff_ids, web.size_bytes) == (["localhost:5000/web"], WEB.diff_ids, 127)
    assert web.digests == [f"localhost:5000/web@{digest('manifest')}"]
    assert images[BASE.id].digests == [f"localhost/base@{digest('manifest')}"]
    assert [(step.created_by, step.size_bytes, step.empty_layer) for step in web.steps] == [
        ("ADD base", 100, False),
        ("CMD sh", 0, True),
        ("RUN mkdir /app", 0, False),
        ("COPY web", 20, False),
    ]
    assert {step.created for step in web.steps} == {CREATED}


def test_fractions_of_seconds_are_left_out_as_the_api_does(tmp_path):
    one = Built(("ADD base", 100))
    one.config = one.config.replace(b'40:44Z"', b'40:44.411772816Z"')
    one.id = digest(one.config)
    one.hex = one.id[len("sha256:") :]
    Storage(tmp_path, one)
    assert stored(tmp_path)[0][one.id].steps[0].created == CREATED


def test_steps_of_a_build_are_no_images(tmp_path):
    steps = [Built(("ADD base", 100)), Built(("ADD base", 100), ("CMD sh", None), ("RUN mkdir /app", 0))]
    alone = Built(("ADD other", 5))
    Storage(tmp_path, *steps, alone, WEB)
    # What has no name and nothing built on it is an image that lost its name.
    assert list(stored(tmp_path)[0]) == [alone.id, WEB.id]


def test_an_image_without_history_and_one_without_layers(tmp_path):
    mute = Built(("ADD base", 100), history=False, tags=["mute:1"])
    storage = Storage(tmp_path, mute)
    storage.rows.append({"id": "f" * 64, "names": ["list:1"], "layer": ""})
    storage.save()
    images, complete = stored(tmp_path)
    assert (list(images), complete, images[mute.id].steps) == ([mute.id], True, [])


def test_no_storage_is_not_a_storage_without_images(tmp_path):
    assert stored(tmp_path) == ({}, False)


def test_somebody_elses_files_are_not_read(tmp_path):
    Storage(tmp_path, BASE)
    assert stored_images(PodmanState(str(tmp_path), os.geteuid() + 1)) == ([], False)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../x"},
        {"id": None},
        {"layer": "unknown"},
        {"names": [7]},
        {"names": 7},
        {"big-data-sizes": {"manifest": "x"}},
        {"big-data-sizes": []},
        {"id": "a" * 64},
    ],
)
def test_a_row_of_nonsense_is_left_out_and_then_not_all_are_known(tmp_path, change):
    storage = Storage(tmp_path, BASE)
    storage.rows.append({**storage.rows[0], **change})
    storage.save()
    images, complete = stored(tmp_path)
    assert list(images) == [BASE.id]
    assert complete is (change == {"big-data-sizes": []})


@pytest.mark.parametrize("content", [b"", b"{}", b"[", b"[1]", b"\xff", b"[" * 100000])
@pytest.mark.parametrize("file", ["images", "layers"])
def test_files_of_nonsense(tmp_path, file, content):
    storage = Storage(tmp_path, BASE)
    storage.write(f"overlay-{file}/{file}.json", content)
    assert stored(tmp_path) == ({}, False)


def test_layers_in_a_circle_end(tmp_path):
    storage = Storage(tmp_path, BASE)
    for row in storage.layers.values():
        row["parent"] = row["id"]
    storage.save()
    assert stored(tmp_path) == ({}, False)


def test_a_link_in_the_place_of_a_config_is_not_followed(tmp_path):
    storage = Storage(tmp_path, BASE)
    folder = tmp_path / "overlay-images" / BASE.hex
    (config,) = folder.iterdir()
    elsewhere = storage.write("elsewhere", BASE.config)
    config.unlink()
    config.symlink_to(elsewhere)
    assert stored(tmp_path) == ({}, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(["id", "names", "digest", "layer", "big-data-sizes", "diff-digest", "diff-size", "parent"]), JSON
)
def test_any_value_is_taken_or_its_image_left_out(tmp_path_factory, key, value):
    root = tmp_path_factory.mktemp("storage")
    storage = Storage(root, BASE)
    for row in (*storage.rows, *storage.layers.values()):
        if key in row:
            row[key] = value
    storage.save()
    images, _complete = stored(root)
    assert set(images) <= {BASE.id}
