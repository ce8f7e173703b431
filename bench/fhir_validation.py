# SPDX-License-Identifier: Apache-2.0
"""FHIR点検の速さ — validations per CPU second of one core, profile and invariants included; one JSON line a figure.

``python bench/fhir_validation.py [--size N]`` checks each resource N times: our made-up ones, and the official examples
of JP Core and JP-CLINS where they are beside the checkout. The peer of each is reading its JSON strictly, which any
check has to do first. Time is of this process only, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from figures import report
from sharing import invented, official
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.builtin import builtin_tables
from tasuki.sharing.validator import DEPTH, Validator


def a_second(act: Callable[[bytes], object], inputs: list[bytes], times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        for data in inputs:
            act(data)
    return times * len(inputs) / (time.process_time() - begun)


def grounds() -> dict[str, list[bytes]]:
    made = {name: [json.dumps(each, ensure_ascii=False).encode()] for name, each in invented.every().items()}
    made["made-up, single"] = [each for name, (each,) in made.items() if not name.startswith("bundle")]
    if official.FHIR.exists():
        read = {path: path.read_bytes() for path in official.files()}
        made["official, single"] = [
            data for path, data in read.items() if not path.name.startswith("Bundle-")
        ]
        made["official, bundles"] = [data for path, data in read.items() if path.name.startswith("Bundle-")]
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=50, help="times each resource is checked")
    args = parser.parse_args()
    begun = time.process_time()
    builtin_tables()
    report("fhir/tables read", time.process_time() - begun, "s")
    begun = time.process_time()
    validator = Validator()
    report("fhir/validator made", time.process_time() - begun, "s")
    for name, inputs in grounds().items():
        begun = time.process_time()
        for data in inputs:
            validator.validate(data)
        if "," in name:
            report(f"fhir/first round/{name}", time.process_time() - begun, "s")
        # Small grounds more often: a figure of a millisecond is none.
        times = max(1, args.size * 20 // (len(inputs) + 19))
        report(
            f"fhir/{name}", a_second(validator.validate, inputs, times), "validations/CPU-s",
            a_second(lambda each: read_strictly(each, DEPTH), inputs, times),
        )  # fmt: skip


if __name__ == "__main__":
    main()
