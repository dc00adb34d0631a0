# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches are freed piece by piece, nothing is set that was not set before, and memory.high is never left down."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.limits import reclaim as module
from ansible_collections.fathom.containers.plugins.module_utils.limits.reclaim import reclaim
from ansible_collections.fathom.containers.tests.unit.fake_container import UNLIMITED, Kernel
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, Tree

DIRECTORY = "/sys/fs/cgroup/web"
HIGH = 1024 * MIB


def kernel_of(tmp_path, cache, has_reclaim=True, kind=Kernel):
    kernel = kind(Tree(tmp_path), DIRECTORY, 2, has_reclaim)
    kernel.anonymous, kernel.cache = 20 * MIB, cache
    kernel.show()
    return kernel


def freed(tmp_path, kernel, most):
    return reclaim(Tree(tmp_path).files, kernel, DIRECTORY, most)


def asked(kernel):
    return [int(text) for name, text in kernel.written if name == "memory.reclaim"]


def test_it_asks_for_chunks_until_it_is_enough(tmp_path):
    kernel = kernel_of(tmp_path, 300 * MIB)
    assert freed(tmp_path, kernel, 120 * MIB) == 120 * MIB
    assert asked(kernel) == [64 * MIB, 64 * MIB, 64 * MIB, 8 * MIB]
    assert [name for name, _text in kernel.written] == ["memory.reclaim"] * 4


def test_the_last_chunk_is_at_least_the_largest_page(tmp_path):
    """The kernel takes a part of a page for none."""
    kernel = kernel_of(tmp_path, 100 * MIB)
    assert freed(tmp_path, kernel, 120 * MIB - 1) == 120 * MIB - (64 << 10)
    assert asked(kernel) == [64 << 10]


def test_where_enough_is_free_nothing_is_asked(tmp_path):
    kernel = kernel_of(tmp_path, 100 * MIB)
    assert freed(tmp_path, kernel, 120 * MIB) == 120 * MIB
    assert kernel.written == []


def test_it_gives_up_where_nothing_more_can_be_had(tmp_path):
    kernel = kernel_of(tmp_path, 100 * MIB)
    kernel._evict = lambda _most: None
    assert freed(tmp_path, kernel, 60 * MIB) == 120 * MIB
    assert len(asked(kernel)) == 4


def test_a_kernel_that_frees_now_and_then_is_asked_on(tmp_path):
    """As a kernel does whose caches have to be written out first: EAGAIN again and again, and then some."""
    kernel = kernel_of(tmp_path, 100 * MIB)
    evict = kernel._evict
    kernel._evict = lambda most: evict(max(most, kernel.usage - 20 * MIB)) if len(kernel.written) % 4 == 0 else None
    assert freed(tmp_path, kernel, 60 * MIB) == 60 * MIB
    assert len(asked(kernel)) == 12


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EACCES, errno.EROFS])
def test_any_other_error_than_too_little_comes_out(tmp_path, number):
    kernel = kernel_of(tmp_path, 100 * MIB)

    def fail(_chunk):
        raise OSError(number, os.strerror(number))

    kernel._reclaim = fail
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        freed(tmp_path, kernel, 60 * MIB)
    assert caught.value.errno == number
    assert len(kernel.written) == 1


def test_it_ends_after_a_while_however_well_it_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_LONGEST_SECONDS", 0)
    kernel = kernel_of(tmp_path, 100 * MIB)
    assert freed(tmp_path, kernel, 60 * MIB) == 120 * MIB
    assert kernel.written == []


@pytest.mark.parametrize("has_reclaim", [True, False])
def test_use_that_can_not_be_read_is_not_guessed(tmp_path, has_reclaim):
    kernel = kernel_of(tmp_path, 100 * MIB, has_reclaim)
    Tree(tmp_path).unreadable(DIRECTORY + "/memory.current")
    kernel.show = lambda: None
    assert freed(tmp_path, kernel, 60 * MIB) is None
    assert kernel.written == []


