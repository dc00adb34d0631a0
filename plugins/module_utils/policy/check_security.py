# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the section ``security`` that tell what a container's processes may do. Pure."""

from __future__ import annotations

from .verdict import (
    NOT_APPLICABLE,
    UNKNOWN,
    Check,
    Verdict,
    all_hold,
    isolation_text,
    names,
    part,
    process_file,
    verdict,
)

# Domains of SELinux that are not confined, or are the host's own.
_UNCONFINED_TYPES = (
    *("unconfined_t", "unconfined_service_t", "spc_t", "container_runtime_t", "docker_t"),
    *("initrc_t", "init_t", "kernel_t"),
)
# Parts of CAP_SYS_ADMIN that newer kernels also give alone (capabilities(7)); older engines do not know their names.
_PARTS_OF_ADMIN = ("CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE")
_CREATE_ANEW = "Create it anew without {}."


def not_privileged(_wanted, record, host):
    """Not all that root of the host may do: what --privileged gives, and --cap-add ALL as well."""
    own, hosts = _capabilities(record), host.get("capabilities")
    missing = None
    if own is not None and hosts:
        given = own + list(_PARTS_OF_ADMIN if "CAP_SYS_ADMIN" in own else ())
        missing = [one for one in hosts if one not in given]
    if missing is None:
        enforced = None
    else:
        enforced = f"{len(missing)} of the host's {len(hosts)} capabilities withheld" if missing else "every capability"
    holds = None if missing is None else bool(missing)
    if holds is False:
        # In a user namespace of its own, they are over what is in there.
        with_host = part(part(record, "namespaces"), "user").get("shared_with_host")
        holds = None if with_host is None else not with_host
        enforced += " over its own user namespace" if holds else ""
    seccomp = part(record, "security").get("seccomp")
    return verdict(
        holds,
        "not every capability of the host",
        declared=isolation_text(record, "privileged", "cap_add"),
        enforced=f"{enforced}, seccomp {seccomp}" if enforced and seccomp else enforced,
        evidence=[(f"{process_file(record, 'status')} CapBnd", own and len(own))],
        remedy=_CREATE_ANEW.format("--privileged and --cap-add ALL, with --cap-add or --device for what it needs"),
    )


def no_new_privileges(_wanted, record, _host):
    barred = part(record, "security").get("no_new_privileges")
    return verdict(
        barred,
        "no new privileges by setuid programs and the like",
        declared=isolation_text(record, "security_opt"),
        enforced=None if barred is None else "barred" if barred else "not barred",
        evidence=[(f"{process_file(record, 'status')} NoNewPrivs", None if barred is None else int(barred))],
        remedy="Create it anew with --security-opt no-new-privileges, or set no-new-privileges in daemon.json for all.",
    )


def seccomp(_wanted, record, _host):
    mode = part(record, "security").get("seccomp")
    return verdict(
        None if mode is None else mode in ("filter", "strict"),
        "system calls filtered by seccomp",
        declared=isolation_text(record, "privileged", "security_opt"),
        enforced=mode,
        evidence=[(f"{process_file(record, 'status')} Seccomp", mode)],
        remedy=_CREATE_ANEW.format("--security-opt seccomp=unconfined and --privileged"),
    )


def apparmor(_wanted, record, host):
    expected = "an AppArmor profile that is enforced"
    if "apparmor" not in (host.get("security_modules") or ()):
        return _no_such_module(host, expected)
    security = part(record, "security")
    profile, mode = security.get("apparmor"), security.get("apparmor_mode")
    return verdict(
        None if profile is None else profile != "unconfined" and mode in ("enforce", "kill"),
        expected,
        declared=isolation_text(record, "apparmor", "security_opt"),
        enforced=profile and (f"{profile} ({mode})" if mode else profile),
        evidence=[(process_file(record, "attr/current"), profile)],
        remedy=_CREATE_ANEW.format("--security-opt apparmor=unconfined and --privileged"),
    )


def selinux(_wanted, record, host):
    expected = "a confined SELinux domain"
    if "selinux" not in (host.get("security_modules") or ()):
        return _no_such_module(host, expected)
    label = part(record, "security").get("selinux")
    fields = (label or "").split(":")
    return verdict(
        fields[2] not in _UNCONFINED_TYPES if len(fields) > 2 else None,
        expected,
        declared=isolation_text(record, "security_opt"),
        enforced=label,
        evidence=[(process_file(record, "attr/current"), label)],
        remedy=_CREATE_ANEW.format("--security-opt label=disable and --privileged, on an engine with selinux-enabled"),
    )


def capabilities(wanted, record, _host):
    own = _capabilities(record)
    more = None if own is None else [one for one in own if one not in wanted]
    return verdict(
        None if more is None else not more,
        f"no capability but {names(wanted)}" if wanted else "no capability",
        declared=isolation_text(record, "privileged", "cap_add", "cap_drop"),
        enforced=None if more is None else f"also {names(more, 8)}" if more else f"{len(own)} of those",
        evidence=[(f"{process_file(record, 'status')} CapBnd", names(more or own or (), 8) or None)],
        remedy="Create it anew with --cap-drop ALL and --cap-add for what it needs.",
    )


def user_mapped(_wanted, record, _host):
    """No user or group of its is root outside, as :data:`uid_map` of user_namespaces(7) has it."""
    maps = {file: part(record, "user_map").get(key) for key, file in (("uid", "uid_map"), ("gid", "gid_map"))}
    # A namespace into which nothing is mapped yet leaves its processes who they were.
    holds = all_hold(_no_root(ranges) if ranges else None for ranges in maps.values())
    told = {file: _mapped(ranges) for file, ranges in maps.items() if ranges}
    return verdict(
        holds,
        "none of its users is root outside",
        declared=isolation_text(record, "userns_mode"),
        enforced=told.get("uid_map") if holds is not False else _root_of(maps),
        evidence=[(process_file(record, file), told.get(file)) for file in maps],
        remedy="Let the engine map users: userns-remap of Docker's daemon.json, --userns auto of Podman, or rootless.",
    )


def _no_root(ranges):
    return all(one["outside"] != 0 for one in ranges)


def _mapped(ranges):
    return names(f"{one['inside']} is {one['outside']} outside" for one in ranges)


def _root_of(maps):
    """Which of its users or groups is root's outside; None where none is known to be."""
    for file, kind in (("uid_map", "user"), ("gid_map", "group")):
        for one in maps[file] or ():
            if one["outside"] == 0:
                return f"its {kind} {one['inside']} is root's outside"
    return None


CHECKS = {
    "not_privileged": Check(not_privileged, ("security",)),
    "no_new_privileges": Check(no_new_privileges, ("security",)),
    "seccomp": Check(seccomp, ("security",)),
    "apparmor": Check(apparmor, ("security",)),
    "selinux": Check(selinux, ("security",)),
    "capabilities": Check(capabilities, ("security",)),
    "user_mapped": Check(user_mapped, ("user_map",)),
}


def _capabilities(record):
    """Those that its processes have or can gain; None where either is not known."""
    security = part(record, "security")
    effective, bounding = security.get("capabilities_effective"), security.get("capabilities_bounding")
    if effective is None or bounding is None:
        return None
    return bounding + [one for one in effective if one not in bounding]


def _no_such_module(host, expected):
    known = host.get("security_modules") is not None
    return Verdict(NOT_APPLICABLE if known else UNKNOWN, expected)
