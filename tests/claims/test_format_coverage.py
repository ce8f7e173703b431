# SPDX-License-Identifier: Apache-2.0
"""受付・事務点検の網羅 — every condition has a case that fires, but the two that public text does not specify."""

from __future__ import annotations

import re
from pathlib import Path

from claims import test_checks as office
from claims import test_master_checks as book
from tasuki.claims.checks.catalogue import ASK_THE_BOOK, CATALOGUE, WITHOUT_CONDITION


def test_each_condition_fires_in_one_case_and_is_silent_in_another() -> None:
    """A case expects exactly its findings, so each case that does not name a code shows it silent."""
    expected = [frozenset(case["expect"]) for case in office.CASES]
    by_master = re.findall(r"UKE-L\d-\d{4}(?:-\d)?", Path(str(book.__file__)).read_text(encoding="utf-8"))
    expected += [frozenset({code}) for code in by_master]
    repeated = {code for codes in office.PER_PROGRAMME.values() for code in codes} | {
        "30810",
        "30840",
        "30860",
    }
    expected += [frozenset({CATALOGUE[code].public_code}) for code in repeated]
    expected.append(frozenset({"UKE-L1-1928-3"}))
    # 点数計算 (L7, numbered by us) has its cases in test_point_checks.py.
    office_checks = {code: check for code, check in CATALOGUE.items() if check.asp_class != "L7"}
    fired = {
        code for code, check in office_checks.items() if any(check.public_code in each for each in expected)
    }
    silent = {
        code
        for code, check in office_checks.items()
        if any(check.public_code not in each for each in expected)
    }
    assert len(fired) == 197
    assert set(office_checks) - fired == WITHOUT_CONDITION
    assert len(silent) == len(office_checks) == 199
    assert ASK_THE_BOOK == office.ASK_THE_BOOK
