# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the section ``security`` about what a container has mounted. Pure."""

from __future__ import annotations

from ..globs import globbed, is_glob
from .verdict import UNKNOWN, Check, Verdict, isolation_text, names, part, process_file, verdict

# Of which the kernel shows the host's own to whoever is in the host's namespace of that kind.
# Where an engine listens by default: it is meant wherever else it does.
_SOCKETS = {"/var/run/docker.sock": "docker", "/run/docker.sock": "docker", "/run/podman/podman.sock": "podman"}
_KERNELS_OWN = {"proc": "pid", "sysfs": "net", "mqueue": "ipc"}


def read_only_root(_wanted, record, _host):
    mount = part(record, "root_mount")
    read_only = mount.get("read_only")
    text = None if read_only is None else "read-only" if read_only else "writable"
    return verdict(
        read_only,
        "a read-only root file system",
        declared=isolation_text(record, "read_only_root"),
        enforced=text and f"{text} ({mount.get('fstype')})",
        evidence=[(f"{process_file(record, 'mountinfo')} /", text)],
        remedy="Create it anew with --read-only, and with --tmpfs or volumes for what it writes.",
    )


def forbidden_mounts(wanted, record, host):
    """No file or directory of the host by these paths or globs, nor one that holds such a path.

    Where a mount comes from is told by its device and what of that is mounted, so neither a link on the host nor
    another place in the container hides it.
    """
    expected = f"no mount of {names(wanted, 8)}"
    mounts = record.get("mounts")
    if mounts is None:
        return Verdict(UNKNOWN, expected)
    real = host.get("real_paths") or {}
    meant = {_SOCKETS[path] for path in wanted if path in _SOCKETS}
    sockets = [one["socket"] for one in host.get("engines") or () if one.get("name") in meant and one.get("socket")]
    targets = [real.get(path) or path for path in [*wanted, *sockets]]
    globs = [target for target in targets if is_glob(target)]
    # Each path, and every directory that holds it or what fits a glob.
    around = {holder for target in targets for holder in _with_parents(target)}.difference(globs)
    holders = {holder for holder in around if not is_glob(holder)}
    found = _writable_first(mount for mount in mounts if _gives(record, mount, holders, around - holders, globs))
    incomplete = record.get("mounts_truncated") is not False or host.get("mounts_known") is not True
    return verdict(
        False if found else None if incomplete else True,
        expected,
        declared=_declared_sources(record),
        enforced="; ".join(map(_place, found[:5])) or (None if incomplete else "none of those"),
        evidence=[(f"{process_file(record, 'mountinfo')} {mount.get('point')}", _source(mount)) for mount in found[:5]],
        remedy="Create it anew without that mount; give it the single files that it needs, read-only.",
        reason="there are more mounts than were looked at, or the host's own could not be read" if incomplete else None,
    )


def private_mounts(_wanted, record, host):
    """No mount whose changes reach the host."""
    expected = "no mount that is shared with the host"
    mounts = record.get("mounts")
    if mounts is None:
        return Verdict(UNKNOWN, expected)
    answers = [mount.get("reaches_host") for mount in mounts]
    found = _writable_first(mount for mount in mounts if mount.get("reaches_host"))
    incomplete = None in answers or record.get("mounts_truncated") is not False or host.get("mounts_known") is not True
    return verdict(
        False if found else None if incomplete else True,
        expected,
        declared=_declared_propagation(record),
        enforced="; ".join(f"{_place(mount)}, shared" for mount in found[:5])
        or (None if incomplete else "none shared"),
        evidence=[(f"{process_file(record, 'mountinfo')} {mount.get('point')}", "shared") for mount in found[:5]],
        remedy="Create it anew with the propagation rprivate or rslave for that mount.",
        reason="there are more mounts than were looked at, or the host's own could not be read" if incomplete else None,
    )


CHECKS = {
    "read_only_root": Check(read_only_root, ("root_mount",)),
    "forbidden_mounts": Check(forbidden_mounts, ("mounts",)),
    "private_mounts": Check(private_mounts, ("mounts",)),
}


def _gives(record, mount, holders, holding_globs, globs):
    """Whether the container gets by this mount at what is forbidden."""
    point = mount.get("point")
    for source in mount.get("host_paths") or ():
        # What its engine made of its image is no mount of the host's.
        fits = point != "/" and (
            any(globbed(source, glob) for glob in globs) or any(_fits_by_name(source, glob) for glob in holding_globs)
        )
        if fits or source in holders:
            shared = part(part(record, "namespaces"), _KERNELS_OWN.get(mount.get("fstype"), ""))
            # What comes with a namespace of the host's is another check's matter.
            if source != point or not shared.get("shared_with_host"):
                return True
    return False


def _fits_by_name(path, glob):
    """``/home/ann`` fits ``/home/*``; ``/home/ann/srv`` doesn't, since it does not hold what ``/home/*/.ssh`` fits."""
    names, globs = path.split("/"), glob.split("/")
    return len(names) == len(globs) and all(map(globbed, names, globs))


def _writable_first(mounts):
    """Of many a few are told: those that matter most."""
    return sorted(mounts, key=lambda mount: bool(mount.get("read_only")))


def _with_parents(path):
    """``/run/x.sock`` -> ``/``, ``/run``, ``/run/x.sock``."""
    names = path.strip("/").split("/")
    return ["/", *("/" + "/".join(names[:end]) for end in range(1, len(names) + 1) if names[0])]


def _source(mount):
    return (mount.get("host_paths") or [None])[0]


def _place(mount):
    way = "read-only" if mount.get("read_only") else "writable"
    source = _source(mount)
    return f"{mount.get('point')} ({way})" if source is None else f"{source} on {mount.get('point')} ({way})"


def _declared_sources(record):
    isolation = record.get("isolation")
    if not isolation or isolation.get("mounts") is None:
        return None
    return f"mounts: {names(one.get('source') for one in isolation['mounts']) or 'none'}"


def _declared_propagation(record):
    isolation = record.get("isolation")
    if not isolation or isolation.get("mounts") is None:
        return None
    rows = (f"{one.get('source')} {one.get('propagation') or 'default'}" for one in isolation["mounts"])
    return f"mounts: {names(rows) or 'none'}"
