# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.fathom.containers.tests.unit import trees
from ansible_collections.fathom.containers.tests.unit.trees import DIRECTORY, FILE, LINK, Entry
from hypothesis import given
from hypothesis import strategies as st

# Names as cgroups may have them: any bytes but NUL and slash.
names = st.binary(min_size=1, max_size=20).filter(
    lambda name: not set(name) & {0, ord("/")} and name not in (b".", b"..")
)
contents = st.one_of(st.binary(), st.text().map(str.encode), st.just(b"max\n"), st.just(b"\\\n|\n#\n\n%41\n"))
modes = st.sampled_from([0o444, 0o644, 0o200, 0o600])
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: os.fsdecode(b"/" + b"/".join(parts)))
entries = st.one_of(
    st.builds(Entry, st.just(FILE), paths, modes, contents),
    st.builds(
        Entry, st.just(LINK), paths, st.just(0o777), contents.filter(lambda content: content and 0 not in content)
    ),
    st.builds(Entry, st.just(DIRECTORY), paths, st.just(0o755), st.just(b"")),
)


@given(st.lists(entries), st.text(), st.booleans())
def test_a_text_holds_its_entries_exactly(packed, comment, nested):
    if nested:
        packed = [Entry(DIRECTORY, "/d", 0o755), *(entry._replace(path="/d" + entry.path) for entry in packed)]
    text = trees.dump(packed, comment.replace("\r", "\n"))
    assert trees.parse(text) == packed
    # It passes through files and editors of text.
    assert trees.parse(text.encode().decode()) == packed


def test_a_directory_comes_back_as_it_was(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    namespaces = before / "proc" / "7" / "ns"
    namespaces.mkdir(parents=True)
    (namespaces / "net").symlink_to("net:[4026531840]")
    scope = before / "sys" / "a\\x2db.scope"
    scope.mkdir(parents=True)
    (scope / "memory.max").write_bytes(b"max\n")
    (scope / "memory.reclaim").write_bytes(b"")
    (scope / "memory.reclaim").chmod(0o200)
    (scope / "raw").write_bytes(b"no newline \xff at the end")
    (before / "sys" / "empty").mkdir()

    text = trees.pack(before, "a host\nof two lines")
    assert text.startswith("# a host\n# of two lines\n")
    assert "|max\n" in text
    assert "dir 0755 /proc/7/ns\nlink 0777 net -> net:[4026531840]\n" in text

    trees.write(trees.parse(text), after)
    assert trees.read(after) == trees.read(before)
    assert (after / "sys" / "empty").is_dir()


def test_a_fixture_is_unpacked_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "small.tree").write_text("# small\nfile 0444 /proc/swaps\n|Filename\n", encoding="utf-8")
    monkeypatch.setattr(trees, "FIXTURES", tmp_path)
    root = trees.unpack("small", tmp_path / "root")
    assert Path(root, "proc/swaps").read_text(encoding="utf-8") == "Filename\n"


@pytest.mark.parametrize(
    "text",
    [
        "|content of nothing\n",
        "dir 0755 /a\n|a directory has none\n",
        "file 0644\n",
        "file rw-r--r-- /a\n",
        "link 0777 /a\n",
        "socket 0777 /a\n",
    ],
)
def test_a_line_that_means_nothing_is_named(text):
    with pytest.raises(ValueError, match=r"^line [12]: "):
        trees.parse(text)
