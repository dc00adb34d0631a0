"""`make demo` and `make demo-clean` on this machine, held against `docker inspect` and the kernel's own files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from demo import LABEL, OF_CONTAINER, OF_IMAGE, STATE, image
from lab import CHECKOUT, engine
from tests.live import kernel

MIB = 1024 * 1024
DEMO = "fathom-demo-"
NAMES = {"ancestor", "cpus-pids", "drifted", "host-network", "limited", "shared-network", "unlimited"}
# Container -> limit in bytes: what the engine declares (0 for none), what the kernel enforces, what counts in the end.
# After the demo has enforced its policy.
LIMITS: dict[str, tuple[int, int, int]] = {
    "unlimited": (64 * MIB, 64 * MIB, 64 * MIB),
    "limited": (64 * MIB, 64 * MIB, 64 * MIB),
    "ancestor": (256 * MIB, 256 * MIB, 128 * MIB),
    "drifted": (96 * MIB, 96 * MIB, 96 * MIB),
    "host-network": (64 * MIB, 64 * MIB, 64 * MIB),
}
# Lines of the tables on the way there: the first audit, the plan and its outcome, the second audit.
STORY = (
    r"fathom-demo-drifted +160 MiB .*memory_bytes: 96 MiB declared, 160 MiB enforced",
    r"fathom-demo-unlimited +unlimited +\S+ GiB +host ",
    r"fathom-demo-drifted +what the engine declares +160 MiB -> 96 MiB .* to be set",
    r"fathom-demo-unlimited +nobody without a limit +unlimited -> 64 MiB +unlimited -> 0 B +to be set",
    r"fathom-demo-drifted +what the engine declares +160 MiB -> 96 MiB .* set",
    r"fathom-demo-drifted +96 MiB +96 MiB +container .* none",
    r"fathom-demo-unlimited +64 MiB +64 MiB +container .* none",
)


@dataclass
class Demo:
    """What two runs of `make demo` left: the engine's view and the report."""

    engine_ran_before: bool
    first: dict[str, str]  # name -> id after the first run
    output: str  # of the second run
    client: docker.DockerClient
    report: dict[str, Any]

    def container(self, name: str) -> Container:
        return self.client.containers.get(DEMO + name)

    def inspect(self, name: str) -> dict[str, Any]:
        return self.container(name).attrs

    def pid(self, name: str) -> int:
        return self.inspect(name)["State"]["Pid"]

    def record(self, name: str) -> dict[str, Any]:
        return next(row for row in self.report["hosts"]["localhost"]["containers"] if row["name"] == DEMO + name)


