# SPDX-License-Identifier: Apache-2.0
"""架空の資格の登録 — the demo clinic's people as the eligibility service knows them, and some whom the clinic has not met.

Most cards are as the clinic has them. Some people have moved to another insurer or lost their cover since, a few stopped
their card or everything, so that every answer of the service is met at the reception desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import jaconv
from django.utils import timezone

from tasuki.chart.coverage import IncomeClass, Insurance
from tasuki.kernel.check_digit import check_digit
from tasuki.sharing.build.around import institution_number
from tasuki_server.demo.clinics import DemoClinic
from tasuki_server.demo.people import MadeUpPerson, make_people
from tasuki_server.eligibility.certificates import Certificates, ElderRow, LimitRow, plain_certificates
from tasuki_server.eligibility.keys import card_key, name_key
from tasuki_server.eligibility.models import (
    CheckupRecord,
    DrugRecord,
    DrugSource,
    HeldQualification,
    InsuredPerson,
    Insurer,
    SubsidyRow,
    TicketRow,
    TreatmentRecord,
)

# People whom the clinic will meet for the first time, by their card alone.
UNKNOWN = 12
NEW_CARD, KNOWN_CARD = "DEMO-N", "DEMO-"
SINCE = date(2024, 4, 1)
_FRESH = f"0613999{check_digit('0613999')}"
_NAMES = {
    "011": "全国健康保険協会（架空）", "06": "架空健康保険組合", "31": "架空共済組合", "39": "架空県後期高齢者医療広域連合",
    "12": "架空県（医療扶助）",
}  # fmt: skip
_LIMITS = {
    IncomeClass.A: "A01", IncomeClass.I: "A02", IncomeClass.U: "A03", IncomeClass.E: "A04", IncomeClass.O: "A05",
    IncomeClass.ACTIVE_3: "B01", IncomeClass.ACTIVE_2: "B02", IncomeClass.ACTIVE_1: "B03", IncomeClass.GENERAL: "B04",
    IncomeClass.LOW_2: "B05", IncomeClass.LOW_1: "B06", IncomeClass.GENERAL_2: "B09", IncomeClass.GENERAL_1: "B10",
}  # fmt: skip
_DRUGS = (
    ("620007870", "アムロジピン錠５ｍｇ「サワイ」", "アムロジピンベシル酸塩", "1", "錠", "１日１回朝食後"),
    ("620009465", "レバミピド錠１００ｍｇ「サワイ」", "レバミピド", "3", "錠", "１日３回毎食後"),
    (
        "620099201", "ロキソプロフェンＮａ錠６０ｍｇ「トーワ」", "ロキソプロフェンナトリウム水和物", "3", "錠", "１日３回毎食後",
    ),
)  # fmt: skip
_CHECKUP = (
    ("9N001000000000001", "身長", "160.5", "cm"),
    ("9N006000000000001", "体重", "61.2", "kg"),
    ("9A751000000000001", "収縮期血圧(1回目)", "138", "mmHg"),
    ("9A761000000000001", "拡張期血圧(1回目)", "84", "mmHg"),
    ("3D046000001906202", "HbA1c(NGSP値)", "5.9", "%"),
)
ELSEWHERE = ("1319990044", "架空駅前医院")


def fill_register(
    clinic: DemoClinic, people: Sequence[MadeUpPerson], numbers: Sequence[int], today: date
) -> None:
    """資格の登録 — of the clinic's people by their chart numbers, and of some more; once."""
    if InsuredPerson.objects.filter(card__startswith=KNOWN_CARD).exists():
        return
    rows: dict[str, list[Any]] = {"persons": [], "covers": [], "tickets": [], "subsidies": []}
    for place, (person, number) in enumerate(zip(people, numbers, strict=True)):
        _add(rows, clinic, person, f"{KNOWN_CARD}{number:05}", place, today)
    # Made from places behind the clinic's own, so that no card has a number twice.
    strangers = make_people(len(people) + UNKNOWN, today, seed=77)[len(people) :]
    for place, person in enumerate(strangers):
        _add(rows, clinic, person, f"{NEW_CARD}{place + 1:02}", 0, today)
    InsuredPerson.objects.bulk_create(rows["persons"])
    _name_insurers(rows["covers"])
    HeldQualification.objects.bulk_create(rows["covers"])
    TicketRow.objects.bulk_create(rows["tickets"])
    SubsidyRow.objects.bulk_create(rows["subsidies"])
    _add_information(rows["persons"], today)


def _add(
    rows: dict[str, list[Any]], clinic: DemoClinic, made: MadeUpPerson, card: str, place: int, today: date
) -> None:
    person = _person(made, card, place, today)
    rows["persons"].append(person)
    if made.insurance is not None:
        rows["covers"] += _covers(person, made.insurance, made.age, place, today)
    for programme in made.programmes:
        if programme.payer_number.startswith("12"):
            cover = _medical_aid(person, programme.payer_number, programme.recipient_number)
            rows["covers"].append(cover)
            rows["tickets"].append(_ticket(cover, clinic, today))
        else:
            rows["subsidies"].append(
                SubsidyRow(
                    person=person,
                    payer_number=programme.payer_number,
                    recipient_number=programme.recipient_number,
                    certificate_name="公費負担医療 受給者証",
                    since_on=SINCE,
                    most_yen=programme.month_cap_yen,
                )
            )


