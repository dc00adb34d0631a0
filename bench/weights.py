"""What each module of the collection weighs: on the wire, when it is imported, in memory, and what it returns."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench import CACHE, CHECKOUT, environment
from bench.cases import Kit
from bench.containers import PREFIX
from bench.tables import size_of, table, time
from bench.timing import Command, run_once, said_by

# A module of the bench that is nothing but AnsibleModule.
EMPTY = "only_exits"
_COLLECTION = "fathom.containers."
_RUNS = 3
# What each is run with; None: not at all, as it does what it does in one container.
_ARGUMENTS: dict[str, dict[str, Any] | None] = {
    "container_cgroup_facts": {},
    "container_namespace_facts": {},
    "container_image_facts": {},
    "container_audit": {"packs": ["baseline", "cis_docker_1_6"]},
    "container_memory_limit": {"limits": [{"containers": [f"{PREFIX}*"], "swap": "0"}], "_ansible_check_mode": True},
    "container_nsenter": None,
}


@dataclass(frozen=True)
class Weight:
    """Of a module; `beyond` is what AnsibleModule alone has not. None where the module was not run."""

    module: str
    files: int
    zipped_bytes: int
    zipped_bytes_beyond: int
    import_seconds_beyond: float | None = None
    peak_bytes: int | None = None
    json_bytes: int | None = None


def measure(ids: Sequence[str]) -> list[Weight]:
    """On the containers with these ids; the first is AnsibleModule alone."""
    kit = Kit(ids)
    empty = _packed(kit, EMPTY, {})
    weights = [_ran(kit, Weight(EMPTY, empty["files"], empty["zipped_bytes"], 0))]
    for name, arguments in _ARGUMENTS.items():
        engine = {} if arguments is None else {"docker_socket": kit.socket, "engine_timeout": 600}
        packed = _packed(kit, _COLLECTION + name, {**engine, **(arguments or {})})
        beyond = packed["zipped_bytes"] - empty["zipped_bytes"]
        weight = Weight(name, packed["files"], packed["zipped_bytes"], beyond, _import_seconds(kit, name))
        weights.append(weight if arguments is None else _ran(kit, weight))
    return weights


def _packed(kit: Kit, name: str, arguments: dict[str, Any]) -> dict[str, int]:
    command = _payload(kit, name, json.dumps(arguments), _path(name))
    packed: dict[str, int] = json.loads(said_by(command))
    return packed


def _import_seconds(kit: Kit, name: str) -> float:
    command = _payload(kit, "import", _COLLECTION + name, _path(_COLLECTION + name))
    return statistics.median(json.loads(said_by(command))["seconds"] for _run in range(_RUNS))


def _ran(kit: Kit, weight: Weight) -> Weight:
    name = weight.module if weight.module == EMPTY else _COLLECTION + weight.module
    sample = run_once(kit.program(str(environment.VENV / "bin" / "python"), _path(name)))
    return replace(weight, peak_bytes=sample.peak_bytes, json_bytes=len(sample.printed))


def _payload(kit: Kit, *words: str) -> Command:
    python = str(environment.VENV / "bin" / "python")
    variables = {**kit.variables, "ANSIBLE_LIBRARY": str(CHECKOUT / "bench" / "playbooks" / "library")}
    return Command((python, "-m", "bench.payload", *words), CHECKOUT, variables)


def _path(name: str) -> str:
    return str(CACHE / f"payload-{name}.py")


def markdown(weights: Sequence[Weight], containers: int) -> str:
    head = ("module", "files", "zipped", "beyond AnsibleModule", "import beyond it", "peak memory", "JSON")
    rows = [
        (
            "AnsibleModule alone" if one.module == EMPTY else one.module,
            str(one.files),
            size_of(one.zipped_bytes),
            size_of(one.zipped_bytes_beyond) if one.zipped_bytes_beyond else "",
            time(one.import_seconds_beyond) if one.import_seconds_beyond is not None else "",
            size_of(one.peak_bytes) if one.peak_bytes else "",
            size_of(one.json_bytes) if one.json_bytes else "",
        )
        for one in weights
    ]
    return f"### What a module weighs, with {containers} containers on the machine\n\n" + table(head, rows)
