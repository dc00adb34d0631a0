# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import os
import time

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines import http
from ansible_collections.fathom.containers.plugins.module_utils.engines.http import Connection
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.tests.unit.examples import examples
from ansible_collections.fathom.containers.tests.unit.fake_engine import CLOSE, HANG, chunked, engine, reply
from hypothesis import given
from hypothesis import strategies as st

DOCUMENT = {"Name": "/caf\u00e9", "Labels": {"a": "{{ b }}"}}


def ask(answer, timeout_seconds=10.0, targets=("/info",)):
    """What ``Connection.get`` gives for each target, and the engine that was asked."""
    with engine(answer) as fake:
        connection = Connection(fake.path, timeout_seconds)
        try:
            return [connection.get(target) for target in targets], fake
        finally:
            connection.close()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([reply(DOCUMENT)], id="whole"),
        pytest.param([chunked(DOCUMENT)], id="chunks"),
        pytest.param([bytes([byte]) for byte in reply(DOCUMENT)], id="byte by byte"),
        pytest.param([bytes([byte]) for byte in chunked(DOCUMENT)], id="chunks byte by byte"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n" + reply(DOCUMENT)], id="after a 100"),
        pytest.param([reply(DOCUMENT).replace(b"Content-Length", b"CONTENT-length")], id="other case"),
        pytest.param([reply(DOCUMENT)[:30], 0.05, reply(DOCUMENT)[30:]], id="in two parts"),
        pytest.param(
            [chunked(DOCUMENT).replace(b"7\r\n", b"7;note=x\r\n").replace(b"0\r\n\r\n", b"0\r\nTrailer: x\r\n\r\n")],
            id="chunks with extensions and trailers",
        ),
    ],
)
def test_an_answer(answer):
    answers, _fake = ask(lambda _target: answer)
    assert answers == [(200, DOCUMENT)]


def test_one_connection_for_the_whole_conversation():
    answers, fake = ask(lambda target: [reply({"target": target})], targets=("/a", "/b", "/c"))
    assert [document["target"] for _status, document in answers] == ["/a", "/b", "/c"]
    assert fake.targets == ["/a", "/b", "/c"]
    assert fake.connections == 1


NUMBERED = [f"/{number}" for number in range(20)]


def echo(target):
    return [reply({"target": target})]


@contextlib.contextmanager
def conversation(answer, expected, at_once=True):
    with engine(answer, at_once) as fake:
        connection = Connection(fake.path, 10.0)
        connection.expect(expected)
        try:
            yield connection, fake
        finally:
            connection.close()


def within_a_second(fact):
    deadline = time.monotonic() + 1
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.01)
    return fact()


def test_what_is_expected_is_asked_ahead_one_at_a_time():
    with conversation(echo, NUMBERED) as (connection, fake):
        assert connection.get("/0") == (200, {"target": "/0"})
        assert within_a_second(lambda: sorted(fake.targets) == NUMBERED[:2])
        time.sleep(0.1)
        assert sorted(fake.targets) == NUMBERED[:2]
        assert [connection.get(target)[1]["target"] for target in NUMBERED[1:]] == NUMBERED[1:]
        assert sorted(fake.targets) == sorted(NUMBERED)
        assert fake.connections == 2


def test_where_one_connection_is_served_at_a_time_nothing_more_is_asked_ahead(monkeypatch):
    monkeypatch.setattr(http, "_PATIENCE_SECONDS", 0.2)
    with conversation(echo, NUMBERED, at_once=False) as (connection, fake):
        assert [connection.get(target)[1]["target"] for target in NUMBERED] == NUMBERED
        assert fake.connections <= 3
        assert all(fake.targets.count(target) == 1 for target in NUMBERED[3:])


