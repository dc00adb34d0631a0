# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import (
    Podman,
    PodmanState,
    users_of_podman,
)
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C


def row(container_id, name, image="localhost/goweb:latest"):
    """A row of containers.json, those parts that are read."""
    metadata = json.dumps({"image-name": image, "name": name})
    return {"id": container_id, "names": [name], "image": "f" * 64, "metadata": metadata, "layer": "e" * 64}


@pytest.fixture
def storage(tmp_path):
    def write(content, driver="overlay"):
        directory = tmp_path / f"{driver}-containers"
        directory.mkdir(exist_ok=True)
        (directory / "containers.json").write_bytes(
            content if isinstance(content, bytes) else json.dumps(content).encode()
        )
        return PodmanState(str(tmp_path), os.geteuid())

    return write


def test_its_service_speaks_dockers_api():
    with engine(docker(inspected(A, "web", pid=7, Memory=67108864))) as fake:
        client = Podman(fake.path, 5)
        assert client.info().name == "podman"
        assert client.list(False)[A].engine == "podman"
        claim = client.describe(A)
        assert (claim.engine, claim.name, claim.declared["memory_bytes"]) == ("podman", "web", 67108864)
        client.close()


def test_what_is_on_disk_names_containers_and_declares_nothing(storage):
    claims = storage([row(A, "web"), row(B, "db", image="")]).claims()
    assert claims[A] == Claim(A, "web", "podman", "localhost/goweb:latest", None, None, {}, None, image_id="f" * 64)
    assert claims[B].name == "db"
    assert set(claims) == {A, B}


def test_every_storage_driver(storage):
    storage([row(A, "web")], "overlay")
    storage([row(B, "db")], "vfs")
    assert set(storage([row(C, "job")], "btrfs").claims()) == {A, B, C}


def test_no_storage(tmp_path):
    assert PodmanState(str(tmp_path), 0).claims() == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"{}", b"5", b"[5, null, []]", [{}], [{"id": 5}], [{"id": A}], [{"id": A, "names": []}],
     [{"id": A, "names": "web"}], b"[" * 100000],
    ids=range(12),
)  # fmt: skip
def test_a_storage_of_another_shape_names_nobody(storage, content):
    assert storage(content).claims() == {}


@pytest.mark.parametrize(
    "metadata",
    ids=range(9),
    argvalues=[None, "", "{", "[]", "5", 5, '{"image-name": null}', '{"image-name": {}}', "[" * 100000],
)
def test_metadata_of_another_shape_costs_the_image_only(storage, metadata):
    claims = storage([dict(row(A, "web"), metadata=metadata)]).claims()
    assert (claims[A].name, claims[A].image) == ("web", None)


def test_bytes_that_are_no_utf8_cost_only_themselves(storage):
    content = json.dumps([row(A, "web")]).encode().replace(b"web", b"w\xffb")
    assert storage(content).claims()[A].name == "w\ufffdb"


def test_a_link_in_its_place_is_not_followed(tmp_path):
    secret = tmp_path / "elsewhere.json"
    secret.write_text(json.dumps([row(A, "web")]))
    (tmp_path / "overlay-containers").mkdir()
    (tmp_path / "overlay-containers" / "containers.json").symlink_to(secret)
    assert PodmanState(str(tmp_path), os.geteuid()).claims() == {}


def test_a_pipe_in_its_place_does_not_hang(tmp_path):
    (tmp_path / "overlay-containers").mkdir()
    os.mkfifo(tmp_path / "overlay-containers" / "containers.json")
    assert PodmanState(str(tmp_path), os.geteuid()).claims() == {}


def test_a_file_of_another_user_is_not_believed(storage, tmp_path):
    storage([row(A, "web")])
    assert PodmanState(str(tmp_path), os.geteuid() + 1).claims() == {}


def test_users_of_podman_are_users_with_a_socket_or_a_storage():
    for uid, socket, storage in users_of_podman():
        assert uid != 0
        assert os.path.exists(socket) or os.path.exists(storage)
