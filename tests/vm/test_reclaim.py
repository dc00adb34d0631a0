"""A kernel before 5.19, which has no memory.reclaim: memory.high does it, and is put back whatever happens."""

from __future__ import annotations

import base64
import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import CHECKOUT
from lab.vm.zoo import MIB
from tests.vm import boxes
from tests.vm.boxes import Box, Look
from tests.vm.host import Vm
from tests.vm.test_memory_limit import UNLIMITED, task

PLACE = "/srv/fathom-lab/reclaim"
KILLED = Path(__file__).with_name("guest") / "killed_reclaim.py"
CACHES = "sh -c 'dd if=/dev/zero of=/f bs=1M count=150 conv=fsync; exec sleep 1000000'"
# An interpreter for which a cgroup's directory has everything but memory.reclaim.
BLIND = r"""#!/bin/sh
exec unshare --mount sh -c '
set -e
mkdir -p /run/fathom-sight
mount --bind "$0" /run/fathom-sight
mount -t tmpfs none "$0"
for file in /run/fathom-sight/memory.* /run/fathom-sight/cgroup.*; do
    name=${file##*/}
    [ $name != memory.reclaim ] || continue
    : >"$0/$name"
    mount --bind "$file" "$0/$name"
done
exec python3 "$@"
' SCOPE "$@"
"""


@pytest.fixture(scope="module")
def caching(vm: Vm) -> Iterator[Box]:
    box = Box("fathom-docker-old-kernel", "docker", "--memory 512m --memory-swap 512m", CACHES)
    boxes.start(vm, [box])
    deadline = time.monotonic() + 60
    while look(vm, box).usage < 150 * MIB:
        assert time.monotonic() < deadline, "the container did not come to use its memory"
        time.sleep(0.5)
    vm.run(f"mkdir -p {PLACE}")
    yield box
    vm.clean()


def look(vm: Vm, box: Box) -> Look:
    return boxes.look(vm, [box])[box.name]


def test_a_module_that_is_killed_leaves_no_throttle(vm: Vm, caching: Box) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(CHECKOUT / "plugins" / "module_utils", "ansible_collections/fathom/containers/plugins/module_utils")
    vm.run(f"base64 --decode | tar -xzC {PLACE}", stdin=base64.b64encode(packed.getvalue()).decode("ascii"))
    before = look(vm, caching)
    script = KILLED.read_text(encoding="utf-8")
    # ssh ends when the child has, which has its output as well.
    command = f"PYTHONPATH={PLACE} python3 - {before.path} {100 * MIB}; echo $?"
    high, status = vm.run(command, stdin=script).splitlines()
    after = look(vm, caching)
    assert (status, before.high) == ("137", UNLIMITED)
    assert int(high) < before.usage
    assert after.high is UNLIMITED
    assert 0 < after.usage <= 100 * MIB
    assert (after.life, after.kills) == (before.life, 0)


def test_the_limit_is_lowered_without_memory_reclaim(vm: Vm, caching: Box) -> None:
    before = look(vm, caching)
    vm.run(f"cat >{PLACE}/python3 && chmod +x {PLACE}/python3", stdin=BLIND.replace("SCOPE", before.path))
    lowered = task([{"containers": [caching.name], "memory": "64MiB"}])
    (result,) = vm.play({**lowered, "vars": {"ansible_python_interpreter": f"{PLACE}/python3"}})
    after = look(vm, caching)
    assert result["changed"] is True, result["msg"]
    assert before.usage > 64 * MIB
    assert after.held == (64 * MIB, 0)
    assert after.high is UNLIMITED
    assert (after.life, after.kills) == (before.life, 0)
