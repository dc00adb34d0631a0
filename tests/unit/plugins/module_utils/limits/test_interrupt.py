# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals during a change are noted and do nothing else."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.limits.interrupt import noticed

SIGNALS = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]


@pytest.fixture(autouse=True)
def heard():
    """The signals that reached whoever had handlers before, instead of ending the test."""
    reached = []
    before = [(one, signal.signal(one, lambda number, _frame: reached.append(number))) for one in SIGNALS]
    yield reached
    for one, handler in before:
        signal.signal(one, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_sets_the_event_and_nothing_else(number, heard):
    event = threading.Event()
    with noticed(event):
        assert not event.is_set()
        os.kill(os.getpid(), number)
        assert event.wait(5)
    assert heard == []


@pytest.mark.parametrize("number", SIGNALS)
def test_afterwards_they_do_what_they_did_before(number, heard):
    event = threading.Event()
    with pytest.raises(KeyError), noticed(event):
        raise KeyError
    os.kill(os.getpid(), number)
    assert heard == [number]
    assert not event.is_set()
