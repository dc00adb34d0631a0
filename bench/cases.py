"""What is run: the floors, ours, and what others do for an answer to the same question, or for the same change."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import CACHE, CHECKOUT, compiler, environment
from bench.containers import PREFIX
from bench.timing import Command

# What finds the containers of this machine.
LISTING = "floor-list"
# What every figure is set against.
FLOOR = "floor-read"
PING = "ping"

_PLAYBOOKS = CHECKOUT / "bench" / "playbooks"
_DEFAULT_SOCKET = "/var/run/docker.sock"
_DOCKER_BENCH = "FATHOM_DOCKER_BENCH"
_PARALLEL = (1, 2, 4, 8, 16)
# Both as other cases do it: another limit each time, and no swap.
_UPDATE = (
    "limit=$((134217728 + $(date +%s%N) / 1000000 % 100000 * 4096));"
    ' exec docker update --memory "$limit" --memory-swap "$limit" "$@"'
)
_HOURS = "takes a module run per container: left out from {} containers on, unless SLOW=1"


@dataclass(frozen=True)
class Case:
    """`most_runs`: fewer rounds than the others have, because it is slow. `left_out`: why it is not run at all."""

    name: str
    title: str
    command: Command
    most_runs: int | None = None
    left_out: str | None = None


class Kit:
    """Makes commands that run in the bench's environment, on the engine and the containers of this round."""

    def __init__(self, ids: Sequence[str], socket: str | None = None) -> None:
        """`socket`: another engine than DOCKER_HOST's, or that on the default socket."""
        self.ids = tuple(ids)
        self.socket = socket or os.environ.get("DOCKER_HOST", _DEFAULT_SOCKET).removeprefix("unix://")
        self.variables = environment.variables()
        self._vars_file = CACHE / "vars.json"
        self._vars_file.write_text(
            json.dumps(
                {
                    "containers": self.ids,
                    "prefix": PREFIX,
                    "docker_socket": self.socket,
                    "audit_report_dir": str(CACHE / "reports"),
                    "audit_packs": ["cis_docker_1_6"],
                    "audit_fail_on": "none",
                }
            ),
            encoding="utf-8",
        )

    def program(self, *argv: str) -> Command:
        return Command(argv, CHECKOUT, self.variables)

    def playbook(self, path: Path) -> Command:
        return self.program(str(environment.VENV / "bin" / "ansible-playbook"), f"-e@{self._vars_file}", str(path))

    def readers(self, part: str) -> Command:
        return self.inside("bench.readers", part, self.socket)

    def limits(self, *words: str) -> Command:
        return self.inside("bench.limits", self.socket, *words)

    def inside(self, module: str, *words: str) -> Command:
        """A module of the bench that prints its own seconds as JSON."""
        python = str(environment.VENV / "bin" / "python")
        variables = {**self.variables, "PYTHONPATH": str(environment.COLLECTIONS)}
        return Command((python, "-m", module, *words), CHECKOUT, variables, timed_inside=True)


def cases(ids: Sequence[str], slow: bool) -> list[Case]:
    """Every case for the containers with these ids; `slow`: those as well that take minutes at this size."""
    kit = Kit(ids)
    return [
        *_floors(kit),
        *_ours(kit),
        *_peers(kit, slow),
        *_namespaces(kit, slow),
        *_audits(kit),
        *_limits(kit, slow),
    ]


def cases_without_engine(ids: Sequence[str]) -> list[Case]:
    """What needs no engine, for containers that none knows."""
    kit = Kit(ids, socket=str(CACHE / "no-engine.sock"))
    slow = 3 if len(ids) > 1000 else None
    cgroup_facts = kit.playbook(_PLAYBOOKS / "cgroup_facts.yml")
    namespace_facts = kit.playbook(_PLAYBOOKS / "namespace_facts.yml")
    return [
        *_floors(kit),
        Case("readers", "our readers in Python, in process", kit.readers("read")),
        Case("namespaces", "namespaces: all of ours, in process", kit.readers("namespaces")),
        Case("cgroup-facts", "**playbook: container_cgroup_facts**", cgroup_facts, most_runs=slow),
        Case("namespace-facts", "**playbook: container_namespace_facts**", namespace_facts, most_runs=slow),
    ]


def _floors(kit: Kit) -> list[Case]:
    floor = str(compiler.program("floor", CHECKOUT / "bench" / "floor.c"))
    return [
        Case(LISTING, "C program: find the containers", kit.program(floor, "list")),
        Case(FLOOR, "C program: read the same files", kit.program(floor, "read")),
        Case(PING, "playbook: ping", kit.playbook(_PLAYBOOKS / "ping.yml")),
        Case("only-exits", "playbook: a module that only exits", kit.playbook(_PLAYBOOKS / "only_exits.yml")),
    ]


def _ours(kit: Kit) -> list[Case]:
    return [
        Case("readers", "our readers in Python, in process", kit.readers("read")),
        Case("engine", "our engine client: list and inspects, in process", kit.readers("engine")),
        Case("gather", "both, joined, in process", kit.readers("gather")),
        Case("cgroup-facts", "**playbook: container_cgroup_facts**", kit.playbook(_PLAYBOOKS / "cgroup_facts.yml")),
    ]


