"""A container engine on this machine: the one that answers, or one from the distribution's packages.

`python -m lab.engine up` and `down` do it by hand. An engine that was running already is used as it is and never
stopped or restarted: `down` ends only what `up` wrote down that it had started.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lab import CHECKOUT, LabError, packages

SOCKET = Path("/var/run/docker.sock")
STATE = CHECKOUT / ".cache" / "engine"
_START_TIMEOUT_SECONDS = 60
_STOP_TIMEOUT_SECONDS = 40


@dataclass(frozen=True)
class Started:
    """How `up` started the engine, so that `down` ends that very one."""

    by: str  # "systemd" or "process"
    pid: int | None = None
    start_ticks: str | None = None  # field 22 of /proc/PID/stat: with it a reused PID is not taken for the engine


def answers(timeout_seconds: float = 5) -> bool:
    """Whether an engine answers a ping on its socket."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.settimeout(timeout_seconds)
    try:
        connection.sock.connect(str(SOCKET))
        connection.request("GET", "/_ping")
        return connection.getresponse().status == http.HTTPStatus.OK
    except PermissionError as error:
        raise LabError(f"{SOCKET}: not allowed for this user; be root, or a member of the socket's group") from error
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def up(state: Path = STATE) -> bool:
    """See to it that an engine answers; True if this call had to start it.

    `state` is the directory that remembers what was started, and holds dockerd's log.
    """
    if answers() or _comes_up_without_us():
        return False
    if shutil.which("dockerd") is None:
        _install()
    state.mkdir(parents=True, exist_ok=True)
    log = state / "dockerd.log"
    # Where packages start their services, the engine is up by now; it is ours to stop all the same.
    started = Started(by="systemd") if answers() or _systemd_runs() else _start_process(log)
    if started.by == "systemd":
        _systemctl("start", "docker.service")
    _remember(state, started)
    _wait_until_ready(started, log)
    return True


def down(state: Path = STATE) -> bool:
    """Stop the engine if `up` started it with this `state`; True if there was one to stop."""
    record = state / "started.json"
    if not record.exists():
        return False
    started = Started(**json.loads(record.read_text(encoding="utf-8")))
    if started.by == "systemd":
        # The socket unit would start the engine again with the next client that comes along.
        _systemctl("stop", "docker.socket", "docker.service")
    elif started.pid is not None and _start_ticks(started.pid) == started.start_ticks:
        os.kill(started.pid, signal.SIGTERM)
        _wait_until_gone(started.pid)
    record.unlink()
    return True


def started_here(state: Path = STATE) -> bool:
    """Whether `up` started an engine with this `state`, and `down` would stop it."""
    return (state / "started.json").exists()


def _install() -> None:
    if not packages.can_install():
        raise LabError(
            f"no container engine answers on {SOCKET}, and none can be installed from here: start Docker, or install it"
            " (Debian, Ubuntu: sudo apt-get install docker.io iptables; Fedora: sudo dnf install moby-engine;"
            " elsewhere see Docker's own instructions), or run this as root on Debian or Ubuntu"
        )
    wanted = ["docker.io", "iptables"]
    # From Debian 13 on the command line client is a package of its own.
    wanted += ["docker-cli"] if packages.known("docker-cli") else []
    # Docker refuses to start containers on a kernel with AppArmor where the parser of its profile is missing.
    wanted += ["apparmor"] if _apparmor_enabled() else []
    packages.install(wanted, "the container engine")


def _apparmor_enabled() -> bool:
    try:
        return Path("/sys/module/apparmor/parameters/enabled").read_text(encoding="ascii").strip() == "Y"
    except OSError:
        return False


def _systemd_runs() -> bool:
    return Path("/run/systemd/system").is_dir()


def _systemctl(*arguments: str) -> None:
    done = subprocess.run(["systemctl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"systemctl {' '.join(arguments)} failed: {done.stderr.strip()}")


def _start_process(log: Path) -> Started:
    if os.geteuid() != 0:
        raise LabError(
            f"no container engine answers on {SOCKET}, and only root can start dockerd: start it, then retry"
        )
    with log.open("w", encoding="utf-8") as output:
        # A session of its own: the engine outlives the terminal, and a Ctrl-C there.
        daemon = subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    return Started(by="process", pid=daemon.pid, start_ticks=_start_ticks(daemon.pid))


def _wait_until_ready(started: Started, log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while not answers():
        if started.pid is not None and _state(started.pid) in (None, "Z"):
            last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
            raise LabError(f"dockerd ended at once; the end of {log}:\n{last}")
        if time.monotonic() > deadline:
            where = log if started.by == "process" else "journalctl -u docker"
            raise LabError(f"the engine was started but does not answer after {_START_TIMEOUT_SECONDS} s: see {where}")
        time.sleep(0.2)


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + _STOP_TIMEOUT_SECONDS
    while _state(pid) not in (None, "Z"):
        if time.monotonic() > deadline:
            raise LabError(f"dockerd, PID {pid}, is still there {_STOP_TIMEOUT_SECONDS} s after it was told to end")
        time.sleep(0.2)


def _remember(state: Path, started: Started) -> None:
    (state / "started.json").write_text(json.dumps(asdict(started)), encoding="utf-8")


def _stat_fields(pid: int) -> list[str] | None:
    """Fields 3 and on of /proc/PID/stat; the second, a name, may hold blanks and parentheses."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _state(pid: int) -> str | None:
    fields = _stat_fields(pid)
    return fields[0] if fields else None


def _start_ticks(pid: int) -> str | None:
    fields = _stat_fields(pid)
    return fields[19] if fields else None


def _comes_up_without_us() -> bool:
    """Wait for a dockerd that somebody else has just started; by the PID file that it keeps beside the socket."""
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while _a_dockerd_runs():
        if answers():
            return True
        if time.monotonic() > deadline:
            raise LabError(f"a dockerd runs but does not answer on {SOCKET}: look at its log, or stop it and try again")
        time.sleep(0.2)
    return False


def _a_dockerd_runs() -> bool:
    try:
        pid = int(SOCKET.with_name("docker.pid").read_text(encoding="ascii"))
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == "dockerd"
    except (OSError, ValueError):
        return False


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.engine", description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("up", "down"))
    try:
        if parser.parse_args(argv).action == "up":
            print("started the container engine" if up() else "a container engine was running already: it is used")
        else:
            print("stopped the container engine" if down() else "no container engine was started from here")
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
