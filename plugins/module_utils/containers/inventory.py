# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Join what the kernel runs with what the engines say: one Container for each."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from ..engines.contract import RUNNING, Claim
from .discover import Found, discover
from .select import idle_globs, select

# Engines whose containers have no id but their name.
_NAMED = ("lxc", "nspawn")


class Container(NamedTuple):
    """``found``: where the kernel runs it, None if no cgroup carries its id. ``claim``: its engine's word, or None."""

    found: Optional[Found]
    claim: Optional[Claim]

    @property
    def id(self):
        return self.claim.id if self.claim else self.found.identity.id

    @property
    def engine(self):
        return self.claim.engine if self.claim else self.found.identity.engine

    @property
    def name(self):
        if self.claim:
            return self.claim.name
        return self.id if self.engine in _NAMED else None

    @property
    def image(self):
        return self.claim.image if self.claim else None

    @property
    def labels(self):
        return self.claim.labels if self.claim else {}

    @property
    def state(self):
        return (self.claim and self.claim.state) or ("running" if self.runs else None)

    @property
    def pids(self):
        return self.found.pids if self.found else [self.claim.pid] if self.claim.pid else []

    @property
    def runs(self):
        return self.found is not None or self.claim.state in RUNNING


class Inventory(NamedTuple):
    containers: List[Container]
    engines: List[dict]
    warnings: List[str]


def take_inventory(host, witnesses, wanted=None, engines=None, choose=None, in_full=True, about_engines=True):
    """The containers of a host that are ``wanted`` (None: all that run) and whose engine is in ``engines``.

    The kernel is asked first: what ends between is then known to have run, and what starts between is known by its
    engine's word. Raises FathomError where a wanted container does not exist.

    ``choose(all, wanted)`` narrows those down whose engines are asked in full; with it the stopped are known as well.
    ``in_full``: False spares the engines a question for each container whose name and processes are known already;
    then it is not known what is declared for it. ``about_engines``: False spares them the question about themselves,
    for which Podman runs several programs.
    """
    found = discover(host)
    for witness in witnesses:
        witness.testify(stopped=wanted is not None or choose is not None)
    joined = [one for one in join(found, witnesses) if engines is None or one.engine in engines]
    if wanted is None and choose is None:
        joined = [one for one in joined if one.runs]
    expected = {one.identity.engine for one in found if one.nested_in is None}.union(engines or ())
    relevant = [one for one in witnesses if one.present or one.claims or one.name in expected]
    chosen = select(joined, wanted, hint_of(relevant))
    if choose is not None:
        chosen = choose(joined, chosen)
    known = [one.found is not None and one.claim is not None and not in_full for one in chosen]
    for witness in witnesses:
        witness.expect([one.id for one, is_known in zip(chosen, known) if not is_known], about_engines)
    described = [one if is_known else describe(one, witnesses) for one, is_known in zip(chosen, known)]
    return Inventory(
        containers=described,
        engines=[dict(witness.info()._asdict()) for witness in relevant] if about_engines else [],
        warnings=[f"no container matches {glob!r}" for glob in idle_globs(joined, wanted)]
        + [
            f"{witness.name} can't be asked, so only the kernel speaks for its containers: {witness.error}"
            for witness in relevant
            if witness.error and (witness.present or not witness.claims)
        ],
    )


def join(found, witnesses):
    """Every container that the kernel runs or an engine lists, once; of several claims the first witness's counts."""
    running = [Container(one, _claim(one, witnesses)) for one in found]
    ids = {one.id for one in running if one.claim or one.found.nested_in is None}
    claims = {}
    for witness in witnesses:
        for claim in witness.claims.values():
            if claim.id not in ids:
                claims.setdefault(claim.id, claim)
    return running + [Container(None, one) for one in claims.values()]


def _claim(found, witnesses):
    """A nested cgroup is the container that an engine lists only where that one's process is in it.

    What runs in a container can name a cgroup of its own after another container.
    """
    for witness in witnesses:
        claim = witness.claims.get(found.identity.id) if witness.speaks_for(found.identity.path) else None
        if claim is not None and found.nested_in is not None:
            claim = witness.describe(found.identity.id)
        if claim is not None and (found.nested_in is None or claim.pid in found.pids):
            return claim
    return None


def describe(container, witnesses):
    """The container with its engine's full word, asked also where the engine's list came too early to have it.

    A nested container that nobody here lists has its engine inside of the outer one: the host's are not asked for it.
    """
    if container.claim is None and container.found.nested_in is not None:
        return container
    # Podman may have several witnesses, each with containers of its own: first the one that listed this.
    for witness in sorted(witnesses, key=lambda one: container.id not in one.claims):
        if container.found is not None and not witness.speaks_for(container.found.identity.path):
            continue
        if container.engine in (witness.name, "unknown"):
            claim = witness.describe(container.id)
            if claim is not None:
                return container._replace(claim=claim)
    return container


def hint_of(witnesses):
    """How a message about a name that was not found goes on where an engine could not be asked for names."""
    errors = [f"{one.name} could not be asked for names ({one.error})" for one in witnesses if one.error]
    return ". Mind that " + "; ".join(errors) if errors else ""
