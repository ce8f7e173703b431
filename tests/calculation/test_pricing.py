# SPDX-License-Identifier: Apache-2.0
"""Vectors of the official descriptions: stepped points, percentages, drugs and materials."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.calculation.bundle_points import BUNDLE_POINTS
from tasuki.calculation.draft import DraftLine, DraftUnit
from tasuki.calculation.price import price_unit
from tasuki.calculation.price_acts import price_group
from tasuki.kernel.validity import Validity
from tasuki.masters.rows import Act, Drug, Material, PointsKind, Step
from tasuki.masters.starter import load_starter

OPEN = Validity(date(2024, 6, 1), None)
DAY = load_starter().at(date(2026, 6, 15))
SHARES = {5: PointsKind.ADD_PERCENT, 6: PointsKind.SUBTRACT_PERCENT}


def act(
    code: str, points: str, *, step: Step | None = None, kind: PointsKind = PointsKind.ADD, record: str = "1",
    group: str = "0", serial: str = "0",
) -> Act:  # fmt: skip
    return Act(
        code=code, name=code, validity=OPEN, points=Decimal(points), points_kind=kind, step=step,
        record_kind=record, addition_group=group, addition_serial=serial,
    )  # fmt: skip


def points_of(*lines: DraftLine, section: str = "60") -> int | None:
    unit, _ = price_unit(DraftUnit(section, "u", lines))
    return None if unit is None else unit.points


def amount(row: Act, number: str) -> DraftLine:
    return DraftLine(row, Decimal(number))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("170027910", {"1": 68, "2": 102, "3": 136, "4": 170, "5": 204, "6": 204, "9": 204}),
        ("170000410", {"1": 85, "2": 128, "3": 170, "4": 213, "5": 255, "7": 255}),
        ("160177770", {"1": 10, "5": 50, "8": 50}),
        ("160069510", {"10": 90, "30": 90, "31": 180, "60": 180, "480": 1440}),
        ("160056110", {"1": 110, "13": 1430, "20": 1430}),
        ("170000910", {"1": 43, "2": 64}),
        ("170002410", {"1": 30, "2": 45}),
    ],
)
def test_stepped_points_of_the_official_description(code: str, expected: dict[str, int]) -> None:
    row = DAY.act(code)
    assert {n: points_of(amount(row, n)) for n in expected} == expected


def test_a_step_of_mode_two_is_not_billed_below_its_limit() -> None:
    # 患家診療時間加算: 60分までは算定せず、61〜90分100点、以後30分ごと
    row = act("114001470", "100", step=Step(90, 99999999, 30, Decimal(100), 2))
    results = {n: points_of(amount(row, n), section="14") for n in ("60", "61", "90", "91", "120", "121")}
    assert results == {"60": None, "61": 100, "90": 100, "91": 200, "120": 200, "121": 300}


def test_a_step_of_mode_zero_goes_on_above_its_upper_limit() -> None:
    row = act("1", "50", step=Step(60, 180, 60, Decimal(50), 0))
    assert points_of(amount(row, "240")) == 200


def test_general_additions_stand_side_by_side_and_leave_out_what_is_not_base() -> None:
    """通則加算: both take their share of 所定点数 (150 + 110), none of the other's."""
    lines = (
        DraftLine(act("base", "150", group="4000")),
        DraftLine(act("infant", "110", record="7")),
        DraftLine(act("night", "80", kind=SHARES[5], record="9")),
        DraftLine(act("other", "40", kind=SHARES[5], record="9")),
    )
    group = price_group(lines)
    assert group.points == 150 + 110 + 208 + 104
    assert [line.points for line in group.lines] == [150, 110, 208, 104]


def test_recorded_order_of_percentages_without_base_does_not_matter() -> None:
    base, pulse = act("e", "530", group="6011"), act("p", "150", record="7", group="6011", serial="1")
    less = act("less", "10", kind=SHARES[6], record="7")
    assert price_group((DraftLine(base), DraftLine(less), DraftLine(pulse))).points == 612
    assert price_group((DraftLine(base), DraftLine(pulse), DraftLine(less))).points == 612


