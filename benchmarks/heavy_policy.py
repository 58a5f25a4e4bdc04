"""What one heavy policy costs the day: `.venv/bin/python -m benchmarks.heavy_policy [--tracks 28000]`.

Claim: choosing for the twelve policies that come with Vibe and for one more that asks 140 times whether a
track is by one of 500 artists takes at most five times as long as choosing for the twelve alone; a policy as
large as the bounds allow takes twice as long. Printed: the seconds, the median of the rounds, and the ratio.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from benchmarks import catalogues
from benchmarks.catalogues import TODAY
from benchmarks.doctor import median

COUNT, GAP = 50, 7
LIMIT = 5.0


def main(options: argparse.Namespace) -> int:
    rows = catalogues.rows(options.tracks)
    names = sorted({name for row in rows for name in row.artist_names})
    with catalogues.database():
        catalogues.store(rows)
        print(f"{len(rows):,} tracks ({catalogues.source()}), {len(names):,} artists")
        alone = choose([], options.rounds)
        print(f"the twelve alone: {alone:.2f} s")
        worst = 0.0
        for conditions, values in ((10, 500), (140, 500)):
            seconds = choose([heavy(names, conditions, values)], options.rounds)
            worst = seconds / alone
            print(f"with {conditions} conditions of {values} artists: {seconds:.2f} s = {worst:.1f} times")
    return 0 if worst <= LIMIT else 1


def heavy(names: list[str], conditions: int, values: int) -> dict[str, Any]:
    """Any of so many lists of artists, each another one; hardly a track is by any of them."""
    lists = [[f"{name} {number}" for name in names[:values]] for number in range(conditions)]
    return {"any": [{"field": "artist", "op": "in", "value": artists} for artists in lists]}


def choose(wheres: list[dict[str, Any]], rounds: int) -> float:
    """Seconds of the day of the twelve policies and of one more for each condition."""
    from curation import engine
    from curation.policy import language, revisions

    rules = [language.parse(one["policy"]) for one in revisions.examples()]
    # Past the bounds on purpose: what is measured is the pass over the catalogue.
    rules += [language.Policy.model_validate({"schema": language.SCHEMA, "where": where}) for where in wheres]
    wanted = [engine.Demand(number, "Theme", number, one) for number, one in enumerate(rules, 1)]

    def day() -> object:
        return engine.day(wanted, usage=engine.Usage(), today=TODAY, count=COUNT, gap_days=GAP)

    return median(day, rounds)[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=28_000)
    parser.add_argument("--rounds", type=int, default=1)
    sys.exit(main(parser.parse_args()))
