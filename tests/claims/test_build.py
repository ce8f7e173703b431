# SPDX-License-Identifier: Apache-2.0
"""レセプト作成 — a month of calculated visits becomes the files of each payer, to the point and the yen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from claims.invented_month import (
    BOOK,
    CHILD,
    CLINIC,
    EMPLOYEE,
    JUNE,
    LATE,
    NATIONAL,
    RARE,
    URINE,
    WELFARE,
    Someone,
    act,
    cold,
    drug,
    month,
    people,
)
from tasuki.calculation.statement import Line, LineKind, Unit
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind, ReductionKind, ShareReduction
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.claims.build import BuiltMonth, MonthInput, Narrative, build_month
from tasuki.claims.checks.run import check_file
from tasuki.claims.points import file_totals, payer_sums
from tasuki.claims.reader import read
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import IY
from tasuki.claims.records import Line as LineView
from tasuki.kernel.because import Verdict
from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.messages import sentence


def build(*who: Someone) -> BuiltMonth:
    return build_month(month(*who), BOOK)


def only(*who: Someone) -> Receipt:
    (built,) = build(*who).receipts
    assert not built.is_left_out, built.findings
    return built.receipt


def someone(coverage: Coverage, *visits: tuple[int, tuple[Order, ...]], **given: object) -> Someone:
    base = {"name": "架空 太郎", "kana": "カクウタロウ", "born": date(1980, 4, 4)}
    days = list(visits) or [(1, ())]
    return Someone("7", coverage=coverage, visits=days, **(base | {"diagnoses": (cold(days[0][0]),)} | given))  # type: ignore[arg-type]


def test_the_written_files_read_again_to_the_points_and_yen_of_the_month() -> None:
    asked = month()
    built = build_month(asked, BOOK)
    assert [(f.payer, f.name, f.receipt_count) for f in built.files] == [
        ("1", "shaho/RECEIPTC.UKE", 3), ("2", "kokuho/RECEIPTC.UKE", 2)
    ]  # fmt: skip
    receipts = {}
    for file in built.files:
        again = read(file.data)
        assert again.findings == ()
        assert {f.severity for f in check_file(again, BOOK)} <= {Severity.ADVICE}
        trailer = again.trailer
        assert trailer is not None
        assert (trailer.receipt_count, trailer.total_points) == file_totals(again.receipts) == file.totals
        receipts |= {one.header.chart_number: one for one in again.receipts}
    for patient in asked.patients:
        (closed,) = patient.copayment.receipts
        receipt = receipts[patient.chart_number]
        main = receipt.insurer or receipt.programmes[0]
        assert main.total_points == closed.points == sum(b.statement.total_points for b in patient.visits)
        assert main.visit_days == closed.day_count
        assert main.share_yen == closed.amount_yen or not closed.is_insured
        for record, programme in zip(receipt.programmes, closed.programmes, strict=True):
            assert (record.total_points, record.share_yen) == (programme.points, programme.amount_yen)


def test_what_is_built_is_the_same_whatever_the_order_of_patients() -> None:
    asked = month()
    turned = replace(asked, patients=tuple(reversed(asked.patients)))
    assert [f.data for f in build_month(asked, BOOK).files] == [
        f.data for f in build_month(turned, BOOK).files
    ]


@pytest.mark.parametrize(
    ("coverage", "born", "code", "payer"),
    [
        (Coverage(EMPLOYEE), date(1980, 4, 4), "1112", "1"),
        (Coverage(replace(EMPLOYEE, is_dependant=True)), date(1980, 4, 4), "1116", "1"),
        (Coverage(CHILD), date(2020, 4, 2), "1114", "1"),
        (Coverage(CHILD), date(2020, 4, 1), "1116", "1"),
        (Coverage(replace(EMPLOYEE, share_percent=20)), date(1956, 6, 1), "1118", "1"),
        (Coverage(replace(EMPLOYEE, share_percent=30)), date(1956, 6, 1), "1110", "1"),
        (Coverage(EMPLOYEE), date(1956, 6, 2), "1112", "1"),
        (Coverage(NATIONAL, (RARE,)), date(1980, 4, 4), "1122", "2"),
        (Coverage(LATE), date(1940, 4, 4), "1318", "2"),
        (Coverage(replace(LATE, share_percent=30)), date(1940, 4, 4), "1310", "2"),
        (Coverage(None, (WELFARE,)), date(1980, 4, 4), "1212", "1"),
        (Coverage(EMPLOYEE, (RARE, replace(WELFARE, payer_number="25131234"))), date(1980, 4, 4), "1132", "1"),
    ],
)  # fmt: skip
def test_type_and_payer_follow_insurance_age_share_and_programmes(
    coverage: Coverage, born: date, code: str, payer: str
) -> None:
    (built,) = build(someone(coverage, born=born)).receipts
    assert (built.receipt.header.receipt_type, built.payer) == (code, payer)
    assert not built.is_left_out


def test_equal_groups_of_different_days_become_one_with_the_count_of_each_day() -> None:
    receipt = only(people()[0])
    drugs = [line for line in receipt.lines if isinstance(line, IY)]
    assert [(line.count, line.days, line.points) for line in drugs] == [(28, ((1, 14), (15, 14)), 4)]
    urine = next(line for line in receipt.lines if isinstance(line, LineView) and line.code == URINE)
    assert (urine.count, urine.days) == (2, ((1, 1), (15, 1)))


def test_other_amounts_and_other_payers_stay_apart() -> None:
    visits = (
        (1, (drug("d", "610406390", "3", 7), act("a", URINE, programmes=(RARE.key,)))),
        (8, (drug("d", "610406390", "1.5", 7), act("a", URINE, programmes=()))),
    )
    receipt = only(someone(Coverage(NATIONAL, (RARE,)), *visits))
    drugs = [line for line in receipt.lines if isinstance(line, IY)]
    assert [(line.amount, line.count) for line in drugs] == [(Decimal(3), 7), (Decimal("1.5"), 7)]
    codes = [line.payer_code for line in receipt.lines if isinstance(line, LineView) and line.code == URINE]
    assert codes == ["2", "1"]
    assert payer_sums(receipt)[0].points - payer_sums(receipt)[1].points == 26


def test_sections_rise_and_each_group_names_its_own() -> None:
    for built in build().receipts:
        sections = [group.section for group in built.receipt.groups]
        assert sections == sorted(sections)
        assert all(sections)


def test_programmes_stand_in_the_order_of_the_law_whatever_the_coverage_says() -> None:
    coverage = Coverage(EMPLOYEE, (replace(WELFARE, payer_number="25131234"), RARE))
    receipt = only(someone(coverage))
    assert [one.payer_number for one in receipt.programmes] == ["54136015", "25131234"]
    assert {line.payer_code for line in receipt.lines} == {"4"}
    assert [jd.bearer_kind for jd in receipt.visits] == ["1", "2", "3"]


def test_a_programme_before_insurance_has_a_receipt_of_its_own() -> None:
    atomic = replace(WELFARE, payer_number="18131236", id="atom")
    who = someone(
        Coverage(NATIONAL, (atomic,)), (1, (act("a", URINE, programmes=("atom",)),)), kana="かくう"
    )  # fmt: skip
    built = {one.receipt.header.receipt_type: one for one in build(who).receipts}
    assert set(built) == {"1212", "1112"}
    assert (built["1212"].payer, built["1112"].payer) == ("1", "2")
    assert built["1212"].receipt.programmes[0].total_points == 26
    assert {line.payer_code for line in built["1212"].receipt.lines} == {"5"}


def test_numbers_cards_and_reductions_are_written_as_the_records_ask() -> None:
    card = replace(
        NATIONAL, share_reduction=ShareReduction(ReductionKind.REDUCED, percent=50, certificate_number="123")
    )
    receipt = only(someone(Coverage(card)))
    payer = receipt.insurer
    assert payer is not None
    assert payer.insurer_number == "  138057"
    assert (payer.reduction_kind, payer.reduction_percent, payer.certificate_number) == ("1", 50, "123")
    assert receipt.header.benefit_percent == 70
    assert [one.branch for one in receipt.confirmations] == ["00"]
    late = only(someone(Coverage(LATE), born=date(1940, 4, 4)))
    assert [one.branch for one in late.confirmations] == [""]


def test_days_that_do_not_count_are_marked_so() -> None:
    who = someone(Coverage(EMPLOYEE), (1, ()), (8, (act("a", URINE),)), is_not_counted=frozenset({8}))
    receipt = only(who)
    assert receipt.insurer is not None
    assert receipt.insurer.visit_days == 1
    assert receipt.visits[0].days == ((1, "1"), (8, "2"))


def test_diseases_of_the_month_stand_main_first_and_ended_ones_are_gone() -> None:
    receipt = only(people()[0])
    assert [(d.disease_code, d.main, d.modifiers) for d in receipt.diseases] == [
        ("4659007", "01", ()), ("7840024", "", ("8002",))
    ]  # fmt: skip


def test_a_name_outside_the_character_set_keeps_one_receipt_out_and_the_others_go_on() -> None:
    who = people()
    who[0].name = "髙橋 一郎"
    built = build(*who)
    (out,) = [one for one in built.receipts if one.is_left_out]
    (finding,) = [f for f in out.findings if f.severity is Severity.BLOCK]
    assert (finding.code, finding.where.file, finding.where.record, finding.where.field) == (
        "UKE-W-01", "1", "RE", "5"
    )  # fmt: skip
    assert "髙" in sentence(finding)
    assert sum(file.receipt_count for file in built.files) == 4
    again = read(built.files[0].data)
    assert [one.header.receipt_number for one in again.receipts] == [1, 2]


def test_names_too_long_are_named() -> None:
    who = someone(Coverage(EMPLOYEE), name="架空架空架空架空架空 太郎太郎太郎太郎太郎")
    (out,) = build(who).receipts
    assert out.is_left_out
    assert ("UKE-W-02", "5") in [(f.code, f.where.field) for f in out.findings]


def test_kana_that_is_no_katakana_is_left_out_with_advice() -> None:
    (built,) = build(someone(Coverage(EMPLOYEE), kana="Kakuu")).receipts
    assert built.receipt.header.patient_kana == ""
    assert [f.code for f in built.findings] == ["UKE-B-03"]


def test_no_disease_keeps_the_receipt_out() -> None:
    (out,) = build(someone(Coverage(EMPLOYEE), diagnoses=())).receipts
    assert out.is_left_out
    assert [f.code for f in out.findings if f.severity is Severity.BLOCK] == ["UKE-L2-2554"]


def test_a_bill_that_does_not_fit_the_copayment_keeps_the_receipt_out() -> None:
    asked = month(someone(Coverage(EMPLOYEE)))
    (patient,) = asked.patients
    (closed,) = patient.copayment.receipts
    wrong = replace(patient.copayment, receipts=(replace(closed, points=closed.points + 1),))
    (out,) = build_month(replace(asked, patients=(replace(patient, copayment=wrong),)), BOOK).receipts
    assert [f.code for f in out.findings if f.severity is Severity.BLOCK] == ["UKE-B-01"]
    assert out.is_left_out


def test_work_accidents_are_claimed_elsewhere_and_said_so() -> None:
    card = Insurance(InsuranceKind.WORK_ACCIDENT, "", "", "1")
    built = build(someone(Coverage(card)))
    assert (built.files, built.receipts) == ((), ())
    assert [f.code for f in built.findings] == ["UKE-B-07"]


def test_an_institution_that_cannot_be_written_is_refused() -> None:
    asked = replace(month(people()[0]), institution=replace(CLINIC, name="髙橋医院"))
    with pytest.raises(BadInput):
        build_month(asked, BOOK)


def with_unit(asked: MonthInput, *units: Unit) -> MonthInput:
    """The month with units put into its first visit, the copayment made to agree."""
    (patient,) = asked.patients
    billed = patient.visits[0]
    statement = replace(billed.statement, units=(*billed.statement.units, *units))
    added = sum(unit.total_points for unit in units)
    closed = tuple(replace(one, points=one.points + added) for one in patient.copayment.receipts)
    return replace(
        asked,
        patients=(
            replace(
                patient,
                visits=(billed._replace(statement=statement), *patient.visits[1:]),
                copayment=replace(patient.copayment, receipts=closed),
            ),
        ),
    )


def line(kind: LineKind, code: str, amount: str | None = None, text: str = "") -> Line:
    return Line(code, code, kind, Decimal(amount) if amount else None, 0, Verdict.GRANTED, (), text)


def test_comments_follow_their_unit_and_long_remarks_go_on() -> None:
    unit = Unit(
        "40", "o1",
        (
            line(LineKind.ACT, "140000610"),
            line(LineKind.COMMENT, "810000001", text="あ" * 40),
            line(LineKind.COMMENT, "850100097", text="2026-06-01"),
        ),
        52, 1,
    )  # fmt: skip
    (built,) = build_month(with_unit(month(someone(Coverage(EMPLOYEE))), unit), BOOK).receipts
    records = [r.values for r in built.receipt.records if r.id == "CO"]
    assert [r[4] for r in records] == ["あ" * 38, "あ" * 2, "５０８０６０１"]
    assert [r[1] for r in records] == ["", "", ""]


@pytest.mark.parametrize(
    ("code", "text", "recorded"),
    [
        ("850100186", "2020-09-11", "５０２０９１１"),
        ("851100001", "0545", "０５４５"),
        ("852100004", "75", "０００７５"),
        ("853100019", "011111", "０１１１１１"),
        ("880100013", "2022-11-01 10.5", "５０４１１０１００００１０．５"),
        ("842100057", "3", "３"),
    ],
)
def test_days_times_and_values_of_comments_fill_their_places(code: str, text: str, recorded: str) -> None:
    """マスターファイル仕様説明書 R6 別紙6-1: the examples it prints."""
    unit = Unit("40", "o1", (line(LineKind.ACT, "140000610"), line(LineKind.COMMENT, code, text=text)), 52, 1)
    (built,) = build_month(with_unit(month(someone(Coverage(EMPLOYEE))), unit), BOOK).receipts
    assert [r.values[4] for r in built.receipt.of("CO")] == [recorded]
    assert not [f.code for f in built.findings if f.where.record == "CO"]


def test_a_reduction_of_drugs_is_recorded_without_a_sign_and_taken_off() -> None:
    """マスターファイル仕様説明書 R6 使用方法が特殊なコード 4: 10/100 of the points stand beside 630010002."""
    drugs = Unit("21", "d", (line(LineKind.DRUG, "610406390", "3"),), 40, 14, "d")
    less = Unit("21", "r", (line(LineKind.DRUG, "630010002"),), -56, 1, "r")
    (built,) = build_month(with_unit(month(someone(Coverage(EMPLOYEE))), drugs, less), BOOK).receipts
    assert not built.is_left_out, built.findings
    assert [(r.values[3], r.values[5]) for r in built.receipt.of("IY")] == [
        ("610406390", "40"), ("630010002", "56")
    ]  # fmt: skip
    assert built.receipt.insurer is not None
    assert payer_sums(built.receipt)[0].points == built.receipt.insurer.total_points


def test_a_bought_material_says_name_and_price_and_cheap_drugs_of_procedures_are_left_out() -> None:
    order = Order(
        "o1", OrderKind.ACT, (Item("777770000", Decimal(2), comment="架空テープ S", unit_price_yen=Decimal("45.50")),)
    )  # fmt: skip
    asked = month(someone(Coverage(EMPLOYEE)))
    (patient,) = asked.patients
    billed = patient.visits[0]
    visit = replace(billed.visit, orders=(order,))
    asked = replace(
        asked, patients=(replace(patient, visits=(billed._replace(visit=visit), *patient.visits[1:])),)
    )
    group = (
        Unit("40", "o1", (line(LineKind.ACT, "140000610"),), 52, 1, "o1"),
        Unit("40", "o1", (line(LineKind.DRUG, "610406390", "0.5"),), 0, 1, "o1"),
        Unit("40", "o1", (line(LineKind.MATERIAL, "777770000", "2.0"),), 9, 1, "o1"),
    )
    (built,) = build_month(with_unit(asked, *group), BOOK).receipts
    (material,) = built.receipt.of("TO")
    assert material.values[1] == ""
    assert (material.values[4], material.values[8], material.values[10]) == ("2", "45.5", "架空テープ　Ｓ")
    assert not built.receipt.of("IY")
    assert "UKE-B-05" in [f.code for f in built.findings]


def test_a_group_of_more_than_99_records_is_opened_again() -> None:
    units = tuple(
        Unit("60", "o1", (line(LineKind.ACT, URINE), line(LineKind.ACT, "160008010")), 47 + n, 1)
        for n in range(60)
    )
    (built,) = build_month(with_unit(month(someone(Coverage(EMPLOYEE))), *units), BOOK).receipts
    sizes = [sum(len(u.lines) for u in g.units) for g in built.receipt.groups if g.section == "60"]
    assert sum(sizes) == 120
    assert max(sizes) <= 99


def test_a_long_remark_counts_as_the_records_it_fills() -> None:
    units = tuple(
        Unit(
            "60",
            "o1",
            (line(LineKind.ACT, URINE), line(LineKind.COMMENT, "810000001", text="あ" * 70)),
            26 + n,
            1,
        )
        for n in range(40)
    )
    (built,) = build_month(with_unit(month(someone(Coverage(EMPLOYEE))), *units), BOOK).receipts
    sizes = [sum(len(u.lines) for u in g.units) for g in built.receipt.groups if g.section == "60"]
    assert sum(sizes) == 120
    assert max(sizes) <= 99


def test_a_returned_receipt_keeps_its_history_byte_for_byte() -> None:
    asked = month(someone(Coverage(EMPLOYEE)))
    history = (b"1,1,1,MN,,,20260712345678901", b"1,2,1,SY,\x87\x40", b"1,3,1,RC,0123ABC")
    patient = replace(asked.patients[0], search_number="20260712345678901", history=history)
    built = build_month(replace(asked, patients=(patient,)), BOOK)
    assert [f.code for f in built.receipts[0].findings] == []
    assert b"\r\n".join(history) + b"\r\nGO," in built.files[0].data


def test_narratives_marks_and_pregnancy_are_written() -> None:
    asked = month(someone(Coverage(EMPLOYEE), narratives=(Narrative("01", "続く。"),), marks=("10",)))
    patient = replace(asked.patients[0], conditions=("001",))
    (built,) = build_month(replace(asked, patients=(patient,)), BOOK).receipts
    header = built.receipt.header
    assert (header.special_notes, header.patient_conditions) == (("10",), ("001",))
    assert [(one.kind, one.text) for one in built.receipt.narratives] == [("01", "続く。")]


def test_a_late_claim_stands_beside_those_of_the_month() -> None:
    asked = replace(month(someone(Coverage(EMPLOYEE))), claim_month=JUNE.plus(3))
    (built,) = build_month(asked, BOOK).receipts
    assert not built.is_left_out
    too_early = replace(asked, claim_month=JUNE)
    (out,) = build_month(too_early, BOOK).receipts
    assert [f.code for f in out.findings] == ["UKE-L2-2159"]


def test_uncoded_materials_are_calculated_named_and_recorded_each_with_its_price() -> None:
    """777770000: from the order through the calculation to TO.9 and TO.11, two of them in one order."""
    items = (
        Item("140000610"),
        Item("777770000", Decimal(2), comment="架空テープ S", unit_price_yen=Decimal("45.50")),
        Item("777770000", Decimal(1), comment="架空チューブ 10Fr", unit_price_yen=Decimal(1200)),
    )
    asked = month(someone(Coverage(EMPLOYEE), (1, (Order("o1", OrderKind.ACT, items),))))
    statement = asked.patients[0].visits[0].statement
    (materials,) = (u for u in statement.units if u.lines[0].kind is LineKind.MATERIAL)
    # (45.5×2＋1,200)÷10＝129.1 → 129点。
    assert materials.points == 129
    assert [line.name for line in materials.lines] == ["架空テープ S", "架空チューブ 10Fr"]
    assert [f.code for f in statement.findings if f.code.startswith("CAL-001")] == ["CAL-0016", "CAL-0016"]
    (built,) = build_month(asked, BOOK).receipts
    assert [(r.values[4], r.values[8], r.values[10]) for r in built.receipt.of("TO")] == [
        ("2", "45.5", "架空テープ　Ｓ"),
        ("1", "1200", "架空チューブ　１０Ｆｒ"),
    ]
