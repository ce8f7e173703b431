# SPDX-License-Identifier: Apache-2.0
"""診療報酬点数表の部 — by 診療識別, and by the letter of the fee table where that does not tell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tasuki.calculation.statement import Line, LineKind, Statement, Unit
from tasuki.chart.visit import VisitKind
from tasuki.forms.fee_part import FeePart, parts_of_units, points_by_part
from tasuki.forms.from_statement import itemised_units, receipt_points
from tasuki.forms.itemised_statement import ItemisedLine
from tasuki.kernel.because import Verdict
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Act, Drug

LETTERS = {
    "D": "160000010",
    "N": "160000020",
    "F": "120000030",
    "H": "180000040",
    "O": "180000050",
    "": "180000060",
}


def line(code: str, kind: LineKind = LineKind.ACT, name: str = "項目", amount: Decimal | None = None) -> Line:
    return Line(code, name, kind, amount, 0, Verdict.GRANTED, ())


def statement(*units: Unit) -> Statement:
    return Statement("v", date(2026, 6, 15), "R8", VisitKind.REVISIT, (), "01", units, (), ())


def chapter_of(code: str) -> str:
    return next(letter for letter, known in LETTERS.items() if known == code)


@pytest.mark.parametrize(
    ("section", "letter", "part"),
    [
        ("60", "D", FeePart.EXAMINATION),
        ("60", "N", FeePart.PATHOLOGY),
        ("80", "F", FeePart.MEDICATION),  # 処方箋料
        ("80", "H", FeePart.REHABILITATION),
        ("80", "O", FeePart.OTHER),  # ベースアップ評価料
        ("80", "", FeePart.OTHER),
    ],
)
def test_classes_that_hold_several_parts_are_told_apart_by_letter(
    section: str, letter: str, part: FeePart
) -> None:
    unit = Unit(section, "1", (line(LETTERS[letter]),), 10, 1)
    assert parts_of_units(statement(unit), chapter_of) == (part,)


def test_drugs_and_materials_go_with_the_act_of_their_group() -> None:
    act = Unit("80", "1", (line(LETTERS["H"]),), 10, 1)
    drug = Unit("80", "1", (line("620000001", LineKind.DRUG),), 5, 2)
    alone = Unit("60", "2", (line("620000001", LineKind.DRUG),), 3, 1)
    assert points_by_part(statement(act, drug, alone), chapter_of) == {
        FeePart.EXAMINATION: 3,
        FeePart.REHABILITATION: 20,
    }


def test_points_keep_the_order_of_the_receipt_and_leave_out_nothing_billed() -> None:
    units = (
        Unit("70", "1", (line("170000000"),), 210, 1),
        Unit("12", "2", (line("112000000"),), 75, 1),
        Unit("21", "3", (line("620000001", LineKind.DRUG),), 12, 28),
    )
    points = points_by_part(statement(*units), lambda code: "")
    assert list(points.items()) == [
        (FeePart.FIRST_AND_REVISIT, 75),
        (FeePart.IMAGING, 210),
        (FeePart.MEDICATION, 336),
    ]


def test_items_carry_amounts_with_units_and_marks_of_part_paying_programmes() -> None:
    always = Validity(date(2026, 6, 1), None)
    book = Book(
        Tables(
            acts=(Act(code="112000000", name="再診料", validity=always, chapter="A"),),
            drugs=(Drug(code="620000001", name="架空錠", validity=always, unit_name="錠"),),
            revisions=(Revision("R8", always),),
        )
    ).at(date(2026, 6, 15))
    found = statement(
        Unit("12", "1", (line("112000000", name="再診料"), line("810000001", LineKind.COMMENT)), 75, 1),
        Unit(
            "21",
            "2",
            (line("620000001", LineKind.DRUG, "架空錠", Decimal("1.50")),),
            12,
            28,
            programme_ids=("p2",),
        ),
        Unit("80", "3", (line("810000001", LineKind.COMMENT),), 0, 1),
    )
    first, second = itemised_units(found, book, {"p1": "①", "p2": "②"})
    assert first.lines == (ItemisedLine("再診料"),)
    assert (second.lines, second.programme_marks) == ((ItemisedLine("架空錠", "1.5錠"),), "②")
    assert receipt_points(found, book) == {FeePart.FIRST_AND_REVISIT: 75, FeePart.MEDICATION: 336}
