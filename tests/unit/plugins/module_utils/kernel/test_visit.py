# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import time

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel import visit as visiting
from ansible_collections.fathom.containers.plugins.module_utils.kernel.setns import FLAGS
from ansible_collections.fathom.containers.plugins.module_utils.kernel.visit import Place, visit

NO_PROCESS = 1 << 30

pytestmark = pytest.mark.usefixtures("entered")


@pytest.fixture
def entered(monkeypatch, tmp_path):
    """Instead of entering, which only root may, the kinds that were to be entered are written down."""
    log = tmp_path / "entered"
    log.write_text("")

    def enter(descriptor, kind):
        # As the kernel has it: what is entered is a namespace of this kind.
        assert os.readlink(f"/proc/self/fd/{descriptor}").startswith(kind + ":")
        with log.open("a") as file:
            file.write(kind + "\n")

    monkeypatch.setattr(visiting, "entrance", lambda: enter)
    return lambda: log.read_text().split()


def inode(kind):
    return os.stat(f"/proc/self/ns/{kind}").st_ino


def place(ask, kind="net", pids=None, number=None):
    return Place(kind, inode(kind) if number is None else number, pids or (os.getpid(),), ask)


def hang():
    time.sleep(60)


def asked(places, **options):
    return list(visit(places, **options))


def test_an_answer_for_each_in_order(entered):
    answers = asked([place(lambda: (b"\xff", 7, None)), place(os.getpid, "uts")])
    assert answers[0] == ((b"\xff", 7, None), None)
    # In another process, and one for both.
    assert answers[1].found != os.getpid()
    assert entered() == ["net", "uts"]


def test_they_are_asked_before_their_answers_are_wanted(entered):
    answers = visit([place(os.getpid)])
    deadline = time.monotonic() + 10
    while not entered() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert entered() == ["net"]
    assert [answer.error for answer in answers] == [None]


def test_nothing_to_visit(entered):
    assert asked([]) == []
    assert entered() == []


def test_a_large_answer():
    (answer,) = asked([place(lambda: b"x" * (9 << 20))])
    assert answer.found == b"x" * (9 << 20)


def refused():
    raise PermissionError(errno.EPERM, "Operation not permitted")


def broken():
    raise KeyError("whatever")


def test_a_failure_costs_one_answer():
    answers = asked([place(refused), place(broken), place(lambda: 7)])
    assert [answer.error for answer in answers] == ["Operation not permitted", "KeyError('whatever')", None]
    assert answers[2].found == 7


def test_one_that_hangs_is_ended_and_the_others_are_asked():
    started = time.monotonic()
    answers = asked([place(lambda: 1), place(hang), place(lambda: 3)], timeout_seconds=0.3)
    assert [answer.found for answer in answers] == [1, None, 3]
    assert answers[1].error == "no answer within 0.3 s"
    assert time.monotonic() - started < 5
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_when_all_hang_it_is_given_up():
    started = time.monotonic()
    answers = asked([place(hang)] * 40, timeout_seconds=0.1)
    assert [answer.error for answer in answers[:3]] == ["no answer within 0.1 s"] * 3
    assert {answer.error for answer in answers[3:]} == {"not tried, since 3 others gave no answer"}
    assert len(answers) == 40
    assert time.monotonic() - started < 5


def test_a_child_that_ends_early():
    answers = asked([place(lambda: os._exit(1)), place(lambda: 2)])
    assert answers[0].error == "the process that asked was ended"
    assert answers[1].found == 2


def test_another_process_of_the_namespace_is_tried():
    (answer,) = asked([place(lambda: 7, pids=(NO_PROCESS, os.getpid()))])
    assert answer.found == 7


def test_a_process_that_has_ended():
    (answer,) = asked([place(lambda: 7, pids=(NO_PROCESS,))])
    assert answer == (None, "No such file or directory")


def test_a_pid_that_is_another_process_by_now(entered):
    (answer,) = asked([place(lambda: 7, number=1)])
    assert (answer.found, answer.error) == (None, "no process is left in it")
    assert entered() == []


def test_what_it_prints_is_not_the_modules_answer(capfd):
    asked([place(lambda: os.write(1, b"noise") + os.write(2, b"noise"))])
    assert capfd.readouterr() == ("", "")


def test_a_python_that_can_not_enter(monkeypatch):
    def missing():
        raise ImportError("No module named '_ctypes'")

    monkeypatch.setattr(visiting, "entrance", missing)
    assert asked([place(hang)])[0].error == "this Python can't enter a namespace: No module named '_ctypes'"


def test_flags_are_those_of_python():
    if hasattr(os, "CLONE_NEWNS"):
        names = {"mnt": "NS"}
        assert {kind: getattr(os, "CLONE_NEW" + names.get(kind, kind.upper())) for kind in FLAGS} == FLAGS
    assert len(set(FLAGS.values())) == 8
