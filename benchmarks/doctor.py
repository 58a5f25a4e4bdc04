"""How long the doctor takes: `.venv/bin/python -m benchmarks.doctor [--tracks 120000] [--rounds 5]`.

Claim: on a real PostgreSQL with 120,000 tracks each of the twelve policies that come with Vibe is diagnosed
in under a second. Printed by policy, the slowest last: the median of the rounds in seconds of the clock, and
of this process alone. Beside it, in the same run, one plain count of the usable tracks: the last line says
how many of those the slowest diagnosis costs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from benchmarks import catalogues
from benchmarks.catalogues import TODAY

COUNT, GAP, PLAYLISTS = 50, 7, 3
LIMIT = 1.0


def main(options: argparse.Namespace) -> int:
    rows = catalogues.rows(options.tracks)
    with catalogues.database():
        catalogues.store(rows)
        print(
            f"{len(rows):,} tracks ({catalogues.source()}), {PLAYLISTS} playlists of {COUNT}, rest {GAP} days"
        )
        found = examine_all(options.rounds)
        counting = median(_count, options.rounds)[0]
    for name, seconds, own in sorted(found, key=lambda one: one[1]):
        print(f"  {name:24} {seconds:6.3f} s, of which {own:.3f} s here")
    name, slowest, _ = max(found, key=lambda one: one[1])
    print(f"a plain count of the usable tracks: {counting:.3f} s")
    print(f"slowest: {name}, {slowest:.3f} s (limit {LIMIT:.0f} s) = {slowest / counting:.1f} plain counts")
    return 0 if slowest < LIMIT else 1


def examine_all(rounds: int) -> list[tuple[str, float, float]]:
    """(name, seconds, seconds of this process) for each of the twelve."""
    from curation.diagnosis import doctor
    from curation.policy import language, revisions

    found = []
    for one in revisions.examples():
        rules = language.parse(one["policy"])

        def examine(rules: language.Policy = rules) -> object:
            return doctor.examine(rules, playlists=PLAYLISTS, today=TODAY, count=COUNT, gap_days=GAP)

        found.append((one["name"], *median(examine, rounds)))
    return found


def _count() -> object:
    from catalog.models import Track

    return Track.objects.usable().count()


def median(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Seconds of the clock and of this process, the median of the rounds after one that warms up."""
    work()
    clock, own = [], []
    for _ in range(rounds):
        began, began_here = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - began)
        own.append(time.process_time() - began_here)
    return statistics.median(clock), statistics.median(own)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=120_000)
    parser.add_argument("--rounds", type=int, default=5)
    sys.exit(main(parser.parse_args()))
