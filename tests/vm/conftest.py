"""Fixtures of the tests on the virtual machine: see host.py for what it can do and lab/vm/zoo.py for its containers."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lab.vm.golden import golden
from lab.vm.image import Unavailable
from lab.vm.machine import Machine
from tests.vm.host import Vm


@pytest.fixture(scope="session")
def vm() -> Iterator[Vm]:
    """The machine of this checkout, without containers; one that was started for the tests is stopped after them.

    Where the tests are spread over several processes, each has one of its own, which nobody else uses.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    machine = Machine.named(worker) if worker else Machine()
    with machine.reserved():
        if worker:
            # What a run has left that was killed.
            machine.stop()
        was_running = machine.running()
        host = Vm(machine)
        if was_running:
            host.clean()
        try:
            golden()
        except Unavailable as error:
            # Where a machine is set up for these tests, the virtual one is part of it.
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(str(error))
        try:
            yield host
        finally:
            host.clean()
            if was_running:
                machine.up()


@pytest.fixture
def clean_vm(vm: Vm) -> Iterator[Vm]:
    """The machine, and no container on it after the test."""
    try:
        yield vm
    finally:
        vm.clean()
