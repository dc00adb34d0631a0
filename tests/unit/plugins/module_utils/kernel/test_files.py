# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import Gone
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import (
    UNLIMITED,
    Files,
    parse_flat,
    parse_limit,
    parse_nested,
    printable,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


READERS = ["data", "text", "number", "limit", "link"]


def test_what_is_unwanted_counts_as_absent(tree):
    tree.write("/c/cpu.stat", "usage_usec 1")
    tree.write("/c/cpu.weight", "100")
    for files in (Files(tree.files.root, {"cpu.stat"}), Files(tree.files.root, {"cpu.stat"}).again()):
        assert files.flat("/c/cpu.stat") == {}
        assert files.number("/c/cpu.weight") == 100
        assert files.unreadable == []


@pytest.mark.parametrize("reader", READERS)
def test_absent_is_none_and_not_unreadable(tree, reader):
    files = tree.files
    assert getattr(files, reader)("/sys/fs/cgroup/memory.peak") is None
    assert files.unreadable == []


def test_below_a_file_is_absent_too(tree):
    tree.write("/a", "1")
    files = tree.files
    assert files.number("/a/b") is None
    assert files.unreadable == []


@pytest.mark.parametrize("reader", ["data", "text", "number", "limit"])
def test_unreadable_is_none_and_named_with_the_reason(tree, reader):
    tree.unreadable("/memory.max")
    files = tree.files
    assert getattr(files, reader)("/memory.max") is None
    assert files.unreadable == [{"path": "/memory.max", "reason": "Is a directory"}]


@pytest.mark.parametrize("reader", ["flat", "nested"])
def test_keyed_files_are_empty_where_absent_or_unreadable(tree, reader):
    tree.unreadable("/x")
    files = tree.files
    assert getattr(files, reader)("/absent") == {}
    assert files.unreadable == []
    assert getattr(files, reader)("/x") == {}
    assert files.unreadable == [{"path": "/x", "reason": "Is a directory"}]


def test_a_loop_of_links_is_unreadable(tree):
    tree.link("/a", "a")
    files = tree.files
    assert files.data("/a") is None
    assert files.unreadable == [{"path": "/a", "reason": "Too many levels of symbolic links"}]


def test_what_is_no_link_is_unreadable_as_one(tree):
    tree.write("/a", "1")
    files = tree.files
    assert files.link("/a") is None
    assert files.unreadable == [{"path": "/a", "reason": "Invalid argument"}]


@pytest.mark.parametrize(
    ("reader", "content", "expected"),
    [
        ("number", b"max\n", "expected an integer, found 'max\\n'"),
        ("number", b"", "expected an integer, found ''"),
        ("number", b"1 2\n", "expected an integer, found '1 2\\n'"),
        ("limit", b"maximum\n", "expected an integer or 'max', found 'maximum\\n'"),
        ("flat", b"anon\n", "expected lines of 'KEY INTEGER', found 'anon\\n'"),
        ("flat", b"anon many\n", "expected lines of 'KEY INTEGER', found 'anon many\\n'"),
        ("nested", b"8:0 a=1 b\n", "expected lines of 'KEY SUBKEY=VALUE ...', found '8:0 a=1 b\\n'"),
        ("nested", b"rbytes=1\n", "expected lines of 'KEY SUBKEY=VALUE ...', found 'rbytes=1\\n'"),
        ("number", b"\xff\x00", "expected an integer, found '\\\\xff\\x00'"),
        ("number", b"x" * 5000, "expected an integer, found '" + "x" * 80 + "'"),
    ],
)
def test_malformed_is_none_and_named_with_what_was_expected(tree, reader, content, expected):
    tree.write("/f", content)
    files = tree.files
    assert not getattr(files, reader)("/f")
    assert files.unreadable == [{"path": "/f", "reason": expected}]
    json.dumps(files.unreadable)


def test_zero_is_a_value(tree):
    tree.write("/f", "0")
    assert tree.files.number("/f") == 0
    assert tree.files.limit("/f") == 0


def test_a_process_that_ended_is_gone():
    """The kernel answers ESRCH for the memory map of a process that has exited and is not yet waited for."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(Gone):
            Files("/").data(f"/proc/{pid}/smaps_rollup")
    finally:
        os.waitpid(pid, 0)


def test_text_has_no_last_newline_and_bytes_that_are_no_utf8_escaped(tree):
    tree.write("/f", b"caf\xc3\xa9 \xff\n")
    assert tree.files.text("/f") == "caf\u00e9 \\xff"
    assert tree.files.lines("/f") == ["caf\u00e9 \\xff"]


def test_lines_split_at_newlines_only(tree):
    tree.write("/f", b"a\rb\x0bc\x1cd\xc2\x85e\nf\n")
    assert tree.files.lines("/f") == ["a\rb\x0bc\x1cd\x85e", "f"]


def test_lines_of_nothing(tree):
    tree.write("/f", b"")
    assert tree.files.lines("/f") == []
    assert tree.files.lines("/absent") == []


def test_more_than_one_block_is_read_to_its_end(tree):
    content = os.urandom(200001)
    tree.write("/f", content)
    assert tree.files.data("/f") == content


def test_a_pipe_in_a_files_place_does_not_hang(tree):
    os.mkfifo(tree.root + "/f")
    assert tree.files.lines("/f") == []


def test_a_file_without_end_is_unreadable():
    files = Files("/dev")
    assert files.data("/zero") is None
    assert files.unreadable == [{"path": "/zero", "reason": "more than 16777216 bytes"}]


def test_a_link_is_not_followed(tree):
    """A user can put a link to a device where a file of systemd's is looked for: to open one may set it off."""
    tree.link("/f", "/dev/zero")
    files = tree.files
    assert files.data("/f") is None
    assert files.unreadable == [{"path": "/f", "reason": "Too many levels of symbolic links"}]


def test_directories_are_those_of_the_tree_itself(tree):
    tree.directory("/sys/a")
    tree.write("/sys/file", "1")
    tree.link("/sys/link", "a")
    assert tree.files.directories("/sys") == ["a"]
    assert sorted(tree.files.names("/sys")) == ["a", "file", "link"]
    assert tree.files.directories("/absent") == tree.files.names("/absent") == []


def test_a_link_that_points_nowhere_exists(tree):
    tree.link("/proc/self/ns/pid", "pid:[4026531836]")
    assert tree.files.exists("/proc/self/ns/pid")
    assert tree.files.link("/proc/self/ns/pid") == "pid:[4026531836]"
    assert not tree.files.exists("/proc/self/ns/net")


def test_again_shares_the_root_but_not_what_is_unreadable(tree):
    tree.unreadable("/x")
    files = tree.files
    files.data("/x")
    other = files.again()
    assert other.unreadable == []
    assert other.root == files.root


def test_the_root_of_the_file_system():
    assert Files("/").text("/proc/self/comm")
    assert Files("/").root == ""


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"4096\n", 4096),
        (b"0\n", 0),
        (b"max\n", UNLIMITED),
        (b"9223372036854771712\n", UNLIMITED),  # 4 KiB pages
        (b"9223372036854759424\n", UNLIMITED),  # 16 KiB pages
        (b"9223372036854710272\n", UNLIMITED),  # 64 KiB pages
        (b"4611686018427387904\n", UNLIMITED),
        (b"4611686018427383808\n", 4611686018427383808),
        (b"-1\n", -1),
    ],
)
def test_parse_limit(data, value):
    assert parse_limit(data) == value


