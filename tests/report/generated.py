"""Reports of generated answers, written as the role writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import load_packs
from ansible_collections.fathom.containers.plugins.plugin_utils.report.write import write_report

from lab import CHECKOUT

ROLE = CHECKOUT / "roles" / "audit"
Answer = dict[str, Any]


def write(folder: Path, minute: int, answers: Mapping[str, Answer | str | Callable[[], Answer]]) -> None:
    """A run at this minute: an answer for each host, what makes it, or a text with the reason for which it was lost."""
    stamp = f"2026-11-24T11:{minute:02}:00Z"

    def asked(told: Answer | str | Callable[[], Answer]) -> Callable[[object], dict[str, Any]]:
        def record(_before: object) -> dict[str, Any]:
            if isinstance(told, str):
                return {"time": stamp, "error": told, "answer": None}
            return {"time": stamp, "error": None, "answer": told() if callable(told) else told}

        return record

    hosts = {name: asked(told) for name, told in answers.items()}
    write_report(str(folder), hosts, stamp, stamp, str(ROLE), lambda packs: load_packs(packs)[1])