def _person(made: MadeUpPerson, card: str, place: int, today: date) -> InsuredPerson:
    who = made.who
    kana = jaconv.z2h(who.kana.replace("　", " "), kana=True)
    return InsuredPerson(
        name=who.name,
        kana=kana,
        name_key=name_key(who.name),
        kana_key=name_key(kana),
        sex="1" if who.sex == "male" else "2",
        born=who.born,
        address=who.address,
        postal_code=who.postal_code,
        card=card,
        card_until_on=today + timedelta(days=40 if place % 29 == 11 else 900),
        card_stopped_at=timezone.now() if place % 83 == 31 else None,
        service_stopped_at=timezone.now() if place % 101 == 47 else None,
    )


def _covers(
    person: InsuredPerson, card: Insurance, age: int, place: int, today: date
) -> list[HeldQualification]:
    since = max(SINCE, person.born)
    own = HeldQualification(
        person=person,
        insurer_number=card.insurer_number,
        symbol=card.symbol,
        number=card.number,
        branch=card.branch,
        symbol_key=card_key(card.symbol),
        number_key=card_key(card.number),
        relation="2" if card.is_dependant else "1",
        insured_name=person.name,
        qualified_on=since,
        issued_on=since,
        since_on=since,
        share_percent=card.share_percent if age >= 75 else None,
        certificates=plain_certificates(_certificates(card, age, since)),
    )
    first = today.replace(day=1)
    if age >= 75 or place % 40 not in (17, 23):
        return [own]
    own.lost_on, own.loss_reason = first, "03" if place % 40 == 17 else "99"
    if place % 40 == 23:
        return [own]
    moved = HeldQualification(
        person=person, insurer_number=_FRESH, symbol="7000", number=f"{place + 1:04}", branch="00", symbol_key="7000",
        number_key=f"{place + 1:04}", relation=own.relation, insured_name=person.name, qualified_on=first, issued_on=first,
        since_on=first, certificates=own.certificates,
    )  # fmt: skip
    return [own, moved]


def _certificates(card: Insurance, age: int, since: date) -> Certificates:
    elder = ()
    if card.share_percent is not None and 70 <= age < 75:
        elder = (ElderRow(since=since, share=card.share_percent),)
    limits = ()
    if card.income_class is not None:
        limits = (LimitRow(since=since, kind="01", limit_class=_LIMITS[card.income_class]),)
    return Certificates(elder, limits)


def _medical_aid(person: InsuredPerson, payer: str, recipient: str) -> HeldQualification:
    return HeldQualification(
        person=person,
        insurer_number=payer,
        number=recipient,
        number_key=card_key(recipient),
        card_class="A1",
        qualified_on=SINCE,
        since_on=SINCE,
    )


def _ticket(cover: HeldQualification, clinic: DemoClinic, today: date) -> TicketRow:
    first = today.replace(day=1)
    return TicketRow(
        qualification=cover,
        month=f"{today:%Y%m}",
        institution_number=institution_number(clinic.prefecture, clinic.code),
        since_on=first,
        until_on=(first + timedelta(days=32)).replace(day=1) - timedelta(days=1),
        items={"TicketType": "1", "IssueNumber": "架-0001", "SelfPayAmount": "0"},
    )


def _name_insurers(covers: Sequence[HeldQualification]) -> None:
    known = set(Insurer.objects.values_list("number", flat=True))
    for number in sorted({each.insurer_number for each in covers} - known):
        found = next(
            (name for key, name in _NAMES.items() if len(number) == 8 and number.startswith(key)), ""
        )
        if number.startswith("01"):
            found = _NAMES["011"]
        Insurer.objects.create(number=number, name=found or "架空市国民健康保険")


def _add_information(persons: Sequence[InsuredPerson], today: date) -> None:
    """What was prescribed elsewhere, one act, and a checkup; for every third grown person."""
    drugs, acts, checkups = [], [], []
    for place, person in enumerate(persons):
        if place % 3 or (today - person.born).days < 20 * 365:
            continue
        where = {"institution_number": ELSEWHERE[0], "institution_name": ELSEWHERE[1]}
        for months in (1, 2):
            day = today - timedelta(days=30 * months + place % 20)
            code, name, ingredient, quantity, unit, usage = _DRUGS[place // 3 % len(_DRUGS)]
            drugs.append(
                DrugRecord(
                    person=person,
                    day=day,
                    source=DrugSource.RECEIPT,
                    code=code,
                    name=name,
                    ingredient=ingredient,
                    quantity=quantity,
                    unit=unit,
                    usage=usage,
                    times="28",
                    **where,
                )
            )
        day = today - timedelta(days=60)
        acts.append(
            TreatmentRecord(
                person=person, day=day, code="160008010", name="末梢血液一般検査", times="1", **where
            )
        )
        if place % 30 == 0:
            acts.append(
                TreatmentRecord(
                    person=person,
                    day=day,
                    code="150000490",
                    name="創傷処理（架空の手術歴）",
                    times="1",
                    is_operation=True,
                    **where,
                )
            )
        if (today - person.born).days >= 40 * 365:
            checkups += [
                CheckupRecord(
                    person=person,
                    day=today - timedelta(days=150),
                    code=code,
                    name=name,
                    data_type="PQ",
                    value=value,
                    unit=unit,
                )
                for code, name, value, unit in _CHECKUP
            ]
    DrugRecord.objects.bulk_create(drugs)
    TreatmentRecord.objects.bulk_create(acts)
    CheckupRecord.objects.bulk_create(checkups)
