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

from bench import CHECKOUT, BenchError, containers, environment, machine, report
from bench.cases import FLOOR, LISTING, PING, Case, cases
from bench.timing import Sample, interleaved
from lab import LabError, engine

RESULTS = CHECKOUT / "bench" / "results.json"
PAGE = CHECKOUT / "docs" / "performance.md"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, usage='make bench [SIZES="N ..."] [RUNS=N]'
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 500], help="numbers of containers")
    parser.add_argument("--runs", type=int, default=5, help="rounds at each size")
    parser.add_argument("--slow", action="store_true", help="also what takes minutes for a single run")
    parser.add_argument(
        "--only", nargs="+", metavar="CASE", default=[], help="these cases and the floors; implies --dry"
    )
    parser.add_argument("--dry", action="store_true", help="print the tables only, and write no file")
    options = parser.parse_args(argv)
    if min(*options.sizes, options.runs) < 1:
        parser.error("sizes and runs are whole numbers above 0")
    try:
        environment.make()
        run(sorted(set(options.sizes)), options.runs, options.slow, options.only, options.dry or bool(options.only))
    except (BenchError, LabError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def run(sizes: Sequence[int], runs: int, slow: bool, only: Sequence[str], dry: bool) -> None:
    # An engine that somebody named is theirs to start.
    started = "DOCKER_HOST" not in os.environ and engine.up()
    try:
        with containers.herd() as herd:
            facts = machine.describe(herd.engine)
            measured = []
            for size in sizes:
                say(f"starting containers until there are {size}")
                herd.grow(size)
                measured.append(measure(wanted(cases(herd.ids, slow), only), runs, size))
    finally:
        if started:
            engine.down()
    text = report.tables(facts, measured)
    print(text)
    if not dry:
        report.write_json(RESULTS, facts, measured)
        report.insert(PAGE, text)


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


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
