# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.report import store
from hypothesis import given
from hypothesis import strategies as st

HEAD = {
    "collection": "fathom.containers",
    "format": 1,
    "generated_at": "now",
    "run": "now",
    "previous_generated_at": None,
}
LOST = {"run": "now", "audited_at": None, "error": "no route", "previous_audited_at": None, "changes": None}


def written(hosts, head=None):
    lines = io.StringIO(
        "".join(store.line(name, entry, number == len(hosts)) for number, (name, entry) in enumerate(hosts.items(), 1))
    )
    file = io.StringIO()
    store.write(file, head or HEAD, lines)
    return file.getvalue()


def read(text):
    head, hosts = store.read(io.StringIO(text))
    return head, list(hosts)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.text(), json_values.map(lambda value: dict(LOST, x=value)), max_size=4), json_values)
def test_what_is_written_is_json_and_is_read_again(hosts, other):
    head = dict(HEAD, other=other)
    text = written(hosts, head)
    assert text.isascii()
    assert json.loads(text) == dict(head, hosts=hosts)
    assert read(text) == (head, list(hosts.items()))


def test_a_line_for_each_host():
    assert [line[:4] for line in written({"a": LOST, "b": LOST}).splitlines()[2:]] == ['"a":', '"b":', "}}"]


def test_another_layout_is_read_as_well():
    hosts = {"b": dict(LOST, x=1), "a": dict(LOST, x=2)}
    assert read(json.dumps(dict(HEAD, hosts=hosts), indent=2)) == (HEAD, sorted(hosts.items()))


GOOD = written({"a": LOST, "b": LOST})
AUDITED = dict(LOST, audited_at="now", error=None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is no JSON of an audit"),
        ("{", "it is no JSON of an audit"),
        ("[1]", "it is some other JSON"),
        ("{}", "it is some other JSON"),
        (json.dumps(dict(HEAD)), "it is no JSON of an audit"),
        (json.dumps(dict(HEAD, hosts=[])), "it is no JSON of an audit"),
        (json.dumps({key: HEAD[key] for key in HEAD if key != "run"}), "it has no run"),
        (written({"a": 1}), "the host 'a' has no run"),
        (written({"a": {key: LOST[key] for key in LOST if key != "changes"}}), "the host 'a' has no changes"),
        (written({"a": AUDITED}), "the host 'a' has no summary"),
        (json.dumps(dict(HEAD, hosts={"a": AUDITED})), "the host 'a' has no summary"),
        (json.dumps(dict(HEAD, format=2, hosts={})), "its format is 2, and this version reads 1"),
        (GOOD[:-3], "it breaks off in the middle"),
        (GOOD.replace('"changes": null}', '"changes": null', 1), "a line of it is no host"),
    ],
)
def test_what_is_no_audit(text, reason):
    with pytest.raises(store.NoAudit, match=reason):
        read(text)
