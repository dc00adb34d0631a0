# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.find import witnesses
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError

OPTIONS = {"engines": None, "docker_socket": "/nowhere", "podman_socket": "/nowhere", "engine_timeout": 10.0}


@pytest.mark.parametrize(
    ("engines", "names"),
    [(None, {"docker", "podman"}), (["docker"], {"docker"}), (["podman", "lxc"], {"podman"}), (["unknown"], set())],
)
def test_only_the_engines_that_may_be_asked(engines, names):
    assert {witness.name for witness in witnesses(dict(OPTIONS, engines=engines))} == names


def test_sockets_are_the_users_to_name():
    found = witnesses(dict(OPTIONS, docker_socket="/a", podman_socket="/b"))
    assert [witness.info().socket for witness in found[:2]] == ["/a", "/b"]


@pytest.mark.parametrize("value", ["/run/docker.sock", "unix:///run/docker.sock"])
def test_a_socket_is_a_path_with_or_without_its_scheme(value):
    (found,) = witnesses(dict(OPTIONS, engines=["docker"], docker_socket=value))
    assert found.info().socket == "/run/docker.sock"


@pytest.mark.parametrize("value", ["tcp://127.0.0.1:2375", "unix://", "", "ssh://host"])
def test_a_socket_that_is_not_local_is_refused(value):
    with pytest.raises(FathomError, match=r"docker_socket is .*expected the path of a local unix socket"):
        witnesses(dict(OPTIONS, docker_socket=value))
