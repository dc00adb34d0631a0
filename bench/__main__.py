"""`make bench`: what the collection costs beside its floors and its peers, on real containers, in one run.

Prints the tables, and writes them to docs/performance.md and bench/results.json.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench import CHECKOUT, BenchError, containers, crowd, environment, machine, report, report_step, tables, weights
from bench.cases import FLOOR, LISTING, PING, Case, cases, cases_without_engine
from bench.growth import growths
from bench.terminal import carry_out, say
from bench.timing import Command, Sample, interleaved, said_by
from lab import engine

RESULTS = CHECKOUT / "bench" / "results.json"
PAGE = CHECKOUT / "docs" / "performance.md"
CROWD = [100, 500, 1000, 5000]
HOSTS = [100, 300, 1000]
# The size at which modules are weighed and reports of many hosts written, or the one that is nearest.
TYPICAL = 100


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, usage='make bench [SIZES="N ..."] [CROWD="N ..."] [RUNS=N]'
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 500], help="numbers of containers")
    parser.add_argument("--crowd", type=int, nargs="*", help=f"numbers of cgroups without an engine: {CROWD}")
    parser.add_argument("--hosts", type=int, nargs="*", help=f"numbers of hosts whose report is written: {HOSTS}")
    parser.add_argument("--runs", type=int, default=5, help="rounds at each size")
    parser.add_argument("--slow", action="store_true", help="also what takes minutes for a single run")
    parser.add_argument(
        "--only", nargs="+", metavar="CASE", default=[], help="these cases and the floors; implies --dry"
    )
    parser.add_argument("--dry", action="store_true", help="print the tables only, and write no file")
    options = parser.parse_args(argv)
    if options.crowd is None:
        options.crowd = [] if options.only else CROWD
    if options.hosts is None:
        options.hosts = [] if options.only else HOSTS
    if min(*options.sizes, *options.crowd, *options.hosts, options.runs) < 1:
        parser.error("sizes and runs are whole numbers above 0")
    return carry_out(lambda: run(options))


def run(options: argparse.Namespace) -> None:
    environment.make()
    # An engine that somebody named is theirs to start.
    started = "DOCKER_HOST" not in os.environ and engine.up()
    try:
        with containers.herd() as herd:
            facts = machine.describe(herd.engine)
            measured, weighed, weighed_on, steps = [], [], 0, []
            typical = min(options.sizes, key=lambda size: abs(size - TYPICAL))
            for size in sorted(set(options.sizes)):
                say(f"starting containers until there are {size}")
                herd.grow(size)
                measured.append(measure(wanted(cases(herd.ids, options.slow), options.only), options.runs, size))
                if size == typical and not options.only:
                    say(f"{size} containers: what the modules weigh, and the reports of {options.hosts} hosts")
                    weighed, weighed_on = weights.measure(herd.ids), measured[-1].on_host
                    steps = report_step.measure(herd.ids, sorted(set(options.hosts)))
        crowded = measure_crowd(sorted(set(options.crowd)), options.runs)
    finally:
        if started:
            engine.down()
    grown = growths(crowded) if len(crowded) > 1 else []
    parts = [tables.machine(facts), tables.of_sizes(measured)]
    parts += [tables.of_crowd(crowded, grown)] if crowded else []
    parts += [weights.markdown(weighed, weighed_on)] if weighed else []
    parts += [report_step.markdown(steps)] if steps else []
    text = "\n\n".join(parts)
    print(text)
    if not (options.dry or options.only):
        parts_measured: dict[str, list[Any]] = {
            "sizes": measured,
            "crowd": crowded,
            "growth": grown,
            "weights": weighed,
            "reports": steps,
        }
        results = {name: [asdict(one) for one in part] for name, part in parts_measured.items()}
        report.write_json(RESULTS, {"machine": facts, **results})
        report.insert(PAGE, "bench", text)
        python = str(environment.VENV / "bin" / "python")
        said_by(Command((python, "-m", "bench.plots"), CHECKOUT, environment.variables()))


def measure_crowd(sizes: Sequence[int], runs: int) -> list[report.Size]:
    """What needs no engine, on cgroups that none has made."""
    if not sizes:
        return []
    measured = []
    with crowd.crowd() as made:
        for size in sizes:
            say(f"making cgroups with a process each until there are {size}")
            made.grow(size)
            measured.append(measure(cases_without_engine(made.ids), runs, size))
    return measured


def wanted(all_cases: Sequence[Case], only: Sequence[str]) -> Sequence[Case]:
    """All of them, or those named and what they are set against; BenchError for a name that none has."""
    unknown = sorted(set(only) - {case.name for case in all_cases})
    if unknown:
        names = ", ".join(case.name for case in all_cases)
        raise BenchError(f"no case is called {', '.join(unknown)}: the cases are {names}")
    return [case for case in all_cases if not only or case.name in {LISTING, FLOOR, PING, *only}]


def measure(all_cases: Sequence[Case], runs: int, size: int) -> report.Size:
    chosen = [case for case in all_cases if case.left_out is None]
    say(f"{size} containers: {runs} rounds of {len(chosen)} commands")
    samples: dict[str, list[Sample]] = {case.name: [] for case in chosen}
    slow = {case.name: case.most_runs for case in chosen if case.most_runs is not None}
    for name, sample in interleaved({case.name: case.command for case in chosen}, runs, slow):
        samples[name].append(sample)
        say(f"  {name}: {sample.seconds:.3f} s")
    return report.Size(size, containers_on_host(chosen[0]), report.figures(all_cases, samples))


def containers_on_host(listing: Case) -> int:
    """How many containers the C program finds: more than the bench's own if others run beside them."""
    said = subprocess.run(listing.command.argv, capture_output=True, text=True, check=True).stdout
    return int(json.loads(said)["containers"])


if __name__ == "__main__":
    sys.exit(main())
