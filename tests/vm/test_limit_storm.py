"""Random changes of limits by the module, on containers that carry a load; CONTRIBUTING.md says how to have more."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest

from tests.vm import podman
from tests.vm.host import Vm
from tests.vm.storm import Storm

CHANGES = int(os.environ.get("FATHOM_CHANGES", "32"))
SEED = int(os.environ.get("FATHOM_SEED", str(secrets.randbelow(10**6))))
# The same changes by bare `docker update` on as many containers more, for the table only.
BESIDE = bool(os.environ.get("FATHOM_BESIDE"))


@pytest.fixture
def storm(vm: Vm) -> Iterator[Storm]:
    print(f"FATHOM_SEED={SEED}")
    with podman.services(vm, lasting=True):
        try:
            yield Storm(vm, SEED, beside=BESIDE)
        finally:
            vm.clean()


def test_whatever_is_asked_no_container_is_harmed(storm: Storm) -> None:
    """What holds after each of its changes is asserted by the storm."""
    storm.start()
    try:
        storm.changes(CHANGES)
    finally:
        print(*storm.table(), sep="\n")
    done = storm.tally["module"]
    assert done["changed"] + done["unchanged"] + done["refused"] == CHANGES
    # It was a storm, and most of it was done. What is rarer than these, so few changes may lack.
    assert min(done["raised"], done["lowered"]) > 0
    assert done["changed"] > CHANGES / 2
