# SPDX-License-Identifier: Apache-2.0
"""内容の点検 — checks of content fire on the receipt that needs them and are silent on its neighbour."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from claims.invented_file import Row, act, disease, drug, header, insurer, one_receipt
from tasuki.chart.coverage import IncomeClass, Insurance, InsuranceKind
from tasuki.claims.checks.run import check_file
from tasuki.claims.content import (
    Content,
    Dispensed,
    EligibilitySnapshot,
    Prescribed,
    person_of,
    receipts_by_person,
)
from tasuki.claims.content.catalogue import CONTENT_CATALOGUE, WITHOUT_CASE
from tasuki.claims.indications import (
    ActIndication,
    Contraindication,
    DrugIndication,
    ForbiddenPair,
    Indications,
    read_check_master,
    starter_indications,
)
from tasuki.claims.reader import read
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.kernel.validity import Validity

FIRST = act("11", "111000110", 291)
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
    [Contraindication(drug="620000001", disease="8833430", source="架空")],
    [ForbiddenPair(drug="620000001", other="620000002", source="架空")],
    [ActIndication(act="140000610", disease="8833421", source="架空")],
)


def tablets(amount: str = "3", days: int = 7, code: str = "620000001") -> Row:
    return drug("21", code, amount, 5, count=days, day_1=days)


def codes(
    *lines: Row, diseases: tuple[Row, ...] = (disease(),), head: Row | None = None, **given: object
) -> list[str]:
    points = sum(int(str(row.get("points") or 0)) * int(str(row.get("count") or 1)) for _, row in lines)
    start = head or header(1, "1112", "架空　一郎")
    found = check_file(read(one_receipt(start, insurer(points), *diseases, *lines)), None, Content(**given))  # type: ignore[arg-type]
    assert all(sentence(one) for one in found)
    return [one.code for one in found if one.code[4:6] in ("D-", "I-", "P-", "N-", "E-", "H-")]


OLD = {"since": "20260201"}
UNCODED = ("SY", {"disease_code": "0000999", "outcome": "1"})
DISEASES: dict[str, tuple[tuple[Row, ...], list[str]]] = {
    "faultless": ((disease(),), []),
    "suspicion of four months": ((disease(modifiers="8002", **OLD),), ["UKE-D-01"]),
    "suspicion of this month": ((disease(modifiers="8002"),), []),
    "uncoded of four months": ((("SY", UNCODED[1] | {"since_on": "20260201", "disease_name": "架空痛"}),), ["UKE-D-03"]),
    "uncoded of this month": ((("SY", UNCODED[1] | {"since_on": "20260601", "disease_name": "架空痛"}),), []),
    "acute of four months": (
        (("SY", UNCODED[1] | {"since_on": "20260201", "disease_name": "急性架空炎"}),), ["UKE-D-02", "UKE-D-03"],
    ),
    "twice": ((disease(main="01"), disease()), ["UKE-D-04"]),
    "twice, one ended": ((disease(main="01"), disease(outcome="2")), []),
    "suspicion beside the disease": ((disease(main="01"), disease(modifiers="8002")), ["UKE-D-05"]),
    "two without a main one": ((disease(), disease("8833430")), ["UKE-D-06"]),
    "two with a main one": ((disease(main="01"), disease("8833430")), []),
    "infant's disease of a grown-up": (
        (("SY", UNCODED[1] | {"since_on": "20260601", "disease_name": "乳児架空疹"}),), ["UKE-D-10"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISEASES)
def test_diseases(name: str) -> None:
    rows, expected = DISEASES[name]
    assert codes(FIRST, diseases=rows) == expected


DRUGS: dict[str, tuple[tuple[Row, ...], tuple[Row, ...], list[str]]] = {
    "fits": ((FIRST, tablets()), (disease(),), []),
    "not checked": ((FIRST, tablets(code="620000009")), (disease("8833430"),), []),
    "no disease": ((FIRST, tablets()), (disease("8833431"),), ["UKE-I-01"]),
    "suspicion only": ((FIRST, tablets()), (disease(modifiers="8002"),), ["UKE-I-03"]),
    "too much": ((FIRST, tablets("4")), (disease(),), ["UKE-I-05"]),
    "too long": ((FIRST, tablets(days=31)), (disease(),), ["UKE-I-06"]),
    "contraindicated": ((FIRST, tablets()), (disease(main="01"), disease("8833430")), ["UKE-I-07"]),
    "forbidden pair": ((FIRST, tablets(), tablets(code="620000002")), (disease(),), ["UKE-I-08"]),
    "act fits": ((FIRST, act("40", "140000610", 52)), (disease(),), []),
    "act without disease": ((FIRST, act("40", "140000610", 52)), (disease("8833431"),), ["UKE-I-02"]),
    "act with a suspicion": ((FIRST, act("40", "140000610", 52)), (disease(modifiers="8002"),), ["UKE-I-04"]),
}


@pytest.mark.parametrize("name", DRUGS)
def test_indications(name: str) -> None:
    lines, rows, expected = DRUGS[name]
    assert codes(*lines, diseases=rows, indications=TABLES) == expected


def test_ages_are_those_of_the_rows() -> None:
    child = header(1, "1114", "架空　一郎", born_on="20220404")
    assert codes(FIRST, tablets(), head=child, indications=TABLES) == ["UKE-I-09"]


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({}, []),
        ({"validity": Validity(date(2020, 4, 1), date(2026, 5, 31))}, ["UKE-E-01"]),
        ({"validity": Validity(date(2026, 6, 15))}, ["UKE-E-02"]),
        ({"number": "99"}, ["UKE-E-03"]),
        ({"income_class": IncomeClass.A}, ["UKE-E-07"]),
        ({"income_class": IncomeClass.E}, []),
    ],
)
def test_eligibility(card: dict[str, object], expected: list[str]) -> None:
    base: dict[str, object] = {"insurer_number": "01130012", "symbol": "12345678", "number": "12"}
    one = Insurance(InsuranceKind.EMPLOYEES, **(base | card))  # type: ignore[arg-type]
    head = header(1, "1112", "架空　一郎", special_notes="29")
    assert codes(FIRST, head=head, snapshots={"00001": EligibilitySnapshot((one,))}) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((Decimal(3), 7), []),
        ((Decimal(3), 14), ["UKE-P-02"]),
        ((Decimal(2), 7), ["UKE-P-03"]),
        (None, ["UKE-P-01"]),
    ],
)
def test_dispensed_as_prescribed(given: tuple[Decimal, int] | None, expected: list[str]) -> None:
    receipt = read(one_receipt(header(1, "1112", "架空　一郎"), insurer(291), disease(), FIRST)).receipts[0]
    day = date(2026, 6, 1)
    ours = (Prescribed("620000001", day, *given),) if given else ()
    found = codes(
        FIRST,
        prescribed={"00001": ours},
        dispensed={person_of(receipt): (Dispensed("620000001", day, day, Decimal(3), 7),)},
    )
    assert found == expected


def test_a_disease_that_vanished_has_no_outcome() -> None:
    head = header(1, "1112", "架空　一郎", service_month="202605")
    past = read(one_receipt(head, insurer(291), disease("8833430", "20260501"), FIRST)).receipts
    assert codes(FIRST, past=receipts_by_person(past)) == ["UKE-D-12"]
    assert codes(FIRST, diseases=(disease("8833430", "20260501"),), past=receipts_by_person(past)) == []


def test_the_check_master_is_read_and_a_bad_row_named() -> None:
    row = [
        "620000001",
        "8833421",
        "",
        "",
        "0",
        "0",
        "999",
        "1",
        *[""] * 4,
        "3",
        "",
        "30",
        *[""] * 5,
        "0",
        "",
        "0",
        "",
    ]
    lines = [",".join(["見出し"] * 24), ",".join(row), ",".join(["62000000X", *row[1:]])]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("IY_Tekio.csv", "\r\n".join(lines).encode("cp932"))
    made = read_check_master({"架空.zip": packed.getvalue()})
    (kept,) = made.indications.of_drug("620000001", None)
    assert (kept.most_a_day, kept.most_days, kept.age_to) == (Decimal(3), 30, None)
    (bad,) = made.findings
    assert (bad.where.file, bad.where.line, bad.where.field) == ("IY_Tekio.csv", 3, "1")
    with pytest.raises(BadInput):
        read_check_master({"別.csv": b"1,2"})


def test_every_row_of_the_starter_names_its_source() -> None:
    tables = starter_indications()
    assert len(tables) > 0
    assert all(row.source for row in tables.of_act("160037510"))


def test_every_check_of_content_has_a_class_a_source_and_a_sentence() -> None:
    assert all(check.asp_class and check.source and check.sentence for check in CONTENT_CATALOGUE.values())


def test_the_list_of_checks_without_a_case_is_true() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert {
        code for code, check in CONTENT_CATALOGUE.items() if check.public_code not in text
    } == WITHOUT_CASE


def test_a_card_that_ends_in_the_month_parts_the_receipt() -> None:
    base = Insurance(
        InsuranceKind.EMPLOYEES,
        "01130012",
        "12345678",
        "12",
        validity=Validity(date(2020, 4, 1), date(2026, 6, 7)),
    )
    snapshots = {"00001": EligibilitySnapshot((base,))}
    assert codes(FIRST, act("12", "112007410", 75, 8), snapshots=snapshots) == ["UKE-E-04"]


def test_a_receipt_without_a_basic_fee_is_asked() -> None:
    assert codes(act("60", "160000310", 26)) == ["UKE-N-03"]


def test_a_drug_dispensed_outside_asks_for_a_disease_here() -> None:
    receipt = read(one_receipt(header(1, "1112", "架空　一郎"), insurer(291), disease(), FIRST)).receipts[0]
    day = date(2026, 6, 1)
    given = {person_of(receipt): (Dispensed("620000001", day, day, Decimal(3), 7),)}
    assert codes(FIRST, indications=TABLES, dispensed=given) == []
    assert codes(FIRST, diseases=(disease("8833431"),), indications=TABLES, dispensed=given) == ["UKE-P-04"]