def test_a_slow_answer_that_was_not_asked_ahead_is_waited_for(monkeypatch):
    monkeypatch.setattr(http, "_PATIENCE_SECONDS", 0.1)
    with conversation(lambda target: [0.4, *echo(target)], []) as (connection, fake):
        assert [connection.get(target)[1]["target"] for target in ("/a", "/b")] == ["/a", "/b"]
        assert fake.connections == 1


def test_a_slow_answer_to_what_was_asked_ahead_is_asked_for_again(monkeypatch):
    monkeypatch.setattr(http, "_PATIENCE_SECONDS", 0.1)
    with conversation(lambda target: [0.4, *echo(target)], NUMBERED) as (connection, fake):
        assert [connection.get(target)[1]["target"] for target in NUMBERED[:5]] == NUMBERED[:5]
        # What was asked ahead by then is asked again, and nothing after that.
        assert fake.targets.count("/4") == 1


@given(st.lists(st.sampled_from(NUMBERED[:4])), st.lists(st.sampled_from(NUMBERED[:4]), max_size=6))
@examples(0.3)
def test_whatever_is_expected_each_gets_its_own_answer(expected, got):
    with conversation(echo, expected) as (connection, _fake):
        assert [connection.get(target)[1]["target"] for target in got] == got


def test_a_document_is_sent_for_itself_though_something_else_was_expected():
    with conversation(echo, NUMBERED) as (connection, fake):
        connection.get("/0")
        assert connection.post("/update", {"a": 1}) == (200, {"target": "/update"})
        assert connection.get("/1") == (200, {"target": "/1"})
        assert fake.bodies == [{"a": 1}]
        assert fake.targets.count("/update") == 1


@pytest.mark.parametrize("headers", [[], ["Connection: close"]])
def test_an_engine_that_closes_after_each_answer_is_asked_anew_for_what_was_expected(headers):
    with conversation(lambda target: [reply({"target": target}, headers=headers), CLOSE], NUMBERED) as (
        connection,
        _fake,
    ):
        assert [connection.get(target)[1]["target"] for target in NUMBERED] == NUMBERED


def test_what_is_asked_ahead_shares_the_deadline():
    with engine(lambda target: [HANG] if target == "/2" else echo(target)) as fake:
        connection = Connection(fake.path, 0.3)
        connection.expect(NUMBERED)
        assert connection.get("/0") == (200, {"target": "/0"})
        assert connection.get("/1") == (200, {"target": "/1"})
        with pytest.raises(EngineError, match=r"no answer to GET /2 .* within engine_timeout"):
            connection.get("/2")
        connection.close()


def test_chunks_and_lengths_in_one_conversation():
    answers, fake = ask(lambda target: [chunked([1]) if target == "/a" else reply([2])], targets=("/a", "/b", "/a"))
    assert answers == [(200, [1]), (200, [2]), (200, [1])]
    assert fake.connections == 1


def test_an_engine_that_closes_after_each_answer_is_connected_to_anew():
    closing = [reply([1], headers=["Connection: close"]) + b"rubbish", CLOSE]
    answers, fake = ask(lambda _target: closing, targets=("/a", "/b"))
    assert answers == [(200, [1])] * 2
    assert fake.connections == 2


@pytest.mark.parametrize("status", [404, 500])
def test_the_status_is_the_callers_to_judge(status):
    answers, _fake = ask(lambda _target: [reply({"message": "no"}, status)])
    assert answers == [(status, {"message": "no"})]


def test_bytes_that_are_no_utf8_are_carried_as_text():
    answers, _fake = ask(lambda _target: [reply(b'{"Name": "/a\xff"}')])
    assert answers == [(200, {"Name": "/a\ufffd"})]