class Old(Kernel):
    """Without memory.reclaim. What a child writes is told in a file, as its kernel is a copy: PID, session, value.

    ``fails_at``: the number of the write that fails. ``waits_at``: the one before which it waits for the file ``go``.
    """

    fails_at = waits_at = None

    def write(self, path, text):
        number = len(self.written) + 1
        if number == self.waits_at:
            wait_for(lambda: os.path.exists(self._tree.root + "/go"))
        if number == self.fails_at:
            self.written.append((path, text))
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        super().write(path, text)
        with open(self._tree.root + "/told", "a", encoding="ascii") as told:
            told.write(f"{os.getpid()} {os.getsid(0)} {text}\n")


def old(tmp_path, high=HIGH):
    kernel = kernel_of(tmp_path, 300 * MIB, has_reclaim=False, kind=Old)
    kernel.high = high
    kernel.show()
    return kernel


def told(tmp_path):
    """[(pid, session, value)]"""
    path = tmp_path / "told"
    rows = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return [(int(pid), int(session), text) for pid, session, text in rows]


def high(tmp_path):
    return Tree(tmp_path).files.limit(DIRECTORY + "/memory.high")


def wait_for(done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@pytest.mark.parametrize("before", [HIGH, UNLIMITED])
def test_without_memory_reclaim_memory_high_goes_down_and_back(tmp_path, before):
    kernel = old(tmp_path, before)
    assert freed(tmp_path, kernel, 120 * MIB) == 120 * MIB
    values = [text for _pid, _session, text in told(tmp_path)]
    steps = [str(step * MIB) for step in (256, 192, 128, 120)]
    assert values == [*steps, "max" if before == UNLIMITED else str(before)]
    assert high(tmp_path) == before


def test_memory_high_is_never_set_above_what_it_was(tmp_path):
    """A container may use more than its high for a while."""
    kernel = old(tmp_path, 100 * MIB)
    freed(tmp_path, kernel, 60 * MIB)
    values = [int(text) for _pid, _session, text in told(tmp_path)]
    assert max(values) == 100 * MIB
    assert min(values) == 60 * MIB
    assert values[-1] == 100 * MIB


def test_it_is_done_by_a_child_in_a_session_of_its_own(tmp_path):
    freed(tmp_path, old(tmp_path), 120 * MIB)
    pids = {(pid, session) for pid, session, _text in told(tmp_path)}
    ((pid, session),) = pids
    assert pid == session != os.getpid()


def test_memory_high_is_put_back_after_an_error_which_is_told(tmp_path):
    kernel = old(tmp_path)
    kernel.fails_at = 3
    with pytest.raises(FathomError, match=rf"{DIRECTORY}/memory.high .*put back"):
        freed(tmp_path, kernel, 120 * MIB)
    assert [text for _pid, _session, text in told(tmp_path)] == [str(256 * MIB), str(192 * MIB), str(HIGH)]
    assert high(tmp_path) == HIGH


def test_a_memory_high_that_can_not_be_read_is_left_alone(tmp_path):
    kernel = old(tmp_path)
    Tree(tmp_path).unreadable(DIRECTORY + "/memory.high")
    assert freed(tmp_path, kernel, 120 * MIB) == 320 * MIB
    assert told(tmp_path) == []


def test_a_module_that_is_killed_in_the_middle_leaves_memory_high_as_it_was(tmp_path):
    kernel = old(tmp_path)
    kernel.waits_at = 2
    module_pid = os.fork()
    if module_pid == 0:
        # As Ansible starts one: whoever kills it kills its group.
        with contextlib.suppress(BaseException):
            os.setsid()
            freed(tmp_path, kernel, 120 * MIB)
        os._exit(0)
    try:
        wait_for(lambda: told(tmp_path))
        assert high(tmp_path) == 256 * MIB
    finally:
        os.killpg(module_pid, signal.SIGKILL)
        os.waitpid(module_pid, 0)
        (tmp_path / "go").touch()
    wait_for(lambda: told(tmp_path)[-1][2] == str(HIGH))
    assert high(tmp_path) == HIGH
