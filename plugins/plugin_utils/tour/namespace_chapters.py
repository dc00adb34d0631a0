# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespaces, whose they are, and two of them entered alone."""

from __future__ import annotations

from typing import Any

from .blocks import Chapter, Note, Picture, Said, Table
from .gathered import Gathered
from .words import NOT_KNOWN, number

# In the words of namespaces(7): what each isolates.
_ISOLATES = {
    "pid": "process ids",
    "net": "interfaces, addresses, ports and routes",
    "ipc": "shared memory, semaphores and message queues",
    "mnt": "mounts",
    "uts": "hostname and domain name",
    "user": "users and capabilities",
    "cgroup": "the root of the cgroups",
    "time": "the clocks since boot",
}
OWN, HOST, OTHERS, UNKNOWN = "own", "host", "others", "unknown"


def namespace_chapters(gathered: Gathered) -> list[Chapter]:
    return [
        _namespaces(gathered),
        _entered(
            gathered,
            "uts",
            "Its uts namespace alone",
            "Entered by a program of the host with this namespace alone, the hostname is the container's and the "
            "interfaces are still the host's.",
        ),
        _entered(
            gathered,
            "net",
            "Its net namespace alone",
            "With the net namespace alone it is the other way round: the host's name, and the container's interfaces.",
        ),
    ]


def _namespaces(gathered: Gathered) -> Chapter:
    record, pid = gathered.namespaces, gathered.container["pid"]
    blocks: list[Any] = []
    if not gathered.runs:
        blocks.append(Note("It does not run, so it has no namespaces."))
    elif record is None:
        blocks.append(Note(gathered.why["namespaces"]))
    else:
        rows = list(record["namespaces"].items())
        owners = [(kind, *owner(one)) for kind, one in rows]
        blocks.append(Picture("namespaces", _words(owners), (gathered.title, gathered.host, owners)))
        blocks.append(
            Table(
                ("namespace", "isolates", "inode", "whose"),
                [(kind, _ISOLATES.get(kind, ""), number(one["inode"]), _whose(owner(one))) for kind, one in rows],
                figures=(2,),
            )
        )
        blocks += [Note(f"{one['path']}: {one['reason']}") for one in record["unreadable"]]
    return Chapter(
        "namespaces",
        "Its namespaces, and whose they are",
        "A namespace gives its processes a view of their own of one kind of thing. What has the same inode is the same "
        "namespace, with the host or with another container.",
        [f"/proc/{pid}/ns/*"] if pid else [],
        blocks,
    )


def owner(namespace: dict[str, Any]) -> tuple[str, list[str]]:
    """(OWN, HOST, OTHERS or UNKNOWN, the other containers)."""
    if namespace["inode"] is None or namespace["shared_with_host"] is None:
        return UNKNOWN, []
    if namespace["shared_with_host"]:
        return HOST, []
    return (OTHERS, namespace["shared_with"]) if namespace["shared_with"] else (OWN, [])


def _whose(owned: tuple[str, list[str]]) -> str:
    kind, others = owned
    words = {OWN: "the container's own", HOST: "the host's", UNKNOWN: NOT_KNOWN}
    return words.get(kind) or "shared with " + ", ".join(others)


def _words(owners: list[tuple[str, str, list[str]]]) -> str:
    parts = []
    for owned, words in (
        (OWN, "its own"),
        (HOST, "the host's"),
        (OTHERS, "shared with others"),
        (UNKNOWN, NOT_KNOWN),
    ):
        kinds = [kind for kind, whose, _others in owners if whose == owned]
        if kinds:
            parts.append(f"{words}: {', '.join(kinds)}")
    return "Namespaces: " + "; ".join(parts)


def _entered(gathered: Gathered, kind: str, title: str, what: str) -> Chapter:
    pid = gathered.container["pid"]
    blocks: list[Any] = [
        Note(f"{command}: {why}" if command else why) if lines is None else Said(command, lines)
        for command, lines, why in gathered.entered[kind]
    ]
    if not gathered.runs:
        blocks = [Note("It does not run, so there is nothing to enter.")]
    where = [f"/proc/{pid}/ns/{kind}, entered as with nsenter --target {pid} --{kind}"] if pid else []
    return Chapter(kind, title, what, where, blocks)
