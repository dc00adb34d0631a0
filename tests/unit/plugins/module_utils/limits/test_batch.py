# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run over several containers: who is asked, what stops it, and what it returns."""

from __future__ import annotations

import copy
import os
import signal
import threading

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim, Engine, declare
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError, FathomError
from ansible_collections.fathom.containers.plugins.module_utils.limits import batch as module
from ansible_collections.fathom.containers.plugins.module_utils.limits import change
from ansible_collections.fathom.containers.plugins.module_utils.limits.batch import set_memory_limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_request
from ansible_collections.fathom.containers.tests.unit.fake_container import UNLIMITED, Kernel
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, A, B, C, unified_host

NAMES = {A: "web", B: "db", C: "job"}
POINT = "/sys/fs/cgroup"


class Keeper(Engine):
    """An engine that notes what it is told. ``mute``: it answers nothing; ``fails``: no update after it is noted.

    ``handles``: all that were opened for other threads, each with what it is ``connected`` to by then.
    """

    socket = "/nowhere.sock"
    started_by = "systemctl start it"

    def __init__(self, *ids, name="docker"):
        self.name = name
        self.noted = {one: declare() for one in ids}
        self.described, self.updated, self.handles = [], [], []
        self.mute = self.fails = self.connected = False

    def info(self):
        return None

    def list(self, stopped):  # noqa: ARG002
        if self.mute:
            raise EngineError("no answer")
        return {one: self._claim(one, None) for one in self.noted}

    def claims(self):
        """As the state on disk has them."""
        return {one: self._claim(one, declared) for one, declared in self.noted.items()}

    def expect(self, container_ids, itself):
        pass

    def describe(self, container_id):
        self.connected = True
        self.described.append(container_id)
        return self._claim(container_id, self.noted[container_id]) if container_id in self.noted else None

    def read(self, target, understand):  # noqa: ARG002
        raise AssertionError("not asked by a change of limits")

    def objection(self, settings, memory_version, runs):  # noqa: ARG002
        """Podman is asked for its version here."""
        self.connected = True

    def update(self, claim, settings):
        self.connected = True
        self.updated.append(claim.id)
        memory, together = settings.memory_bytes, settings.memory_swap_bytes
        self.noted[claim.id] = declare(
            memory_bytes=None if memory == UNLIMITED else memory,
            memory_swap_bytes=-1 if together == UNLIMITED else together,
        )
        if self.fails:
            raise EngineError("disk full")
        return []

    def again(self):
        other = copy.copy(self)
        other.connected = False
        self.handles.append(other)
        return other

    def close(self):
        self.connected = False

    def _claim(self, one, declared):
        return Claim(one, NAMES[one], self.name, "app", "running", None, {}, declared)


class Machines:
    """The kernel of a v2 host with several containers; ``before`` is called with (id, file name, text) at a write."""

    def __init__(self, root):
        self.tree = unified_host(root)
        self.kernels = {}
        self.before = lambda *_words: None
        self._by_directory = {}

    def run(self, container_id, path):
        directory, pid = POINT + path, 101 + len(self._by_directory)
        kernel = self.kernels[container_id] = Kernel(self.tree, directory, 2)
        kernel.show()
        self._by_directory[directory] = container_id, kernel
        self.tree.write(directory + "/cgroup.procs", pid)
        self.tree.process(pid, f"0::{path}")
        return kernel

    def write(self, path, text):
        directory, name = os.path.split(path)
        container_id, kernel = self._by_directory[directory]
        self.before(container_id, name, text)
        kernel.write(path, text)

    @property
    def limits(self):
        return {NAMES[one]: kernel.limit for one, kernel in self.kernels.items()}

    @property
    def written(self):
        return [one for kernel in self.kernels.values() for one in kernel.written]


@pytest.fixture
def machines(tmp_path, monkeypatch):
    """With web, db and job."""
    machines = Machines(tmp_path)
    for one in NAMES:
        machines.run(one, f"/docker/{one}")
    monkeypatch.setattr(module, "Writer", lambda _root: machines)
    monkeypatch.setattr(change, "SETTLING_SECONDS", 0)
    return machines


@pytest.fixture
def docker():
    return Keeper(A, B, C)


def run_nothing(command, **_options):
    raise AssertionError(f"nothing is to be run: {command}")


