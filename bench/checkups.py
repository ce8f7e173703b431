# SPDX-License-Identifier: Apache-2.0
"""健診結果の変換の速さと往復 — checkups a CPU second of one core, and how many of N made-up ones come back whole.

``python bench/checkups.py [--size N] [--seed S]`` makes N checkups of any kind with any items (the strategies of the
tests), writes each as 特定健診XML, reads it, makes a report in FHIR of it, checks that against its profile, reads it
and writes XML again. The peer of each speed is parsing the same file with the standard library's parser.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hypothesis import HealthCheck, given, seed, settings

from figures import report
from sharing import made_up_checkups as made_up
from tasuki.kernel.finding import Severity
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.checkups import (
    Checkup,
    build_report,
    check_report,
    facts_of,
    numbered,
    read_checkup,
    read_checkup_xml,
    read_report,
    write_checkup,
    write_checkup_xml,
    write_json,
)
from tasuki.sharing.checkups.conversion import CheckupWire

# 報告区分 40 of XML is told by the program in FHIR.
CHANGES = {"報告区分"}


def made(count: int, start: int) -> list[Checkup]:
    """So many checkups, the same for the same seed."""
    found: list[Checkup] = []

    @seed(start)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(made_up.checkups())
    def take(checkup: Checkup) -> None:
        found.append(checkup)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        take()
    return found[:count]


def comes_back(checkup: Checkup) -> bool:
    """Whether it is whole after XML, FHIR (valid to its profile) and XML again."""
    read = read_checkup_xml(write_checkup_xml(checkup))
    made_at = datetime.combine(checkup.issued_on, made_up.MADE_AT.timetz())
    converted = write_checkup(numbered(read.checkup, made_at, "n-1"), CheckupWire.FHIR)
    if any(each.severity is Severity.BLOCK for each in check_report(read_strictly(converted.data, 100))):
        return False
    back = write_checkup(read_checkup(converted.data).checkup, CheckupWire.XML)
    after = facts_of(read_checkup(back.data).checkup)
    lost = {name for name, text in facts_of(checkup).items() if after.get(name) != text}
    return not read.left and lost <= CHANGES


def a_second(act: Callable[[bytes], object], data: bytes, times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        act(data)
    return times / (time.process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200, help="made-up checkups that go there and back")
    parser.add_argument("--seed", type=int, default=20261130)
    args = parser.parse_args()
    given_all = made(args.size, args.seed)
    whole = sum(comes_back(each) for each in given_all)
    report("checkups/come back whole", whole, "checkups", len(given_all))
    data = write_checkup_xml(made_up.checkup())
    fhir = write_json(build_report(made_up.report()))
    times = max(5, args.size // 4)
    report(
        "checkups/xml read",
        a_second(read_checkup_xml, data, times),
        "1/s",
        a_second(ET.fromstring, data, times),
    )
    report("checkups/fhir read", a_second(read_report, fhir, times), "1/s", a_second(json.loads, fhir, times))
    convert = a_second(lambda each: write_checkup(read_checkup(each).checkup, CheckupWire.XML), fhir, times)
    report("checkups/fhir to xml, read back and compared", convert, "1/s")


if __name__ == "__main__":
    main()
