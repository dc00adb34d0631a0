"""`make bench-fleet`: what an audit of many hosts costs over ssh, beside a ping of the same hosts.

The hosts are containers on this machine, each with systemd, sshd, and an engine with containers of its own. They work
on the same processors as the controller, whose CPU time is therefore told apart. The memory of the controller is
measured with another fleet, this machine under many names, as it has a hundred containers at once. Prints the tables,
and writes them to docs/performance.md and bench/fleet.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench import CACHE, CHECKOUT, containers, environment, fleet_tables, machine, report
from bench.terminal import carry_out, say
from bench.timing import Command, Sample, Summary, run_once, summary
from lab import engine, packages
from lab.hosts import Host, Kind, hosts

RESULTS = CHECKOUT / "bench" / "fleet.json"
PAGE = CHECKOUT / "docs" / "performance.md"
PLAYBOOKS = {
    "ping": CHECKOUT / "bench" / "playbooks" / "fleet_ping.yml",
    "tasks": CHECKOUT / "bench" / "playbooks" / "ping_among_tasks.yml",
    "audit": CHECKOUT / "playbooks" / "audit.yml",
}
MITOGEN = "mitogen_linear"
_CALLERS = 4
_START = 'for number in $(seq "$1"); do docker run --detach --network=none --memory=64m "$2" sleep 86400 || exit; done'


@dataclass(frozen=True)
class Setting:
    """`containers`: on each of the hosts. `connection`: ssh, or local for this machine under as many names.

    `strategy`: Ansible's, or one of Mitogen, which brings its own connections.
    """

    hosts: int
    forks: int
    pipelining: bool
    containers: int
    connection: str = "ssh"
    strategy: str = "linear"


@dataclass(frozen=True)
class Outcome:
    """The playbook at a setting; the CPU time is the controller's, the peak is its main process's."""

    playbook: str
    setting: Setting
    seconds: Summary
    cpu_seconds: Summary
    peak_bytes: int


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench-fleet", description=__doc__)
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 20, 50], help="numbers of hosts")
    parser.add_argument("--forks", type=int, nargs="+", default=[5, 20, 50], help="numbers of forks, for most hosts")
    parser.add_argument("--containers", type=int, default=5, help="containers on each host")
    parser.add_argument("--many", type=int, default=100, help="containers on this machine, for the memory")
    parser.add_argument("--runs", type=int, default=2, help="runs of each")
    parser.add_argument("--dry", action="store_true", help="print the tables only, and write no file")
    options = parser.parse_args(argv)
    if min(*options.hosts, *options.forks, options.containers, options.many, options.runs) < 1:
        parser.error("all numbers are whole and above 0")
    return carry_out(lambda: run(options))


def run(options: argparse.Namespace) -> None:
    environment.make()
    if not shutil.which("ssh"):
        packages.install(["openssh-client"], "the fleet's connections")
    started = engine.up()
    try:
        sizes = sorted(set(options.hosts))
        with containers.herd() as herd:
            facts = machine.describe(herd.engine)
            say(f"starting {options.many} containers")
            herd.grow(options.many)
            local = [Setting(size, 5, True, options.many, "local") for size in sizes]
            memory = measure(local, {size: _names(size) for size in sizes}, 1)
        with fleet(sizes[-1], options.containers) as members:
            grown = [Setting(size, 20, True, options.containers) for size in sizes]
            # No more forks are of use than there are hosts.
            forks = sorted({min(number, sizes[-1]) for number in options.forks})
            varied = [
                Setting(sizes[-1], number, pipelining, options.containers)
                for number, pipelining in itertools.product(forks, (True, False))
            ]
            varied.append(Setting(sizes[-1], 20, True, options.containers, strategy=MITOGEN))
            inventories = {size: _inventory(members[:size]) for size in sizes}
            measured = measure(list(dict.fromkeys([*grown, *varied])), inventories, options.runs)
    finally:
        if started:
            engine.down()
    text = fleet_tables.markdown(facts, measured, memory)
    print(text)
    if not options.dry:
        results = {"fleet": [*map(asdict, measured)], "memory": [*map(asdict, memory)]}
        report.write_json(RESULTS, {"machine": facts, **results})
        report.insert(PAGE, "fleet", text)


def measure(settings: Sequence[Setting], inventories: Mapping[int, dict[str, Any]], runs: int) -> list[Outcome]:
    """The playbooks at each setting, in rounds; `inventories` by number of hosts."""
    every = list(itertools.product(PLAYBOOKS, settings))
    samples: dict[tuple[str, Setting], list[Sample]] = {one: [] for one in every}
    for _round, (playbook, setting) in itertools.product(range(runs), every):
        sample = _run(playbook, setting, inventories[setting.hosts])
        samples[playbook, setting].append(sample)
        say(f"  {playbook}, {setting}: {sample.seconds:.1f} s")
    return [
        Outcome(
            *(playbook, setting),
            summary([one.seconds for one in found]),
            summary([one.cpu_seconds for one in found]),
            max(one.peak_bytes for one in found),
        )
        for (playbook, setting), found in samples.items()
    ]


def _run(playbook: str, setting: Setting, inventory: dict[str, Any]) -> Sample:
    # With connections of its own: one that an earlier run has left open would spare this one its share.
    with tempfile.TemporaryDirectory(prefix="fathom-") as scratch:
        path = Path(scratch) / "inventory.json"
        path.write_text(json.dumps(inventory), encoding="utf-8")
        variables = {
            **environment.variables(),
            "ANSIBLE_FORKS": str(setting.forks),
            "ANSIBLE_PIPELINING": str(setting.pipelining),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": scratch,
            "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "bench" / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "controller_peak",
            "FATHOM_BENCH_PEAK": f"{scratch}/peak",
            "ANSIBLE_STRATEGY": setting.strategy,
            "ANSIBLE_STRATEGY_PLUGINS": str(_mitogens_plugins()),
            "ANSIBLE_DEPRECATION_WARNINGS": "False",
            "ANSIBLE_HOST_KEY_CHECKING": "False",  # The hosts have drawn theirs a minute ago.
        }
        report_dir = json.dumps({"audit_report_dir": f"{scratch}/reports", "audit_packs": ["baseline"]})
        program = str(environment.VENV / "bin" / "ansible-playbook")
        argv = (program, f"--inventory={path}", f"--extra-vars={report_dir}", str(PLAYBOOKS[playbook]))
        sample = run_once(Command(argv, CHECKOUT, variables))
        return replace(sample, peak_bytes=1024 * int(Path(variables["FATHOM_BENCH_PEAK"]).read_text(encoding="ascii")))


def _mitogens_plugins() -> Path:
    (found,) = environment.VENV.glob("lib/python*/site-packages/ansible_mitogen/plugins/strategy")
    return found


@contextmanager
def fleet(size: int, each: int) -> Iterator[list[Host]]:
    """So many hosts that take the bench's key, with so many containers on each."""
    say(f"starting {size} hosts with {each} containers on each")
    _make_key()
    with hosts(*[Kind()] * size) as members, ThreadPoolExecutor(_CALLERS) as callers:
        list(callers.map(lambda host: _prepare(host, each), members))
        yield members


def _key() -> Path:
    return CACHE / "ssh" / "key"


def _make_key() -> None:
    if not _key().exists():
        _key().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _key()], check=True)


def _prepare(host: Host, each: int) -> None:
    public = _key().with_suffix(".pub").read_text(encoding="ascii")
    host.run("sh", "-c", "umask 077; mkdir -p /root/.ssh; cat >/root/.ssh/authorized_keys", stdin=public)
    host.run("sh", "-c", _START, "sh", str(each), host.app_image(), timeout_seconds=600)


def _inventory(members: Sequence[Host]) -> dict[str, Any]:
    asked = ["docker", "inspect", "--format", "{{.NetworkSettings.IPAddress}}", *(host.name for host in members)]
    addresses = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    variables = {
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(_key()),
        "ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    found = zip(members, addresses, strict=True)
    return {"all": {"hosts": {host.name: {"ansible_host": address} for host, address in found}, "vars": variables}}


def _names(size: int) -> dict[str, Any]:
    """This machine under so many names."""
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return {"all": {"hosts": {f"name{number:05}": {} for number in range(size)}, "vars": variables}}


if __name__ == "__main__":
    sys.exit(main())
