"""A second engine beside this machine's own, whose containers have users of their own (dockerd's userns-remap).

It knows its user from files that only it sees, and has a network of its own: without a bridge of its own it would take
away docker0.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

USER = "fathom-remap"
FIRST_ID, IDS = 1_000_000, 65536
_START_TIMEOUT_SECONDS = 60
_FILES = ("passwd", "group", "subuid", "subgid")
_SCRIPT = """
for file in passwd group subuid subgid; do
    test -e /etc/$file || touch /etc/$file
    mount --bind "$1/$file" /etc/$file
done
shift
exec "$@"
"""


@contextmanager
def engine() -> Iterator[tuple[docker.DockerClient, Path]]:
    """A client of it and its socket; it is gone after the block, with all that it had."""
    folder = Path(tempfile.mkdtemp(prefix="fathom-remapped-"))
    # Its containers' root has to get through to what is theirs.
    folder.chmod(0o711)
    _write_users(folder)
    socket = folder / "docker.sock"
    daemon = [
        *("dockerd", f"--host=unix://{socket}", f"--userns-remap={USER}", "--bridge=none", "--iptables=false"),
        *("--ip-forward=false", "--ip-masq=false", f"--data-root={folder}/data", f"--exec-root={folder}/exec"),
        f"--pidfile={folder}/pid",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--net", "sh", "-ec", _SCRIPT, "sh", str(folder), *daemon], stdout=log, stderr=log
        )
    client = docker.DockerClient(base_url=f"unix://{socket}", timeout=60, version="1.41")
    try:
        _wait_for(client, process, folder)
        yield client, socket
    finally:
        try:
            for container in client.containers.list(all=True):
                container.remove(force=True)
        finally:
            client.close()
            process.terminate()
            process.wait(60)
            shutil.rmtree(folder, ignore_errors=True)


def _write_users(folder: Path) -> None:
    for name in _FILES:
        shutil.copy(f"/etc/{name}", folder / name) if Path(f"/etc/{name}").exists() else (folder / name).touch()
    lines = {
        "passwd": f"{USER}:x:{FIRST_ID}:{FIRST_ID}::/nonexistent:/bin/false",
        "group": f"{USER}:x:{FIRST_ID}:",
        "subuid": f"{USER}:{FIRST_ID}:{IDS}",
        "subgid": f"{USER}:{FIRST_ID}:{IDS}",
    }
    for name, line in lines.items():
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _wait_for(client: docker.DockerClient, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while True:
        try:
            client.ping()
        except (docker.errors.DockerException, OSError) as error:
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise AssertionError((folder / "log").read_text(encoding="utf-8")[-3000:]) from error
        return
