# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import errno
import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.fathom.containers.plugins.module_utils.enter import nsenter as entering
from ansible_collections.fathom.containers.plugins.module_utils.enter.run import Outcome
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.modules import container_nsenter
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C, unified_host, v2_container

DONE = Outcome(0, b"inside\n", b"", False, False, False, None)


class Machine:
    """A host of files, on which programs end as ``outcome`` says."""

    def __init__(self, root, monkeypatch, capsys):
        self.tree = unified_host(root)
        v2_container(self.tree, f"/docker/{A}", 7)
        v2_container(self.tree, f"/docker/{B}", 8)
        for kind in ("net", "uts", "mnt", "pid", "user"):
            if kind != "pid":
                self.tree.link(f"/proc/self/ns/{kind}", f"{kind}:[1]")
        self.outcome = DONE
        self.failure = None
        self.programs = []
        self.opened = []
        self._capsys = capsys
        monkeypatch.setattr(entering, "Files", lambda: self.tree.files)
        monkeypatch.setattr(entering, "open_doors", self._open)
        monkeypatch.setattr(entering, "close_doors", [].extend)
        monkeypatch.setattr(entering, "run", self._run)

    def _open(self, _files, init, kinds):
        self.opened.append((init.pid, kinds))
        return [], kinds

    def _run(self, program, _doors):
        self.programs.append(program)
        if self.failure is not None:
            raise ImportError(self.failure)
        return self.outcome

    def module(self, **args):
        """(How the module ended, what it printed)."""
        known = docker(inspected(A, "web", pid=7), inspected(B, "web-2", pid=8), inspected(C, "old", "exited"))
        with engine(known) as fake:
            given = {
                "container": "web",
                "namespaces": ["uts"],
                "argv": ["hostname"],
                "docker_socket": fake.path,
                "podman_socket": "/nowhere",
            }
            with patch_module_args({**given, **args}), pytest.raises(SystemExit) as ended:
                container_nsenter.main()
        return ended.value.code, json.loads(self._capsys.readouterr().out)


@pytest.fixture
def machine(tmp_path, monkeypatch, capsys):
    return Machine(tmp_path, monkeypatch, capsys)


def test_a_program_that_ends_well(machine):
    code, result = machine.module(argv=["hostname", "-f", 7], chdir="/tmp", timeout=5)
    assert code == 0
    assert (result["changed"], result["rc"], result["stdout"], result["stderr"]) == (True, 0, "inside", "")
    assert (result["pid"], result["already_in"], result["namespaces"]) == (7, ["uts"], [])
    assert (result["container"]["name"], result["container"]["id"], result["argv"]) == (
        "web",
        A,
        ["hostname", "-f", "7"],
    )
    assert (result["stdout_truncated"], result["stderr_truncated"]) == (False, False)
    assert not {"failed", "msg", "stdout_base64", "stderr_base64"} & set(result)
    assert machine.programs == [([b"hostname", b"-f", b"7"], b"/tmp", 5)]
    assert machine.opened == [(7, ["uts"])]


def test_the_ends_of_output_can_be_kept(machine):
    assert machine.module(strip_empty_ends=False)[1]["stdout"] == "inside\n"


def test_output_that_is_no_text_is_not_lost(machine):
    machine.outcome = DONE._replace(stdout=b"\xff\\xff\n", stderr="é\x1b".encode())
    _code, result = machine.module()
    assert result["stdout"] == "\\xff\\xff"
    assert base64.b64decode(result["stdout_base64"]) == b"\xff\\xff\n"
    assert result["stderr"] == "é\x1b"
    assert "stderr_base64" not in result


@pytest.mark.parametrize(
    ("rc", "how"),
    [
        (3, "ended with 3, expected 0"),
        (-9, "was ended by SIGKILL"),
        (-40, "was ended by signal 40"),
    ],
)
def test_another_status_fails_the_task(machine, rc, how):
    machine.outcome = DONE._replace(rc=rc, stderr=b"no\n")
    code, result = machine.module()
    assert code == 1
    assert (result["failed"], result["rc"], result["stdout"], result["stderr"]) == (True, rc, "inside", "no")
    assert result["msg"] == f"the program {how}; it says 'no'"


@pytest.mark.parametrize(
    ("stderr", "told"),
    [
        (b"", ""),
        (b" \n", ""),
        (b"first\n last\x1b\n\n", r"; it says 'last\x1b'"),
        (b"x" * 999, f"; it says '{'x' * 200}'"),
    ],
)
def test_the_last_that_it_wrote_is_in_the_message(machine, stderr, told):
    machine.outcome = DONE._replace(rc=1, stderr=stderr)
    assert machine.module()[1]["msg"] == f"the program ended with 1, expected 0{told}"


