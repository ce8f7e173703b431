# SPDX-License-Identifier: Apache-2.0
"""6情報と文書の組立 — how many made-up units and letters conform and read back as they were, and how fast they are built.

``python bench/fhir_building.py [--size N] [--seed S]`` draws N of each kind, builds, checks with our validator, and reads.
Ends with 1 when one does not conform or says something else when read. Time is CPU time of building and of reading alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from figures import report
from sharing import made_facts as made
from tasuki.kernel.finding import Severity
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing import build as tasuki
from tasuki.sharing.validator import DEPTH, Validator

VALIDATOR = Validator()
Told = tuple[Any, Any]


def _letter(drawn: Told, around: tasuki.Around) -> Any:
    letter, summary = drawn
    inner = tasuki.build_discharge_summary(summary, replace(around, unit_number="summary"))
    return tasuki.build_referral(
        replace(letter, discharge_summaries=(inner,)), replace(around, unit_number="letter")
    )


def _read_letter(bundle: Any) -> Told:
    letter = tasuki.read_referral(bundle)[1]
    (inner,) = letter.discharge_summaries
    return replace(letter, discharge_summaries=()), tasuki.read_discharge_summary(inner)[1]


KINDS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any, Any], Any], Callable[[Any], Any]]] = {
    **{
        kind: (
            made.units(kind),
            tasuki.information_bundle,
            lambda bundle: [*tasuki.read_bundle(bundle).facts],
        )
        for kind in ("condition", "allergy", "lab")
    },
    "drug": (made.drugs(), tasuki.build_drug, tasuki.read_drug),
    "letter with summary": (st.tuples(made.referrals(), made.discharges()), _letter, _read_letter),
    "patient summary": (
        made.summaries(),
        tasuki.build_patient_summary,
        lambda bundle: tasuki.read_patient_summary(bundle)[1],
    ),
}


def measure(kind: str, size: int, number: int) -> Counter[str]:
    drawn, build, read = KINDS[kind]
    found: Counter[str] = Counter()
    spent = {"build": 0.0, "read": 0.0}

    @seed(number)
    @settings(
        max_examples=size,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made.arounds(), drawn)
    def one(around: tasuki.Around, facts: Any) -> None:
        begun = time.process_time()
        data = tasuki.to_json(build(facts, around))
        spent["build"] += time.process_time() - begun
        told = [each for each in VALIDATOR.validate(data) if each.severity is not Severity.ADVICE]
        begun = time.process_time()
        again = read(read_strictly(data, DEPTH))
        spent["read"] += time.process_time() - begun
        found.update(drawn=1, faulty=bool(told), differing=again != facts)

    one()
    report(f"fhir/build/{kind}", found["drawn"] / spent["build"], "a CPU second")
    report(f"fhir/read/{kind}", found["drawn"] / spent["read"], "a CPU second")
    for name in ("drawn", "faulty", "differing"):
        report(f"fhir/build/{kind}/{name}", found[name], "units")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200, help="units of each kind")
    parser.add_argument("--seed", type=int, default=1004)
    args = parser.parse_args()
    total: Counter[str] = Counter()
    for kind in KINDS:
        total += measure(kind, args.size, args.seed)
    return 1 if total["faulty"] or total["differing"] else 0


if __name__ == "__main__":
    sys.exit(main())
