# SPDX-License-Identifier: Apache-2.0
"""点数計算の点検 — fires on wrong fixed points and drug prices, and is silent where the master does not decide."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claims.invented_file import Row, act, disease, drug, header, insurer, one_receipt
from tasuki.claims.checks.run import check_file
from tasuki.claims.reader import read
from tasuki.kernel.finding import Finding, Severity
from tasuki.kernel.messages import sentence
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Act, Drug, PointsKind, Step

OPEN = Validity(date(2020, 1, 1))
FIRST_HALF = Validity(date(2020, 1, 1), date(2026, 6, 14))
SECOND_HALF = Validity(date(2026, 6, 15))


def _act(code: str, points: int, **given: object) -> Act:
    base: dict[str, object] = {"name": f"架空{code}", "validity": OPEN, "points": Decimal(points)}
    return Act(code=code, **(base | given))  # type: ignore[arg-type]


BOOK = Book(
    Tables(
        (Revision("架空", Validity(date(2020, 1, 1))),),
        acts=(
            _act("140000001", 52),
            _act("140000002", 10),
            _act("140000003", 50, points_kind=PointsKind.ADD_PERCENT),
            *(_act(f"1600000{nth:02}", 11, test_bundle="1") for nth in range(1, 7)),
            _act("160000011", 110, test_bundle="11"),
            _act("160000012", 110, test_bundle="11"),
            _act("140000004", 40, step=Step(40, 100, 20, Decimal(5), 2)),
            _act("140000005", 70, validity=FIRST_HALF),
            _act("140000005", 80, validity=SECOND_HALF),
        ),
        drugs=(Drug(code="620000001", name="架空錠", validity=OPEN, price=Decimal("8.4")),),
    )
)


def apart_codes(*rows: Row) -> list[str]:
    return [one.code for one in judged(*rows)]


def judged(*rows: Row) -> list[Finding]:
    total = sum(int(one[1].get("points") or 0) * int(one[1].get("count") or 0) for one in rows)  # type: ignore[arg-type]
    data = one_receipt(header(1, "1112", "架空　一郎"), insurer(total), disease(), *rows)
    findings = [one for one in check_file(read(data), BOOK) if one.code.startswith("UKE-L7")]
    assert all(one.severity is Severity.ADVICE and "{" not in sentence(one) for one in findings)
    return findings


def found(*rows: Row) -> list[tuple[str, object, object]]:
    return [(one.code, one.facts["found"], one.facts["expected"]) for one in judged(*rows)]


def test_the_right_points_are_silent_and_wrong_ones_are_told() -> None:
    assert found(act("40", "140000001", 52)) == []
    assert found(act("40", "140000001", 53)) == [("UKE-L7-7901", 53, Decimal(52))]


def test_a_base_with_its_addition_is_their_sum() -> None:
    assert found(act("40", "140000001", None), act("", "140000002", 62)) == []
    assert found(act("40", "140000001", None), act("", "140000002", 60)) == [("UKE-L7-7903", 60, Decimal(62))]


def test_drugs_of_one_unit_are_priced_together() -> None:
    # 8.4 yen times 3 is 25.2 yen: three points.
    assert found(drug("21", "620000001", "3", 3)) == []
    assert found(drug("21", "620000001", "3", 2)) == [("UKE-L7-7902", 2, 3)]


def together(count: int, points: int, day: int = 1) -> list[Row]:
    """Blood tests of one draw in one unit, the points on the last."""
    rows = [act("60" if nth == 1 else "", f"1600000{nth:02}", None, day) for nth in range(1, count)]
    return [*rows, act("60" if count == 1 else "", f"1600000{count:02}", points, day)]


def test_tests_billed_together_have_the_points_of_their_number() -> None:
    # D007 注: from five items 93 points; four are added up.
    assert found(*together(5, 93)) == []
    assert found(*together(5, 55)) == [("UKE-L7-7903", 55, Decimal(93))]
    assert found(*together(4, 44)) == []
    assert found(*together(1, 12)) == [("UKE-L7-7901", 12, Decimal(11))]
    # No note gives points for the number of 特異的IgE.
    assert found(act("60", "160000011", None), act("", "160000012", 999)) == []


def test_tests_of_one_day_in_several_units_are_asked_about_when_they_are_enough() -> None:
    apart = [act("60", f"1600000{nth:02}", 11, 1) for nth in range(1, 6)]
    assert apart_codes(*apart) == ["UKE-L7-7904"]
    assert apart_codes(*apart[:4]) == []
    assert apart_codes(*apart[:4], act("60", "160000005", 11, 2)) == []
    assert apart_codes(*together(5, 93), act("60", "160000006", 11, 1)) == ["UKE-L7-7904"]
    assert apart_codes(*together(5, 93)) == []
    assert apart_codes(*apart[:4], act("60", "160000005", 11, 1, payer_code="5")) == []


def test_percentages_steps_and_unknown_codes_are_not_judged() -> None:
    assert found(act("40", "140000001", None), act("", "140000003", 78)) == []
    assert found(act("40", "140000004", 45, amount="60")) == []
    assert found(act("40", "149999999", 1)) == []


def test_points_are_those_of_the_day_before_and_after_a_change() -> None:
    assert found(act("40", "140000005", 70, 14)) == []
    assert found(act("40", "140000005", 80, 15)) == []
    assert found(act("40", "140000005", 70, 15)) == [("UKE-L7-7901", 70, Decimal(80))]
    assert found(act("40", "140000005", 70, 14, count=2, day_15=1)) == []