def make(target: str) -> subprocess.CompletedProcess[str]:
    """Run it as a user would: not as a part of the make that runs these tests."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    return subprocess.run(
        ["make", target],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def ids(client: docker.DockerClient) -> dict[str, str]:
    return {str(one.name): str(one.id) for one in client.containers.list(filters={"label": f"{LABEL}={OF_CONTAINER}"})}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    make("demo-clean")
    ran_before = engine.answers()
    done = make("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    client = docker.DockerClient(base_url=f"unix://{engine.SOCKET}")
    first = ids(client)
    done = make("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((CHECKOUT / "reports" / "audit.json").read_text(encoding="utf-8"))
    yield Demo(ran_before, first, done.stdout, client, report)
    make("demo-clean")
    client.close()


def test_second_run_replaces_what_the_first_one_made(demo: Demo) -> None:
    second = ids(demo.client)
    assert set(second) == set(demo.first) == {DEMO + name for name in NAMES}
    assert not set(second.values()) & set(demo.first.values())


def test_image_has_a_layer_for_each_step_that_changes_files(demo: Demo) -> None:
    steps = [row["CreatedBy"] for row in reversed(demo.client.images.get(image.TAG).history()) if row["CreatedBy"]]
    kinds = [next((word for word in ("ADD", "mkdir", "WORKDIR", "COPY") if word in step), "") for step in steps]
    assert [kind for kind in kinds if kind] == ["ADD", "mkdir", "WORKDIR", "COPY"]
    assert len(demo.client.images.get(image.TAG).attrs["RootFS"]["Layers"]) == 4


def test_page_is_served_on_loopback_alone(demo: Demo) -> None:
    bindings = demo.inspect("unlimited")["NetworkSettings"]["Ports"]["8080/tcp"]
    assert [binding["HostIp"] for binding in bindings] == ["127.0.0.1"]
    with urllib.request.urlopen(f"http://127.0.0.1:{bindings[0]['HostPort']}/", timeout=10) as answer:
        assert "from a container" in answer.read().decode()


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_memory_limits_in_engine_kernel_and_report(demo: Demo, name: str) -> None:
    declared, enforced, effective = LIMITS[name]
    memory = kernel.cgroup(demo.pid(name), "memory")
    assert demo.inspect(name)["HostConfig"]["Memory"] == declared
    assert kernel.memory_limit(memory) == enforced
    counts, source = kernel.effective_memory_limit(memory)
    assert counts == effective

    reported = demo.record(name)
    assert reported["limit_bytes"] == enforced
    assert reported["limit_state"] == "limited"
    assert (reported["effective_limit_bytes"], reported["effective_limit_source"]) == (counts, source)


def test_ancestor_is_the_demos_own_cgroup(demo: Demo) -> None:
    parent = kernel.cgroup(demo.pid("ancestor"), "memory").parent
    assert kernel.memory_limit(parent) == 128 * MIB
    assert demo.record("ancestor")["effective_limit_source"] == parent.path
    assert parent.path in ("/fathom-demo", "/fathomdemo.slice")


def test_the_terminal_tells_the_story(demo: Demo) -> None:
    rest = demo.output
    for line in STORY:
        found = re.search(line, rest)
        assert found, f"{line} is not among:\n{rest}"
        rest = rest[found.end() :]


def test_nothing_is_left_drifted(demo: Demo) -> None:
    assert [demo.record(name)["drift"] for name in NAMES] == [[]] * len(NAMES)


def test_networks(demo: Demo) -> None:
    network = {name: Path(f"/proc/{demo.pid(name)}/ns/net").stat().st_ino for name in NAMES}
    host = Path("/proc/self/ns/net").stat().st_ino
    assert [name for name in sorted(NAMES) if network[name] == host] == ["host-network"]
    assert network["shared-network"] == network["unlimited"]
    assert len(set(network.values())) == len(NAMES) - 1


def test_cpus_and_pids(demo: Demo) -> None:
    pid, declared = demo.pid("cpus-pids"), demo.inspect("cpus-pids")["HostConfig"]
    assert kernel.cgroup(pid, "pids").number("pids.max") == declared["PidsLimit"] == 64
    assert declared["NanoCpus"] == 500_000_000
    cpu = kernel.cgroup(pid, "cpu")
    if cpu.version == 1:
        quota, period = cpu.number("cpu.cfs_quota_us"), cpu.number("cpu.cfs_period_us")
    else:
        quota, period = map(int, cpu.text("cpu.max").split())
    assert quota / period == 0.5


def test_closing_lines_say_where_the_report_is_and_how_to_clean_up(demo: Demo) -> None:
    closing = demo.output.rstrip().splitlines()[-3:]
    report = re.search(r"\S+/reports/audit\.html", closing[0])
    assert report
    assert "fathom-demo-drifted" in Path(report.group()).read_text(encoding="utf-8")
    assert closing[-1].endswith("make demo-clean")


def test_clean_removes_the_demo_and_nothing_else(demo: Demo) -> None:
    client, engine_pid = demo.client, _engine_pid()
    # Of the very parts that the demo's image is made of, so that what is shared has to survive as well.
    neighbour = _image_beside(client)
    beside = client.containers.run(neighbour, ["sleep", "infinity"], labels={"fathom.lab": "demo"}, detach=True)
    try:
        done = make("demo-clean")
        assert done.returncode == 0, done.stdout + done.stderr
        assert ids(client) == {}
        assert not client.images.list(filters={"label": LABEL})
        assert not [path for mount in kernel.mount_points().values() for path in mount.glob("fathom*demo*")]
        beside.reload()
        assert beside.status == "running"
        assert client.images.get(neighbour)
        assert _engine_pid() == engine_pid
        assert STATE.exists() != demo.engine_ran_before
    finally:
        beside.remove(force=True)
        client.images.remove(neighbour)


def test_what_others_made_of_its_image_is_theirs(demo: Demo) -> None:
    assert make("demo").returncode == 0
    client = demo.client
    theirs = client.containers.run(image.TAG, ["sleep", "infinity"], labels={"fathom.lab": "demo"}, detach=True)
    try:
        assert theirs.labels[LABEL] == OF_IMAGE
        for target in ("demo", "demo-clean"):
            done = make(target)
            assert done.returncode == 0, done.stdout + done.stderr
            theirs.reload()
            assert theirs.status == "running"
        assert ids(client) == {}
        assert f"containers that the demo did not make are of it: {image.TAG}" in done.stdout
        # By a name of their own it is theirs, and the demo's name goes.
        client.images.get(image.TAG).tag("fathom-lab/theirs", "demo")
        assert make("demo-clean").returncode == 0
        assert [one.tags for one in client.images.list(filters={"label": LABEL})] == [["fathom-lab/theirs:demo"]]
    finally:
        theirs.remove(force=True)
        client.images.remove("fathom-lab/theirs:demo")
    assert not client.images.list(filters={"label": LABEL})


def test_clean_stops_the_engine_only_if_the_demo_started_it(demo: Demo) -> None:
    assert make("demo-clean").returncode == 0
    assert engine.answers() == demo.engine_ran_before
    assert not STATE.exists()


def test_a_container_of_somebody_else_is_not_replaced(demo: Demo) -> None:
    assert make("demo-clean").returncode == 0
    with_engine = engine.up()
    neighbour = _image_beside(demo.client)
    labels = {"fathom.lab": "demo"}
    theirs = demo.client.containers.create(neighbour, ["sleep", "infinity"], name=DEMO + "limited", labels=labels)
    try:
        refused = make("demo")
        assert refused.returncode != 0
        assert f"a container {DEMO}limited that the demo did not make is there" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert demo.client.containers.get(DEMO + "limited").id == theirs.id
        assert make("demo-clean").returncode == 0
        assert demo.client.containers.get(DEMO + "limited").id == theirs.id
    finally:
        theirs.remove()
        demo.client.images.remove(neighbour)
        if with_engine:
            engine.down()


def _image_beside(client: docker.DockerClient) -> str:
    """An image that the demo did not make; its tag."""
    client.api.import_image_from_data(image.root_file_system(), repository="fathom-lab/beside", tag="demo")
    return "fathom-lab/beside:demo"


def _engine_pid() -> int:
    return int(Path("/var/run/docker.pid").read_text(encoding="ascii"))
