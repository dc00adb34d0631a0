# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.identify import identify, own_path
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C
from hypothesis import given
from hypothesis import strategies as st

POD = "0b5e7c3a-4f1d-4c57-9a39-2f1d8a6c9e10"
POD_ = POD.replace("-", "_")
STATIC_POD = "9d2b5d34ab9d4f2fa1e1b3f6a5c0d7e8"
USER = "/user.slice/user-1000.slice/user@1000.service"

# (what it is, a path, the engine and the id that it tells, the part of the path that is the container's own)
OWN = [
    ("docker, cgroupfs", f"/docker/{A}", "docker", A),
    ("docker, systemd", f"/system.slice/docker-{A}.scope", "docker", A),
    ("docker, rootless", f"{USER}/user.slice/docker-{A}.scope", "docker", A),
    ("docker, custom parent, cgroupfs", f"/small/{A}", "unknown", A),
    ("docker, custom parent of two levels", f"/team/small/{A}", "unknown", A),
    ("docker, custom parent, systemd", f"/a.slice/a-b.slice/docker-{A}.scope", "docker", A),
    ("podman, systemd", f"/machine.slice/libpod-{A}.scope", "podman", A),
    ("podman, cgroupfs", f"/libpod_parent/libpod-{A}", "podman", A),
    ("podman, split", f"/system.slice/web.service/libpod-payload-{A}", "podman", A),
    ("podman, rootless", f"{USER}/user.slice/libpod-{A}.scope", "podman", A),
    ("podman, pod", f"/machine.slice/machine-libpod_pod_{B}.slice/libpod-{A}.scope", "podman", A),
    ("nerdctl, systemd", f"/system.slice/nerdctl-{A}.scope", "containerd", A),
    ("nerdctl, cgroupfs", f"/default/{A}", "containerd", A),
    ("containerd's CRI", f"/system.slice/cri-containerd-{A}.scope", "containerd", A),
    ("ctr with systemd's cgroups", "/system.slice/cri-containerd-c2.scope", "containerd", "c2"),
    ("containerd, k8s.io", f"/k8s.io/{A}", "containerd", A),
    ("cri-o", f"/system.slice/crio-{A}.scope", "crio", A),
    ("cri-o, cgroupfs", f"/pods/crio-{A}", "crio", A),
    ("kubernetes, systemd, burstable",
     f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{POD_}.slice/cri-containerd-{A}.scope",
     "containerd", A),
    ("kubernetes, systemd, best effort, cri-o",
     f"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{POD_}.slice/crio-{A}.scope", "crio", A),
    ("kubernetes, systemd, guaranteed",
     f"/kubepods.slice/kubepods-pod{POD_}.slice/cri-containerd-{A}.scope", "containerd", A),
    ("kubernetes, cgroupfs, burstable", f"/kubepods/burstable/pod{POD}/{A}", "containerd", A),
    ("kubernetes, cgroupfs, best effort", f"/kubepods/besteffort/pod{POD}/{A}", "containerd", A),
    ("kubernetes, cgroupfs, guaranteed", f"/kubepods/pod{POD}/{A}", "containerd", A),
    ("kubernetes, cgroupfs, static pod", f"/kubepods/burstable/pod{STATIC_POD}/{A}", "containerd", A),
    ("kubernetes below a root of its own", f"/kubelet.slice/kubelet-kubepods.slice/crio-{A}.scope", "crio", A),
    ("lxc", "/lxc.payload.web", "lxc", "web"),
    ("lxc, a second try", "/lxc.payload.web-1", "lxc", "web-1"),
    ("lxc, a name with dots", "/lxc.payload.web.example.org", "lxc", "web.example.org"),
    ("lxc, before 4", "/lxc/web", "lxc", "web"),
    ("lxd, a project", "/lxc.payload.default_web", "lxc", "default_web"),
    ("nspawn, a unit", "/machine.slice/systemd-nspawn@web.service", "nspawn", "web"),
    ("nspawn, a scope", "/machine.slice/machine-web.scope", "nspawn", "web"),
    ("nspawn, an escaped name", r"/machine.slice/machine-my\x2dweb.scope", "nspawn", "my-web"),
    ("nspawn, a name that begins like qemu's", "/machine.slice/machine-qemulator.scope", "nspawn", "qemulator"),
    ("nspawn, called qemu", "/machine.slice/machine-qemu.scope", "nspawn", "qemu"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "engine", "container_id"), [row[1:] for row in OWN], ids=[row[0] for row in OWN])
@pytest.mark.parametrize("below", ["", "/container", "/payload", "/init.scope", "/system.slice/nginx.service"])
def test_a_container_by_its_path(path, engine, container_id, below):
    (found,) = identify(path + below)
    assert found == (engine, container_id, path)
    assert own_path(path + below, container_id) == path


