# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim, Engine, EngineInfo
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.tests.unit.fake_engine import CLOSE, docker, engine, inspected, reply
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B


def claim(container_id, **fields):
    return Claim(container_id, "web", "docker", None, "running", None, {}, None)._replace(**fields)


class Scripted(Engine):
    """Gives the next of ``answers`` to each question, raises those that are errors."""

    name = "docker"
    socket = "/nowhere"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.closed = False

    def info(self):
        return self._next()

    def list(self, stopped):  # noqa: ARG002
        return self._next()

    def expect(self, container_ids, itself):
        self.expected = (container_ids, itself)

    def describe(self, container_id):  # noqa: ARG002
        return self._next()

    def read(self, target, understand):  # noqa: ARG002
        return self._next()

    def objection(self, settings, memory_version, runs):  # noqa: ARG002
        raise AssertionError("a witness changes nothing")

    def update(self, claim, settings):  # noqa: ARG002
        raise AssertionError("a witness changes nothing")

    def again(self):
        return Scripted(*self.answers)

    def close(self):
        self.closed = True

    def _next(self):
        answer = self.answers.pop(0)
        if isinstance(answer, EngineError):
            raise answer
        return answer


class State:
    def claims(self):
        return {B: claim(B, engine="podman")}


INFO = EngineInfo("docker", "20.10", "/nowhere", "cgroupfs", True, None)


def test_an_engine_that_answers():
    witness = Witness(Scripted({A: claim(A)}, claim(A, pid=7), INFO))
    witness.testify(stopped=False)
    assert witness.claims == {A: claim(A)}
    assert witness.describe(A).pid == 7
    assert witness.claims[A].pid == 7
    assert witness.info() == INFO
    witness.close()
    assert witness._engine.closed


def test_after_its_first_failure_it_is_not_asked_again():
    client = Scripted(EngineError("down"), {A: claim(A)})
    witness = Witness(client)
    witness.testify(stopped=False)
    assert witness.claims == {}
    assert witness.describe(A) is None
    assert len(client.answers) == 1
    assert witness.info() == ("docker", None, "/nowhere", None, False, "down")


def test_what_it_had_said_stands():
    witness = Witness(Scripted({A: claim(A), B: claim(B)}, claim(A, pid=7), EngineError("died")))
    witness.testify(stopped=False)
    assert witness.describe(A).pid == 7
    assert witness.describe(B) == claim(B)
    assert witness.describe(A).pid == 7
    assert witness.info() == ("docker", None, "/nowhere", None, False, "died")


def test_a_container_that_it_listed_and_no_longer_has_is_known_by_the_list():
    witness = Witness(Scripted({A: claim(A)}, None))
    witness.testify(stopped=False)
    assert witness.describe(A) == claim(A)


def test_a_container_that_it_does_not_have():
    witness = Witness(Scripted({}, None))
    witness.testify(stopped=False)
    assert witness.describe(A) is None
    assert witness.claims == {}


def test_one_that_came_after_the_list_is_known_by_its_description():
    witness = Witness(Scripted({}, claim(A, pid=7)))
    witness.testify(stopped=False)
    assert witness.describe(A).pid == 7
    assert witness.claims == {A: claim(A, pid=7)}


def test_what_it_keeps_on_disk_counts_only_where_it_can_not_be_asked():
    asked = Witness(Scripted({A: claim(A)}), State())
    asked.testify(stopped=False)
    assert set(asked.claims) == {A}
    down = Witness(Scripted(EngineError("down")), State())
    down.testify(stopped=False)
    assert set(down.claims) == {B}
    assert down.describe(B).engine == "podman"


def test_a_socket_that_is_there_is_an_engine_that_is_present(tmp_path):
    assert not Witness(Docker(f"{tmp_path}/s", 1)).present
    (tmp_path / "s").write_text("")
    assert Witness(Docker(f"{tmp_path}/s", 1)).present


@pytest.mark.parametrize(
    ("engine_there", "way_out"),
    [
        (Podman("/nowhere", 1), " (systemctl enable --now podman.socket makes it listen)"),
        (
            Podman("/nowhere", 1, 1000),
            " (systemctl --user enable --now podman.socket, as the user 1000, makes it listen)",
        ),
        (Docker("/nowhere", 1), " (systemctl start docker makes it listen)"),
        # Somebody listens, or should: that it does not answer is another matter.
        (Docker("/dev/null", 1), ""),
    ],
)
def test_why_it_can_not_be_asked_and_the_way_out(engine_there, way_out):
    witness = Witness(engine_there)
    assert witness.obstacle is None
    witness.testify(stopped=False)
    assert witness.obstacle == witness.error + way_out


def test_an_engine_that_dies_between_two_descriptions():
    answers = docker(inspected(A, "web", pid=7), inspected(B, "db", pid=8))
    with engine(lambda target: [CLOSE] if B in target else answers(target)) as fake:
        witness = Witness(Docker(fake.path, 5))
        witness.testify(stopped=False)
        assert witness.describe(A).declared is not None
        assert (witness.describe(B).name, witness.describe(B).declared) == ("db", None)
        assert witness.describe(A).declared is not None
        assert "closed the connection" in witness.info().error
        assert fake.targets.count(f"/containers/{B}/json") == 2  # once more on a new connection
        witness.close()


def test_one_nonsense_among_the_rows_makes_the_list_no_list():
    with engine(lambda target: [reply({} if target == "/info" else [{"Id": A}, {"Id": "nonsense"}])]) as fake:
        witness = Witness(Docker(fake.path, 5))
        witness.testify(stopped=False)
        assert witness.claims == {}
        assert "Id is 'nonsense'" in witness.error
        witness.close()


def test_the_engine_for_another_thread_is_one_of_its_own():
    client = Scripted(claim(A))
    witness = Witness(client)
    other = witness.engine_again()
    assert other is not client
    assert other.describe(A) == claim(A)
    other.close()
    assert not client.closed


def test_it_lets_the_engine_begin_with_what_that_listed():
    engine = Scripted({A: claim(A)})
    witness = Witness(engine)
    witness.testify(stopped=False)
    witness.expect([B, A], True)
    assert engine.expected == ([A], True)


def test_an_engine_that_has_failed_is_told_nothing():
    engine = Scripted(EngineError("no"))
    witness = Witness(engine)
    witness.testify(stopped=False)
    witness.expect([A], True)
    assert not hasattr(engine, "expected")
