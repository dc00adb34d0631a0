# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gc
import os

import pytest
from ansible.module_utils import basic
from hypothesis import HealthCheck, settings

# With each other Python that a host may have, to prove the syntax and the library of that Python, a few examples do,
# the same ones with all: tests/parts/targets.py.
_FEW = "FATHOM_FEW_EXAMPLES" in os.environ

# No deadline, and no complaint of slowness: a loaded machine is no failure. No data base: tests leave nothing behind in
# the checkout. In CI the same examples each time, so that a failure is of what was changed; by hand others each time.
settings.register_profile(
    "unit",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
    max_examples=20 if _FEW else 100,
    derandomize=_FEW or os.environ.get("CI") == "true",
    print_blob=True,
)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def spared_nothing(monkeypatch):
    """A module spares its process what it needs no more; the process of the tests goes on."""
    monkeypatch.setattr(basic, "remove_values", basic.remove_values)
    yield
    gc.enable()


def pytest_collection_finish():
    """ansible-test forks for each test: what was loaded by then stays shared if no collector goes through it."""
    gc.collect()
    gc.freeze()
