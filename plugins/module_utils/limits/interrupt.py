# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that would end the module: what was begun is brought to its end first."""

from __future__ import annotations

import contextlib
import signal

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def noticed(event):
    """Within, the signals set the threading.Event and nothing else; only for the main thread."""
    before = [(one, signal.signal(one, lambda _number, _frame: event.set())) for one in _SIGNALS]
    try:
        yield
    finally:
        for one, handler in before:
            signal.signal(one, handler)
