"""An engine that runs is used and left alone; only what was started from here is stopped."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import engine


class _Pong(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_ping" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def address_string(self) -> str:
        return "a client"


@pytest.fixture
def socket_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "docker.sock"
    monkeypatch.setattr(engine, "SOCKET", path)
    return path


@pytest.fixture
def running(socket_path: Path) -> Iterator[None]:
    with socketserver.ThreadingUnixStreamServer(str(socket_path), _Pong) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def _record(state: Path, pid: int, start_ticks: str) -> None:
    (state / "started.json").write_text(json.dumps({"by": "process", "pid": pid, "start_ticks": start_ticks}))


def _start_ticks(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


@pytest.mark.usefixtures("running")
def test_an_engine_that_runs_is_used_and_never_ours_to_stop(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert engine.answers()
    assert engine.up(state) is False
    assert not engine.started_here(state)
    assert engine.down(state) is False
    assert engine.answers()


@pytest.mark.usefixtures("socket_path")
def test_no_socket_is_no_engine() -> None:
    assert not engine.answers()


def test_a_socket_that_never_answers_is_no_engine(socket_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(socket_path))
        deaf.listen()
        assert not engine.answers(timeout_seconds=0.1)


def test_down_ends_what_up_started(tmp_path: Path, process: subprocess.Popen[bytes]) -> None:
    _record(tmp_path, process.pid, _start_ticks(process.pid))
    assert engine.down(tmp_path) is True
    assert process.wait(5) < 0
    assert not engine.started_here(tmp_path)


def test_down_spares_a_process_that_has_got_the_same_pid(tmp_path: Path, process: subprocess.Popen[bytes]) -> None:
    _record(tmp_path, process.pid, str(int(_start_ticks(process.pid)) - 1))
    engine.down(tmp_path)
    assert process.poll() is None
    assert not engine.started_here(tmp_path)
