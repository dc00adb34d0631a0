"""What the figures were taken on: they mean little without it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import docker

from bench import CHECKOUT


def describe(engine: docker.DockerClient) -> dict[str, Any]:
    """Facts of this machine, its engine and the checkout, in the order in which a reader wants them."""
    info = engine.info()
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": os.uname().release,
        "cgroups": f"v{info.get('CgroupVersion', '1')}, driver {info['CgroupDriver']}",
        "engine": f"Docker {info['ServerVersion']}",
        "ansible-core": version("ansible-core"),
        "python": ".".join(map(str, sys.version_info[:3])),
        "load_before": os.getloadavg()[0],
        "revision": _revision(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _colon, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return os.uname().machine


def _revision() -> str:
    described = subprocess.run(
        ["git", "-C", CHECKOUT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"
