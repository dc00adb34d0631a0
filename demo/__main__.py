"""`python -m demo` sets the demo up, audits, sets limits and audits again; `python -m demo clean` takes it away."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import docker
from docker.errors import BuildError, DockerException

from demo import ENGINE_STATE, STATE, ancestor, containers, image
from lab import CHECKOUT, LabError, engine, packages

POLICY = Path(__file__).with_name("policy.yml")


def set_up() -> None:
    """Engine, image, containers; everything of an earlier demo makes way first."""
    STATE.mkdir(exist_ok=True)
    started = engine.up(ENGINE_STATE)
    with contextlib.closing(_client()) as client:
        facts = client.info()
        driver = facts["CgroupDriver"]
        whose = (
            "started for the demo" if started or engine.started_here(ENGINE_STATE) else "running already: used as it is"
        )
        _say("engine", f"Docker {facts['ServerVersion']}, cgroup driver {driver}; {whose}")

        parent = ancestor.SLICE if driver == "systemd" else ancestor.CGROUP
        wanted = containers.samples(parent)
        containers.refuse_foreign(client, wanted)
        containers.remove(client)
        layers = image.build(client).attrs["RootFS"]["Layers"]
        _say("image", f"{image.TAG}, {len(layers)} layers, built here")

        ancestor.create(driver, containers.ANCESTOR_LIMIT_BYTES)
        running = {}
        for sample in wanted:
            running[sample.name] = containers.start(client, sample)
            _say("container", f"{sample.name}: {sample.shows}")
        containers.drift(running[containers.DRIFTED], containers.DRIFTED_BYTES)
        _say("page", f"{containers.page_url(running[containers.WEB])} answers")


def show() -> None:
    """Audit, enforce the demo's policy and audit again, as a user would."""
    _run("audit.yml")
    _run("enforce.yml", "--extra-vars", f"@{POLICY}")
    _run("audit.yml")
    print()
    _say("report", f"{CHECKOUT / 'reports' / 'audit.html'}, and audit.json beside it with every figure")
    _say("look", "docker stats, docker inspect: what the engine says of the same containers")
    _say("clean up", "make demo-clean")


def _run(playbook: str, *options: str) -> None:
    program = Path(sys.executable).with_name("ansible-playbook")
    # What was skipped tells nothing here.
    environment = {**os.environ, "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false"}
    command = [str(program), f"playbooks/{playbook}", *options]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False)
    if done.returncode != 0:
        raise LabError(f"{playbook} ended with exit code {done.returncode} (above); the containers are still there")


def clean() -> None:
    """Remove what the demo made; stop the engine if the demo started it and nobody else uses it."""
    if not STATE.exists() and not engine.answers():
        print("there is nothing to remove: no demo was made from this checkout, and no container engine runs")
        return
    # After a restart of the machine the engine may be down with the demo's containers still in it.
    engine.up(ENGINE_STATE)
    with contextlib.closing(_client()) as client:
        _say("containers", ", ".join(containers.remove(client)) or "none left")
        gone, left = image.remove(client)
        _say("image", ", ".join(gone) or "none left")
        if left:
            _say("", f"left, since containers that the demo did not make are of it: {', '.join(left)}")
        others = containers.foreign(client)
    _say("cgroup", "removed" if ancestor.remove() else "none left")
    if engine.started_here(ENGINE_STATE) and others:
        _say(
            "engine", f"left running: {', '.join(others)} would stop with it; make demo-clean again when they are gone"
        )
        return
    _say("engine", "stopped, as the demo had started it" if engine.down(ENGINE_STATE) else "left as it was")
    shutil.rmtree(STATE, ignore_errors=True)
    installed = packages.installed_by_us()
    if installed:
        _say("packages", f"these were installed for this checkout and are left: {' '.join(installed)}")
        _say("", f"to remove them: apt-get purge --autoremove {' '.join(installed)}")


def _client() -> docker.DockerClient:
    # Not from the environment: what is audited is the engine of this machine, whatever DOCKER_HOST says.
    return docker.DockerClient(base_url=f"unix://{engine.SOCKET}")


def _say(topic: str, text: str) -> None:
    print(f"{topic:<10}  {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("action", nargs="?", choices=("up", "clean"), default="up")
    action = parser.parse_args().action
    try:
        if os.geteuid() != 0:
            command = "make demo" if action == "up" else "make demo-clean"
            raise LabError(f"it writes to the kernel's cgroup files, which only root may: sudo {command}")
        if action == "up":
            set_up()
            show()
        else:
            clean()
    except BuildError as error:
        print(f"demo: the image could not be built: {error}", file=sys.stderr)
        return 1
    except (LabError, DockerException, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
