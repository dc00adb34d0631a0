# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import sys
import time

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.enter import run as running
from ansible_collections.fathom.containers.plugins.module_utils.enter.doors import Door
from ansible_collections.fathom.containers.plugins.module_utils.enter.run import Program, run

EPERM_FAILURE = PermissionError(errno.EPERM, "")


def start(*argv, chdir=None, timeout_seconds=20, doors=()):
    return run(Program([os.fsencode(word) for word in argv], chdir, timeout_seconds), list(doors))


def python(code, **options):
    return start(sys.executable, "-c", code, **options)


def ended():
    """Whether no child is left."""
    try:
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return True


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_output_and_status():
    outcome = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    assert outcome == (7, b"out\n", b"err\n", False, False, False, None)
    assert ended()


def test_a_signal_is_negative():
    assert python("import os; os.kill(os.getpid(), 15)").rc == -15


def test_bytes_come_as_they_are():
    assert python("import os; os.write(1, bytes(range(256)))").stdout == bytes(range(256))


def test_words_are_no_shell():
    words = ["$(id) `id` ; | & > *", "", "é\udcff", "--", "-c"]
    code = "import os, sys; os.write(1, b'|'.join(map(os.fsencode, sys.argv[1:])))"
    assert start(sys.executable, "-c", code, *words).stdout == b"|".join(map(os.fsencode, words))


def test_there_is_no_input():
    assert python("import sys; print(repr(sys.stdin.read()))").stdout == b"''\n"


def test_no_file_is_handed_on():
    with open(os.devnull, "rb") as kept:
        os.set_inheritable(kept.fileno(), True)
        found = python("import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:5])").stdout
    # The last is that of the listing itself.
    assert found == b"[0, 1, 2, 3]\n"


def test_signals_are_as_usual():
    code = "import signal; print(signal.getsignal(signal.SIGPIPE) == signal.SIG_DFL)"
    told = start("sh", "-c", "grep SigIgn /proc/self/status").stdout.split()[1]
    assert not int(told, 16) & 1 << 12, code


def test_a_program_is_searched():
    assert start("sh", "-c", "echo found").stdout == b"found\n"


def test_the_usual_directories_are_searched_too(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert start("sh", "-c", "echo found").stdout == b"found\n"


@pytest.mark.parametrize(
    ("argv", "number"),
    [
        (["no-such-program"], errno.ENOENT),
        (["/no/such/program"], errno.ENOENT),
        (["/dev/null"], errno.EACCES),
        (["/etc/passwd/x"], errno.ENOENT),
    ],
)
def test_a_program_that_can_not_be_executed(argv, number):
    outcome = start(*argv)
    assert (outcome.failure, outcome.rc) == (("execute", number), 127)
    assert ended()


def test_a_directory(tmp_path):
    assert start("pwd", "-P", chdir=os.fsencode(str(tmp_path.resolve()))).stdout == os.fsencode(
        f"{tmp_path.resolve()}\n"
    )
    assert start("pwd", chdir=b"/no/such").failure == ("chdir", errno.ENOENT)


def test_a_program_that_takes_too_long_ends_with_all_that_it_started():
    started = time.monotonic()
    outcome = start("sh", "-c", "sleep 60 & echo $!; sleep 60", timeout_seconds=0.5)
    assert (outcome.rc, outcome.timed_out, outcome.failure) == (None, True, None)
    assert time.monotonic() - started < 5
    pid = int(outcome.stdout)
    deadline = time.monotonic() + 5
    while runs(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert ended()


def test_what_it_leaves_running_is_not_waited_for():
    started = time.monotonic()
    outcome = start("sh", "-c", "(sleep 3; echo late) & echo early")
    assert (outcome.rc, outcome.stdout) == (0, b"early\n")
    assert time.monotonic() - started < 2.5


def test_closed_output_is_no_end():
    outcome = start("sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 3")
    assert (outcome.rc, outcome.timed_out) == (3, False)


def test_a_flood_is_cut(monkeypatch):
    monkeypatch.setattr(running, "MOST_OUTPUT_BYTES", 100000)
    outcome = python("import sys; sys.stdout.write('x' * 1000000); sys.stderr.write('y')")
    assert (outcome.rc, outcome.stdout, outcome.stdout_truncated) == (0, b"x" * 100000, True)
    assert (outcome.stderr, outcome.stderr_truncated) == (b"y", False)


def test_an_endless_flood_ends_in_time(monkeypatch):
    monkeypatch.setattr(running, "MOST_OUTPUT_BYTES", 100000)
    outcome = start("yes", timeout_seconds=0.5)
    assert (outcome.timed_out, len(outcome.stdout), outcome.stdout_truncated) == (True, 100000, True)


@pytest.fixture
def entering(monkeypatch, tmp_path):
    """Instead of entering, write down what was to be entered; ``refuse``: {kind: times that it is refused}."""
    log = tmp_path / "log"

    def prepare(refuse=None, number=errno.EPERM):
        left = dict(refuse or {})

        def enter(_descriptor, kind):
            if left.get(kind, 0) > 0:
                left[kind] -= 1
                raise OSError(number, os.strerror(number))
            with log.open("a") as file:
                file.write(kind + "\n")

        monkeypatch.setattr(running, "entrance", lambda: enter)
        # Only in the child.
        for name in ("setgid", "setuid"):
            monkeypatch.setattr(os, name, lambda _number: None)
        monkeypatch.setattr(os, "setgroups", lambda _groups: None)
        return lambda: log.read_text().split()

    return prepare


DOORS = [Door(kind, -1) for kind in ("net", "pid", "mnt", "user")]


def test_the_user_namespace_is_entered_last(entering):
    entered = entering()
    assert start("true", doors=DOORS).rc == 0
    assert entered() == ["net", "pid", "mnt", "user"]


def test_what_only_its_root_may_enter_is_entered_after_it(entering):
    entered = entering({"net": 1, "mnt": 1})
    assert start("true", doors=DOORS).rc == 0
    assert entered() == ["pid", "user", "net", "mnt"]


@pytest.mark.parametrize(
    ("refuse", "number", "failure"),
    [
        ({"net": 2}, errno.EPERM, ("net", errno.EPERM)),
        ({"pid": 1}, errno.EINVAL, ("pid", errno.EINVAL)),
        ({"user": 1}, errno.EINVAL, ("user", errno.EINVAL)),
    ],
)
def test_what_can_not_be_entered(entering, refuse, number, failure):
    entering(refuse, number)
    outcome = start("sh", "-c", "echo run", doors=DOORS)
    assert (outcome.failure, outcome.rc, outcome.stdout) == (failure, None, b"")
    assert ended()


def test_without_a_user_namespace_there_is_no_second_try(entering):
    entering({"net": 1})
    assert start("true", doors=DOORS[:2]).failure == ("net", errno.EPERM)


def test_a_namespace_without_a_root(entering, monkeypatch):
    entering()

    def setgid(_number):
        raise OSError(errno.EINVAL, "")

    monkeypatch.setattr(os, "setgid", setgid)
    assert start("true", doors=DOORS).failure == ("root", errno.EINVAL)


def test_groups_that_may_not_be_left(entering, monkeypatch):
    entering()

    def setgroups(_groups):
        raise EPERM_FAILURE

    monkeypatch.setattr(os, "setgroups", setgroups)
    assert start("true", doors=DOORS).rc == 0
