"""The subset io: totals of a container that used a disk, and limits, against the files of the io controller."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import docker
import pytest

from tests.live import kernel
from tests.live.fleet import MIB, Fleet, eventually, pid_of, sleeps
from tests.live.kernel import Cgroup
from tests.live.plays import Json, by_name, gather

# On its volume, since that is on the disk whose number is known. Direct and synced: for what the kernel writes later,
# it counts itself and not the container.
USING = "dd if=/dev/zero of=/v/f bs=1M count=2 conv=fsync; dd if=/v/f of=/dev/null bs=1M iflag=direct; exec sleep 900"
LIMITS = {
    "read_limit_bytes_per_second": 20 * MIB,
    "write_limit_bytes_per_second": 10 * MIB,
    "read_limit_operations_per_second": 300,
    "write_limit_operations_per_second": 200,
}


@pytest.fixture(scope="module")
def disk(client: docker.DockerClient) -> str:
    """The disk that has the engine's volumes, as MAJOR:MINOR; the kernel throttles whole disks, not partitions."""
    number = Path(client.info()["DockerRootDir"]).stat().st_dev
    device = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve()
    whole = device.parent if (device / "partition").exists() else device
    return (whole / "dev").read_text(encoding="ascii").strip()


@pytest.fixture(scope="module")
def io(fleet: Fleet, disk: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cgroup]:
    """The io cgroup of each container, by purpose."""
    node = tmp_path_factory.mktemp("disk") / "node"
    # The engine wants a device node; where this machine keeps its own, if at all, is not for us to know.
    os.mknod(node, stat.S_IFBLK | 0o600, os.makedev(*map(int, disk.split(":"))))
    limited = fleet.run(
        "limited",
        device_read_bps=[{"Path": str(node), "Rate": LIMITS["read_limit_bytes_per_second"]}],
        device_write_bps=[{"Path": str(node), "Rate": LIMITS["write_limit_bytes_per_second"]}],
        device_read_iops=[{"Path": str(node), "Rate": LIMITS["read_limit_operations_per_second"]}],
        device_write_iops=[{"Path": str(node), "Rate": LIMITS["write_limit_operations_per_second"]}],
    )
    # Second: on v1, recent kernels count a disk's traffic only from the first limit on that disk on.
    using = fleet.run("using", ["sh", "-c", USING], volumes=["/v"])
    eventually(lambda: sleeps(pid_of(using)))
    return {"limited": _controller(pid_of(limited)), "using": _controller(pid_of(using))}


@pytest.fixture(scope="module")
def records(fleet: Fleet, io: dict[str, Cgroup]) -> dict[str, Json]:
    assert io
    return by_name(gather(containers=[fleet.glob], gather_subset=["io"]))


def test_totals_are_the_kernels(fleet: Fleet, disk: str, io: dict[str, Cgroup], records: dict[str, Json]) -> None:
    rows = {row["device"]: row for row in records[fleet.name("using")]["io"]}
    totals = _totals(io["using"])
    assert set(rows) == set(totals)
    for device, figures in totals.items():
        assert {figure: rows[device][figure] for figure in figures} == figures
        assert {rows[device][figure] for figure in LIMITS} == {None}
    assert rows[disk]["write_bytes"] >= 2 * MIB
    assert rows[disk]["read_bytes"] >= 2 * MIB
    assert rows[disk]["write_operations"] > 0


def test_limits_are_the_kernels(fleet: Fleet, disk: str, io: dict[str, Cgroup], records: dict[str, Json]) -> None:
    row = next(row for row in records[fleet.name("limited")]["io"] if row["device"] == disk)
    assert {figure: row[figure] for figure in LIMITS} == _limits(io["limited"])[disk] == LIMITS


def test_container_without_traffic_or_limits_has_no_rows(fleet: Fleet) -> None:
    pid = pid_of(fleet.run("idle"))
    record = by_name(gather(containers=[fleet.name("idle")], gather_subset=["io"]))[fleet.name("idle")]
    assert [row["device"] for row in record["io"]] == sorted(_totals(_controller(pid)))


def _controller(pid: int) -> Cgroup:
    blkio = kernel.cgroup(pid, "blkio")
    return blkio if blkio.version == 1 else kernel.cgroup(pid, "io")


def _totals(io: Cgroup) -> dict[str, dict[str, int]]:
    """{device: {read_bytes, write_bytes, read_operations, write_operations}}."""
    totals: dict[str, dict[str, int]] = {}
    if io.version == 1:
        for name, unit in (("io_service_bytes", "bytes"), ("io_serviced", "operations")):
            for line in io.text(f"blkio.throttle.{name}_recursive").splitlines():
                match line.split():
                    case [device, ("Read" | "Write") as direction, value]:
                        totals.setdefault(device, {})[f"{direction.lower()}_{unit}"] = int(value)
        return totals
    for line in io.text("io.stat").splitlines():
        device, *pairs = line.split()
        values = dict(pair.split("=") for pair in pairs)
        keys = {"read_bytes": "rbytes", "write_bytes": "wbytes", "read_operations": "rios", "write_operations": "wios"}
        totals[device] = {figure: int(values[key]) for figure, key in keys.items() if key in values}
    return totals


def _limits(io: Cgroup) -> dict[str, dict[str, int]]:
    """{device: {read_limit_bytes_per_second, ...}}."""
    names = {
        "read_limit_bytes_per_second": ("read_bps", "rbps"),
        "write_limit_bytes_per_second": ("write_bps", "wbps"),
        "read_limit_operations_per_second": ("read_iops", "riops"),
        "write_limit_operations_per_second": ("write_iops", "wiops"),
    }
    limits: dict[str, dict[str, int]] = {}
    for figure, (v1, v2) in names.items():
        if io.version == 1:
            rows = [line.split() for line in io.text(f"blkio.throttle.{v1}_device").splitlines()]
        else:
            lines = (line.split() for line in io.text("io.max").splitlines())
            rows = [
                [line[0], pair.partition("=")[2]] for line in lines for pair in line[1:] if pair.startswith(f"{v2}=")
            ]
        for device, value in rows:
            limits.setdefault(device, {})[figure] = int(value)
    return limits