def run(machines, *engines, check_mode=False, limits=None, **options):
    """({name, or the beginning of the id: record}, result, warnings). ``engines``: each an Engine or a Witness."""
    witnesses = [one if isinstance(one, Witness) else Witness(one) for one in engines]
    params = {"headroom": "10%", "below_usage": "reclaim", "persist": True, "on_refused": "fail", "on_missing": "fail"}
    params.update(containers=None, engines=None, parallel=4)
    params["limits"] = limits or [{"engines": ["docker", "podman"], "memory": "128M", "swap": "0"}]
    params.update(options)
    result, warnings = set_memory_limits(witnesses, read_request(params), check_mode, run_nothing, machines.tree.root)
    return {one["name"] or one["id"][:2]: one for one in result["containers"]}, result, warnings


def statuses(records):
    return {name: record["status"] for name, record in records.items()}


def test_all_are_changed_and_nothing_is_left_to_change(machines, docker):
    records, result, warnings = run(machines, docker)
    assert statuses(records) == dict.fromkeys(NAMES.values(), "changed")
    assert machines.limits == dict.fromkeys(NAMES.values(), 128 * MIB)
    assert {one["memory_bytes"] for one in docker.noted.values()} == {128 * MIB}
    assert (result["changed"], "failed" in result, warnings) == (True, False, [])
    assert result["diff"]["after"].count("128 MiB") == 6
    machines.before = docker.update = None
    records, result, _warnings = run(machines, docker)
    assert statuses(records) == dict.fromkeys(NAMES.values(), "unchanged")
    assert result["changed"] is False


def test_check_mode_tells_the_same_and_writes_nothing(machines, docker):
    foreseen, result, _warnings = run(machines, docker, check_mode=True)
    assert (machines.written, docker.updated) == ([], [])
    assert docker.noted == dict.fromkeys(NAMES, declare())
    records, changed, _warnings = run(machines, docker)
    assert result["changed"] is True
    assert result["diff"] == changed["diff"]
    assert statuses(foreseen) == statuses(records)
    assert [one["steps"] for one in foreseen.values()] == [one["steps"] for one in records.values()]


def test_an_entry_that_is_nobodys_is_told_and_a_glob_that_fits_nothing_warns(machines, docker):
    limits = [{"rule": "typo", "containers": ["wbe*"], "memory": "128M"}, {"containers": ["web"], "memory": "128M"}]
    for on_missing, told in (("fail", 1), ("warn", 1), ("ignore", 0)):
        _records, result, warnings = run(machines, docker, limits=limits, on_missing=on_missing)
        assert result["idle"] == [{"index": 0, "rule": "typo", "why": "nothing_fits"}]
        assert [one[:27] for one in warnings] == ["limits[0] has the glob 'wbe"] * told


def test_what_is_refused_fails_the_run_or_is_a_warning(machines, docker):
    machines.kernels[B].anonymous = 200 * MIB
    machines.kernels[B].show()
    records, result, warnings = run(machines, docker)
    assert statuses(records) == {"web": "changed", "db": "refused", "job": "changed"}
    assert (result["failed"], warnings) == (True, [])
    assert result["msg"].startswith("db: 200 MiB of its memory can't be reclaimed")
    _records, result, warnings = run(machines, docker, on_refused="warn")
    assert "failed" not in result
    assert [one[:11] for one in warnings] == ["db: 200 MiB"]


def test_what_failed_fails_the_run_whatever_is_refused(machines, docker):
    docker.fails = True
    _records, result, warnings = run(machines, docker, on_refused="warn")
    assert (result["failed"], warnings) == (True, [])
    for name in NAMES.values():
        assert f"{name}: disk full" in result["msg"]


def test_an_engine_that_does_not_answer_keeps_its_containers_from_a_change(machines, docker):
    docker.mute = True
    for witness in (Witness(docker), Witness(docker, state=docker)):
        records, _result, _warnings = run(machines, witness)
        for record in records.values():
            assert record["status"] == "refused"
            assert "docker has to note its limits and can't be asked: no answer" in record["reason"]
            assert "systemctl start it" in record["reason"]
            assert "persist: false (memory_limits_persist of the role) sets the kernel alone" in record["reason"]
    assert (machines.written, docker.updated) == ([], [])


def test_who_may_not_write_the_kernels_files_is_told_who_may(machines, docker):
    def denied(*_words):
        raise PermissionError(13, "Permission denied")

    machines.before = denied
    records, result, _warnings = run(machines, docker, persist=False)
    assert result["failed"] is True
    for record in records.values():
        assert "Permission denied; only root may set limits (become: true)" in record["reason"]


