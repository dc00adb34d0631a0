# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import Gone
from ansible_collections.fathom.containers.plugins.module_utils.kernel.writer import Writer

PATH = "/sys/fs/cgroup/web/memory.max"


@pytest.fixture
def place(tmp_path):
    """An empty file where the writer of the fixture's directory has PATH."""
    place = tmp_path / PATH[1:]
    place.parent.mkdir(parents=True)
    place.touch()
    return place


def failing(monkeypatch, number):
    def fail(_descriptor, _data):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", fail)


def test_a_value_is_written_at_once(tmp_path, place, monkeypatch):
    write, sizes = os.write, []
    monkeypatch.setattr(os, "write", lambda descriptor, data: sizes.append(len(data)) or write(descriptor, data))
    Writer(str(tmp_path)).write(PATH, "67108864")
    assert (place.read_bytes(), sizes) == (b"67108864", [8])


def test_a_cgroup_that_ended_while_it_was_written_is_gone(tmp_path, place, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, errno.ENODEV)
        with pytest.raises(Gone):
            Writer(str(tmp_path)).write(PATH, "max")
    assert place.read_bytes() == b""


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EINVAL, errno.EAGAIN])
def test_what_the_kernel_refuses_comes_out_as_it_is(tmp_path, place, monkeypatch, number):
    descriptors = os.listdir("/proc/self/fd")
    with monkeypatch.context() as patch:
        failing(patch, number)
        with pytest.raises(OSError, match=os.strerror(number)) as caught:
            Writer(str(tmp_path)).write(PATH, "max")
    assert caught.value.errno == number
    assert place.read_bytes() == b""
    assert len(os.listdir("/proc/self/fd")) == len(descriptors)


def test_a_directory_that_vanished_is_gone(tmp_path):
    with pytest.raises(Gone):
        Writer(str(tmp_path)).write(PATH, "max")


def test_a_file_that_is_missing_in_a_directory_that_is_there_is_not(tmp_path, place):
    place.unlink()
    with pytest.raises(FileNotFoundError):
        Writer(str(tmp_path)).write(PATH, "max")
    assert not place.exists()


def test_a_link_is_not_followed(tmp_path, place):
    """No kernel file is one, so somebody put it there."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    place.unlink()
    place.symlink_to(elsewhere)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        Writer(str(tmp_path)).write(PATH, "max")
    assert elsewhere.read_text() == "theirs"