NONE = [
    "/",
    "/init.scope",
    "/system.slice/docker.service",
    "/system.slice/containerd.service",
    f"/machine.slice/libpod-conmon-{A}.scope",
    f"/libpod_parent/conmon-{A}",
    f"/system.slice/crio-conmon-{A}.scope",
    f"/system.slice/crio-conmon-{A}",
    f"/machine.slice/machine-libpod_pod_{A}.slice",
    f"/system.slice/system-docker-{A}.slice",
    "/lxc.monitor.web",
    "/lxc.pivot",
    "/lxc",
    r"/machine.slice/machine-qemu\x2d1\x2dvm.scope",
    r"/machine.slice/machine-qemu\x2d12\x2dmy\x2dvm.scope/libvirt/emulator",
    "/kubepods.slice",
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{POD_}.slice",
    f"/kubepods/burstable/pod{POD}",
    f"/docker/{A[:63]}",
    f"/docker/{A}0",
    f"/docker/{A.upper()}",
    f"/docker/{A}\n",
    f"/system.slice/docker-{A}.scope\n",
    f"/system.slice/docker-{A}.service",
    f"/system.slice/docker-{A[:12]}.scope",
    f"/system.slice/xdocker-{A}.scope",
    f"/system.slice/libpod-{A}.scope.d",
    "/user.slice/user-1000.slice/session-1.scope",
    "/system.slice/cri-containerd-.scope",
]


@pytest.mark.parametrize("path", NONE)
def test_no_container_by_its_path(path):
    assert identify(path) == []


@pytest.mark.parametrize("path", [f"/machine.slice/libpod-conmon-{A}.scope", f"/system.slice/crio-conmon-{A}.scope"])
def test_a_monitors_cgroup_is_not_its_containers_own(path):
    assert own_path(path, A) is None


NESTED = [
    (f"/docker/{A}/docker/{B}", [("docker", A, f"/docker/{A}"), ("docker", B, f"/docker/{A}/docker/{B}")]),
    (
        f"/docker/{A}/system.slice/docker-{B}.scope/x",
        [("docker", A, f"/docker/{A}"), ("docker", B, f"/docker/{A}/system.slice/docker-{B}.scope")],
    ),
    (
        f"/machine.slice/libpod-{A}.scope/container/docker/{B}/libpod_parent/libpod-{C}/container",
        [
            ("podman", A, f"/machine.slice/libpod-{A}.scope"),
            ("docker", B, f"/machine.slice/libpod-{A}.scope/container/docker/{B}"),
            ("podman", C, f"/machine.slice/libpod-{A}.scope/container/docker/{B}/libpod_parent/libpod-{C}"),
        ],
    ),
    (
        f"/lxc.payload.host/docker/{A}",
        [("lxc", "host", "/lxc.payload.host"), ("docker", A, f"/lxc.payload.host/docker/{A}")],
    ),
]


@pytest.mark.parametrize(("path", "expected"), NESTED)
def test_engines_in_containers_outermost_first(path, expected):
    assert identify(path) == expected
    for _engine, container_id, own in expected:
        assert own_path(path, container_id) == own


def test_own_path_is_none_where_the_cgroup_is_somebody_elses():
    assert own_path("/", A) is None
    assert own_path(f"/docker/{B}", A) is None
    assert own_path("/system.slice/web.service", A) is None


@pytest.mark.parametrize(
    ("path", "container_id", "own"),
    [
        ("/lab/c1", "c1", "/lab/c1"),
        ("/lab/c1/sub", "c1", "/lab/c1"),
        ("/system.slice/runc-c1.scope/x", "c1", "/system.slice/runc-c1.scope"),
        ("/lab/c10", "c1", None),
        ("/c1/c1", "c1", "/c1/c1"),
    ],
)
def test_own_path_of_an_id_that_a_user_chose(path, container_id, own):
    assert own_path(path, container_id) == own


def test_a_name_that_is_no_utf8_is_told_as_text():
    (found,) = identify("/lxc.payload.\udcff{{ x }}")
    assert found.id == "\\xff{{ x }}"
    assert found.path == "/lxc.payload.\udcff{{ x }}"
    assert own_path(found.path + "/sub", found.id) == found.path


segments = st.one_of(
    st.sampled_from(
        ["docker", "lxc", "default", "kubepods", A, B, f"docker-{A}.scope", f"libpod-{B}.scope", "container", "", "..",
         "lxc.payload.a", r"machine-a\x2db.scope", r"machine-\xff.scope", f"libpod-conmon-{C}.scope"]
    ),
    st.text(st.characters(blacklist_characters="/\n"), max_size=12),
)  # fmt: skip
paths = st.lists(segments, max_size=6).map(lambda names: "/" + "/".join(names)) | st.text()


@given(paths)
def test_any_path_tells_containers_that_are_on_it(path):
    found = identify(path)
    json.dumps(found)
    lengths = [len(one.path) for one in found]
    assert lengths == sorted(set(lengths))
    for one in found:
        assert path == one.path or path.startswith(one.path + "/")
        own = own_path(path, one.id)
        assert path == own or path.startswith(own + "/")
        assert len(own) <= len(one.path)


def test_a_cgroup_that_a_container_named_after_itself_is_not_its_own():
    scope = f"/system.slice/docker-{A}.scope"
    assert own_path(f"{scope}/inner/docker-{A}.scope", A) == scope


@given(paths, st.text(max_size=12))
def test_own_path_of_any_id_is_none_or_the_beginning_of_the_path(path, container_id):
    own = own_path(path, container_id)
    assert own is None or path == own or path.startswith(own + "/")
