# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gc
import multiprocessing

from ansible_collections.fathom.containers.plugins.plugin_utils.module_action import leave_garbage


def _leave(told):
    leave_garbage()
    told.put(gc.isenabled())


def test_a_process_that_ends_with_its_task_searches_for_no_garbage():
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    process = context.Process(target=_leave, args=(told,))
    process.start()
    process.join(30)
    assert told.get() is False


def test_a_process_that_goes_on_does():
    leave_garbage()
    assert gc.isenabled()