NONSENSE = [
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not speak HTTP: b'SSH-2.0"),
    (b"\r\n\r\n", "does not speak HTTP"),
    (b"HTTP/2 200\r\n\r\n", "does not speak HTTP"),
    (b"HTTP/1.1 two\r\n\r\n", "does not speak HTTP"),
    (b"HTTP/1.1 " + b"2" * 5000 + b"\r\n\r\n", "does not speak HTTP"),
    (b"x" * 200000, "does not speak HTTP"),
    (b"HTTP/1.1 200 OK\r\n\r\n{}", "did not say in bytes how long its answer is: b''"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", "did not say in bytes how long its answer is: b'-2'"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}", "did not say in bytes"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n{}", "announced an answer of 999999999999 bytes"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "sent a malformed chunk: b'xyz'"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", "answer of -5 bytes"),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 300 + b"\r\n",
        "answer of more than 67108864 bytes",
    ),
    (reply(b""), "answered no JSON: b''"),
    (reply(b"<html>Bad gateway</html>"), "answered no JSON: b'<html>"),
    (reply(b"[" * 100000), "answered no JSON"),
    (reply(b"1" * 5000 + b"x"), "answered no JSON"),
]


@pytest.mark.parametrize(("answer", "message"), NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_an_engine_error(answer, message):
    with pytest.raises(EngineError) as caught:
        ask(lambda _target: [answer, CLOSE])
    assert message in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_connection_closed_without_an_answer():
    with pytest.raises(EngineError, match="closed the connection without an answer"):
        ask(lambda _target: [CLOSE])


@pytest.mark.parametrize("sent", [1, 20, len(reply(DOCUMENT)) - 1])
def test_a_connection_closed_half_way(sent):
    with pytest.raises(EngineError, match="closed the connection in the middle of an answer"):
        ask(lambda _target: [reply(DOCUMENT)[:sent], CLOSE])


def test_a_connection_that_was_let_go_between_two_answers_is_made_anew():
    """Podman's service ends connections that were idle for some seconds."""
    answers, fake = ask(lambda _target: [reply(DOCUMENT), CLOSE], targets=("/a", "/b"))
    assert answers == [(200, DOCUMENT)] * 2
    assert fake.connections == 2


@pytest.mark.parametrize("answer", [[HANG], [reply(DOCUMENT)[:40], HANG], [chunked(DOCUMENT)[:60], HANG]])
def test_an_engine_that_hangs(answer):
    began = time.monotonic()
    with pytest.raises(EngineError, match=r"no answer to GET /info on .* within engine_timeout, 0\.3 seconds"):
        ask(lambda _target: answer, timeout_seconds=0.3)
    assert time.monotonic() - began < 3


def test_an_engine_that_trickles_is_stopped_by_the_deadline_of_the_whole_conversation():
    """Each byte comes well within the time; all of them would take some 15 seconds."""
    trickle = [part for byte in reply(DOCUMENT) for part in (bytes([byte]), 0.1)]
    began = time.monotonic()
    with pytest.raises(EngineError, match="for the whole conversation"):
        ask(lambda _target: trickle, timeout_seconds=0.5)
    assert time.monotonic() - began < 5


def test_answers_that_are_each_in_time_do_not_stretch_the_deadline():
    began = time.monotonic()
    with pytest.raises(EngineError, match="for the whole conversation"):
        ask(lambda _target: [0.3, reply(DOCUMENT)], timeout_seconds=0.5, targets=["/a"] * 50)
    assert time.monotonic() - began < 5


def test_the_deadline_counts_from_the_first_question():
    """Another engine, asked before, may have hung."""
    with engine(lambda _target: [reply(DOCUMENT)]) as fake:
        connection = Connection(fake.path, 0.5)
        time.sleep(0.6)
        assert connection.get("/info") == (200, DOCUMENT)
        connection.close()


def test_no_socket(tmp_path):
    with pytest.raises(EngineError, match=r"docker\.sock: No such file or directory"):
        Connection(f"{tmp_path}/docker.sock", 1).get("/info")


def test_a_socket_that_is_not_for_everybody(monkeypatch):
    def denied(*_words):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Connection, "_ask", denied)
    with pytest.raises(EngineError, match=r"docker.sock: Permission denied; .*become: true"):
        Connection("/run/docker.sock", 1).get("/info")