def test_a_program_that_takes_too_long(machine):
    machine.outcome = DONE._replace(rc=None, timed_out=True, stdout=b"so far")
    code, result = machine.module(timeout=2.5)
    assert (code, result["rc"], result["stdout"]) == (1, None, "so far")
    assert result["msg"] == "the program did not end within 2.5 s, and its process group was killed"


def test_one_whose_end_nobody_saw(machine):
    machine.outcome = DONE._replace(rc=None)
    assert "how it ended is unknown" in machine.module()[1]["msg"]


def test_check_mode_runs_nothing(machine):
    code, result = machine.module(_ansible_check_mode=True, namespaces=["net", "uts"])
    assert (code, result["changed"], result["skipped"]) == (0, False, True)
    assert result["msg"] == "would have run ['hostname'] in net, uts of 'web' (PID 7) if not in check mode"
    assert machine.programs == []
    assert "rc" not in result


@pytest.mark.parametrize(
    ("failure", "args", "message"),
    [
        (
            ("execute", errno.ENOENT),
            {},
            "could not execute 'hostname': No such file or directory; argv is to begin with ",
        ),
        (("execute", errno.ENOENT), {}, "a program of the host, since mnt is not among namespaces"),
        (("execute", errno.ENOENT), {"namespaces": ["mnt"]}, "argv is to begin with a program in the container"),
        (
            ("execute", errno.ENOENT),
            {"argv": "ls  -l"},
            "argv is a list with an entry for each word, such as [ls, -l], and",
        ),
        (("execute", errno.EACCES), {"argv": ["a b"]}, "could not execute 'a b': Permission denied; argv is to begin"),
        (("chdir", errno.ENOENT), {"chdir": "/x"}, "could not change to '/x': No such file or directory"),
        (("pid", errno.EINVAL), {}, "could not enter its pid namespace: Invalid argument; only root may"),
        (("root", errno.EINVAL), {}, "could not become root: Invalid argument; its user namespace has no root"),
        (("fork", errno.ENOMEM), {}, "could not start a process: Cannot allocate memory; its PID namespace may have"),
    ],
)
def test_what_could_not_be_done(machine, failure, args, message):
    machine.outcome = DONE._replace(rc=None, failure=failure)
    code, result = machine.module(**args)
    assert code == 1
    assert message in result["msg"]
    assert result["msg"].startswith("container 'web' (PID 7): ")
    assert "rc" not in result


def test_a_python_that_can_not_enter(machine):
    machine.failure = "No module named '_ctypes'"
    assert "the Python of this host can't enter a namespace: No module named '_ctypes'" in machine.module()[1]["msg"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"container": "wbe"}, "no container has the name or id 'wbe'; near it: web"),
        ({"container": "web*"}, "container is 'web*', which fits 2: web, web-2; give the name or id of one"),
        (
            {"container": ["web", "web-2"]},
            "container is the list ['web', 'web-2'], expected the name or id of one; a loop",
        ),
        ({"container": []}, "container is the list [], expected the name or id of one"),
        ({"container": "x*"}, "no container matches 'x*'; give the name or id of one"),
        ({"container": "old"}, "container 'old' does not run (its state is exited), so that it has no namespaces"),
        ({"namespaces": []}, "namespaces is an empty list, expected at least one entry"),
        (
            {"namespaces": ["network"]},
            "value of namespaces must be one or more of: pid, net, ipc, mnt, uts, user, cgroup",
        ),
        ({"namespaces": ["time"]}, "namespaces has time, which the kernel of this host does not have; it has: "),
        ({"argv": []}, "argv is an empty list, expected at least one entry"),
        ({"argv": [""]}, "the first of argv is empty, expected a program"),
        ({"timeout": 0}, "timeout is 0, expected seconds above 0 and up to 86400"),
        ({"timeout": 1e9}, "timeout is 1e+09, expected seconds above 0"),
        ({"container": ""}, "no container has the name or id ''; there are: old, web, web-2"),
    ],
)
def test_bad_input_is_a_failed_task_and_nothing_is_run(machine, args, message):
    code, result = machine.module(**args)
    assert code == 1
    assert message in result["msg"]
    assert "Traceback" not in json.dumps(result)
    assert machine.programs == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"argv": ["a", "b\0"]}, r"argv has a word with a null byte \('b\\x00'\), which no program can be given"),
        ({"chdir": "\0"}, "chdir has a word with a null byte"),
        ({"argv": ["\ud800"]}, "argv has a word that is no text .*surrogates"),
    ],
)
def test_words_that_no_program_can_be_given(given, message):
    # Some Pythons refuse such words before the module sees them.
    with pytest.raises(FathomError, match=message):
        entering.read_program({"argv": ["true"], "chdir": None, "timeout": 1, **given})


def test_a_container_that_ended_meanwhile(machine):
    machine.tree.remove("/proc/7/stat")
    assert "container 'web' ended while it was looked at" in machine.module()[1]["msg"]
