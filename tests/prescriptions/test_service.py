# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービスの規則 — operations, states, days, and which drugs meet; without a server."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescription_service import AMLODIPINE, LOXOPROFEN, dispensing_text, prescription_text
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.service import rules
from tasuki.prescriptions.service.courses import (
    DAYS_WITHOUT_A_NUMBER,
    Course,
    dispensed_courses,
    prescribed_courses,
)
from tasuki.prescriptions.service.operations import OPERATIONS, Actor, read_operation
from tasuki.prescriptions.service.overlap import AlertKind, PastCourse, find_alerts
from tasuki.prescriptions.service.states import ACTS, Act, PrescriptionState, after_dispensing, next_state

DAY = date(2026, 11, 30)


def _course(ingredient: str, since: date, days: int, name: str = "薬") -> Course:
    return Course(
        ingredient,
        "4",
        ingredient,
        name,
        "1",
        "錠",
        "",
        "1",
        since,
        since + timedelta(days=days - 1),
        ingredient,
    )


def _past(course: Course) -> PastCourse:
    return PastCourse(course, "1319990028", "となり医院", "", "", "")


@given(
    st.integers(0, 60),
    st.integers(1, 90),
    st.integers(0, 60),
    st.integers(1, 90),
    st.sampled_from(["2171022", "1149019", ""]),
)
def test_a_duplicate_is_the_same_ingredient_on_a_common_day(first, days, other, more, ingredient):
    mine = _course("2171022", DAY + timedelta(days=first), days)
    theirs = _course(ingredient, DAY + timedelta(days=other), more)
    common = {DAY + timedelta(days=n) for n in range(first, first + days)} & {
        DAY + timedelta(days=n) for n in range(other, other + more)
    }
    found = find_alerts([mine], [_past(theirs)])
    assert bool(found) is (bool(common) and ingredient == "2171022")
    for alert in found:
        assert alert.kind is AlertKind.DUPLICATE and alert.days == (min(common), max(common))


def test_a_drug_without_a_known_code_is_never_a_duplicate_of_another():
    one = _course("", DAY, 28)
    assert find_alerts([one], [_past(one)]) == ()


def test_a_contraindication_is_asked_once_for_a_pair_and_not_of_the_same_ingredient():
    asked = []

    def checker(first: str, second: str, on: date) -> str:
        asked.append((first, second, on))
        return "だめ"

    later = DAY + timedelta(days=3)
    found = find_alerts(
        [_course("2190028", later, 7), _course("1149019", DAY, 7)],
        [_past(_course("1149019", DAY, 7))],
        checker,
    )
    assert asked == [("2190028", "1149019", later)]
    assert [each.kind for each in found] == [AlertKind.CONTRAINDICATION, AlertKind.DUPLICATE]


def test_courses_are_read_from_both_documents_alike():
    prescribed = prescribed_courses(
        read_prescription(prescription_text("1319990010", AMLODIPINE, issued_on=DAY)), lambda _: ""
    )
    dispensed = dispensed_courses(read_prescription(dispensing_text(AMLODIPINE, on=DAY)), lambda _: "")
    (one,), (other,) = prescribed, dispensed
    assert (one.ingredient, one.since, one.until) == (other.ingredient, other.since, other.until)
    assert one.until == DAY + timedelta(days=27)


def test_a_code_of_claims_finds_its_ingredient_by_the_master():
    data = prescription_text("1319990010", ("2", "610453031", "薬"), issued_on=DAY)
    (one,) = prescribed_courses(read_prescription(data), {"610453031": "2171022F1010"}.get)
    assert (one.ingredient, one.yj) == ("2171022", "2171022F1010")


def test_an_external_drug_counts_for_a_fortnight():
    text = prescription_text("1319990010", LOXOPROFEN, issued_on=DAY).decode().replace("101,1,1,", "101,1,3,")
    (one,) = prescribed_courses(read_prescription(text.encode()), lambda _: "")
    assert (one.until - one.since).days + 1 == DAYS_WITHOUT_A_NUMBER


def test_what_a_pharmacy_tells_reads_back_without_a_finding():
    document = read_prescription(dispensing_text(AMLODIPINE, LOXOPROFEN, on=DAY))
    assert (document.format.name, document.encoding, document.findings) == ("CJ", "utf-8", ())
    assert [document.item(each, "drug_name") for each in document.of("201")] == [AMLODIPINE[2], LOXOPROFEN[2]]


def test_every_act_leaves_a_state_and_nothing_leaves_from_two():
    for act, step in ACTS.items():
        assert [state for state in PrescriptionState if next_state(state, act)] == [step.since]
        assert step.since is not step.to, act
    assert {ACTS[act].by_holder for act in (Act.RELEASE, Act.COLLECT, Act.DISPENSE, Act.CANCEL_RESULT)} == {
        True
    }


def test_a_refill_ends_with_its_last_round():
    assert after_dispensing(1, 1) is PrescriptionState.DISPENSED
    assert [after_dispensing(n, 3) for n in (1, 2, 3)].count(PrescriptionState.WAITING) == 2


@pytest.mark.parametrize(
    ("table", "before", "since", "value"),
    [
        (rules.USABLE_DAYS, date(2023, 1, 25), date(2023, 1, 26), 4),
        (rules.READABLE_DAYS, date(2023, 1, 25), date(2023, 1, 26), 100),
        (rules.STORED_YEARS, date(2024, 2, 29), date(2024, 3, 1), 5),
        (rules.REFILL_ROUNDS, date(2022, 3, 31), date(2022, 4, 1), 3),
    ],
)
def test_a_number_of_the_rules_holds_from_its_day(table, before, since, value):
    assert rules.number_on(table, since) == value
    with pytest.raises(LookupError):
        rules.number_on(table, before)


def test_drugs_need_a_code_from_august_2025():
    assert date(2025, 7, 31) not in rules.CODES_NEEDED and date(2025, 8, 1) in rules.CODES_NEEDED


def test_every_operation_is_found_by_the_name_of_its_file():
    for number, operation in OPERATIONS.items():
        assert read_operation(f"{operation.request_stem}20261130.xml") is operation
        assert read_operation(f"EPS-IF-{number}req_1.json") is operation
        assert read_operation(f"{operation.answer_stem}20261130.xml") is None


@pytest.mark.official
def test_the_operations_are_those_of_the_published_list(interfaces):
    published: dict[str, set[str]] = {}
    for actor, _, ids, _ in interfaces:
        if ids.startswith("EPS"):
            for pair in ids.replace("EPS-IF-", "").split(","):
                published.setdefault(pair.strip().split("/")[0], set()).add(actor)
    assert set(published) == set(OPERATIONS)
    for number, actors in published.items():
        actor = OPERATIONS[number].actor
        assert actor is Actor.BOTH or any(each.startswith(actor.value) for each in actors), number


@pytest.fixture
def interfaces() -> list[list[str]]:
    shared = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
    path = shared / "reference" / "interfaces" / "codes" / "eps_interfaces.csv"
    if not path.exists():
        pytest.skip("the published interface lists are not beside the checkout")
    with path.open(encoding="utf-8") as file:
        return list(csv.reader(file))[1:]
