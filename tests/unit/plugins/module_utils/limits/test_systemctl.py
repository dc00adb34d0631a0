# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd is told by its own program; a stand-in on PATH shows what it is told, and answers as a real one may."""

from __future__ import annotations

import os

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.limits.systemctl import set_properties
from ansible_collections.fathom.containers.tests.unit.fake_container import UNLIMITED

UNIT = "docker-5f9d3a0c1b2e.scope"


@pytest.fixture
def run_command():
    with patch_module_args({}):
        return AnsibleModule({}).run_command


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


def test_what_it_is_told(systemctl, run_command, tmp_path):
    systemctl('printf "%s\\n" "$@" > told')
    set_properties(run_command, UNIT, {"MemoryMax": 67108864.0, "MemorySwapMax": UNLIMITED, "MemoryLow": 0})
    told = (tmp_path / "told").read_text().splitlines()
    assert told[:4] == ["set-property", "--runtime", "--", UNIT]
    assert told[4:] == ["MemoryMax=67108864", "MemorySwapMax=infinity", "MemoryLow=0"]


def test_what_it_refuses_is_told_with_its_words(systemctl, run_command):
    systemctl('printf "Unit \\377 not found.\\n" >&2; exit 5')
    with pytest.raises(FathomError) as caught:
        set_properties(run_command, UNIT, {"MemoryMax": UNLIMITED})
    for part in (UNIT, "MemoryMax=infinity", "not found."):
        assert part in str(caught.value)


def test_warnings_of_what_it_took_are_no_failure(systemctl, run_command):
    systemctl('echo "Warning: the unit file changed on disk" >&2')
    set_properties(run_command, UNIT, {"MemoryMax": 4096})


def test_a_host_without_it(run_command, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FathomError, match=r"systemd could not be told.*systemctl"):
        set_properties(run_command, UNIT, {"MemoryMax": 4096})
