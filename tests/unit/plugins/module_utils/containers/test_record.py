# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import Found
from ansible_collections.fathom.containers.plugins.module_utils.containers.identify import identify
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import Container
from ansible_collections.fathom.containers.plugins.module_utils.containers.record import identity_record
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B

CLAIM = Claim(A, "web", "docker", "goweb:latest", "paused", 7, {"tier": "{{ web }}"}, None)


def found(path, nested_in=None):
    return Found(identify(path)[-1], nested_in, [7])


def test_known_by_both():
    assert identity_record(Container(found(f"/docker/{A}"), CLAIM), 7) == {
        "id": A,
        "name": "web",
        "engine": "docker",
        "engine_known": True,
        "image": "goweb:latest",
        "state": "paused",
        "pid": 7,
        "labels": {"tier": "{{ web }}"},
        "nested_in": None,
    }


def test_known_by_the_kernel_only():
    assert identity_record(Container(found(f"/docker/{A}", nested_in=B), None), 7) == {
        "id": A,
        "name": None,
        "engine": "docker",
        "engine_known": False,
        "image": None,
        "state": "running",
        "pid": 7,
        "labels": {},
        "nested_in": B,
    }


@pytest.mark.parametrize(
    ("path", "engine"), [("/lxc.payload.web", "lxc"), ("/machine.slice/machine-web.scope", "nspawn")]
)
def test_lxc_and_nspawn_have_no_id_but_their_name(path, engine):
    record = identity_record(Container(found(path), None), 7)
    assert (record["id"], record["name"], record["engine"]) == ("web", "web", engine)


def test_known_by_its_engine_only():
    record = identity_record(Container(None, CLAIM._replace(state="exited", pid=None)), None)
    assert (record["engine_known"], record["state"], record["pid"], record["nested_in"]) == (True, "exited", None, None)


def test_the_engine_tells_whose_an_uncertain_id_is():
    assert identity_record(Container(found(f"/small/{A}"), None), 7)["engine"] == "unknown"
    assert identity_record(Container(found(f"/small/{A}"), CLAIM), 7)["engine"] == "docker"


@pytest.mark.parametrize(("path", "state"), [(f"/docker/{A}", "running"), (None, None)])
def test_an_engine_that_does_not_tell_the_state(path, state):
    container = Container(path and found(path), CLAIM._replace(state=None))
    assert identity_record(container, 7)["state"] == state
