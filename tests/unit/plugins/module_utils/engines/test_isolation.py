# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import claim_of_inspect
from ansible_collections.fathom.containers.plugins.module_utils.engines.isolation import isolation_of_inspect
from ansible_collections.fathom.containers.tests.unit.fake_engine import inspected
from ansible_collections.fathom.containers.tests.unit.hosttree import A

HOST_CONFIG = {
    "NetworkMode": "container:1f",
    "PidMode": "host",
    "IpcMode": "private",
    "UTSMode": "",
    "UsernsMode": "",
    "CgroupnsMode": "host",
    "Privileged": False,
    "ReadonlyRootfs": True,
    "SecurityOpt": ["no-new-privileges", "seccomp=unconfined"],
    "CapAdd": ["NET_ADMIN"],
    "CapDrop": None,
}


def document(**more):
    return {**inspected(A, **HOST_CONFIG), **more}


def test_what_was_asked_for():
    mount = {"Type": "bind", "Source": "/srv", "Destination": "/d", "RW": True, "Propagation": "rshared"}
    assert isolation_of_inspect(document(AppArmorProfile="docker-default", Mounts=[mount])) == {
        "network_mode": "container:1f",
        "pid_mode": "host",
        "ipc_mode": "private",
        "uts_mode": "",
        "userns_mode": "",
        "cgroupns_mode": "host",
        "privileged": False,
        "read_only_root": True,
        "security_opt": ["no-new-privileges", "seccomp=unconfined"],
        "cap_add": ["NET_ADMIN"],
        "cap_drop": None,
        "apparmor": "docker-default",
        "mounts": [{"source": "/srv", "destination": "/d", "propagation": "rshared"}],
    }


def test_it_is_a_part_of_the_claim():
    claim = claim_of_inspect(document(), "docker")
    assert claim.isolation == isolation_of_inspect(document())
    assert claim.isolation["mounts"] is None


def test_what_is_of_no_expected_type_is_not_told():
    odd = {"NetworkMode": 7, "Privileged": "yes", "SecurityOpt": "x", "CapAdd": ["A", 1]}
    told = isolation_of_inspect({"HostConfig": odd, "Mounts": ["x", {"Source": 1}], "AppArmorProfile": []})
    assert told["cap_add"] == ["A"]
    assert told["mounts"] == [{"source": None, "destination": None, "propagation": None}]
    assert not any(value for key, value in told.items() if key not in ("cap_add", "mounts"))
