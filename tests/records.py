# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスの試験の道具 — institutions that ask over the engine, and made-up Bundles of them."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from exchange import Told
from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Diagnosis, Sex
from tasuki.sharing.build.around import (
    Around,
    DepartmentFacts,
    DoctorFacts,
    InstitutionFacts,
    InsuredNumber,
    PatientFacts,
    Place,
    VisitFacts,
)
from tasuki.sharing.build.discharge import DischargeFacts, build_discharge_summary
from tasuki.sharing.build.document import EMPTY, Part
from tasuki.sharing.build.facts import (
    AllergenKind,
    AllergyFacts,
    ConditionFacts,
    Flag,
    LabFacts,
    PrescribedDrug,
)
from tasuki.sharing.build.information import information_bundle
from tasuki.sharing.build.parts import JAPAN, to_json
from tasuki.sharing.build.referral import ReferralFacts, build_referral

NOW = datetime(2026, 11, 30, 10, tzinfo=JAPAN)
DAY = date(2026, 11, 1)
VISIT = VisitFacts("V1", Place.OUTPATIENT, DAY, None, DepartmentFacts("01", "内科"))
BRANCHES = iter(range(1, 10_000))


class Asker:
    """A connected institution that asks any service like one from outside."""

    def __init__(self, code: str, name: str, fee_table: str = "1", prefecture: str = "13") -> None:
        from tasuki_server.platform.clients import house_token, register_institution
        from tasuki_server.platform.models import FeeTable

        self.token = house_token(UUID(int=int(f"{fee_table}{code}")))
        self.row, _ = register_institution(prefecture, FeeTable(fee_table), code, name, self.token)
        self.number = self.row.institution_number

    def __call__(self, method: str, path: str, value: Any = b"", **headers: str) -> Told:
        from tasuki_server.platform.engine import Pairs
        from tasuki_server.platform.house import ask_in_house

        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        where, _, query = path.partition("?")
        given = {
            "host": "fhir.example:8443",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        reply = ask_in_house(method, where, Pairs.read(query), given, self.token, body)
        return Told(reply.status, json.loads(reply.body) if reply.body else None, dict(reply.headers))

    def wire(self, method: str, path: str, body: bytes = b"", headers: Any = None) -> Any:
        """The line of :mod:`tasuki_server.platform.wire`."""
        from tasuki_server.platform.engine import Pairs
        from tasuki_server.platform.house import ask_in_house

        where, _, query = path.partition("?")
        return ask_in_house(method, where, Pairs.read(query), headers or {}, self.token, body)


def person(**more: Any) -> PatientFacts:
    """Somebody new, with a number of their own."""
    number = str(next(BRANCHES))
    insured = InsuredNumber("06139463", "12", number.rjust(7, "0"), "01")
    return replace(
        PatientFacts("P" + number, "架空", "太郎", date(1960, 4, 1), Sex.MALE, "架空県架空市１", insured),
        **more,
    )


def number_of(who: PatientFacts) -> str:
    """被保険者個人識別子, as JP-CLINS writes it."""
    held = who.insured
    return f"{held.insurer}:{held.symbol}:{held.number}:{held.branch}"


def around(sender: Asker, who: PatientFacts, number: str) -> Around:
    return Around(
        InstitutionFacts(sender.number, "架空診療所", "架空県架空市１"), who, NOW, number, VISIT.department,
        DoctorFacts("D001", "試験 一郎", "シケン イチロウ", "123456"), VISIT,
    )  # fmt: skip


def disease(id: str, name: str = "架空症", *flags: Flag) -> ConditionFacts:
    return ConditionFacts(id, Diagnosis("", DAY, (), name), frozenset(flags), visit=VISIT)


def allergy(id: str, substance: str = "架空豆") -> AllergyFacts:
    return AllergyFacts(id, AllergenKind.FOOD, substance, visit=VISIT)


def result(id: str, value: str = "6.1") -> LabFacts:
    return LabFacts(
        id, f"X-{id}", "架空検査", NOW - timedelta(hours=3), Decimal(value), "g", specimen="血清", visit=VISIT
    )


def infection(id: str) -> LabFacts:
    """A result of the infection list, by its shared code."""
    from sharing.made_facts import LAB_ITEMS

    code, item = next((code, item) for code, item in LAB_ITEMS.items() if item.display == "HBs抗原(定量)")
    return LabFacts(
        id, code, item.name, NOW - timedelta(hours=3), Decimal("0.1"), item.unit, specimen="血清", visit=VISIT
    )


def drug(id: str) -> PrescribedDrug:
    return PrescribedDrug(
        id,
        1,
        1,
        OrderKind.INTERNAL,
        "699999903",
        "架空軟膏",
        Decimal(1),
        "錠",
        7,
        "１日３回毎食後",
        NOW,
        DAY,
        visit=VISIT,
    )


def unit(sender: Asker, who: PatientFacts, number: str, *facts: Any) -> dict[str, Any]:
    """A Bundle of informations."""
    from sharing.made_facts import CODES

    return plain(information_bundle(list(facts), replace(around(sender, who, number), codes=CODES)))


def emptied(bundle: dict[str, Any]) -> dict[str, Any]:
    """The same number with the person alone, which deletes."""
    return {**copy.deepcopy(bundle), "entry": copy.deepcopy(bundle["entry"][:1])}


def letter(
    sender: Asker,
    receiver: Asker,
    who: PatientFacts,
    number: str,
    *,
    diseases: tuple[Any, ...] = (),
    drugs: tuple[Any, ...] = (),
) -> dict[str, Any]:
    """A 診療情報提供書."""
    told = ReferralFacts(
        number, NOW, "精査のお願い", InstitutionFacts(receiver.number, "仮想病院"), Part("腹痛", diseases),
        medication=Part("", drugs) if drugs else EMPTY,
    )  # fmt: skip
    return plain(build_referral(told, around(sender, who, number)))


def summary(sender: Asker, who: PatientFacts, number: str) -> dict[str, Any]:
    """A 退院時サマリー."""
    told = DischargeFacts(
        number,
        NOW,
        "S1",
        DAY,
        DAY + timedelta(days=7),
        "1",
        Part("軽快", (disease("sd"),)),
        "経過は良好でした。",
    )
    return plain(build_discharge_summary(told, around(sender, who, number)))


def sending(bundle: dict[str, Any], receiver: Asker, consent: str = "oral", **more: Any) -> dict[str, Any]:
    return {"receiver": receiver.number, "consent": consent, "bundle": bundle, **more}


def patient_of(place: Asker, who: PatientFacts) -> str:
    """The Patient of the exchange that this institution's records of somebody are under."""
    insured = number_of(who).replace(":", "%3A")
    found = place("GET", f"fhir/Patient?identifier={insured}").value["entry"]
    own = [each["resource"] for each in found if place.number in str(each["resource"]["identifier"])]
    return str(own[0]["id"])


def refusal(patient: str) -> dict[str, Any]:
    """A Consent that denies, of a Patient."""
    terms = "http://terminology.hl7.org/CodeSystem/"
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": f"{terms}consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": f"Patient/{patient}"},
        "policyRule": {"coding": [{"system": f"{terms}v3-ActCode", "code": "OPTOUT"}]},
    }


def register_as_one(*people: PatientFacts) -> None:
    """The register of eligibility knows them as one person, over insurers."""
    from insured import make_cover, make_person

    register = make_person()
    for who in people:
        held = who.insured
        make_cover(register, held.number, held.insurer, symbol=held.symbol, branch=held.branch)


def plain(resource: Any) -> dict[str, Any]:
    """As JSON reads it back."""
    made: dict[str, Any] = json.loads(to_json(resource))
    return made


def tidied():
    """One round of removing what is past its days, through a pool of its own."""
    import asyncio
    import os
    from types import SimpleNamespace

    from tasuki_server.database.django_settings import VARIABLES
    from tasuki_server.exchange.storing import now
    from tasuki_server.platform.pool import open_pool
    from tasuki_server.records.retention import remove_old
    from tasuki_server.records.rules import rules_now

    async def run():
        pool = await open_pool(os.environ[VARIABLES["platform"]], 2)
        try:
            async with asyncio.timeout(20):
                return await remove_old(SimpleNamespace(pool=pool), await rules_now(pool), now())
        finally:
            await pool.close()

    return asyncio.run(run())
