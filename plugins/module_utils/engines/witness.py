# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine as asked in one run: what it answered, and from when on it failed."""

from __future__ import annotations

import os

from ..errors import EngineError, RefusedError
from .contract import EngineInfo


class Witness:
    """Asks an engine until it first fails; from then on it is not asked again, and what it had said stands.

    ``state``: what the engine keeps on disk (anything with ``claims()``), for when it can't be asked. ``uid``: whose
    engine it is; that of an ordinary user is believed for that user's containers only.
    """

    def __init__(self, engine, state=None, uid=0):
        self.name = engine.name
        self.socket = engine.socket
        self.present = os.path.exists(engine.socket)
        self.error = None
        self.claims = {}
        self._engine = engine
        self.state = state
        self._slice = f"/user-{uid}.slice/" if uid else ""

    def testify(self, stopped):
        """Hear the engine's containers."""
        self.claims = self._ask(self._engine.list, stopped) or {}
        if self.error and self.state is not None:
            self.claims = self.state.claims()

    def speaks_for(self, path):
        """Whether its word counts for the container whose cgroup has this path."""
        return self._slice in path

    def expect(self, container_ids, itself):
        """Let the engine begin with those of the containers that it listed, and with its info (``itself``)."""
        if self.error is None:
            self._engine.expect([one for one in container_ids if one in self.claims], itself)

    def describe(self, container_id):
        """The container with what is declared for it; None if the engine does not know it or can't say."""
        claim = self._ask(self._engine.describe, container_id) or self.claims.get(container_id)
        if claim is not None:
            self.claims[container_id] = claim
        return claim

    def read(self, target, understand, refused=None):
        """What ``understand`` makes of the engine's answer; None if the engine has no such thing or can't say.

        ``refused(reason)`` gives what stands for the answer where that is an error; without it, the engine has failed.
        """

        def question():
            try:
                return self._engine.read(target, understand)
            except RefusedError as exc:
                if refused is None:
                    raise
                return refused(str(exc))

        return self._ask(question)

    @property
    def obstacle(self):
        """Why it can't be asked, and the way out; None where it answers."""
        if self.error is None or self.present:
            return self.error
        return f"{self.error} ({self._engine.started_by} makes it listen)"

    def engine_again(self):
        """The engine for another thread, by whom it is to be closed; an answer that it fails there counts there."""
        return self._engine.again()

    def close(self):
        self._engine.close()

    def info(self):
        """The entry for ``host.engines``. Asked last: Podman takes seconds for it, and its containers matter more."""
        info = self._ask(self._engine.info) or EngineInfo(self.name, None, self._engine.socket, None, False, None)
        return info._replace(reachable=self.error is None, error=self.error)

    def _ask(self, question, *words):
        if self.error is not None:
            return None
        try:
            return question(*words)
        except EngineError as exc:
            self.error = str(exc)
            return None
