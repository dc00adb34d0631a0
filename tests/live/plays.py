"""Runs tasks as a user would, with ansible-playbook, and gives their results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab import CHECKOUT

Json = dict[str, Any]
ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
MODULE = "fathom.containers.container_cgroup_facts"
ALL = ["all"]


def play(
    *tasks: Json,
    inventory: Json | None = None,
    prefix: Sequence[str] = (),
    program: Path = ANSIBLE_PLAYBOOK,
    **keywords: Any,
) -> list[Json]:
    """One result per task, of a play with these keywords on this machine, or on the one host of `inventory`.

    `prefix` is a command that runs ansible-playbook, as in `unshare --mount`; `program` is another one than that of
    the checkout's environment. Fails where the play does.
    """
    host = next(iter(inventory["all"]["hosts"])) if inventory else "localhost"
    plays = [{"hosts": host, "gather_facts": False, "tasks": tasks, **keywords}]
    with tempfile.TemporaryDirectory(prefix="fathom-live-") as folder:
        playbook = Path(folder, "play.yml")
        playbook.write_text(json.dumps(plays), encoding="utf-8")
        command = [*prefix, str(program), str(playbook)]
        if inventory:
            hosts = Path(folder, "hosts.yml")
            hosts.write_text(json.dumps(inventory), encoding="utf-8")
            command.append(f"--inventory={hosts}")
        environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ansible-playbook ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return [task["hosts"][host] for task in json.loads(done.stdout)["plays"][0]["tasks"]]


def task(*, ignore_errors: bool = False, **options: Any) -> Json:
    """A task of the module under test with these options."""
    return {MODULE: options, "ignore_errors": ignore_errors}


def cgroups(result: Json) -> Json:
    """The facts {host, containers} in the result of such a task."""
    return result["ansible_facts"]["container_cgroups"]


def gather(**options: Any) -> Json:
    """The facts {host, containers} that the module gives with these options."""
    return cgroups(play(task(**options))[0])


def by_name(facts: Json) -> dict[str, Json]:
    """The records of containers by name; those that only the kernel knows are left out."""
    return {record["name"]: record for record in facts["containers"] if record["name"] is not None}


def by_id(facts: Json) -> dict[str, Json]:
    """The records of containers by id."""
    return {record["id"]: record for record in facts["containers"]}
