# SPDX-License-Identifier: Apache-2.0
"""マスターとの点検 — each condition that asks the dated book fires once, and the faultless receipt is silent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claims.invented_file import Row, act, disease, drug, header, insurer, one_receipt
from tasuki.claims.checks.run import check_file
from tasuki.claims.reader import read
from tasuki.claims.receipt import ClaimFile
from tasuki.kernel.finding import Finding
from tasuki.kernel.messages import sentence
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Act, Comment, Disease, Drug, Material, Modifier, Step

OPEN = Validity(date(2020, 1, 1))
ENDED = Validity(date(2020, 1, 1), date(2026, 6, 10))


def _act(code: str, **given: object) -> Act:
    base: dict[str, object] = {"name": f"架空{code}", "validity": OPEN, "points": Decimal(10)}
    return Act(code=code, **(base | given))  # type: ignore[arg-type]


def judged(file: ClaimFile) -> tuple[Finding, ...]:
    """What the book answers, its point arithmetic aside: every act of this book is of ten points."""
    return tuple(one for one in check_file(file, BOOK) if not one.code.startswith("UKE-L7"))


BOOK = Book(
    Tables(
        (Revision("架空", Validity(date(2020, 1, 1))),),
        acts=(
            _act("111000110", day_kind="2", day_count="1", addition_group="1101"),
            _act("111000371", record_kind="7", addition_group="1101", addition_serial="1"),
            _act("111000372", record_kind="7", addition_group="1101", addition_serial="2"),
            _act("111000373", record_kind="7", addition_group="1101", addition_serial="2"),
            _act("111000374", record_kind="7", addition_group="9999", addition_serial="1"),
            _act("111000379", record_kind="9"),
            _act("113001910", facility_kind="1", beds_kind="1"),
            _act("160000001", validity=ENDED),
            _act("180000001", step=Step(40, 100, 20, Decimal(5), 2)),
            _act("190000001"),
            _act("197000001", name="架空生活療養"),
        ),
        drugs=(Drug(code="620000001", name="架空錠", validity=OPEN, price=Decimal(10)),),
        materials=(
            Material(code="710000001", name="架空材料", validity=OPEN, price=Decimal(10)),
            Material(code="710000002", name="架空購入材料", validity=OPEN, price_kind="2", unit_code="16"),
        ),
        diseases=(
            Disease(code="8833421", name="架空病", validity=OPEN),
            Disease(code="8833422", name="請求不可病", validity=OPEN, is_unclaimable=True),
        ),
        modifiers=(Modifier(code="8002", name="の疑い", validity=OPEN),),
        comments=(
            Comment(code="810000001", name="", validity=OPEN),
            Comment(code="840000001", name="　　日", validity=OPEN, pattern="40", slots=((1, 2),)),
            Comment(code="890000001", name="", validity=OPEN, pattern="90"),
        ),
    )
)
FIRST = act("11", "111000110", 291)


def _material(code: str, **items: object) -> Row:
    _kind, row = act("40", code, 5, **items)  # type: ignore[arg-type]
    return "TO", row


def _comment(code: str, text: str) -> Row:
    return "CO", {"section": "", "payer_code": "1", "code": code, "text": text}


def found(*lines: Row, diseases: tuple[Row, ...] | None = None, head: Row | None = None) -> list[Finding]:
    points = sum(int(str(row.get("points") or 0)) * int(str(row.get("count") or 1)) for _, row in lines)
    data = one_receipt(
        head or header(1, "1112", "架空　一郎"), insurer(points), *(diseases or (disease(),)), *lines
    )
    return list(judged(read(data)))


def codes(*lines: Row, **given: object) -> list[str]:
    hits = found(*lines, **given)  # type: ignore[arg-type]
    assert all(sentence(one) for one in hits)
    return [one.code for one in hits]


CASES: dict[str, tuple[tuple[Row, ...], list[str]]] = {
    "faultless": ((FIRST,), []),
    "unknown act": ((act("11", "111999999", 5),), ["UKE-L3-3303-1"]),
    "act ended before its day": ((FIRST, act("60", "160000001", 5, 11)), ["UKE-L3-3303-1"]),
    "act on its last day": ((FIRST, act("60", "160000001", 5, 10)), []),
    "stepped act without quantity": ((FIRST, act("80", "180000001", 5)), ["UKE-L3-3304"]),
    "quantity under the step": ((FIRST, act("80", "180000001", 5, amount="20")), ["UKE-L3-3317"]),
    "quantity in the first step": ((FIRST, act("80", "180000001", 5, amount="21")), []),
    "no points where the act has some": ((FIRST, act("80", "190000001", 0)), ["UKE-L3-3307"]),
    "drug without amount": ((FIRST, ("IY", act("80", "620000001", 5)[1])), ["UKE-L3-3309"]),
    "drug": ((FIRST, drug("80", "620000001", "1", 5)), []),
    "material without amount": ((FIRST, _material("710000001")), ["UKE-L3-3311"]),
    "material": ((FIRST, _material("710000001", amount="1")), []),
    "bought material without price and unit": (
        (FIRST, _material("710000002", amount="1")), ["UKE-L3-3313", "UKE-L4-4323"],
    ),
    "bought material": ((FIRST, _material("710000002", amount="1", unit_code="016", unit_price="45.5")), []),
    "unknown modifier in a comment": ((FIRST, _comment("890000001", "９９９９")), ["UKE-L3-3393"]),
    "modifier in a comment": ((FIRST, _comment("890000001", "８００２")), []),
    "three digits of two": ((FIRST, _comment("840000001", "１２３")), ["UKE-L3-3440"]),
    "two digits of two": ((FIRST, _comment("840000001", "１２")), []),
    "minutes that do not fill five places": ((FIRST, _comment("852100004", "７５")), ["UKE-L3-3440"]),
    "minutes of five places": ((FIRST, _comment("852100004", "０００７５")), []),
    "a day and a value with its point": ((FIRST, _comment("880100013", "５０４１１０１００００１０．５")), []),
    "a day without its value": ((FIRST, _comment("880100013", "５０４１１０１")), ["UKE-L3-3440"]),
    "inline: three digits of two": (
        (act("11", "111000110", 291, comment_1_code="840000001", comment_1_text="１２３"),), ["UKE-L3-3447"],
    ),
    "inline: unknown comment": (
        (act("11", "111000110", 291, comment_1_code="830000001", comment_1_text="あ"),), ["UKE-L3-3450"],
    ),
    "inline: unknown modifier": (
        (act("11", "111000110", 291, comment_1_code="890000001", comment_1_text="９９９９"),), ["UKE-L3-3459"],
    ),
    "beds of a hospital's act": ((FIRST, act("13", "113001910", 5)), ["UKE-L3-3639"]),
    "general addition without base": ((act("11", "111000379", 5),), ["UKE-L4-4435"]),
    "note addition after a general one": (
        (act("11", "111000110", None), act("", "111000379", None), act("", "111000371", 300)), ["UKE-L4-4436"],
    ),
    "two additions of one serial": (
        (act("11", "111000110", None), act("", "111000372", None), act("", "111000373", 300)), ["UKE-L4-4612"],
    ),
    "additions in falling order": (
        (act("11", "111000110", None), act("", "111000372", None), act("", "111000371", 300)), ["UKE-L4-4641"],
    ),
    "addition of another base": (
        (act("11", "111000110", None), act("", "111000374", 300)), ["UKE-L4-4641-1"],
    ),
    "additions in order": (
        (act("11", "111000110", None), act("", "111000371", None), act("", "111000372", None),
         act("", "111000379", 300)), [],
    ),
    "first visit on a day no disease starts": ((act("11", "111000110", 291, 2),), ["UKE-L4-4634"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_book_answers(name: str) -> None:
    lines, expected = CASES[name]
    assert codes(*lines) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((disease("8833429"),), ["UKE-L3-3204"]),
        ((disease(modifiers="8003"),), ["UKE-L3-3205"]),
        ((disease(modifiers="8002"),), []),
        ((disease("8833422"),), ["UKE-L4-4222"]),
        ((disease("8833422"), disease()), []),
        ((disease(), disease(since="20260501")), ["UKE-L4-4634"]),
        ((disease(), disease(since="20260501", outcome="2")), []),
    ],
)
def test_the_book_answers_for_diseases(rows: tuple[Row, ...], expected: list[str]) -> None:
    assert codes(FIRST, diseases=rows) == expected


def test_living_care_meals_are_for_inpatients_of_sixty_five() -> None:
    meal = act("97", "197000001", 670, 10)
    ward = act("90", "190000001", 1700, 10)
    young = header(1, "1111", "架空　一郎", admitted_on="20260610")
    old = header(1, "1111", "架空　一郎", admitted_on="20260610", born_on="19600101")
    assert "UKE-L3-3496" in codes(ward, meal, head=young)
    assert "UKE-L3-3496" not in codes(ward, meal, head=old)


def test_without_a_book_nothing_is_said_of_codes() -> None:
    data = one_receipt(
        header(1, "1112", "架空　一郎"), insurer(5), disease("9999999"), act("11", "111999999", 5)
    )
    assert check_file(read(data)) == ()


def test_a_day_outside_the_book_is_not_judged() -> None:
    data = one_receipt(
        header(1, "1112", "架空　一郎", service_month="201906"),
        insurer(5),
        disease(since="20190601"),
        act("11", "111999999", 5),
    )
    assert [f.code for f in judged(read(data))] == ["UKE-L3-3103"]
