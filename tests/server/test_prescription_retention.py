# SPDX-License-Identifier: Apache-2.0
"""保存期間 — of each kind the last day it is kept and the first it is gone; what must be kept, and who may remove it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from prescription_service import (
    AMLODIPINE,
    CARD,
    LOXOPROFEN,
    TODAY,
    Institution,
    dispensing_text,
    prescription_text,
)
from tasuki.eligibility.requests import CardNumber
from tasuki.eligibility.times import JAPAN
from tasuki.prescriptions.service.messages import card_values, to_base64

pytestmark = pytest.mark.server
TABLES = ("prescription", "dispensing", "storeddocument", "transition", "drugcourse", "storedprescription")


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield (
        Institution("13", "1", "9990010", "試験医院"),
        Institution("13", "1", "9990028", "となり医院"),
        Institution("13", "4", "9990036", "架空薬局"),
    )
    close_house()


_persons = iter(range(30_000, 39_999))


@pytest.fixture
def card() -> CardNumber:
    """A person whom no other test knows."""
    return CARD._replace(number=str(next(_persons)))


def tidied(day: date, at: time = time(), **more):
    """One round at the first moment of that day in Japan, by a clock that the operator believes."""
    from tasuki_server.platform.removal_clock import believe
    from tasuki_server.prescriptions.retention import remove_past

    moment = datetime.combine(day, at, JAPAN)
    believe(moment, "試験")
    return remove_past(moment, **more)


def tidied_late(day: date):
    """One round at the last moment of that day in Japan."""
    return tidied(day, time.max)


def after(days: int) -> date:
    return TODAY + timedelta(days=days)


def rows_of(owner, card: CardNumber) -> dict[str, int]:
    """How many rows each table has of that person."""
    (patient,) = owner.execute(
        "SELECT id FROM prescriptions_patient WHERE number = %s", [card.number]
    ).fetchone()
    counted = (
        "SELECT count(*) FROM prescriptions_prescription WHERE patient_id = %(p)s",
        "SELECT count(*) FROM prescriptions_dispensing WHERE patient_id = %(p)s",
        "SELECT count(*) FROM prescriptions_storeddocument WHERE id IN"
        " (SELECT document_id FROM prescriptions_prescription WHERE patient_id = %(p)s"
        " UNION SELECT document_id FROM prescriptions_dispensing WHERE patient_id = %(p)s)",
        "SELECT count(*) FROM prescriptions_transition JOIN prescriptions_prescription p ON p.id = prescription_id"
        " WHERE patient_id = %(p)s",
        "SELECT count(*) FROM prescriptions_drugcourse WHERE patient_id = %(p)s",
        "SELECT count(*) FROM prescriptions_storedprescription JOIN prescriptions_dispensing d ON d.id = dispensing_id"
        " WHERE patient_id = %(p)s",
    )
    return {
        table: owner.execute(statement, {"p": patient}).fetchone()[0]
        for table, statement in zip(TABLES, counted, strict=True)
    }


def nothing_hangs(owner) -> bool:
    """No document, step or drug is left of what is gone."""
    return owner.execute(
        "SELECT (SELECT count(*) FROM prescriptions_storeddocument WHERE id NOT IN"
        " (SELECT document_id FROM prescriptions_prescription UNION SELECT document_id FROM prescriptions_dispensing))"
        " + (SELECT count(*) FROM prescriptions_drugcourse WHERE source_id NOT IN"
        " (SELECT id FROM prescriptions_prescription UNION SELECT id FROM prescriptions_dispensing))"
    ).fetchone() == (0,)


GONE = dict.fromkeys(TABLES, 0)


def refused_alike(who: Institution, operation: str, name: str, known: str, *more: tuple[str, str]) -> bool:
    """What is said of an id that was removed is what is said of one that never was."""
    told, unknown = (who.ask(operation, (name, each), *more) for each in (known, str(uuid4())))
    assert told.error_code
    return (told.error_code, told.error_message) == (unknown.error_code, unknown.error_message)


def test_a_prescription_that_nobody_used(places, card, owner):
    clinic, _, pharmacy = places
    made = clinic.register(AMLODIPINE, card=card)
    number, code = made.value("PrescriptionId"), made.value("AccessCode")
    tidied_late(after(100))
    assert rows_of(owner, card) == GONE | {
        "prescription": 1,
        "storeddocument": 1,
        "transition": 1,
        "drugcourse": 1,
    }
    assert clinic.ask("217", ("PrescriptionId", number)).value("PrescriptionStatus") == "未受付"
    tidied(after(101))
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)
    for operation in ("203", "207", "209", "211", "217"):
        assert refused_alike(clinic, operation, "PrescriptionId", number), operation
    for operation in ("303", "305", "318"):
        assert refused_alike(pharmacy, operation, "PrescriptionId", number), operation
    assert pharmacy.receive(code, card).error_code == pharmacy.receive("0" * 16, card).error_code == "TSKE007"
    assert clinic.ask("220", *card_values(card)).value("NumberOfResult") == "0"


def test_drugs_given_in_the_house(places, card, owner):
    clinic = places[0]
    data = to_base64(prescription_text(clinic.number, AMLODIPINE, card=card))
    made = clinic.ask("401", ("PrescriptionInfo", data))
    tidied_late(after(100))
    assert rows_of(owner, card)["prescription"] == 1
    tidied(after(101))
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)
    assert refused_alike(clinic, "403", "PrescriptionId", made.value("PrescriptionId"))


def test_a_result_keeps_its_prescription_as_long_as_itself(places, card, owner):
    clinic, _, pharmacy = places
    made = clinic.register(AMLODIPINE, card=card)
    number = made.value("PrescriptionId")
    pharmacy.receive(made.value("AccessCode"), card)
    done = pharmacy.dispense(number, AMLODIPINE).value("DispensingId")
    owner.execute(
        "UPDATE prescriptions_prescription SET registered_at = registered_at - interval '10 days' WHERE id = %s",
        [number],
    )
    tidied_late(after(100))
    left = rows_of(owner, card)
    assert (left["prescription"], left["dispensing"], left["storeddocument"], left["drugcourse"]) == (
        1,
        1,
        2,
        1,
    )
    told = pharmacy.ask("316", ("DispensingId", done))
    assert "アムロジピン" in told.data("PrescriptionInfo").decode()
    tidied(after(101))
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)
    for operation in ("309", "316", "324", "328"):
        assert refused_alike(pharmacy, operation, "DispensingId", done), operation
    info = to_base64(dispensing_text(AMLODIPINE))
    assert refused_alike(pharmacy, "311", "DispensingId", done, ("MessageFlg", "1"), ("DispensingInfo", info))


def test_a_result_of_paper_that_was_never_registered(places, card, owner):
    pharmacy = places[2]
    info = to_base64(dispensing_text(LOXOPROFEN))
    values = ("DispensingInfo", info), ("MessageFlg", "1"), ("IssueType", "2")
    first = pharmacy.ask("307", *values, *card_values(card)).value("DispensingId")
    changed = pharmacy.ask("311", ("DispensingId", first), ("MessageFlg", "1"), ("DispensingInfo", info))
    assert changed.is_fine
    tidied_late(after(100))
    assert rows_of(owner, card)["dispensing"] == 2
    tidied(after(101))
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)


@pytest.fixture(scope="module")
def hpki(server):
    from tasuki_server.prescriptions.trust import ensure_practice_hpki, practice_signer

    at = datetime.now(UTC)
    ensure_practice_hpki(at)
    return practice_signer("doctor"), practice_signer("pharmacist"), at


def test_what_a_pharmacy_has_kept_stays_its_five_years_and_three_months(places, card, owner, hpki):
    from tasuki.prescriptions.documents import dispensing_document, prescription_document
    from tasuki.prescriptions.service.rules import stored_until
    from tasuki.prescriptions.signature.xades import sign_document

    clinic, _, pharmacy = places
    doctor, pharmacist, at = hpki
    data = sign_document(
        prescription_document(prescription_text(clinic.number, AMLODIPINE, card=card)), doctor, at
    )
    made = clinic.ask("201", ("PrescriptionInfo", to_base64(data)), ("IssueType", "1"))
    got = pharmacy.receive(made.value("AccessCode"), card).data("PrescriptionInfo")
    result = sign_document(dispensing_document(got, dispensing_text(AMLODIPINE)), pharmacist, at)
    done = pharmacy.ask(
        "307", ("PrescriptionId", made.value("PrescriptionId")), ("MessageFlg", "1"),
        ("DispensingInfo", to_base64(result)),
    ).value("DispensingId")  # fmt: skip
    assert pharmacy.ask("324", ("DispensingId", done)).is_fine
    before = pharmacy.ask("328", ("DispensingId", done)).all("StoredPrescriptionList")
    until = stored_until(TODAY, TODAY)
    tidied(after(101))
    tidied_late(until)
    # The original stays whole; what is for the check and nothing else has had its days.
    assert rows_of(owner, card) == GONE | {
        "prescription": 1,
        "dispensing": 1,
        "storeddocument": 2,
        "transition": 3,
        "storedprescription": 1,
    }
    assert pharmacy.ask("328", ("DispensingId", done)).all("StoredPrescriptionList") == before
    assert before[0].value("DispensingResult") == to_base64(result)
    tidied(until + timedelta(days=1))
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)
    assert refused_alike(pharmacy, "328", "DispensingId", done)


def test_a_refill_stays_until_its_rounds_are_over(places, card, owner):
    clinic, _, pharmacy = places
    made = clinic.register(AMLODIPINE, card=card, extra=("64,2",))
    number, code = made.value("PrescriptionId"), made.value("AccessCode")
    pharmacy.receive(code, card)
    assert pharmacy.dispense(number, AMLODIPINE).value("PrescriptionStatus") == "未受付"
    whole = rows_of(owner, card)
    tidied(after(400))
    assert rows_of(owner, card) == whole
    # The next round is told the one before and what it placed its days by.
    got = pharmacy.receive(code, card)
    assert got.value("RefillRound") == "2" and got.value("NextDispensingFrom")
    tidied(after(400))
    assert pharmacy.dispense(number, AMLODIPINE).value("PrescriptionStatus") == "調剤済"
    tidied_late(after(100))
    assert rows_of(owner, card)["dispensing"] == 2
    tidied(after(101))
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)


@pytest.mark.parametrize(
    ("extra", "is_received", "kept", "gone"),
    [
        # A refill that nobody began within its days has none left.
        (("64,3",), False, 100, 101),
        # 使用期限: the last day that the prescription names.
        ((f"52,{after(120):%Y%m%d}",), False, 120, 121),
        # A later part of a split prescription names no last day, and a pharmacy that has one may still dispense.
        (("63,3,2",), False, 900, None),
        ((), True, 900, None),
    ],
)
def test_what_a_pharmacy_may_still_act_on_stays(places, card, owner, extra, is_received, kept, gone):
    clinic, _, pharmacy = places
    made = clinic.register(AMLODIPINE, card=card, extra=extra)
    assert made.is_fine, made.csv_checks
    if is_received:
        assert pharmacy.receive(made.value("AccessCode"), card).is_fine
    whole = rows_of(owner, card)
    tidied_late(after(kept))
    assert rows_of(owner, card) == whole
    if gone is not None:
        tidied(after(gone))
        assert rows_of(owner, card) == GONE


def test_a_drug_that_is_still_taken_is_found_by_the_check(places, card, owner):
    clinic, neighbour, _ = places
    clinic.register(AMLODIPINE, card=card, days=150)
    info = to_base64(prescription_text(neighbour.number, AMLODIPINE, card=card))
    values = ("PrescriptionInfo", info), ("OnlineConsent", "1"), *card_values(card)
    before = neighbour.ask("219", *values).all("CheckResultDetail")
    # The last day of the drug is 149 days ahead; four days of use after it no prescription reaches back to it.
    tidied_late(after(149 + 3))
    assert neighbour.ask("219", *values).all("CheckResultDetail") == before != ()
    tidied(after(149 + 4))
    assert rows_of(owner, card) == GONE
    assert neighbour.ask("219", *values).all("CheckResultDetail") == ()


@pytest.mark.parametrize("is_received", [False, True])
def test_what_a_prescription_of_a_longer_period_meets_is_found_until_its_last_day(
    places, card, owner, is_received
):
    clinic, neighbour, pharmacy = places
    first = clinic.register(AMLODIPINE, card=card, days=2).value("PrescriptionId")
    owner.execute(
        "UPDATE prescriptions_prescription SET registered_at = registered_at - interval '99 days' WHERE id = %s",
        [first],
    )
    longer = (f"52,{after(20):%Y%m%d}",)
    made = neighbour.register(AMLODIPINE, card=card, extra=longer)
    if is_received:
        assert pharmacy.receive(made.value("AccessCode"), card).is_fine
    info = to_base64(prescription_text(neighbour.number, AMLODIPINE, card=card, extra=longer))
    values = (
        ("PrescriptionInfo", info), ("OnlineConsent", "1"), ("PrescriptionId", made.value("PrescriptionId")),
        *card_values(card),
    )  # fmt: skip
    before = neighbour.ask("219", *values).all("CheckResultDetail")
    tidied_late(after(20))
    assert neighbour.ask("219", *values).all("CheckResultDetail") == before != ()
    tidied(after(21))
    assert neighbour.ask("219", *values).all("CheckResultDetail") == ()
    assert refused_alike(clinic, "217", "PrescriptionId", first)


def test_what_was_changed_stays_while_what_took_its_place_does(places, card, owner):
    clinic = places[0]
    first = clinic.register(AMLODIPINE, card=card)
    data = to_base64(prescription_text(clinic.number, LOXOPROFEN, card=card))
    changed = clinic.ask(
        "205",
        ("PrescriptionId", first.value("PrescriptionId")),
        ("PrescriptionInfo", data),
        ("IssueType", "2"),
    )
    assert changed.is_fine
    owner.execute(
        "UPDATE prescriptions_prescription SET registered_at = registered_at - interval '10 days' WHERE id = %s",
        [first.value("PrescriptionId")],
    )
    tidied_late(after(100))
    assert rows_of(owner, card)["prescription"] == 2
    copied = clinic.ask("211", ("PrescriptionId", changed.value("PrescriptionId")))
    assert copied.is_fine, copied
    tidied(after(101))
    tidied(after(101))
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)


def test_answers_and_preparations(places, card):
    from tasuki_server.prescriptions.models import KeptAnswer, Preparation

    clinic = places[0]
    key = uuid4()
    clinic.register(AMLODIPINE, card=card, key=key)
    check = clinic.ask("101", *card_values(card)).value("ReceptionNumber")
    bulk = clinic.ask("213").value("ReceptionNumber")
    assert check and bulk
    tidied_late(after(100))
    assert KeptAnswer.objects.filter(key=key).exists()
    assert Preparation.objects.filter(number__in=(check, bulk)).count() == 2
    tidied(after(101))
    assert not KeptAnswer.objects.filter(key=key).exists()
    # How long the number of a bulk request stands is not public; it tells of nobody.
    assert [each.number for each in Preparation.objects.filter(number__in=(check, bulk))] == [bulk]
    assert clinic.ask("215", ("ReceptionNumber", bulk)).is_fine


def test_who_looked_is_told_after_what_was_looked_at_is_gone(places, card):
    import asyncio
    import os

    from tasuki_server.database.django_settings import VARIABLES
    from tasuki_server.institutions.ids import new_id
    from tasuki_server.platform.models import ConnectedInstitution, ServiceEvent
    from tasuki_server.platform.pool import open_pool
    from tasuki_server.prescriptions.intake import identity_of
    from tasuki_server.prescriptions.models import Patient
    from tasuki_server.prescriptions.own_view import own_records

    clinic, _, pharmacy = places
    made = clinic.register(AMLODIPINE, card=card)
    pharmacy.receive(made.value("AccessCode"), card)
    pharmacy.dispense(made.value("PrescriptionId"), AMLODIPINE)
    patient = Patient.objects.get(number=card.number)
    before = set(ServiceEvent.objects.filter(person_id=patient.pk).values_list("pk", flat=True))
    tidied(after(101))
    assert before == set(ServiceEvent.objects.filter(person_id=patient.pk).values_list("pk", flat=True))
    caller = ConnectedInstitution.objects.create(
        id=new_id(), prefecture="13", fee_table="9", code="0000001", name="試験ポータル", digest=str(new_id())
    )

    async def seen():
        pool = await open_pool(os.environ[VARIABLES["platform"]], 1)
        try:
            async with pool.acquire() as connection:
                identity = identity_of(card.insurer_number, card.symbol, card.number, card.branch)
                return await own_records(connection, identity, caller.pk, datetime.now(UTC))
        finally:
            await pool.close()

    mine = asyncio.run(seen())
    assert (mine["prescriptions"], mine["dispensings"]) == ([], [])
    assert {each["institution"] for each in mine["looks"]} == {"試験医院", "架空薬局"}


def test_two_processes_at_once_remove_each_once(places, card, owner):
    from django.db import connections

    from tasuki_server.platform.models import ServiceEvent
    from tasuki_server.prescriptions.retention import EVENT, remove_past

    clinic = places[0]
    tidied(after(101))
    ServiceEvent.objects.using("owner").filter(operation=EVENT).delete()
    for _ in range(12):
        clinic.register(AMLODIPINE, card=card)

    def alone(_: int) -> int:
        try:
            return remove_past(datetime.combine(after(101), time(), JAPAN), most=2)["prescriptions"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(alone, range(2))) == 12
    assert rows_of(owner, card) == GONE and nothing_hangs(owner)
    noted = ServiceEvent.objects.filter(operation=EVENT).values_list("detail", "person_id", "caller_id")
    assert sum(detail["prescriptions"] for detail, _, _ in noted) == 12
    assert {(person, caller) for _, person, caller in noted} == {(None, None)}


def test_what_somebody_holds_waits_for_the_next_round_and_nobody_waits_for_it(places, card, owner):
    clinic = places[0]
    held, free = (clinic.register(AMLODIPINE, card=card).value("PrescriptionId") for _ in range(2))
    with owner.transaction():
        owner.execute("SELECT 1 FROM prescriptions_prescription WHERE id = %s FOR UPDATE", [held])
        tidied(after(101))
        assert rows_of(owner, card)["prescription"] == 1
        assert rows_of(owner, card)["drugcourse"] == 1
    assert refused_alike(clinic, "217", "PrescriptionId", free)
    tidied(after(101))
    assert rows_of(owner, card) == GONE


def test_a_round_is_made_of_batches_and_ends_between_two_when_it_must(places, card, owner):
    clinic = places[0]
    tidied(after(101))
    for _ in range(5):
        clinic.register(AMLODIPINE, card=card)
    gone = tidied(after(101), most=2, is_ended=lambda: rows_of(owner, card)["prescription"] < 5)
    left = rows_of(owner, card)["prescription"]
    assert gone == {"prescriptions": 5 - left} and 3 <= left < 5
    assert tidied(after(101), most=2) == {"prescriptions": left}


def test_the_role_of_the_service_removes_nothing(owner):
    for table in (*TABLES, "keptanswer", "preparation", "patient"):
        (may,) = owner.execute(
            "SELECT has_table_privilege('tasuki_platform', %s, 'DELETE')", [f"prescriptions_{table}"]
        ).fetchone()
        assert not may, table


def test_the_keeper_makes_rounds_and_tells_a_fault_once(places, card, owner, monkeypatch, capsys):
    from tasuki_server.cli.prescription_keeper import PrescriptionKeeper
    from tasuki_server.prescriptions import retention

    places[0].register(AMLODIPINE, card=card)
    tidied(after(100))
    keeper = PrescriptionKeeper(now=lambda: datetime.combine(after(101), time(), JAPAN))
    keeper.attend()
    assert rows_of(owner, card) == GONE and capsys.readouterr().err == ""

    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(retention, "remove_past", broken)
    keeper.attend()
    keeper.attend()
    assert capsys.readouterr().err.count("OSError") == 1