def _peers(kit: Kit, slow: bool) -> list[Case]:
    size = len(kit.ids)
    return [
        Case("docker-inspect", "docker inspect, all at once", kit.program("docker", "inspect", *kit.ids)),
        Case("docker-stats", "docker stats --no-stream", kit.program("docker", "stats", "--no-stream", *kit.ids)),
        Case(
            "docker-host-info",
            "playbook: community.docker.docker_host_info (no limits in it)",
            kit.playbook(_PLAYBOOKS / "docker_host_info.yml"),
        ),
        Case(
            "shell",
            "playbook: docker inspect and cat, one shell",
            kit.playbook(_PLAYBOOKS / "shell.yml"),
            most_runs=2 if size > 200 else None,
        ),
        Case("cadvisor", "cAdvisor's way: one round of its figures, in process", kit.readers("cadvisor")),
        _run_per_container(kit, "shell-loop", "playbook: docker inspect and cat, a loop", "shell_loop", slow),
        _run_per_container(
            kit,
            "docker-container-info",
            "playbook: community.docker.docker_container_info, a loop",
            "docker_container_info",
            slow,
        ),
    ]


def _namespaces(kit: Kit, slow: bool) -> list[Case]:
    each = 'for id in "$@"; do docker exec "$id" /pause hostname || exit; done'
    playbook = kit.playbook(_PLAYBOOKS / "namespace_facts.yml")
    return [
        Case("namespaces", "namespaces: all of ours, in process", kit.readers("namespaces")),
        Case("osquery", "namespaces: osquery's way, in process", kit.readers("osquery")),
        Case("namespace-facts", "**playbook: container_namespace_facts**", playbook),
        Case("lsns", "lsns (no container's name in it)", kit.program("lsns", "--json", "--output-all")),
        Case(
            "docker-exec",
            "docker exec in each container, for its hostname",
            kit.program("sh", "-c", each, "sh", *kit.ids),
            most_runs=1,
            left_out=None if slow or len(kit.ids) <= 200 else _HOURS.format(200),
        ),
    ]


def _audits(kit: Kit) -> list[Case]:
    # The playbook is as users run it, on the default socket; elsewhere it would not see the engine, and be too fast.
    elsewhere = None if kit.socket == _DEFAULT_SOCKET else f"asks {_DEFAULT_SOCKET}, and DOCKER_HOST is another engine"
    checkout = os.environ.get(_DOCKER_BENCH)
    missing = None if checkout else f"its source is not here; {_DOCKER_BENCH}=CHECKOUT says where it is"
    script = ("bash", "docker-bench-security.sh", "-b", "-l", str(CACHE / "docker-bench.log"))
    both = kit.playbook(_PLAYBOOKS / "audit_both_packs.yml")
    return [
        Case("audit-in-process", "audit: both packs, in process", kit.readers("audit")),
        Case("report", "audit: the report of 100 hosts with these containers each, in process", kit.readers("report")),
        Case(
            "ping-among-tasks",
            "playbook: ping among as many tasks as audit.yml has",
            kit.playbook(_PLAYBOOKS / "ping_among_tasks.yml"),
        ),
        Case("container-audit", "**playbook: container_audit, both packs**", both),
        Case(
            "audit",
            "**playbook: audit.yml, with the pack cis_docker_1_6 and the report**",
            kit.playbook(CHECKOUT / "playbooks" / "audit.yml"),
            left_out=elsewhere,
        ),
        Case(
            "docker-bench",
            "docker-bench-security, its checks of containers",
            Command((*script, "-c", "container_runtime"), Path(checkout or "."), kit.variables),
            most_runs=1,
            left_out=missing,
        ),
    ]


def _limits(kit: Kit, slow: bool) -> list[Case]:
    """Each sets limits anew, so that none finds its work done. The first sees to it that no container has swap."""
    again = _PLAYBOOKS / "memory_limit_again.yml"
    return [
        Case("limits-api", "limits: bare API calls, one connection, in process", kit.limits("api")),
        *(
            Case(
                f"limits-{parallel}",
                f"limits: our module, {parallel} at a time, in process",
                kit.limits("module", str(parallel)),
            )
            for parallel in _PARALLEL
        ),
        Case("memory-limit", "**playbook: container_memory_limit**", kit.playbook(_PLAYBOOKS / "memory_limit.yml")),
        Case("memory-limit-again", "**playbook: container_memory_limit, nothing to change**", kit.playbook(again)),
        Case("docker-update", "docker update, all at once", kit.program("sh", "-c", _UPDATE, "sh", *kit.ids)),
        _run_per_container(
            kit,
            "docker-container",
            "playbook: community.docker.docker_container, limits alone, a loop",
            "docker_container",
            slow,
        ),
    ]


def _run_per_container(kit: Kit, name: str, title: str, playbook: str, slow: bool) -> Case:
    size = len(kit.ids)
    return Case(
        name,
        title,
        kit.playbook(_PLAYBOOKS / f"{playbook}.yml"),
        most_runs=1 if size > 50 else 2,
        left_out=None if slow or size <= 200 else _HOURS.format(200),
    )
