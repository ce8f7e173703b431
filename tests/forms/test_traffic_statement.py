# SPDX-License-Identifier: Apache-2.0
"""自賠責診療報酬明細書."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from forms.invented import TRAFFIC
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import FORMS, render
from tasuki.forms.accident import AccidentCell, AccidentFee, AccidentFeeKind, AccidentRow, together
from tasuki.forms.claim_receipt import SummaryItem, SummaryUnit
from tasuki.forms.traffic_statement import TrafficAmounts, TrafficStatement
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


def front(statement: TrafficStatement) -> dict[str, Any]:
    sheet: dict[str, Any] = FORMS["traffic_statement"].layout(statement)["sheets"][0]
    return sheet


def beside(sheet: dict[str, Any], words: str, nth: int = 0) -> list[str]:
    label = [one for one in sheet["labels"] if one["lines"] == [words]][nth]
    values = [one for one in sheet["values"] if one["y"] == label["y"] and label["x"] <= one["x"] < 107]
    return [one["words"] for one in sorted(values, key=lambda one: one["x"])]


def test_the_yen_follow_the_formulas_of_the_form() -> None:
    assert (TRAFFIC.points().technique_points, TRAFFIC.points().goods_points) == (2006, 208)
    # 2,006 × 12 × 1.2 = 28,886.4; 208 × 12; 3,850 + 1,250; 5,500 + 3,300
    assert TRAFFIC.amounts() == TrafficAmounts(28886, 2496, 5100, 8800)
    assert TRAFFIC.amounts().total_yen == 45282
    raised = replace(TRAFFIC, fee_percent=120, unit_price_yen=Decimal("11.5"), technique_percent=100)
    assert raised.amounts() == TrafficAmounts(23069, 2392, 6120, 8800)
    assert TRAFFIC.points() == AccidentCell(2006, 208)


def test_other_fees_are_not_raised() -> None:
    fees = (AccidentFee(AccidentFeeKind.FIRST, 100), AccidentFee(AccidentFeeKind.OTHER, 50))
    made = replace(TRAFFIC, fees=fees, fee_percent=120, certificate=None, statement=None)
    assert made.amounts()[2:] == (120, 50)


def test_every_box_is_filled() -> None:
    pdf = render("traffic_statement", TRAFFIC)
    assert set(sizes_mm(pdf)) == {(210, 297)}
    printed = text(pdf)
    for words in ("自動車損害賠償責任保険・共済", "令和8年6月1日", "架空損害保険株式会社", "45,282", "頚椎捻挫", "左手関節捻挫", "3,850円×1", "Ａ（イ×単価×1.2）", "単価12円", "髙橋"):  # fmt: skip
        assert squeezed(words) in printed, words
    assert "（4）左手関節捻挫" in printed


def test_points_stand_in_their_lines_and_in_the_subtotals() -> None:
    sheet = front(TRAFFIC)
    assert beside(sheet, "12再診　外来管理加算等") == ["6", "381"]
    assert beside(sheet, "13医学管理") == ["225"]
    assert beside(sheet, "10小　計") == ["606"]
    assert beside(sheet, "21内服　薬剤") == ["14", "84"]
    assert beside(sheet, "20小　計　技術") == ["75"]
    assert beside(sheet, "　　　　　薬剤等") == ["187"]
    assert beside(sheet, "　　　　　薬剤等", 1) == ["12"]
    assert beside(sheet, "リハビリテーション等") == ["740"]


def test_a_single_row_prints_its_price() -> None:
    one = replace(TRAFFIC, rows={AccidentRow.REVISIT: AccidentCell(150, 0, 2, 75)})
    assert beside(front(one), "12再診　外来管理加算等") == ["75×", "2", "150"]
    rows = {AccidentRow.REVISIT: AccidentCell(150, 0, 2, 75), AccidentRow.NIGHT: AccidentCell(5, 0, 1)}
    assert together(rows, AccidentRow.REVISIT, AccidentRow.NIGHT).unit_points is None


@pytest.mark.parametrize("row", AccidentRow)
@pytest.mark.parametrize("cell", [AccidentCell(123, 0, 1), AccidentCell(0, 123, 1)])
def test_no_row_is_lost_on_the_sheet(row: AccidentRow, cell: AccidentCell) -> None:
    is_goods_row = row.value.endswith("drug")
    if bool(cell.goods_points) is not is_goods_row:
        return
    sheet = front(replace(TRAFFIC, rows={row: cell}))
    lines = [one for one in sheet["values"] if one["words"] == "123" and one["x"] in (66, 86.5)]
    # Its own line, a subtotal where its class has one, and the sum of all.
    assert len(lines) >= 2
    assert max(one["y"] for one in lines) == 216.75


def test_the_days_of_care_are_ringed() -> None:
    sheet = front(TRAFFIC)
    days = [ring for ring in sheet["rings"] if ring[1] > 233]
    assert len(days) == 4
    assert beside_days(sheet) == ["6"]
    late = front(replace(TRAFFIC, visit_days=(date(2026, 5, 31), date(2026, 6, 2))))
    assert beside_days(late) == ["5", "6"]


def beside_days(sheet: dict[str, Any]) -> list[str]:
    return [one["words"] for one in sheet["values"] if one["x"] == 27]


def test_what_the_summary_cannot_hold_goes_on() -> None:
    units = tuple(SummaryUnit("60", (SummaryItem(f"架空検査{n}番"),), 10, 1) for n in range(200))
    sheets = ["".join(p.extract_text().split()) for p in reader(render("traffic_statement", replace(TRAFFIC, units=units))).pages]  # fmt: skip
    assert len(sheets) == 3
    assert all("（続紙）" in sheet and "髙橋" in sheet for sheet in sheets[1:])
    assert all(sum(sheet.count(f"架空検査{n}番") for sheet in sheets) == 1 for n in range(200))


def test_nothing_to_claim_and_a_tax_are_refused() -> None:
    with pytest.raises(BadInput, match="診療がありません"):
        render("traffic_statement", replace(TRAFFIC, rows={}, fees=()))
    with pytest.raises(BadInput, match="消費税の欄がありません"):
        render("traffic_statement", replace(TRAFFIC, tax_yen=100))


def test_what_is_not_known_is_left_to_be_written() -> None:
    bare = replace(TRAFFIC, injured_on=None, outcome=None, claimed_on=None, insurer_name="", certificate=None)
    printed = text(render("traffic_statement", bare))
    assert "令和年月日" in printed
    assert "令和8年6月1日" not in printed
    assert not [ring for ring in front(bare)["rings"] if 46 < ring[1] < 57]