@given(st.integers(min_value=0, max_value=(1 << 62) - 1))
def test_a_limit_below_2_to_62_stands_for_itself(value):
    assert parse_limit(b"%d\n" % value) == value


@given(st.dictionaries(KEYS, st.integers()))
def test_parse_flat_reads_what_the_kernel_writes(figures):
    written = "".join(f"{key} {value}\n" for key, value in figures.items())
    assert parse_flat(written.encode()) == figures


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, st.text("019.max", min_size=1), max_size=4), max_size=4))
def test_parse_nested_reads_what_the_kernel_writes(figures):
    lines = [" ".join([key, *(f"{subkey}={value}" for subkey, value in row.items())]) for key, row in figures.items()]
    written = "".join(line + " \n" for line in lines)
    assert parse_nested(written.encode()) == figures


def test_devices_that_share_a_line():
    """Linux prints a device without figures and then goes on in the same line; the figures are the last one's."""
    assert parse_nested(b"7:7 7:6 rbytes=28672 wbytes=0\n8:0 rbytes=1\n252:0 ") == {
        "7:7": {},
        "7:6": {"rbytes": "28672", "wbytes": "0"},
        "8:0": {"rbytes": "1"},
        "252:0": {},
    }


@pytest.mark.parametrize("parse", [parse_limit, parse_flat, parse_nested])
@given(data=st.binary() | st.text().map(str.encode))
def test_parsers_give_a_value_or_raise_value_error(parse, data):
    try:
        value = parse(data)
    except ValueError:
        return
    json.dumps(value)


@given(st.binary())
def test_printable_is_carried_by_json(data):
    assert json.loads(json.dumps(printable(data))) == printable(data)
    assert printable(data).encode("utf-8") is not None


@given(st.text())
def test_printable_leaves_text_alone(text):
    assert printable(text.encode("utf-8")) == text
