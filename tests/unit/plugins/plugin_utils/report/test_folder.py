# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import tempfile

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.plugin_utils.report.folder import make_writable, real_folder


def test_it_is_made(tmp_path):
    make_writable(str(tmp_path / "a" / "b"))
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_it_is_not_made_where_it_is_only_asked(tmp_path):
    make_writable(str(tmp_path / "a" / "b"), dry=True)
    assert list(tmp_path.iterdir()) == []


REFUSED = r"audit_report_dir is .*, where no report can be written: .*; give a directory"


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize("path", ["file", "file/below"])
def test_where_no_directory_can_be(tmp_path, path, dry):
    (tmp_path / "file").write_text("")
    with pytest.raises(FathomError, match=REFUSED):
        make_writable(str(tmp_path / path), dry)


def test_a_name_that_no_file_has():
    with pytest.raises(FathomError, match="which no file can be called"):
        real_folder("a\0b")


@pytest.mark.parametrize("dry", [True, False])
def test_the_directory_of_figures_is_somebody_elses(dry):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        os.mkdir(folder + "/audit.prom", mode=0o555)
        me = os.geteuid()
        # Root may write anywhere.
        os.seteuid(me or 65534)
        try:
            with pytest.raises(FathomError, match=r"no report can be written in .*audit\.prom: Permission denied"):
                make_writable(folder, dry)
        finally:
            os.seteuid(me)


def test_where_the_kernel_lets_nobody_write():
    with pytest.raises(FathomError, match=REFUSED):
        make_writable("/proc/nothing/can/be/made/here")


@pytest.mark.parametrize(("path", "what"), [("", "empty"), (None, "empty"), (["a"], "a list"), (7, "7")])
def test_what_is_no_name(path, what):
    with pytest.raises(FathomError, match=f"audit_report_dir is {what}; give the directory"):
        real_folder(path)


def test_a_path_begins_where_ansible_was_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    assert real_folder("a/../reports") == f"{os.path.realpath(tmp_path)}/reports"
    assert real_folder("~/reports") == "/home/ann/reports"


@pytest.mark.parametrize("name", ["audit.json", "audit.html"])
def test_where_a_directory_has_the_name_of_a_file(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(FathomError, match="is a directory"):
        make_writable(str(tmp_path))


def test_where_a_file_has_the_name_of_the_directory(tmp_path):
    (tmp_path / "audit.prom").write_text("")
    with pytest.raises(FathomError, match="is something else"):
        make_writable(str(tmp_path))