def test_a_percentage_after_several_acts_counts_on_all_of_them() -> None:
    """心電図130と内視鏡1140を一連に記録し、乳幼児加算を最後に1つ: 1270 × 1.7."""
    lines = (
        DraftLine(act("ecg", "130")),
        DraftLine(act("endoscopy", "1140", group="6017")),
        DraftLine(act("infant", "70", kind=SHARES[5], record="7")),
    )
    assert points_of(*lines) == 2159


def test_each_test_on_the_body_is_rounded_by_itself_under_shared_percentages() -> None:
    """公開された請求例: 130 × 1.7 × 1.7 = 375.7 と 1140 × 1.7 × 1.7 = 3294.6 をそれぞれ四捨五入."""
    infant = act("infant", "70", kind=SHARES[5], record="7")
    lines = (
        DraftLine(act("ecg", "130")),
        DraftLine(act("endoscopy", "1140", group="6017")),
        DraftLine(infant),
        DraftLine(infant),
    )
    assert points_of(*lines) == 376 + 3295


def drug(price: str) -> Drug:
    return Drug(code="6", name="x", validity=OPEN, price=Decimal(price), unit_code="16")


@pytest.mark.parametrize(
    ("section", "prices", "expected"),
    [
        ("21", [("10.10", "1")], 1),
        ("21", [("15.00", "1")], 1),
        ("21", [("15.01", "1")], 2),
        ("21", [("25.00", "1")], 2),
        ("21", [("25.01", "1")], 3),
        # The prices of one 剤 are added first: 5.90 × 3 + 10.40 × 1 = 28.10 → 3, not 2 + 1.
        ("21", [("5.90", "3"), ("10.40", "1")], 3),
        ("31", [("15", "1")], 1),
        ("40", [("15", "1")], 0),
        ("40", [("15.10", "1")], 2),
        ("60", [("15", "1")], 0),
        ("70", [("1130", "1")], 113),
        ("54", [("94", "1")], 9),
    ],
)
def test_drug_points_by_place(section: str, prices: list[tuple[str, str]], expected: int) -> None:
    lines = [DraftLine(drug(price), Decimal(number)) for price, number in prices]
    assert points_of(*lines, section=section) == expected


def material(price: str, **extra: str) -> Material:
    return Material(code="7", name="m", validity=OPEN, price=Decimal(price), **extra)  # type: ignore[arg-type]


def test_oxygen_is_rounded_to_yen_after_its_correction_and_then_to_points() -> None:
    # 大型ボンベ 0.42円 × 150L × 1.3 = 81.9 → 82円 → 8.2 → 8点
    oxygen, correction = DAY.material("739220000"), DAY.material("770020070")
    lines = (DraftLine(oxygen, Decimal(150)), DraftLine(correction))
    assert points_of(*lines, section="40") == 8
    # 小型ボンベ 2.36円 × 35L × 1.3 = 107.38 → 107円 → 10.7 → 11点
    small = (DraftLine(material("2.36", oxygen="5"), Decimal(35)), DraftLine(correction))
    assert points_of(*small, section="40") == 11


def test_film_of_an_infant_is_raised_by_a_tenth_before_division() -> None:
    # 大角 115円 × 2枚 × 1.1 = 253円 → 25.3 → 25点; 半切 120円 × 1.1 = 132円 → 13点
    infant = material("10", price_kind="5", age_addition="1")
    assert (
        points_of(DraftLine(material("115", age_addition="1"), Decimal(2)), DraftLine(infant), section="70")
        == 25
    )
    assert (
        points_of(DraftLine(material("120", age_addition="1"), Decimal(1)), DraftLine(infant), section="70")
        == 13
    )


def test_half_a_point_of_material_counts() -> None:
    assert points_of(DraftLine(material("54"), Decimal(1)), section="40") == 5
    assert points_of(DraftLine(material("55"), Decimal(1)), section="40") == 6
    assert (
        points_of(
            DraftLine(material("0", price_kind="2"), Decimal(1), unit_price_yen=Decimal(155)), section="40"
        )
        == 16
    )


@given(st.sampled_from(BUNDLE_POINTS), st.integers(1, 30))
def test_more_items_never_cost_less_in_a_bundle(bundle: object, count: int) -> None:
    fewer, more = bundle.points_of(count), bundle.points_of(count + 1)  # type: ignore[attr-defined]
    assert (fewer or 0) <= (more or 0)
