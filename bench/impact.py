# SPDX-License-Identifier: Apache-2.0
"""改定影響の速さ — a month of 1,000 visits under its own revision and under another; one JSON line a figure.

``python bench/impact.py [--size N]`` on the starter book. Processor time of this process, not the clock on the wall.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

from clinic_mix import CLINIC, typical_visits
from figures import report
from tasuki.calculation.impact import PatientVisits, measure_impact
from tasuki.calculation.impact_report import TABLES, impact_csv
from tasuki.masters.starter import load_starter

GOAL_SECONDS = 2.0


def main() -> None:
    """Both directions of the revision of 2026, and the tables of the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="visits of the month")
    size = parser.parse_args().size
    book = load_starter()
    for first, revision in ((date(2026, 5, 1), "R8"), (date(2026, 6, 1), "R6")):
        people = [
            PatientVisits(str(number), (visit,), past.lines)
            for number, (visit, past) in enumerate(typical_visits(first, size, seed=2))
        ]
        measure_impact(people[:20], CLINIC, book, revision)
        begun = time.process_time()
        impact = measure_impact(people, CLINIC, book, revision)
        spent = time.process_time() - begun
        name = f"impact/{size} visits of {first:%Y-%m} under {revision}"
        report(name, spent, "s", f"goal {GOAL_SECONDS:g} s", spent / GOAL_SECONDS)
        report(f"{name}/change", impact.points, "points")
        begun = time.process_time()
        for table in TABLES:
            impact_csv(impact, table)
        report(f"{name}/tables", time.process_time() - begun, "s")


if __name__ == "__main__":
    main()
