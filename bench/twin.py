# SPDX-License-Identifier: Apache-2.0
"""表の点検と双子 — the table checks of the calculation against their twin in frames, on made-up months.

``python bench/twin.py [--size N] [--store FILE] [--seed S]``: each disagreement is printed, and the exit code is
1 when there is one. Without a compiled store the starter is asked.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from figures import report
from tasuki.masters.starter import load_starter
from tasuki.masters.store import load_book

ROUND = 2_000


def main() -> int:
    """Months in rounds, each with a seed of its own, so that any size fits in memory."""
    # The oracle lives with the tests; this folder has a module of the same name as theirs.
    sys.path[0] = str(Path(__file__).parents[1] / "tests")
    from calculation.twin.compare import differences
    from calculation.twin.made_months import made_months

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=10_000, help="months")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path, help="a compiled store")
    args = parser.parse_args()
    book = load_book(args.store.read_bytes()) if args.store else load_starter()
    months = visits = lines = differing = 0
    begin = time.process_time()
    while months < args.size:
        made = made_months(book, min(ROUND, args.size - months), seed=args.seed + months)
        for each in differences(made, book):
            differing += 1
            print(
                f"seed {args.seed + months} month {each.month} visit {each.visit} {each.codes}",
                file=sys.stderr,
            )
            print(f"  core {each.core}\n  twin {each.twin}", file=sys.stderr)
        months += len(made)
        visits += sum(len(month.visits) for month in made)
        lines += sum(len(visit.orders) for month in made for visit in month.visits)
    report("twin/months", months, "months")
    report("twin/visits", visits, "visits")
    report("twin/lines", lines, "lines")
    report("twin/months that differ", differing, "months")
    report("twin/processor time", round(time.process_time() - begin, 1), "s")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