@pytest.mark.parametrize("match", [{"containers": ["web*"]}, {"labels": {"tier": "web"}}, {"images": ["*"]}])
def test_where_names_are_not_known_nobody_is_passed_over_in_silence(machines, docker, match):
    docker.mute = True
    records, result, _warnings = run(machines, docker, limits=[dict(match, memory="128M")])
    assert len(records) == len(NAMES)
    assert "can't be asked for its name and labels" in result["msg"]
    records, _result, _warnings = run(machines, docker, limits=[dict(match, engines=["podman"], memory="128M")])
    assert records == {}


def test_a_name_that_no_engine_could_be_asked_about_is_told_so(machines, docker):
    docker.mute = True
    with pytest.raises(FathomError, match="Mind that docker could not be asked for names"):
        run(machines, docker, limits=[{"containers": ["web"], "memory": "128M"}])


def test_without_persist_the_kernel_alone_is_set(machines, docker):
    docker.mute = True
    records, _result, _warnings = run(machines, docker, persist=False)
    assert {(one["status"], one["persistent"], len(one["notes"])) for one in records.values()} == {
        ("changed", False, 0)
    }
    assert docker.updated == []
    assert machines.limits["web"] == 128 * MIB


def test_an_engine_is_told_only_of_the_containers_that_it_has(machines):
    docker = Keeper(A)
    records, _result, _warnings = run(machines, docker)
    assert docker.updated == [A]
    assert records["web"]["persistent"] is True
    other = records[B[:2]]
    assert (other["status"], other["persistent"]) == ("changed", False)
    assert other["notes"] == ["no engine that can be asked has it, so its limits last until it is started again"]


def test_an_engine_that_listed_a_container_and_does_not_know_it_any_more_is_not_told(machines, docker):
    docker.describe = lambda _container_id: None
    records, _result, _warnings = run(machines, docker)
    assert {(one["status"], one["persistent"]) for one in records.values()} == {("changed", False)}
    assert docker.updated == []


def test_the_engine_of_the_host_is_not_asked_for_a_nested_container(tmp_path, monkeypatch):
    """Also where it has one of the same id: what runs in a container can name its cgroup as it likes."""
    machines = Machines(tmp_path)
    kernels = [machines.run(one, path) for one, path in ((A, f"/docker/{A}"), (B, f"/docker/{B}"))]
    kernels.append(machines.run(B, f"/docker/{A}/docker/{B}"))
    monkeypatch.setattr(module, "Writer", lambda _root: machines)
    docker = Keeper(A, B)
    records, _result, _warnings = run(machines, docker)
    assert sorted(docker.updated) == [A, B]
    nested = records[B[:2]]
    assert (nested["nested_in"], nested["status"], nested["persistent"]) == (A, "changed", False)
    assert (records["db"]["nested_in"], records["db"]["persistent"]) == (None, True)
    assert [kernel.limit for kernel in kernels] == [128 * MIB] * 3


def test_a_users_engine_speaks_for_the_containers_of_that_user_and_for_no_others(tmp_path, monkeypatch):
    machines = Machines(tmp_path)
    machines.run(A, f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{A}.scope")
    machines.run(B, f"/machine.slice/libpod-{B}.scope")
    monkeypatch.setattr(module, "Writer", lambda _root: machines)
    roots, users = Keeper(A, name="podman"), Keeper(A, B, name="podman")
    records, _result, _warnings = run(machines, roots, Witness(users, uid=1000))
    assert (roots.updated, users.updated) == ([], [A])
    assert records[B[:2]]["persistent"] is False


def grow(machines, unless=()):
    """Each container outgrows its limit at the moment that it is set."""

    def before(one, name, text):
        if name == "memory.max" and text != "max" and one not in unless:
            machines.kernels[one].anonymous = 200 * MIB

    machines.before = before


def test_after_a_kill_nothing_else_is_begun(machines, docker):
    grow(machines)
    records, result, _warnings = run(machines, docker, parallel=1)
    assert sorted(statuses(records).values()) == ["failed", "refused", "refused"]
    (killed,) = [one for one in records.values() if one["status"] == "failed"]
    assert killed["oom_kills"] == 1
    others = [one for one in records.values() if one is not killed]
    assert all(one["reason"].startswith("not tried: the run was stopped before") for one in others)
    assert len(set(machines.limits.values())) == 1
    assert sum(kernel.kills for kernel in machines.kernels.values()) == 1
    assert result["failed"] is True


def test_kills_that_were_reckoned_with_stop_nothing(machines, docker):
    grow(machines)
    records, _result, _warnings = run(machines, docker, parallel=1, below_usage="force")
    assert {(one["status"], one["oom_kills"]) for one in records.values()} == {("changed", 1)}


def test_a_signal_lets_what_was_begun_come_to_its_end_and_begins_nothing(machines, docker, monkeypatch):
    noticed, events, first = module.noticed, [], []

    def listening(event):
        events.append(event)
        return noticed(event)

    def interrupt(one, _name, _text):
        if not first:
            first.append(one)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)
            assert events[0].wait(10)

    # Should nobody notice it, this test fails and does not end the others with it.
    handler = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        monkeypatch.setattr(module, "noticed", listening)
        machines.before = interrupt
        records, result, _warnings = run(machines, docker, parallel=1)
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert sorted(statuses(records).values()) == ["changed", "refused", "refused"]
    (begun,) = first
    assert (machines.kernels[begun].limit, docker.updated) == (128 * MIB, [begun])
    assert (result["changed"], result["failed"]) == (True, True)
    assert "not tried: the run was stopped before" in result["msg"]


