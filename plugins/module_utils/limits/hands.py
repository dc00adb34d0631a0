# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the steps of a plan, one after the other. The only place of this package that changes anything."""

from __future__ import annotations

from ..engines.contract import MemorySettings
from ..errors import FathomError
from .order import spell
from .plan import Refused
from .reclaim import reclaim
from .sizes import binary_size
from .systemctl import set_properties


class Hands:
    """What one container's steps are taken with. ``engine``: the Engine that has its record, or None."""

    def __init__(self, files, writer, engine, headroom):
        self._files = files
        self._writer = writer
        self._headroom = headroom
        self.engine = engine

    def take(self, step, state):
        """Notes on it, such as an engine's warnings.

        Raises FathomError where it can't be taken, Refused where too little could be reclaimed, Gone where the
        container has ended.
        """
        return {
            "kernel": self._write,
            "reclaim": self._reclaim,
            "engine": self._declare,
            "systemd": self._set_properties,
        }[step.kind](step, state)

    def _write(self, step, state):
        for name, value in step.settings.items():
            text = spell(state.running.version, value)
            try:
                self._writer.write(f"{step.target}/{name}", text)
            except OSError as exc:
                raise FathomError(f"the kernel refused {text} for {step.target}/{name}: {exc.strerror}") from exc
        return []

    def _reclaim(self, step, _state):
        most_bytes = step.settings["usage_bytes"]
        try:
            used_bytes = reclaim(self._files, self._writer, step.target, most_bytes)
        except OSError as exc:
            raise FathomError(f"{step.target} could not be reclaimed: {exc.strerror}") from exc
        if used_bytes is None or used_bytes > most_bytes:
            smallest_bytes = None if used_bytes is None else self._headroom.above(used_bytes)
            used = "an unknown amount" if used_bytes is None else binary_size(used_bytes)
            raise Refused(
                f"{used} stayed in use after its caches were reclaimed, and {binary_size(most_bytes)} is the most that "
                "leaves headroom",
                smallest_bytes,
            )
        return []

    def _declare(self, step, state):
        return self.engine.update(state.container.claim, MemorySettings(**step.settings))

    def _set_properties(self, step, _state):
        set_properties(step.target, step.settings)
        return []
