# SPDX-License-Identifier: Apache-2.0
"""お試しの本人の画面 — a few made-up people of the register who open the portal, with something to see there.

They sign in by a code that derives from the installation's key (none is in the source), which serves where nobody else
reaches the server and nowhere else. What they see was registered by a made-up hospital that the clinic does not know.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from tasuki.kernel.days import age_on
from tasuki.sharing.build.names import FLAGS, INSURED, LOCAL_LAB, PUBLIC_PAYER
from tasuki.sharing.lab_items import CORE_LAB
from tasuki_server.accounts.enrolment import ALPHABET
from tasuki_server.database.places import installation_secrets
from tasuki_server.demo.insured import KNOWN_CARD
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.platform.clients import house_token, register_institution
from tasuki_server.platform.engine import Pairs
from tasuki_server.platform.house import ask_in_house, close_house
from tasuki_server.platform.models import FeeTable
from tasuki_server.portal.codes import LENGTH, issue_code, shown
from tasuki_server.portal.data import insured_numbers
from tasuki_server.portal.models import Account, CodeKind, OneTimeCode, OwnEntry
from tasuki_server.portal.proxies import accept

HOSPITAL = UUID("018d0000-0000-7000-8000-686f73706974")
HOSPITAL_NAME, PREFECTURE, CODE = "架空総合病院", "13", "9990052"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/"
# 検査: local code, JLAC10, name, unit, range, and three results from the oldest.
_LABS = (
    ("hba1c", "3D046000001806202", "HbA1c(NGSP)", "%", (4.6, 6.2), (7.4, 6.9, 6.6)),
    ("cre", "3C015000002327101", "クレアチニン", "mg/dL", (0.46, 0.79), (0.71, 0.74, 0.73)),
    ("ldl", "3F077000002327101", "LDLコレステロール", "mg/dL", (70, 139), (162, 148, 128)),
    ("hb", "2A030000001930901", "ヘモグロビン", "g/dL", (11.6, 14.8), (12.9, 11.2, 12.4)),
)


class PortalPerson(NamedTuple):
    """お試しの利用者 — someone of the register, what they are here for, and the code they enter by."""

    person: InsuredPerson
    part: str
    code: str


def ensure_portal_people(today: date | None = None) -> None:
    """お試しの本人の準備 — a grown person, an elder who let them stand in, and a child; once."""
    if OneTimeCode.objects.filter(kind=CodeKind.DEMO).exists():
        return
    chosen = _chosen(today or timezone.localdate())
    if not chosen:
        return
    try:
        for person in chosen.values():
            issue_code(person, CodeKind.DEMO, code=demo_code(person))
            _register_record(person, today or timezone.localdate())
        _let_stand_in(chosen, today or timezone.localdate())
    finally:
        close_house()


def portal_people() -> list[PortalPerson]:
    """お試しの利用者の一覧 — with their codes, as they enter them."""
    rows = OneTimeCode.objects.select_related("person").filter(kind=CodeKind.DEMO).order_by("person__born")
    today = timezone.localdate()
    found = [each for each in rows if each.until_at > timezone.now()]
    return [
        PortalPerson(each.person, _part(each.person, today), shown(demo_code(each.person))) for each in found
    ]


def demo_code(person: InsuredPerson) -> str:
    """お試しのコード — of a card, by the installation's key."""
    digest = hmac.digest(
        installation_secrets().derived("portal-demo"), str(person.card).encode(), hashlib.sha256
    )
    return "".join(ALPHABET[each % len(ALPHABET)] for each in digest[:LENGTH])


def _part(person: InsuredPerson, today: date) -> str:
    years = age_on(person.born, today).years
    return "child" if years < 15 else "elder" if years >= 75 else "grown"


def _chosen(today: date) -> dict[str, InsuredPerson]:
    """The first of each age whose card tells one person and was not stopped."""
    found: dict[str, InsuredPerson] = {}
    rows = InsuredPerson.objects.filter(
        card__startswith=KNOWN_CARD, card_stopped_at=None, service_stopped_at=None
    ).order_by("card")
    for person in rows:
        part = _part(person, today)
        if part == "grown" and not 45 <= age_on(person.born, today).years < 65:
            continue
        if part not in found and insured_numbers(person):
            found[part] = person
        if len(found) == 3:
            break
    return found


