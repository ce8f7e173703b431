# SPDX-License-Identifier: Apache-2.0
"""Cases of the checks of content: made-up receipts from the words of content_checks_2026_06.yaml."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from claims.invented_file import Row, act, drug, header, insurer, one_receipt, programme
from tasuki.chart.coverage import IncomeClass, Insurance, InsuranceKind, PublicProgramme
from tasuki.claims.content import (
    Content,
    Dispensed,
    EligibilitySnapshot,
    Prescribed,
    person_of,
    receipts_by_person,
)
from tasuki.claims.indications import (
    ActIndication,
    Contraindication,
    DoseGroup,
    DrugIndication,
    ForbiddenPair,
    Indications,
    LongUse,
    starter_indications,
)
from tasuki.claims.item_values import parse_day
from tasuki.claims.reader import read
from tasuki.claims.recalculate import recalculate
from tasuki.claims.receipt import ClaimFile, Receipt
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book

CASES: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[1] / "cases" / "claims" / "content_checks_2026_06.yaml").read_text("utf-8"),
    Loader=yaml.CSafeLoader,
)
FIRST, REVISIT = [11, "111000110", 291, 1], [12, "112007410", 76, 8]
DISPENSING = ([21, "120000710", 11, 1], [25, "120001210", 42, 1])
PAYER, RECIPIENT = "54136015", "1234566"
TABLES = Indications(
    [
        DrugIndication(
            drug="620000001",
            disease="8833421",
            age_from=6,
            most_a_day=Decimal(3),
            most_days=30,
            source="架空",
        )
    ],
    [Contraindication(drug="620000001", disease="4139007", source="架空")],
    [ForbiddenPair(drug="620000001", other="620000002", source="架空")],
    [ActIndication(act="140000610", disease="8833421", source="架空")],
    groups=[
        DoseGroup(drug=code, group="架空成分", strength=Decimal(10), most_a_day=Decimal(40), source="架空")
        for code in ("620000003", "620000004")
    ],
    long_uses=[
        LongUse(drug="620000005", group="架空睡眠薬", most_days=40, reset_days=14, source="架空"),
        LongUse(drug="620000006", group="架空睡眠薬", most_days=40, reset_days=14, source="架空"),
    ],
)


def file_of(case: dict[str, Any], month: int = 202606) -> ClaimFile:
    """The receipt of a case, or of one of its past months, alone in a file."""
    person = case.get("person", {})
    start = {"初診": [FIRST], "再診": [REVISIT], "なし": []}[case.get("start", "初診")]
    lines = [*start, *case.get("lines", [])]
    if any(one[1][0] == "6" for one in lines) and case.get("is_dispensing_given", True):
        lines += DISPENSING
    made = [_line(one, case.get("programme")) for one in sorted(lines, key=lambda one: one[0])]
    points = sum(row["points"] * row["count"] for _, row in made)  # type: ignore[operator]
    head = header(
        1, person.get("type", "1112"), "架空　一郎", service_month=str(month), sex=person.get("sex", "1"),
        born_on=str(person.get("born", 19800404)), special_notes=person.get("notes", ""),
        benefit_percent=person.get("benefit"),
    )  # fmt: skip
    payers = [insurer(points)]
    if "programme" in case:
        payers.append(programme(PAYER, RECIPIENT, points))
    found = [_disease(one, at) for at, one in enumerate(case.get("diseases", ["8833421"]))]
    return read(one_receipt(head, *payers, *found, *made), "架空.UKE")


def content_of(case: dict[str, Any], file: ClaimFile, book: Book) -> Content:
    """What the receipt of a case is held against."""
    receipt = file.receipts[0]
    past = [
        file_of({"person": case.get("person", {}), "start": "なし", **one}, one["month"]).receipts[0]
        for one in case.get("past", [])
    ]
    differences = {}
    if case.get("recalculated"):
        differences = {one.number: one.differences for one in recalculate(file, book).outcomes}
    return Content(
        starter_indications() if case.get("tables") == "starter" else TABLES,
        receipts_by_person(past),
        _dispensed(case, receipt),
        {"00001": tuple(_prescribed(*one) for one in case["prescribed"])} if "prescribed" in case else None,
        _snapshots(case),
        differences,
        book=book,
    )


def _line(one: list[Any], programme_day: int | None) -> Row:
    section, code, *rest = one
    more = rest.pop() if isinstance(rest[-1], dict) else {}
    if code[0] == "6":
        amount, points, day, days = rest
        return drug(str(section), code, amount, points, day, count=days, **{f"day_{day}": days})
    points, day = rest
    payer = "2" if programme_day == day else "1"
    return act(str(section), code, points, day, payer_code=payer, **more)


def _disease(one: Any, at: int) -> Row:
    given = {"code": one} if isinstance(one, str) else one
    is_main = given.get("main", "01" if at == 0 else "")
    items = {
        "disease_code": given["code"], "since_on": str(given.get("since", 20260601)), "outcome": given.get("outcome", "1"),
        "modifiers": given.get("modifiers", ""), "disease_name": given.get("name", ""), "main": is_main,
    }  # fmt: skip
    return "SY", items


def _dispensed(case: dict[str, Any], receipt: Receipt) -> dict[Any, tuple[Dispensed, ...]]:
    found = []
    for code, day, amount, count, *form in case.get("dispensed", []):
        on = parse_day(str(day))
        found.append(Dispensed(code, on, on, Decimal(amount), count, *form))
    return {person_of(receipt): tuple(found)}


def _prescribed(code: str, day: int, amount: str, count: int) -> Prescribed:
    on = parse_day(str(day))
    assert on is not None
    return Prescribed(code, on, Decimal(amount), count)


def _validity(given: dict[str, Any]) -> Validity:
    return Validity(given.get("since", date(2020, 4, 1)), given.get("until"))


def _snapshots(case: dict[str, Any]) -> dict[str, EligibilitySnapshot]:
    if "card" not in case and "programmes" not in case:
        return {}
    cards = []
    if "card" in case:
        one = case["card"]
        income = IncomeClass(one["income"]) if "income" in one else None
        cards = [
            Insurance(
                InsuranceKind.EMPLOYEES, "01130012", "12345678", one.get("number", "12"), share_percent=one.get("share"),
                income_class=income, validity=_validity(one),
            )
        ]  # fmt: skip
    held = [
        PublicProgramme(one.get("payer", PAYER), RECIPIENT, validity=_validity(one))
        for one in case.get("programmes", [])
    ]
    return {"00001": EligibilitySnapshot(tuple(cards), tuple(held))}
