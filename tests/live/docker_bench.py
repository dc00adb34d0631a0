"""What docker-bench-security says of containers: the script itself, or the questions that it asks the engine.

The items are numbered as in version 1.6 of the benchmark. The script's versions before 1.6 have each one lower.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from docker.models.containers import Container

from tests.live.plays import Json

# The directory of a checkout of the script; without it, its questions are asked here.
CHECKOUT = os.environ.get("FATHOM_DOCKER_BENCH")
DEFAULT_CAPABILITIES = {
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"),
    *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
}
SENSITIVE = {"/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"}


def _adds_capabilities(inspected: Json) -> bool:
    added = inspected["HostConfig"]["CapAdd"] or []
    return bool({name.upper().removeprefix("CAP_") for name in added} - DEFAULT_CAPABILITIES)


def _mounts_sensitive(inspected: Json) -> bool:
    """It greps one line: a place of the host or in the container, and a writable mount from there on."""
    mounts = inspected["Mounts"]
    return any(
        SENSITIVE & {mount["Source"], mount["Destination"]} and any(later["RW"] for later in mounts[index:])
        for index, mount in enumerate(mounts)
    )


def _mentions_socket(inspected: Json) -> bool:
    return any("docker.sock" in place for mount in inspected["Mounts"] for place in _places(mount))


def _places(mount: Json) -> tuple[str, str, str]:
    return mount.get("Name", ""), mount["Source"], mount["Destination"]


def _security(inspected: Json) -> str:
    return " ".join(inspected["HostConfig"]["SecurityOpt"] or [])


# By item: the fields of `docker inspect` that it looks at, and whether it warns of them.
QUESTIONS: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "5.2": ("`AppArmorProfile`", lambda one: one["AppArmorProfile"] in ("", "unconfined")),
    "5.3": ("`SecurityOpt`: none at all", lambda one: not _security(one)),
    "5.4": ("`CapAdd`", _adds_capabilities),
    "5.5": ("`Privileged`", lambda one: one["HostConfig"]["Privileged"]),
    "5.6": ("`Mounts`", _mounts_sensitive),
    "5.10": ("`NetworkMode`: `host`", lambda one: one["HostConfig"]["NetworkMode"] == "host"),
    "5.11": ("`Memory`: 0", lambda one: one["HostConfig"]["Memory"] == 0),
    "5.12": ("`CpuShares`: 0", lambda one: one["HostConfig"]["CpuShares"] == 0),
    "5.13": ("`ReadonlyRootfs`", lambda one: not one["HostConfig"]["ReadonlyRootfs"]),
    "5.16": ("`PidMode`: `host`", lambda one: one["HostConfig"]["PidMode"] == "host"),
    "5.17": ("`IpcMode`: `host`", lambda one: one["HostConfig"]["IpcMode"] == "host"),
    "5.20": ("`Mounts`: `shared`", lambda one: any("shared" in mount["Propagation"] for mount in one["Mounts"])),
    "5.21": ("`UTSMode`: `host`", lambda one: one["HostConfig"]["UTSMode"] == "host"),
    "5.22": ("`SecurityOpt`", lambda one: bool(re.search("seccomp[:=]unconfined", _security(one)))),
    "5.25": ("`CgroupParent`", lambda one: one["HostConfig"]["CgroupParent"] != ""),
    "5.26": ("`SecurityOpt`", lambda one: "no-new-privileges" not in _security(one)),
    "5.29": ("`PidsLimit`: none, 0, -1", lambda one: one["HostConfig"]["PidsLimit"] in (None, 0, -1)),
    "5.31": ("`UsernsMode`: `host`", lambda one: "host" in one["HostConfig"]["UsernsMode"].lower()),
    "5.32": ("`Mounts`: `docker.sock`", _mentions_socket),
}


def asked(containers: Iterable[Container]) -> dict[str, set[str]]:
    """The items that these questions warn of, by the containers' names."""
    return {
        str(container.name): {item for item, (_fields, warns) in QUESTIONS.items() if warns(container.attrs)}
        for container in containers
    }


def told(checkout: Path, prefix: str, socket: Path, folder: Path) -> dict[str, set[str]]:
    """What the script warns of, by the names of containers that begin with `prefix`; it writes into `folder`."""
    log = folder / "docker-bench.log"
    command = ["bash", "docker-bench-security.sh", "-b", "-l", str(log), "-c", "container_runtime", "-i", f"^{prefix}"]
    environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}"}
    subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL, check=True)
    results = json.loads(log.with_name(f"{log.name}.json").read_text(encoding="utf-8"))["tests"][0]["results"]
    older = any(row["id"] == "5.1" and "AppArmor" in row["desc"] for row in results)
    # Those that are warned of for what they mount are told as NAME:PATH.
    found: dict[str, set[str]] = {}
    for row in results:
        section, _dot, number = row["id"].partition(".")
        item = f"{section}.{int(number) + older}"
        if item in QUESTIONS:
            for one in row.get("items", []):
                found.setdefault(one.partition(":")[0], set()).add(item)
    return found
