# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes from beginning to end, on a container whose kernel and engine behave as real ones do."""

from __future__ import annotations

import contextlib
import tempfile

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError, Gone
from ansible_collections.fathom.containers.plugins.module_utils.limits import change as module
from ansible_collections.fathom.containers.plugins.module_utils.limits.change import (
    Assignment,
    carry_out,
    find_faults,
    foresee,
)
from ansible_collections.fathom.containers.plugins.module_utils.limits.holders import Limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.plan import Safety, Step
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_headroom
from ansible_collections.fathom.containers.plugins.module_utils.limits.state import read_state
from ansible_collections.fathom.containers.plugins.module_utils.limits.use import Headroom
from ansible_collections.fathom.containers.tests.unit.examples import examples
from ansible_collections.fathom.containers.tests.unit.fake_container import (
    PAGE,
    UNLIMITED,
    WITHOUT_SWAP,
    Kernel,
    Killed,
    Machine,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, V1_UNLIMITED, Tree
from hypothesis import given
from hypothesis import strategies as st

RECLAIM = Safety(read_headroom("10%"), "reclaim", True)
FORCE = RECLAIM._replace(below_usage="force")
REFUSE = RECLAIM._replace(below_usage="refuse")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """This kernel never writes late."""
    monkeypatch.setattr(module, "SETTLING_SECONDS", 0)


@pytest.fixture(params=[1, 2], ids=["v1", "v2"])
def machine(tmp_path, request):
    return Machine(Tree(tmp_path), request.param)


def change(machine, wanted, safety=RECLAIM, keeper="engine"):
    keeper = machine.engine if keeper == "engine" else keeper
    return carry_out(
        machine.host, Assignment(machine.container, wanted, None), safety, keeper, machine.kernel, machine.tell_systemd
    )


def predicted(machine, wanted, safety=RECLAIM):
    state = read_state(machine.host, machine.container._replace(claim=machine.engine.describe(machine.container.id)))
    return foresee(state, Assignment(machine.container, wanted, None), safety, machine.engine)


def test_a_limit_is_set_in_the_kernel_and_noted_by_the_engine(machine):
    outcome = change(machine, Limits(256 * MIB, 0, None))
    assert (outcome.status, outcome.verified, outcome.reason) == ("changed", True, None)
    assert machine.held == (256 * MIB, 0, 0, 256 * MIB, 256 * MIB, 0)


def test_swap_stays_as_it_is_where_only_memory_is_asked_for(machine):
    change(machine, Limits(256 * MIB, 128 * MIB, None))
    change(machine, Limits(512 * MIB, None, None))
    assert machine.held[:2] == (512 * MIB, 128 * MIB)
    assert machine.engine.together == 640 * MIB


def test_raising_past_memory_and_swap_together(machine):
    change(machine, Limits(64 * MIB, 0, None))
    assert change(machine, Limits(512 * MIB, 0, None)).status == "changed"
    assert machine.held[:2] == (512 * MIB, 0)


def test_swap_without_limit_reaches_the_kernel_though_no_engine_sends_it(machine):
    change(machine, Limits(64 * MIB, 0, None))
    assert change(machine, Limits(512 * MIB, UNLIMITED, None)).status == "changed"
    assert machine.held[:2] == (512 * MIB, UNLIMITED)
    assert machine.engine.together == -1


def test_lifting(machine):
    change(machine, Limits(64 * MIB, 0, None))
    assert change(machine, Limits(UNLIMITED, None, None)).status == "changed"
    assert machine.held == (UNLIMITED, UNLIMITED, 0, V1_UNLIMITED, -1, 0)
    assert change(machine, Limits(UNLIMITED, None, None)).status == "unchanged"


def test_a_size_that_is_no_whole_page_is_set_once(machine):
    wanted = Limits(64 * MIB + 25, 4097, None)
    assert change(machine, wanted).status == "changed"
    assert machine.held[:2] == (64 * MIB, PAGE)
    assert change(machine, wanted).status == "unchanged"


def test_caches_are_freed_for_a_lower_limit(machine):
    machine.kernel.anonymous, machine.kernel.cache = 20 * MIB, 400 * MIB
    machine.kernel.show()
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "changed"
    assert machine.kernel.kills == 0
    assert machine.kernel.limit == 128 * MIB
    assert machine.kernel.anonymous == 20 * MIB


def test_below_what_can_not_be_freed_it_is_refused_and_nobody_touched(machine):
    machine.kernel.anonymous = 200 * MIB
    machine.kernel.show()
    before = machine.held
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "refused"
    assert outcome.smallest_bytes == 232 * MIB
    assert "200 MiB of its memory can't be reclaimed" in outcome.reason
    assert machine.held == before
    assert machine.engine.updates == []
    assert machine.kernel.written == []
    assert change(machine, Limits(outcome.smallest_bytes, 0, None)).status == "changed"


def test_the_smallest_limit_is_rounded_to_what_one_types(machine):
    machine.kernel.anonymous = 200 * MIB + 8192
    machine.kernel.show()
    assert change(machine, Limits(128 * MIB, 0, None)).smallest_bytes == 233 * MIB


def test_refuse_reclaims_nothing(machine):
    machine.kernel.cache = 400 * MIB
    machine.kernel.show()
    outcome = change(machine, Limits(128 * MIB, 0, None), REFUSE)
    assert (outcome.status, outcome.smallest_bytes) == ("refused", 440 * MIB)
    assert machine.kernel.cache == 400 * MIB


def test_force_on_v2_sets_it_and_tells_of_the_kill(tmp_path):
    machine = Machine(Tree(tmp_path), 2)
    machine.kernel.anonymous = 200 * MIB
    machine.kernel.show()
    outcome = change(machine, Limits(128 * MIB, 0, None), FORCE)
    assert (machine.kernel.kills, outcome.oom_kills) == (1, 1)
    assert machine.kernel.limit == 128 * MIB
    assert outcome.status == "changed"


def test_force_on_v1_meets_the_kernels_own_refusal_and_is_undone(tmp_path):
    machine = Machine(Tree(tmp_path), 1)
    machine.kernel.anonymous = 200 * MIB
    machine.kernel.show()
    outcome = change(machine, Limits(128 * MIB, 0, None), FORCE)
    assert outcome.status == "failed"
    assert "Device or resource busy" in outcome.reason
    assert machine.held == (UNLIMITED, UNLIMITED, 0, 0, 0, 0)


def test_cache_that_can_not_be_reclaimed_after_all_is_a_refusal(tmp_path):
    """The estimate says what is certain; the kernel may have more that stays."""
    machine = Machine(Tree(tmp_path), 2)
    machine.kernel.cache = 400 * MIB
    machine.kernel.show()
    machine.kernel._evict = lambda _most: None
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "refused"
    assert "400 MiB is in use after what could be reclaimed was" in outcome.reason
    assert machine.held == (UNLIMITED, UNLIMITED, 0, 0, 0, 0)
    assert machine.kernel.kills == 0


def test_without_memory_reclaim_memory_high_is_let_down_and_put_back(tmp_path):
    machine = Machine(Tree(tmp_path), 2, has_reclaim=False)
    machine.kernel.anonymous, machine.kernel.cache = 20 * MIB, 400 * MIB
    machine.kernel.high = 1024 * MIB
    machine.kernel.show()
    files, directory, write, seen = machine.tree.files, machine.kernel._directory, machine.kernel.write, []

    def look(path, text):
        """It is done by a child, whose kernel is a copy of this one: what it did is in the files until this writes."""
        if path.endswith("/memory.max"):
            seen.append([files.number(f"{directory}/memory.{name}") for name in ("high", "current")])
        write(path, text)

    machine.kernel.write = look
    assert change(machine, Limits(128 * MIB, 0, None)).status == "changed"
    assert seen[0] == [1024 * MIB, 96 * MIB]


@pytest.mark.parametrize("holder", ["kernel", "engine"])
def test_drift_is_mended_whoever_strays(machine, holder):
    change(machine, Limits(128 * MIB, 0, None))
    wanted = machine.held
    if holder == "kernel":
        machine.kernel.limit = 512 * MIB
        machine.kernel.show()
    else:
        machine.engine.memory = machine.engine.together = 512 * MIB
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "changed"
    assert machine.held == wanted


def test_a_limit_that_strayed_on_v1_goes_back_without_a_change_of_swap(tmp_path):
    machine = Machine(Tree(tmp_path), 1)
    change(machine, Limits(96 * MIB, 96 * MIB, None))
    wanted = machine.held
    machine.kernel.write(machine.kernel._directory + "/memory.limit_in_bytes", str(160 * MIB))
    assert change(machine, Limits(96 * MIB, None, None)).status == "changed"
    assert machine.held == wanted


def test_swap_that_strayed_is_mended_on_the_way(machine):
    change(machine, Limits(96 * MIB, 32 * MIB, None))
    machine.kernel.swap = 64 * MIB
    machine.kernel.show()
    assert change(machine, Limits(96 * MIB, None, None)).status == "unchanged"
    assert change(machine, Limits(128 * MIB, None, None)).status == "changed"
    assert machine.held[:2] == (128 * MIB, 32 * MIB)
    assert machine.engine.together == 160 * MIB


def test_what_nobody_asked_for_is_left_though_it_drifted(machine):
    change(machine, Limits(128 * MIB, 0, 32 * MIB))
    machine.kernel.reservation = 0
    machine.kernel.show()
    assert change(machine, Limits(128 * MIB, None, None)).status == "unchanged"


def test_reservation_is_set_and_lifted(machine):
    change(machine, Limits(128 * MIB, 0, 64 * MIB))
    assert (machine.kernel.reservation, machine.engine.reservation) == (64 * MIB, 64 * MIB)
    assert change(machine, Limits(None, None, UNLIMITED)).status == "changed"
    assert (machine.kernel.reservation, machine.engine.reservation) == (0, -1)
    assert change(machine, Limits(None, None, 0)).status == "unchanged"


def test_a_reservation_above_the_limit_is_refused(machine):
    change(machine, Limits(256 * MIB, 0, 128 * MIB))
    outcome = change(machine, Limits(64 * MIB, None, None))
    assert outcome.status == "refused"
    assert "reservation of 128 MiB is above the limit of 64 MiB" in outcome.reason


def test_less_than_the_engine_accepts_is_refused(machine):
    outcome = change(machine, Limits(5 * MIB, 0, None), RECLAIM._replace(headroom=Headroom(0.0, 0)))
    assert (outcome.status, outcome.smallest_bytes) == ("refused", 6 * MIB)
    assert machine.held == (UNLIMITED, UNLIMITED, 0, 0, 0, 0)


def test_more_than_the_cgroup_above_allows_is_refused(machine):
    name = "memory.limit_in_bytes" if machine.kernel.version == 1 else "memory.max"
    machine.tree.write(f"{machine.parent}/{name}", 1024 * MIB)
    outcome = change(machine, Limits(2048 * MIB, 0, None))
    assert outcome.status == "refused"
    assert "/docker above it allows 1 GiB" in outcome.reason
    assert change(machine, Limits(1024 * MIB, 0, None)).status == "changed"


def test_swap_alone_can_not_be_limited_with_an_engine_or_on_v1(machine):
    outcome = change(machine, Limits(None, 64 * MIB, None))
    assert outcome.status == "refused"
    assert "give memory as well, or swap: unlimited" in outcome.reason


@pytest.mark.parametrize("version", [1, 2])
def test_where_swap_is_not_accounted_for_memory_is_limited_without_it_and_that_is_told(version, tmp_path):
    machine = Machine(Tree(tmp_path), version, accounts_for_swap=False)
    outcome = change(machine, Limits(64 * MIB, 0, None))
    assert (outcome.status, outcome.verified) == ("changed", True)
    assert machine.held == (64 * MIB, UNLIMITED, 0, 64 * MIB, -1, 0)
    assert outcome.notes == ["this kernel does not account for swap, so memory is limited without swap", WITHOUT_SWAP]
    assert change(machine, Limits(64 * MIB, 0, None)).status == "unchanged"


@pytest.mark.parametrize("state", ["paused", "restarting"])
def test_a_container_that_does_not_run_freely_is_refused(machine, state):
    claim = machine.engine._claim
    machine.engine._claim = lambda declared: claim(declared)._replace(state=state)
    outcome = change(machine, Limits(64 * MIB, 0, None))
    assert outcome.status == "refused"
    assert f"it is {state}" in outcome.reason


def test_an_engine_that_fails_after_it_changed_the_kernel_leaves_the_old_limits(machine):
    change(machine, Limits(256 * MIB, 0, None))
    before = machine.held
    machine.engine.fails = "disk full"
    outcome = change(machine, Limits(128 * MIB, 64 * MIB, None))
    assert outcome.status == "failed"
    assert "disk full" in outcome.reason
    assert machine.held == before


def test_a_raise_is_not_undone_into_a_kill(tmp_path):
    """While the engine failed, the container grew into what it had been given."""
    machine = Machine(Tree(tmp_path), 2)
    change(machine, Limits(64 * MIB, 0, None))
    machine.engine.fails = "disk full"
    update = machine.engine.update

    def grow(claim, settings):
        machine.kernel.anonymous = 150 * MIB
        machine.kernel.show()
        return update(claim, settings)

    machine.engine.update = grow
    outcome = change(machine, Limits(256 * MIB, 0, None))
    assert outcome.status == "failed"
    assert "stays at 256 MiB" in outcome.reason
    assert machine.kernel.kills == 0


def test_a_container_that_is_started_again_meanwhile_gets_its_limits_then(machine):
    update = machine.engine.update

    def restart(claim, wanted):
        machine.engine.update = update
        update(claim, wanted)
        machine.tree.process(4242, machine.tree.files.text("/proc/4242/cgroup") + "\n", start_time=2000)
        machine.kernel.limit = machine.kernel.swap = UNLIMITED
        machine.kernel.show()
        return []

    machine.engine.update = restart
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "changed"
    assert machine.held[:2] == (128 * MIB, 0)


def test_a_container_that_ends_at_its_new_limit_has_failed(machine):
    """Seen as gone before its engine has noticed: what is tried again then finds it stopped."""
    update, describe = machine.engine.update, machine.engine.describe

    def end(claim, wanted):
        update(claim, wanted)
        machine.tree.process(4242, machine.tree.files.text("/proc/4242/cgroup") + "\n", start_time=2000)
        machine.engine.describe = notice
        return []

    def notice(container_id):
        claim = describe(container_id)
        machine.engine.runs = False
        return claim

    machine.engine.update = end
    outcome = change(machine, Limits(128 * MIB, 0, None), FORCE)
    assert outcome.status == "failed"
    assert "has ended meanwhile, whose limit was set below what it used" in outcome.reason
    assert outcome.before.running is not None


def test_a_container_that_ended_is_refused(machine):
    machine.engine.describe = lambda _id: None
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert (outcome.status, outcome.reason) == ("refused", "it ended meanwhile")


def test_a_stopped_container_is_noted_for_its_next_start(machine):
    machine.engine.runs = False
    stopped = machine.container._replace(found=None, claim=machine.engine.describe(machine.container.id))
    outcome = carry_out(
        machine.host,
        Assignment(stopped, Limits(128 * MIB, 0, None), None),
        RECLAIM,
        machine.engine,
        machine.kernel,
        machine.tell_systemd,
    )
    assert outcome.status == "changed"
    assert (machine.engine.memory, machine.engine.together) == (128 * MIB, 128 * MIB)
    assert machine.kernel.written == []


def test_the_kernel_alone_where_no_engine_keeps_it(machine):
    outcome = change(machine, Limits(128 * MIB, 0, None), keeper=None)
    assert outcome.status == "changed"
    assert outcome.plan.persistent is False
    assert machine.held == (128 * MIB, 0, 0, 0, 0, 0)


MEGABYTES = st.integers(6, 600).map(lambda value: value * MIB + value % 7)
LIMIT = st.one_of(st.none(), MEGABYTES, st.just(UNLIMITED))
SWAP = st.one_of(st.none(), st.just(0), MEGABYTES, st.just(UNLIMITED))
WANTED = st.builds(Limits, LIMIT, SWAP, st.one_of(st.none(), st.just(0), st.integers(6, 60).map(lambda v: v * MIB)))
USE = st.tuples(st.integers(0, 300).map(lambda v: v * MIB), st.integers(0, 300).map(lambda v: v * MIB))


def prepared(root, version, first, use):
    """A machine whose container was given ``first`` and then came to use memory within it."""
    machine = Machine(Tree(root), version)
    change(machine, first)
    machine.kernel.anonymous = min(use[0], machine.kernel.limit)
    machine.kernel.cache = min(use[1], machine.kernel.limit - machine.kernel.anonymous)
    machine.kernel.show()
    machine.kernel.written.clear()
    return machine


@examples(times=1.5)
@given(version=st.sampled_from([1, 2]), first=WANTED, second=WANTED, use=USE)
def test_whatever_is_asked_nobody_is_killed_and_the_prediction_holds(version, first, second, use):
    with tempfile.TemporaryDirectory() as root:
        machine = prepared(root, version, first, use)
        before = machine.held
        foreseen = predicted(machine, second)
        assert machine.held == before
        assert machine.kernel.written == []
        outcome = change(machine, second)
        assert machine.kernel.kills == 0
        assert outcome.status in ("changed", "unchanged", "refused")
        assert (foreseen.status, foreseen.reason) == (outcome.status, outcome.reason)
        if outcome.status != "changed":
            assert machine.held == before
            return
        assert foreseen.plan.steps == outcome.plan.steps
        assert (foreseen.after.kernel, foreseen.after.record) == (outcome.after.kernel, outcome.after.record)
        wanted = second.on(PAGE)
        for asked, has in zip(wanted[:2], machine.held[:2]):
            assert asked is None or has == asked
        assert change(machine, second).status == "unchanged"


@examples(times=1.5)
@given(version=st.sampled_from([1, 2]), first=WANTED, second=WANTED, use=USE, at=st.integers(0, 12))
def test_killed_at_any_moment_it_leaves_what_a_second_run_mends(version, first, second, use, at):
    with tempfile.TemporaryDirectory() as root:
        machine = prepared(root, version, first, use)
        foreseen = predicted(machine, second)
        old = machine.held
        write, update, left = machine.kernel.write, machine.engine.update, [at]

        def counted(action):
            def act(*words):
                left[0] -= 1
                if left[0] == 0:
                    raise Killed
                return action(*words)

            return act

        machine.kernel.write, machine.engine.update = counted(write), counted(update)
        with contextlib.suppress(Killed):
            change(machine, second)
        machine.kernel.write, machine.engine.update = write, update
        assert machine.kernel.kills == 0
        if foreseen.status != "changed":
            assert machine.held == old
            return
        for has, was, asked in zip(machine.held[:2], old[:2], foreseen.plan.target[:2]):
            # v1 counts swap with memory: between two writes the rest of the sum counts as swap.
            assert has in (was, asked) or version == 1
        assert change(machine, second).status in ("changed", "unchanged")
        assert machine.held[:2] == foreseen.plan.target[:2]
        assert change(machine, second).status == "unchanged"


def answers(machine, *fails):
    """The engine fails these updates in turn, after it has done them; None for one that it answers."""
    update, left = machine.engine.update, list(fails)

    def act(claim, settings):
        machine.engine.fails = left.pop(0) if left else None
        try:
            return update(claim, settings)
        finally:
            machine.engine.fails = None

    machine.engine.update = act


@pytest.mark.parametrize("wanted", [Limits(UNLIMITED, None, None), Limits(64 * MIB, UNLIMITED, None)])
@pytest.mark.parametrize("first", [Limits(None, None, None), Limits(256 * MIB, 0, None)])
def test_any_change_is_undone_where_the_engine_fails_after_it_was_made(machine, first, wanted):
    change(machine, first)
    before = machine.held
    answers(machine, "disk full")
    outcome = change(machine, wanted)
    assert outcome.status in ("failed", "unchanged")
    assert machine.held[:2] == before[:2]
    assert (machine.engine.memory or V1_UNLIMITED) == (before[3] or V1_UNLIMITED)


def test_an_engine_that_keeps_failing_leaves_the_old_limits_in_the_kernel(machine):
    answers(machine, *["disk full"] * 9)
    outcome = change(machine, Limits(256 * MIB, 0, None))
    assert outcome.status == "failed"
    assert machine.held[:2] == (UNLIMITED, UNLIMITED)
    assert outcome.after.kernel.memory == UNLIMITED


def test_an_engine_that_can_not_be_asked_after_the_change_is_a_change_undone(machine):
    describe, update = machine.engine.describe, machine.engine.update

    def silent(_claim):
        raise EngineError("no answer")

    def act(claim, settings):
        update(claim, settings)
        machine.engine.describe = silent
        return []

    machine.engine.update = act
    outcome = change(machine, Limits(256 * MIB, 0, None))
    machine.engine.describe = describe
    assert outcome.status == "failed"
    assert machine.held[:2] == (UNLIMITED, UNLIMITED)
    assert "can't be asked what it has noted" in outcome.reason


def test_systemds_unit_is_put_back_where_the_engine_ends_after_the_change(tmp_path, monkeypatch):
    """Its runtime had told systemd by then, which would write the new limits again at its next reload."""
    machine = Machine(Tree(tmp_path), 2)
    unit = {"MemoryMax": UNLIMITED, "MemorySwapMax": UNLIMITED}
    before = dict(unit)
    look, describe, update = module.read_state, machine.engine.describe, machine.engine.update

    def seen(host, container):
        limits = Limits(unit["MemoryMax"], unit["MemorySwapMax"], None)
        return look(host, container)._replace(unit="docker-web.scope", unit_limits=limits)

    def act(claim, settings):
        update(claim, settings)
        unit.update(MemoryMax=settings.memory_bytes, MemorySwapMax=settings.memory_swap_bytes - settings.memory_bytes)
        machine.engine.describe = silent
        return []

    def silent(_container_id):
        raise EngineError("no answer")

    monkeypatch.setattr(module, "read_state", seen)
    machine.tell_systemd = lambda _unit, settings: unit.update(settings)
    machine.engine.update = act
    outcome = change(machine, Limits(256 * MIB, 64 * MIB, None))
    machine.engine.describe = describe
    assert outcome.status == "failed"
    assert machine.held[:2] == (UNLIMITED, UNLIMITED)
    assert {name: unit[name] for name in before} == before


def test_a_kill_in_a_change_that_then_fails_is_told(tmp_path):
    machine = Machine(Tree(tmp_path), 2)
    write = machine.kernel.write

    def grow(path, text):
        if path.endswith("memory.max") and text != "max" and not machine.kernel.kills:
            machine.kernel.anonymous = 300 * MIB
        write(path, text)

    machine.kernel.write = grow
    answers(machine, "disk full")
    outcome = change(machine, Limits(256 * MIB, 0, None))
    assert (outcome.status, outcome.oom_kills) == ("failed", 1)


def test_growth_between_plan_and_write_is_seen_before_the_write(tmp_path):
    machine = Machine(Tree(tmp_path), 2)
    write = machine.kernel.write

    def grow(path, text):
        write(path, text)
        if path.endswith("memory.swap.max"):
            machine.kernel.anonymous = 300 * MIB
            machine.kernel.show()

    machine.kernel.write = grow
    outcome = change(machine, Limits(256 * MIB, 0, None))
    assert (outcome.status, machine.kernel.kills) == ("refused", 0)
    assert machine.held[:2] == (UNLIMITED, UNLIMITED)


def test_a_refusal_on_the_way_leaves_swap_as_it_was(tmp_path):
    machine = Machine(Tree(tmp_path), 2)
    change(machine, Limits(256 * MIB, 0, None))
    machine.kernel.cache = 200 * MIB
    machine.kernel.show()
    machine.kernel._evict = lambda _most: None
    before = machine.held
    assert change(machine, Limits(128 * MIB, 64 * MIB, None)).status == "refused"
    assert machine.held == before


def test_a_limit_that_was_raised_goes_back_where_nothing_has_grown(machine):
    change(machine, Limits(64 * MIB, 0, None))
    machine.kernel.anonymous = 40 * MIB
    machine.kernel.show()
    answers(machine, "disk full")
    outcome = change(machine, Limits(256 * MIB, 0, None))
    assert outcome.status == "failed"
    assert machine.held[:2] == (64 * MIB, 0)
    assert machine.kernel.kills == 0


def test_swap_that_can_not_be_read_is_not_swap_that_is_absent(machine):
    name = "memory.memsw.limit_in_bytes" if machine.kernel.version == 1 else "memory.swap.max"
    machine.tree.unreadable(f"{machine.kernel._directory}/{name}")
    machine.kernel.show = lambda: None
    outcome = change(machine, Limits(128 * MIB, None, None))
    assert outcome.status == "refused"
    assert "its present limit of swap can't be read" in outcome.reason
    assert machine.engine.updates == []


def test_a_limit_that_can_not_be_read_is_refused(machine):
    name = "memory.limit_in_bytes" if machine.kernel.version == 1 else "memory.max"
    machine.tree.unreadable(f"{machine.kernel._directory}/{name}")
    outcome = change(machine, Limits(128 * MIB, None, None))
    assert "its present limit of memory can't be read" in outcome.reason
    assert name in outcome.reason


def test_use_that_can_not_be_read_is_refused_but_with_force(machine):
    machine.tree.unreadable(f"{machine.kernel._directory}/memory.stat")
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "refused"
    assert "what it uses can't be read" in outcome.reason
    machine.kernel.show = lambda: None


def test_a_prediction_leaves_out_the_reservation_that_is_not_told(machine):
    change(machine, Limits(256 * MIB, 0, 32 * MIB))
    machine.kernel.reservation = 64 * MIB
    machine.kernel.show()
    foreseen = predicted(machine, Limits(128 * MIB, None, None))
    outcome = change(machine, Limits(128 * MIB, None, None))
    assert foreseen.after.record == outcome.after.record


def test_a_file_that_is_missing_is_not_a_container_that_ended(tmp_path):
    machine = Machine(Tree(tmp_path), 2)
    write = machine.kernel.write

    def missing(path, text):
        if path.endswith("memory.max"):
            raise FileNotFoundError(2, "No such file or directory")
        write(path, text)

    machine.kernel.write = missing
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "failed"
    assert "memory.max: No such file or directory" in outcome.reason
    assert machine.held[:2] == (UNLIMITED, UNLIMITED)


def test_containers_of_kubelet_are_refused(machine):
    path = f"/kubepods/burstable/pod1/{machine.container.id}"
    found = machine.container.found
    found = found._replace(identity=found.identity._replace(path=path))
    machine.tree.process(4242, f"{'4:memory:' if machine.kernel.version == 1 else '0::'}{path}\n")
    machine.container = machine.container._replace(found=found)
    Kernel(machine.tree, machine.parent.replace("/docker", path), machine.kernel.version).show()
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert "belongs to kubelet" in outcome.reason
    assert machine.held[:2] == (UNLIMITED, UNLIMITED)


def test_a_container_without_a_cgroup_of_its_own_is_refused(machine):
    machine.tree.process(4242, f"{'4:memory:' if machine.kernel.version == 1 else '0::'}/docker\n")
    machine.container = machine.container._replace(found=None)
    machine.engine.runs = True
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert "no cgroup of memory of its own" in outcome.reason


def test_a_limit_above_that_can_not_be_read_is_told(machine):
    name = "memory.limit_in_bytes" if machine.kernel.version == 1 else "memory.max"
    machine.tree.unreadable(f"{machine.parent}/{name}")
    outcome = change(machine, Limits(128 * MIB, 0, None))
    assert outcome.status == "changed"
    assert "the limit of /docker above it can't be read and may be lower" in outcome.notes


def test_what_a_killed_run_has_made_of_swap_is_mended_by_one_that_says_swap(tmp_path):
    """Where no engine notes it, nobody else knows what swap was."""
    machine = Machine(Tree(tmp_path), 1)
    alone = RECLAIM._replace(persist=False)
    carry_out(
        machine.host,
        Assignment(machine.container, Limits(128 * MIB, 0, None), None),
        alone,
        None,
        machine.kernel,
        machine.tell_systemd,
    )
    machine.kernel.write(f"{machine.parent}/{machine.container.id}/memory.limit_in_bytes", str(96 * MIB))
    for swap, swap_bytes in ((None, 32 * MIB), (0, 0)):
        wanted = Limits(96 * MIB, swap, None)
        outcome = carry_out(
            machine.host, Assignment(machine.container, wanted, None), alone, None, machine.kernel, machine.tell_systemd
        )
        assert (outcome.status, outcome.after.kernel.swap) == ("changed" if swap == 0 else "unchanged", swap_bytes)


def test_a_limit_above_the_memory_of_the_host_is_told(machine):
    total_bytes = machine.host.meminfo.memory_total_bytes
    outcome = change(machine, Limits(total_bytes + MIB, 0, None))
    assert outcome.status == "changed"
    (note,) = [one for one in outcome.notes if "this host has" in one]
    assert note.endswith("of memory, so a limit above that limits nothing")
    assert not [one for one in change(machine, Limits(total_bytes, 0, None)).notes if "this host has" in one]


STEPS = ("kernel", "engine", "systemd")


@pytest.mark.parametrize("holder", STEPS)
@pytest.mark.parametrize("figure", ["memory", "swap", "reservation"])
def test_what_any_holder_has_otherwise_is_a_fault(tmp_path, holder, figure):
    machine = Machine(Tree(tmp_path), 2)
    wanted = Limits(128 * MIB, 64 * MIB, 32 * MIB)
    outcome = change(machine, wanted)
    plan = outcome.plan._replace(steps=[Step(kind, "", {}) for kind in STEPS])
    before, after = outcome.before, outcome.after._replace(unit_limits=wanted)
    assert find_faults(before, after, plan, False) == []
    key = {"kernel": "kernel", "engine": "record", "systemd": "unit_limits"}[holder]
    strayed = after._replace(**{key: wanted._replace(**{figure: 8 * MIB})})
    (fault,) = find_faults(before, strayed, plan, False)
    assert "8 MiB" in fault
    assert figure in fault
    assert holder in fault


def test_a_kill_is_a_fault_and_so_is_memory_high_left_down(tmp_path):
    machine = Machine(Tree(tmp_path), 2)
    outcome = change(machine, Limits(128 * MIB, 64 * MIB, None))
    before, after, plan = outcome.before, outcome.after, outcome.plan
    killed = after._replace(running=after.running._replace(oom_kills=2))
    assert find_faults(before, killed, plan, True) == []
    (fault,) = find_faults(before, killed, plan, False)
    assert "killed 2" in fault
    throttled = after._replace(running=after.running._replace(high=8 * MIB))
    (fault,) = find_faults(before, throttled, plan, False)
    assert "memory.high was left at 8 MiB" in fault
    restarted = after._replace(running=after.running._replace(identity=(1, 2, 3)))
    with pytest.raises(Gone):
        find_faults(before, restarted, plan, False)
