# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd is told by its own program; a stand-in on PATH shows what it is told, and answers as a real one may."""

from __future__ import annotations

import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.limits import systemctl as module
from ansible_collections.fathom.containers.plugins.module_utils.limits.systemctl import set_properties
from ansible_collections.fathom.containers.tests.unit.fake_container import UNLIMITED

UNIT = "docker-5f9d3a0c1b2e.scope"


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """``systemctl(script)`` puts a shell script in its place."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)

    def install(script):
        program = tmp_path / "systemctl"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return install


def test_what_it_is_told(systemctl, tmp_path):
    systemctl('printf "%s\\n" "$@" > told')
    set_properties(UNIT, {"MemoryMax": 67108864.0, "MemorySwapMax": UNLIMITED, "MemoryLow": 0})
    told = (tmp_path / "told").read_text().splitlines()
    assert told[:4] == ["set-property", "--runtime", "--", UNIT]
    assert told[4:] == ["MemoryMax=67108864", "MemorySwapMax=infinity", "MemoryLow=0"]


def test_what_it_refuses_is_told_with_its_words(systemctl):
    systemctl('printf "Unit \\377 not found.\\n" >&2; exit 5')
    with pytest.raises(FathomError) as caught:
        set_properties(UNIT, {"MemoryMax": UNLIMITED})
    for part in (UNIT, "MemoryMax=infinity", "not found."):
        assert part in str(caught.value)


def test_warnings_of_what_it_took_are_no_failure(systemctl):
    systemctl('echo "Warning: the unit file changed on disk" >&2')
    set_properties(UNIT, {"MemoryMax": 4096})


def test_one_that_never_answers_is_given_up(systemctl, monkeypatch):
    systemctl("exec sleep 60")
    monkeypatch.setattr(module, "_LONGEST_SECONDS", 0.2)
    with pytest.raises(FathomError, match=rf"systemd could not be told of the limits of {UNIT}.*timed out"):
        set_properties(UNIT, {"MemoryMax": 4096})


def test_a_host_without_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FathomError, match=r"systemd could not be told.*systemctl"):
        set_properties(UNIT, {"MemoryMax": 4096})