def test_a_fault_in_one_container_fails_that_one_and_keeps_the_others(machines, docker):
    def before(one, _name, _text):
        if one == B:
            raise ZeroDivisionError("a mistake of ours")

    machines.before = before
    records, result, _warnings = run(machines, docker)
    assert statuses(records) == {"web": "changed", "db": "failed", "job": "changed"}
    assert records["db"]["reason"] == "ZeroDivisionError: a mistake of ours"
    assert (result["changed"], result["failed"]) == (True, True)


def test_a_failed_change_is_no_change_where_all_of_it_was_undone(machines, docker):
    docker.fails = True
    records, result, _warnings = run(machines, docker)
    assert set(statuses(records).values()) == {"failed"}
    assert machines.limits == dict.fromkeys(NAMES.values(), UNLIMITED)
    assert docker.noted[A]["memory_bytes"] is None
    assert result["changed"] is False


def test_a_failed_change_is_a_change_where_something_of_it_is_left(machines, docker):
    update = docker.update

    def once(claim, settings):
        if claim.id not in docker.updated:
            update(claim, settings)
        raise EngineError("disk full")

    docker.update = once
    records, result, _warnings = run(machines, docker)
    assert set(statuses(records).values()) == {"failed"}
    assert docker.noted[A]["memory_bytes"] == 128 * MIB
    assert result["changed"] is True


@pytest.mark.parametrize("options", [{}, {"check_mode": True}, {"headroom": "200M"}, {"parallel": 1}])
def test_every_connection_that_was_opened_is_closed(machines, docker, options):
    """Also where nothing is changed, as an engine may have been asked for its version by then."""
    if options == {"parallel": 1}:
        grow(machines)
    run(machines, docker, **options)
    assert len(docker.handles) >= len(NAMES)
    assert not any(one.connected for one in docker.handles)


def test_words_that_mean_no_container_fail_the_run_are_warnings_or_nothing(machines, docker):
    limits = [{"containers": ["web", "nobody"], "memory": "128M"}]
    with pytest.raises(FathomError, match=r"names 'nobody'.*Nothing was changed"):
        run(machines, docker, limits=limits)
    assert (machines.written, docker.updated) == ([], [])
    records, _result, warnings = run(machines, docker, limits=limits, on_missing="warn")
    assert (statuses(records), len(warnings)) == ({"web": "changed"}, 1)
    assert "names 'nobody'" in warnings[0]
    _records, _result, warnings = run(machines, docker, limits=limits, on_missing="ignore")
    assert warnings == []


def test_containers_narrows_down_what_is_touched(machines, docker):
    records, _result, _warnings = run(machines, docker, containers=["d*"])
    assert statuses(records) == {"db": "changed"}
    assert machines.limits == {"web": UNLIMITED, "db": 128 * MIB, "job": UNLIMITED}


def test_one_that_ends_before_it_is_looked_at_is_refused(machines, docker):
    describe = docker.describe

    def end(container_id):
        claim = describe(container_id)
        machines.tree.remove("/proc/102/stat")
        docker.describe = describe
        return claim

    docker.describe = end
    records, _result, _warnings = run(machines, docker, on_refused="warn")
    assert (records["db"]["status"], records["db"]["reason"]) == ("refused", "it ended meanwhile")
