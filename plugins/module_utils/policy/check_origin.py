# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the sections ``cgroup``, ``drift``, ``engine`` and ``image``: where a container comes from, and whether
its engine tells the truth of it. Pure.
"""

from __future__ import annotations

import re

from ..globs import globbed
from .match import image_names
from .verdict import NOT_APPLICABLE, UNKNOWN, Check, Verdict, declared_text, names, part, unasked, verdict

# The cgroups below which engines make those of their containers unless told otherwise: Docker with either driver and
# for an ordinary user, Podman the same, and Podman's pods.
_OF_A_USER = r"/user\.slice/user-[0-9]+\.slice/user@[0-9]+\.service/user\.slice"
_POD = r"(?:machine-|user-)?libpod_pod_[^/]+"
_DEFAULT_PARENTS = {
    "docker": re.compile(rf"(?:/docker|/system\.slice|{_OF_A_USER})\Z"),
    "podman": re.compile(rf"(?:/machine\.slice|/libpod_parent|{_OF_A_USER})(?:/{_POD})?\Z"),
}
# A unit of Podman's generator for systemd has its container in its own cgroup.
_IN_A_UNIT = re.compile(r"/(?:[^/]+/)*[^/]+\.service/libpod-payload-[^/]+\Z")
# Of which no engine is asked here.
_SILENT = ("containerd", "crio", "lxc", "nspawn")
# What crun makes below the unit that is the container's.
_INNER = "/container"
# As systemd's units of containers are called.
_UNITS = (".scope", ".service")


def default_parent(_wanted, record, _host):
    expected = "the cgroup of its engine as its parent"
    memory = part(record, "memory")
    path = _own_path(record)
    pattern = _DEFAULT_PARENTS.get(record.get("engine") or "")
    if path is None or pattern is None:
        reason = None if pattern else "it is not known where its engine makes cgroups by default"
        return Verdict(UNKNOWN, expected, reason=reason)
    parent = path.rpartition("/")[0] or "/"
    own = memory.get("own") is not False
    # The engine of a nested one has its cgroups below the outer container's.
    fits = pattern.search if record.get("nested_in") else pattern.match
    return verdict(
        own and bool(fits(parent) or (record["engine"] == "podman" and _IN_A_UNIT.match(path))),
        expected,
        declared=declared_text(record, "cgroup_parent", str, "the default"),
        enforced=parent if own else f"no cgroup of its own, but {path}",
        evidence=[(f"/proc/{record.get('pid')}/cgroup", path)],
        remedy="Create it anew without --cgroup-parent, or match this rule to those that need none.",
    )


def no_drift(_wanted, record, _host):
    drift = record.get("drift")
    return verdict(
        None if drift is None else not drift,
        "what its engine declares",
        declared=None if drift is None else _settings(drift, "declared") or "the same",
        enforced=None if drift is None else _settings(drift, "enforced") or "the same",
        evidence=[(one.get("setting"), one.get("enforced")) for one in drift or ()],
        remedy="Set it through the engine, so that both agree: docker update, or the module container_memory_limit.",
        reason="no engine tells what it declared for it" if drift is None and record.get("pid") else None,
    )


def no_drift_after_reload(_wanted, record, _host):
    expected = "nothing that systemctl daemon-reload would change"
    path = _own_path(record)
    if record.get("systemd") is None and path is not None and not path.endswith(_UNITS):
        return Verdict(NOT_APPLICABLE, expected)
    drift = record.get("reload_drift")
    unit = part(record, "systemd").get("unit")
    return verdict(
        None if drift is None else not drift,
        expected,
        declared=None if drift is None else "systemd: " + (_settings(drift, "after_reload") or "the same"),
        enforced=None if drift is None else _settings(drift, "enforced") or "the same",
        evidence=[(one.get("setting"), one.get("enforced")) for one in drift or ()],
        remedy=f"Tell systemd as well: systemctl set-property --runtime {unit}, with what is enforced now.",
    )


def known(_wanted, record, host):
    engine = record.get("engine")
    is_known = record.get("engine_known")
    reason = None
    if is_known is False:
        reason = _silence(engine, record, host)
    return verdict(
        None if reason else is_known,
        "an engine that knows it",
        declared=None if reason or is_known is None else f"{engine} lists it" if is_known else "no engine lists it",
        enforced="it runs" if record.get("pid") else None,
        evidence=[(f"/proc/{record.get('pid')}/cgroup", part(record, "memory").get("path"))],
        remedy="Find out who started it: it was made without an engine, or its engine has lost it.",
        reason=reason,
    )


def allowed_image(wanted, record, _host):
    image = record.get("image")
    fitting = any(globbed(name, glob) for name in image_names(image) for glob in wanted)
    return verdict(
        None if image is None else fitting,
        f"an image among {names(wanted)}",
        declared=image,
        remedy="Run it from an image that is allowed, or allow this one.",
        reason="no engine tells its image" if image is None else None,
    )


CGROUP = {"default_parent": Check(default_parent, ("memory",))}
DRIFT = {
    "none": Check(no_drift, ("memory", "cpu", "pids")),
    "none_after_reload": Check(no_drift_after_reload, ("memory",)),
}
ENGINE = {"known": Check(known)}
IMAGE = {"allowed": Check(allowed_image)}


def _own_path(record):
    path = part(record, "memory").get("path")
    return path[: -len(_INNER)] if path is not None and path.endswith(_INNER) else path


def _settings(drift, key):
    return "; ".join(f"{one.get('setting')} {one.get(key)}" for one in drift)


def _silence(engine, record, host):
    """Why nobody could know it; None where somebody should."""
    if engine in _SILENT:
        return f"{engine} is not asked"
    # Also where it is nested: an engine of the host's can put a container below another's cgroup.
    silent = unasked(record, host)
    if silent:
        return f"{names(silent)} can't be asked"
    if record.get("nested_in"):
        return "its engine runs in a container, and is not asked"
    return None