def test_nobody_listens(tmp_path):
    path = tmp_path / "s"
    path.write_text("")
    with pytest.raises(EngineError, match="Connection refused"):
        Connection(str(path), 1).get("/info")


def test_a_path_that_is_too_long_for_a_socket():
    with pytest.raises(EngineError, match="too long"):
        Connection("/tmp/" + "x" * 200, 1).get("/info")


def test_close_before_and_after_a_conversation():
    connection = Connection("/nowhere", 1)
    connection.close()
    with pytest.raises(EngineError):
        connection.get("/info")
    connection.close()
    connection.close()


@examples(times=0.4)
@given(
    st.binary(max_size=200)
    | st.binary(max_size=200).map(reply)
    | st.binary(max_size=100).map(lambda b: reply({})[:60] + b)
)
def test_whatever_is_sent_is_an_answer_or_an_engine_error(answer):
    try:
        (found,), _fake = ask(lambda _target: [answer, CLOSE])
    except EngineError:
        return
    assert isinstance(found[0], int)


def test_an_engine_of_somebody_else_is_not_asked():
    """A user could link its own socket's name to that of another."""
    with engine(lambda _target: [reply(DOCUMENT)]) as fake:
        assert Connection(fake.path, 5, os.getuid()).get("/a") == (200, DOCUMENT)
        with pytest.raises(EngineError, match=f"is a socket of user {os.getuid()}, expected one of user 12345"):
            Connection(fake.path, 5, 12345).get("/a")
        assert fake.targets == ["/a"]


def tell(answer, document=None, questions=1):
    """What ``Connection.post`` gives for each of as many questions, and the engine that was asked."""
    with engine(answer) as fake:
        connection = Connection(fake.path, 10.0)
        try:
            return [connection.post("/update", document or DOCUMENT) for _time in range(questions)], fake
        finally:
            connection.close()


def test_a_document_is_sent_as_json():
    answers, fake = tell(lambda _target: [reply({"Warnings": None})])
    assert answers == [(200, {"Warnings": None})]
    assert (fake.targets, fake.bodies) == (["/update"], [DOCUMENT])


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", (204, None), id="no content, and no word of its length"),
        pytest.param(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", (204, None), id="no content"),
        pytest.param(reply(b""), (200, None), id="empty"),
        pytest.param(reply(b"d72b9de386d4\n", 201), (201, "d72b9de386d4"), id="no JSON, as Podman's"),
        pytest.param(reply(b"Not Found\n", 404), (404, "Not Found"), id="no JSON, as a router's"),
        pytest.param(reply(b"\xff", 500), (500, "\\xff"), id="no text"),
    ],
)
def test_an_answer_to_a_document_need_be_no_json(answer, told):
    # Twice: the end of the first has to be found.
    answers, fake = tell(lambda _target: [answer], questions=2)
    assert answers == [told, told]
    assert fake.connections == 1


def test_a_document_is_sent_again_where_the_engine_had_let_the_connection_go():
    answers, fake = tell(lambda _target: [reply([1]), CLOSE], questions=2)
    assert answers == [(200, [1]), (200, [1])]
    assert fake.bodies == [DOCUMENT, DOCUMENT]
    assert fake.connections == 2


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_a_document_is_not_sent_again_on_a_fresh_connection_or_after_a_part_of_the_answer(sent):
    with engine(lambda _target: [sent, CLOSE]) as fake:
        connection = Connection(fake.path, 10.0)
        with pytest.raises(EngineError, match="closed the connection"):
            connection.post("/update", DOCUMENT)
        connection.close()
    assert len(fake.bodies) == 1


def test_a_document_that_is_never_answered():
    with engine(lambda _target: [HANG]) as fake:
        connection = Connection(fake.path, 0.3)
        with pytest.raises(EngineError, match=r"no answer to POST /update on .* within engine_timeout, 0.3 seconds"):
            connection.post("/update", DOCUMENT)
        connection.close()
