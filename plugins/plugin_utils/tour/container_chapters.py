# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The container as the host sees it, and the view from inside."""

from __future__ import annotations

from typing import Any

from ...module_utils.images.secrets import MASK, looks_secret
from .blocks import Chapter, Listing, Note, Rows, Table
from .gathered import Gathered
from .words import NOT_KNOWN, number, size

_RUNS = {"docker": "docker inspect", "podman": "podman inspect"}


def container_chapters(gathered: Gathered) -> list[Chapter]:
    return [_container(gathered), _processes(gathered), _inside(gathered)]


def _container(gathered: Gathered) -> Chapter:
    container = gathered.container
    told = _RUNS.get(container["engine"]) if container["engine_known"] else None
    rows = [
        ("name", container["name"] or "without a name"),
        ("id", container["id"]),
        ("engine", container["engine"] + ("" if container["engine_known"] else ", which does not tell of it")),
        ("image", container["image"] or "not told"),
        ("state", container["state"] or "not told"),
        ("labels", ", ".join(_label(key, value) for key, value in container["labels"].items()) or "none"),
    ]
    if container["nested_in"]:
        rows.append(("its cgroup lies inside that of", container["nested_in"]))
    return Chapter(
        "container",
        "The container",
        "A container is not a thing of the kernel. It is processes that an engine started with namespaces of their "
        "own, in a cgroup of their own, upon the layers of an image.",
        [f"{told} {container['name'] or container['id']}"] if told else [],
        [Rows(rows)]
        if gathered.runs
        else [Rows(rows), Note("It does not run: what the kernel has of a container ends with its last process.")],
    )


def _label(key: str, value: str) -> str:
    """Hidden where the history of the image, from which labels come, hides it."""
    return f"{key}={MASK if looks_secret(key) else value}"


def _processes(gathered: Gathered) -> Chapter:
    container = gathered.container
    pid = container["pid"]
    blocks: list[Any] = []
    if pid is None:
        blocks.append(Note("It does not run, so it has no processes."))
    else:
        rows = container.get("processes") or []
        blocks.append(
            Table(
                ("PID on the host", "PID inside", "parent", "user", "memory", "name"),
                [
                    (
                        str(one["pid"]),
                        number(one["namespace_pid"]),
                        number(one["ppid"]),
                        number(one["uid"]),
                        size(one["rss_bytes"]),
                        one["name"] or NOT_KNOWN,
                    )
                    for one in rows
                ],
                figures=(0, 1, 2, 3, 4),
            )
        )
        if container.get("processes_truncated"):
            blocks.append(Note(f"There are more than these {len(rows)}."))
    return Chapter(
        "processes",
        "Its processes, seen from the host",
        "They are processes of the host like all others, with a PID there and another one inside: process 1 of the "
        "container is not process 1 of the host.",
        [f"/proc/{pid}/status, the line NSpid", "cgroup.procs of the container's cgroup"] if pid else [],
        blocks,
    )


def _inside(gathered: Gathered) -> Chapter:
    record, pid = gathered.namespaces, gathered.container["pid"]
    blocks: list[Any] = []
    if not gathered.runs:
        blocks.append(Note("It does not run, so there is no inside."))
    elif record is None:
        blocks.append(Note(gathered.why["namespaces"]))
    else:
        blocks.append(Rows([("hostname", record.get("hostname") or "could not be read")]))
        blocks.append(_interfaces(record))
    if gathered.runs:
        blocks += (
            [Note("The root directory, as it is listed inside:"), Listing(gathered.root)]
            if gathered.root is not None
            else [Note(f"Its root directory can't be listed. {gathered.why['root']}")]
        )
    return Chapter(
        "inside",
        "The view from inside",
        "From within, it looks like a machine of its own: with a hostname, interfaces and a root directory. Nothing in "
        "the container is needed to see them; they are read where the kernel has them.",
        [f"/proc/{pid}/ns/uts", f"/proc/{pid}/ns/net", f"/proc/{pid}/root"] if pid else [],
        blocks,
    )


def _interfaces(record: dict[str, Any]) -> Any:
    interfaces = record.get("interfaces")
    if interfaces is None:
        return Note("Its interfaces could not be read.")
    return Table(
        ("interface", "state", "MAC", "MTU", "addresses", "other end, on the host"),
        [
            (
                f"{one['index']}: {one['name']}",
                one["state"] or NOT_KNOWN,
                one["mac"] or "none",
                number(one["mtu"]),
                ", ".join(f"{address['address']}/{address['prefix']}" for address in one["addresses"]) or "none",
                one["host_peer"] or "none",
            )
            for one in interfaces
        ],
        figures=(3,),
    )
