# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cgroups: where the container is in each hierarchy, what its memory is limited to, and what was declared."""

from __future__ import annotations

from typing import Any

from ...module_utils.limits.sizes import binary_size
from ..table import drift_words
from .blocks import Chapter, Note, Picture, Rows, Table
from .gathered import Gathered
from .words import NOT_KNOWN, count, size

_MOUNTED = "/sys/fs/cgroup"
_FILES = {1: ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes"), 2: ("", "memory.max", "memory.current")}
_NO_MEMORY = "It does not run, so it has no cgroup."


def cgroup_chapters(gathered: Gathered) -> list[Chapter]:
    return [_hierarchies(gathered), _memory(gathered), _effective(gathered), _declared(gathered)]


def _hierarchies(gathered: Gathered) -> Chapter:
    container = gathered.container
    rows = [
        (str(one["id"]), ", ".join(one["controllers"]) or "cgroup v2", one["path"])
        for one in container.get("hierarchies") or ()
    ]
    table = Table(("id", "controllers", "cgroup"), rows, figures=(0,), paths=(2,))
    return Chapter(
        "cgroups",
        "Its cgroup in every hierarchy",
        "A cgroup holds processes and limits what they take together. On cgroup v1 each controller may have a "
        "hierarchy of its own; on v2 there is one for all.",
        [f"/proc/{container['pid']}/cgroup"] if gathered.runs else [],
        [table] if rows else [Note(_NO_MEMORY)],
    )


def _memory(gathered: Gathered) -> Chapter:
    memory = gathered.container.get("memory")
    return Chapter(
        "memory",
        "Its memory limit",
        "The kernel counts the memory of the cgroup's processes with the page cache that they filled. At the limit it "
        "takes back what it can, and then ends a process.",
        _files(memory) if memory else [],
        [_bar(memory), Rows(_figures(memory))] if memory else [Note(_NO_MEMORY)],
    )


def _files(memory: dict[str, Any]) -> list[str]:
    """Where they are on hosts that mount cgroup file systems in the usual place."""
    controller, *names = _FILES[memory["version"]]
    folder = "/".join(part.strip("/") for part in (_MOUNTED, controller, memory["path"]) if part.strip("/"))
    return [f"/{folder}/{name}" for name in names]


def _figures(memory: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("limit", _limit(memory["limit_state"], memory["limit_bytes"])),
        ("swap besides", _limit(memory["swap_limit_state"], memory["swap_limit_bytes"])),
        ("in use", size(memory["usage_bytes"])),
        ("of that, what can't just be dropped (working set)", size(memory["working_set_bytes"])),
        ("most so far (peak)", size(memory["peak_bytes"])),
        ("times the limit was hit", count(memory["limit_hits"])),
        ("processes killed for it", count(memory["oom_kills"])),
    ]


def _bar(memory: dict[str, Any]) -> Picture:
    keys = ("usage_bytes", "working_set_bytes", "peak_bytes", "limit_bytes", "effective_limit_bytes")
    data = {key: memory[key] for key in keys}
    names = ("in use", "working set", "peak", "limit", "effective limit")
    words = ", ".join(
        f"{name} {size(data[key])}" for name, key in zip(names, keys, strict=True) if data[key] is not None
    )
    return Picture("memory", f"Memory: {words}", data)


def _effective(gathered: Gathered) -> Chapter:
    memory = gathered.container.get("memory")
    blocks: list[Any] = [Note(_NO_MEMORY)]
    if memory:
        blocks = [
            Rows(
                [
                    ("limit that counts", size(memory["effective_limit_bytes"])),
                    ("set by", _source(memory)),
                    ("memory of the host", size(gathered.of_host["memory_total_bytes"])),
                ]
            )
        ]
    return Chapter(
        "effective",
        "The limit that counts, and who sets it",
        "A cgroup can't take more than any of those above it, nor more than the host has. The smallest of these limits "
        "counts, whatever the container's own says.",
        ["the same file of every cgroup above, and MemTotal in /proc/meminfo"] if memory else [],
        blocks,
    )


def _source(memory: dict[str, Any]) -> str:
    source = memory["effective_limit_source"]
    if source is None:
        return "out of sight" if memory["effective_limit_bytes"] is not None else NOT_KNOWN
    if source == "host":
        return "the host's memory"
    return "the container's own cgroup" if source == memory["path"] else f"the cgroup {source}, above it"


def _declared(gathered: Gathered) -> Chapter:
    container = gathered.container
    sockets = [
        one["socket"] for one in gathered.of_host["engines"] if one["name"] == container["engine"] and one["reachable"]
    ]
    if not sockets:
        blocks: list[Any] = [Note("No engine tells what it declares for this container.")]
    else:
        rows = [(key, _setting(key, value)) for key, value in container["declared"].items()]
        blocks = [Table(("setting", "declared"), rows)]
        blocks.append(Rows([("where the kernel enforces something else", drift_words(container))]))
    return Chapter(
        "declared",
        "What the engine declares",
        "What was asked of the engine for this container. It is a claim: what counts is what the kernel enforces, and "
        "where both differ, something has drifted.",
        [f"the engine's own record, asked on {socket}" for socket in sockets[:1]],
        blocks,
    )


def _setting(key: str, value: Any) -> str:
    if value is None:
        return "not set"
    if key == "memory_swap_bytes" and value == -1:
        return "unlimited"
    if key.endswith("_bytes"):
        return binary_size(value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _limit(state: str, limit_bytes: int | None) -> str:
    return binary_size(limit_bytes) if state == "limited" else state
