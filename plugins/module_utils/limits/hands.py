# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the steps of a plan, one after the other. The only place of this package that changes anything."""

from __future__ import annotations

import errno

from ..engines.contract import MemorySettings
from ..errors import FathomError
from .order import spell
from .plan import whole_mib
from .reclaim import reclaim
from .refusal import Refused
from .sizes import told_size


class Hands:
    """What one container's steps are taken with. ``engine``: the Engine that has its record, or None.

    ``tell_systemd(unit, settings)`` as systemctl.set_properties has them.
    """

    def __init__(self, files, writer, tell_systemd, engine, headroom):
        self._files = files
        self._writer = writer
        self._tell_systemd = tell_systemd
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
        if step.most_bytes is not None:
            self._refuse_more_than(step.most_bytes, self._files.number(step.target + "/memory.current"))
        for name, value in step.settings.items():
            text = spell(state.running.version, value)
            try:
                self._writer.write(f"{step.target}/{name}", text)
            except OSError as exc:
                raise FathomError(f"the kernel refused {text} for {step.target}/{name}: {_why(exc)}") from exc
        return []

    def _reclaim(self, step, _state):
        most_bytes = step.settings["usage_bytes"]
        try:
            used_bytes = reclaim(self._files, self._writer, step.target, most_bytes)
        except OSError as exc:
            raise FathomError(f"{step.target} could not be reclaimed: {_why(exc)}") from exc
        self._refuse_more_than(most_bytes, used_bytes)
        return []

    def _refuse_more_than(self, most_bytes, used_bytes):
        """The kernel kills for a limit below what is in use, so the last look is just before it."""
        if used_bytes is None or used_bytes > most_bytes:
            raise Refused(
                f"{told_size(used_bytes)} is in use after what could be reclaimed was, and {told_size(most_bytes)} is "
                "the most that leaves headroom",
                None if used_bytes is None else whole_mib(self._headroom.above(used_bytes)),
            )

    def _declare(self, step, state):
        return self.engine.update(state.container.claim, MemorySettings(**step.settings))

    def _set_properties(self, step, _state):
        self._tell_systemd(step.target, step.settings)
        return []


def _why(exc):
    """What the kernel said, and the way out where it is known."""
    return f"{exc.strerror}; only root may set limits (become: true)" if exc.errno == errno.EACCES else exc.strerror
