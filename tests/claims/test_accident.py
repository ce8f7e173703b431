# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の月の集計 — every point and yen of the visits in one row, counts added up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.calculation.statement import Line, LineKind, Statement, Unit
from tasuki.chart.visit import VisitKind
from tasuki.claims.accident import accident_month
from tasuki.claims.accident.rows import fee_of_billed, row_of_billed
from tasuki.claims.view.naming import Naming
from tasuki.kernel.because import Verdict
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Act, Drug

OPEN = Validity(date(2020, 1, 1))
BOOK = Book(
    Tables(
        (Revision("架空", OPEN),),
        acts=(
            Act(code="112000001", name="再診", validity=OPEN, tally_out="120"),
            Act(code="112000002", name="管理加算", validity=OPEN, tally_out="122"),
            Act(code="112000003", name="時間外", validity=OPEN, tally_out="123"),
            Act(code="114000001", name="往診", validity=OPEN, section="C000"),
            Act(code="114000002", name="訪問", validity=OPEN, section="C001"),
            Act(code="120000004", name="処方箋料", validity=OPEN, section="F400"),
            Act(code="180000001", name="運動器", validity=OPEN, section="H002"),
        ),
        drugs=(Drug(code="620000001", name="架空錠", validity=OPEN, unit_name="錠"),),
    )
)
NAMING = Naming(BOOK, date(2026, 6, 1))


def line(code: str, kind: LineKind = LineKind.ACT, amount: str | None = None, text: str = "") -> Line:
    used = Decimal(amount) if amount else None
    return Line(code, f"架空{code[-3:]}", kind, used, 0, Verdict.GRANTED, (), text)


def unit(section: str, *lines: Line, points: int = 10, times: int = 1, yen: int = 0) -> Unit:
    return Unit(section, "g", lines, points, times, yen=yen)


def visit(day: int, *units: Unit) -> Statement:
    return Statement(f"v{day}", date(2026, 6, day), "架空", VisitKind.REVISIT, (), "01", units, (), ())


@pytest.mark.parametrize(
    ("section", "code", "row"),
    [
        ("11", "111000001", "11"),
        ("12", "112000001", "12.revisit"),
        ("12", "112000002", "12.management"),
        ("12", "112000003", "12.after_hours"),
        ("12", "112009999", "12.revisit"),
        ("13", "113000001", "13"),
        ("14", "114000001", "14.call"),
        ("14", "114000002", "14.visit"),
        ("14", "114000009", "14.other"),
        ("22", "120000001", "21.dispensing"),
        ("23", "120000001", "23.dispensing"),
        ("32", "130000001", "32"),
        ("54", "150000001", "50.act"),
        ("70", "170000001", "70.act"),
        ("80", "120000004", "80.prescription"),
        ("80", "180000001", "80.other"),
    ],
)
def test_an_act_stands_in_its_row(section: str, code: str, row: str) -> None:
    assert row_of_billed(unit(section, line(code)), NAMING) == row


@pytest.mark.parametrize(
    ("section", "row"),
    [("21", "21.drug"), ("31", "30.drug"), ("33", "30.drug"), ("54", "50.drug"), ("80", "80.drug"), ("14", "14.drug")],
)  # fmt: skip
def test_drugs_and_materials_alone_are_goods(section: str, row: str) -> None:
    drug, material = line("620000001", LineKind.DRUG), line("710000001", LineKind.MATERIAL)
    assert row_of_billed(unit(section, drug, material), NAMING) == row
    made = accident_month([visit(1, unit(section, drug, points=7, times=3))], BOOK)
    assert made["rows"] == {row: {"goods_points": 21, "count": 3}}


@pytest.mark.parametrize(
    ("section", "code", "kind"),
    [("11", "101110010", "first"), ("12", "101120010", "revisit"), ("13", "101130190", "guidance"),
     ("80", "101800890", "emergency"), ("80", "101800870", "other")],
)  # fmt: skip
def test_what_is_priced_in_yen_stands_apart(section: str, code: str, kind: str) -> None:
    priced = unit(section, line(code), points=0, yen=1250)
    assert fee_of_billed(priced) == kind
    made = accident_month([visit(1, priced), visit(2, priced)], BOOK)
    assert made["fees"] == [{"kind": kind, "yen": 2500, "count": 2}]
    assert made["rows"] == {}
    assert made["units"][0]["items"][-1] == {"name": "1,250円×2"}
    assert "points" not in made["units"][0]


def test_equal_units_of_several_days_are_one_line() -> None:
    again = unit("12", line("112000001"), points=75)
    made = accident_month([visit(9, again), visit(2, again, unit("40", line("140000001"), points=35))], BOOK)
    assert made["visit_days"] == ["2026-06-02", "2026-06-09"]
    assert made["rows"]["12.revisit"] == {"technique_points": 150, "count": 2, "unit_points": 75}
    assert [(one["section"], one["points"], one["count"]) for one in made["units"]] == [
        ("12", 75, 2),
        ("40", 35, 1),
    ]


def test_two_prices_in_a_row_print_none_before_the_count() -> None:
    made = accident_month(
        [visit(1, unit("12", line("112000001"), points=75), unit("12", line("112000001"), points=50))], BOOK
    )
    assert made["rows"]["12.revisit"] == {"technique_points": 125, "count": 2}


def test_amounts_and_comments_are_kept() -> None:
    drug = line("620000001", LineKind.DRUG, "3")
    note = line("810000001", LineKind.COMMENT, text="右膝")
    (shown,) = accident_month([visit(1, unit("21", drug, note, points=6, times=14))], BOOK)["units"]
    assert shown["items"] == [{"name": "架空001", "amount": "3錠"}, {"name": "右膝"}]


@given(
    st.lists(
        st.builds(
            lambda section, kind, points, times: unit(section, line("620000001", kind), points=points, times=times),
            st.sampled_from(["11", "12", "13", "14", "21", "22", "23", "25", "31", "40", "50", "54", "60", "80"]),
            st.sampled_from([LineKind.ACT, LineKind.DRUG, LineKind.MATERIAL]),
            st.integers(0, 999),
            st.integers(1, 30),
        ),
        max_size=20,
    )
)  # fmt: skip
def test_no_point_is_lost(units: list[Unit]) -> None:
    from tasuki.forms.accident import AccidentRow

    made = accident_month([visit(1, *units)], BOOK)
    cells = made["rows"].values()
    assert sum(one.get("technique_points", 0) + one.get("goods_points", 0) for one in cells) == sum(
        one.total_points for one in units
    )
    assert set(made["rows"]) <= {row.value for row in AccidentRow}