def _let_stand_in(chosen: dict[str, InsuredPerson], today: date) -> None:
    if "grown" not in chosen:
        return
    account, _ = Account.objects.get_or_create(person=chosen["grown"])
    for part, kind in (("child", CodeKind.CHILD), ("elder", CodeKind.INVITE)):
        if part not in chosen:
            continue
        now = timezone.now()
        row = OneTimeCode.objects.create(
            person=chosen[part], kind=kind, digest=f"demo-{part}", until_at=now, used_at=now,
            ends_on=today + timedelta(days=365) if kind == CodeKind.INVITE else None,
        )  # fmt: skip
        accept(account, row)
    for weeks, upper, lower in ((3, 142, 88), (2, 136, 84), (1, 131, 82)):
        OwnEntry.objects.create(
            person=chosen["grown"], account=account, kind="pressure", upper_mmhg=upper, lower_mmhg=lower,
            measured_at=timezone.now() - timedelta(weeks=weeks),
        )  # fmt: skip


def _register_record(person: InsuredPerson, today: date) -> None:
    token = house_token(HOSPITAL)
    register_institution(PREFECTURE, FeeTable.MEDICAL, CODE, HOSPITAL_NAME, token)
    told = insured_numbers(person)[0]
    who = "urn:uuid:018d0000-0000-7000-8000-000000000001"
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": PUBLIC_PAYER if told.is_public else INSURED, "value": told.number}],
        "name": [{"text": person.name}],
        "birthDate": person.born.isoformat(),
    }
    resources = [patient, *_resources({"reference": who}, today, is_child=_part(person, today) == "child")]
    entries = [
        {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}} for each in resources
    ]
    entries[0]["fullUrl"] = who
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}, ensure_ascii=False)
    reply = ask_in_house("POST", "fhir/", Pairs.read(""), {}, token, body.encode())
    if reply.status != 200:
        raise ValueError(f"the made-up record was refused: {reply.body.decode()[:500]}")


def _resources(about: dict[str, Any], today: date, *, is_child: bool) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [_allergy(about, "そば", "food", "high", "じんましん")]
    if is_child:
        return [*made, _condition(about, "アトピー性皮膚炎", today - timedelta(days=900))]
    for local, code, name, unit, (low, high), values in _LABS:
        for nth, value in enumerate(values):
            day = today - timedelta(days=30 * (len(values) - nth))
            made.append(
                {
                    "resourceType": "Observation",
                    "status": "final",
                    "code": {"coding": [_coding(LOCAL_LAB, local), _coding(CORE_LAB, code)], "text": name},
                    "subject": about,
                    "effectiveDateTime": f"{day.isoformat()}T09:00:00+09:00",
                    "valueQuantity": {"value": value, "unit": unit},
                    "referenceRange": [{"low": {"value": low}, "high": {"value": high}}],
                }
            )
    hidden = _condition(about, "説明前の病名（架空）", today - timedelta(days=20))
    hidden["meta"] = {"tag": [_coding(FLAGS, "UNINFORMED")]}
    return [
        *made,
        _condition(about, "2型糖尿病", today - timedelta(days=1500)),
        _condition(about, "脂質異常症", today - timedelta(days=1200)),
        hidden,
        _allergy(about, "アモキシシリン", "medication", "low", "発疹"),
        _prescription(
            about, "メトホルミン塩酸塩錠２５０ｍｇ", "１日２回朝夕食後", today - timedelta(days=28)
        ),
        _prescription(about, "ロスバスタチン錠２．５ｍｇ", "１日１回夕食後", today - timedelta(days=28)),
    ]


def _condition(about: dict[str, Any], name: str, since: date) -> dict[str, Any]:
    state = {"coding": [_coding(f"{_CLINICAL}condition-clinical", "active")]}
    return {
        "resourceType": "Condition",
        "clinicalStatus": state,
        "code": {"text": name},
        "subject": about,
        "onsetDateTime": since.isoformat(),
    }


def _allergy(about: dict[str, Any], name: str, category: str, criticality: str, sign: str) -> dict[str, Any]:
    state = {"coding": [_coding(f"{_CLINICAL}allergyintolerance-clinical", "active")]}
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": state,
        "category": [category],
        "criticality": criticality,
        "code": {"text": name},
        "patient": about,
        "reaction": [{"manifestation": [{"text": sign}]}],
    }


def _prescription(about: dict[str, Any], name: str, usage: str, day: date) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": about,
        "authoredOn": day.isoformat(),
        "dosageInstruction": [{"text": usage}],
    }


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}
