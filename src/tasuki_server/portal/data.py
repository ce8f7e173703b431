# SPDX-License-Identifier: Apache-2.0
"""本人のデータ — everything the portal reads of the platform's services, behind one module.

A person sees what institutions registered, wherever it is; not what is marked 未告知 (not told yet) or 未提供 (for
nobody). What is shown is the current version of each resource.

Cite: 電子カルテ情報共有サービス FHIR記述仕様書 (JP-CLINS 1.10.0) フラグ 未告知・未提供
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connections
from django.utils import timezone

from tasuki.sharing.build import names
from tasuki.sharing.build.facts import Flag
from tasuki.sharing.search import parameters_of
from tasuki_server.eligibility.models import CheckupRecord, DrugRecord, InsuredPerson, TreatmentRecord
from tasuki_server.eligibility.viewing import YEARS_BACK
from tasuki_server.records.messages import Insured

HIDDEN_FLAGS = frozenset({Flag.UNINFORMED, Flag.UNDELIVERED})
MOST = 2000
# 証の区分: 医療扶助, whose numbers are of the payer.
WELFARE = "A1"
_PATIENTS = """
    SELECT DISTINCT r.id FROM exchange_token t JOIN exchange_resource r ON r.key = t.key
    WHERE t.param = %s AND t.code = ANY(%s) AND t.system = %s AND r.type = 'Patient' AND NOT r.is_deleted
"""
_RESOURCES = """
    SELECT r.type, r.body, r.updated, c.name FROM exchange_resource r
    JOIN platform_connectedinstitution c ON c.id = r.writer_id
    WHERE r.patient = ANY(%s) AND r.type = ANY(%s) AND NOT r.is_deleted ORDER BY r.updated DESC LIMIT %s
"""


class Registered(NamedTuple):
    """登録された情報 — a resource as it is kept, by whom it was registered and when."""

    type: str
    resource: dict[str, Any]
    institution: str
    updated: datetime


def insured_numbers(person: InsuredPerson) -> tuple[Insured, ...]:
    """被保険者個人識別子 — of every card the person has had, as JP-CLINS writes it."""
    return tuple(
        Insured(
            f"{each.insurer_number.strip().zfill(8)}:{each.symbol}:{each.number}:{each.branch}",
            is_public=each.card_class == WELFARE,
        )
        for each in person.qualifications.order_by("-qualified_on")
    )


def patients_of(person: InsuredPerson) -> list[str]:
    """本人のPatient — of every card the person has had, in the store of the exchange."""
    known = [each.number for each in insured_numbers(person)]
    if not known:
        return []
    with connections["platform"].cursor() as cursor:
        cursor.execute(_PATIENTS, [_identifier_number(), known, names.INSURED])
        return [row[0] for row in cursor.fetchall()]


def registered(person: InsuredPerson, *types: str) -> list[Registered]:
    """登録された情報 — of these types, the newest first, without what the person is not shown."""
    patients = patients_of(person)
    if not patients:
        return []
    with connections["platform"].cursor() as cursor:
        cursor.execute(_RESOURCES, [patients, list(types), MOST])
        rows = cursor.fetchall()
    read = (
        Registered(kind, json.loads(bytes(body), parse_float=Decimal), name, updated)
        for kind, body, updated, name in rows
    )
    return [each for each in read if not is_hidden(each.resource)]


def is_hidden(resource: dict[str, Any]) -> bool:
    """本人に見せない情報か — by its tags."""
    tags = (resource.get("meta") or {}).get("tag") or ()
    return any(each.get("system") == names.FLAGS and each.get("code") in HIDDEN_FLAGS for each in tags)


def _identifier_number() -> int:
    return next(each.number for each in parameters_of("Patient") if each.code == "identifier")


def documents_of(person: InsuredPerson) -> list[Registered]:
    """文書 — letters and reports about the person, as Bundles of type document."""
    found = registered(person, "Bundle")
    return [each for each in found if each.resource.get("type") == "document"]


def drugs_elsewhere(person: InsuredPerson, since: date) -> list[DrugRecord]:
    """薬剤情報 — of receipts, prescriptions and dispensings, as the eligibility service keeps them."""
    return list(DrugRecord.objects.filter(person=person, day__gte=since).order_by("-day", "name")[:MOST])


def acts_of(person: InsuredPerson, since: date) -> list[TreatmentRecord]:
    """診療情報 — acts of receipts, operations among them."""
    return list(TreatmentRecord.objects.filter(person=person, day__gte=since).order_by("-day", "name")[:MOST])


def checkups_of(person: InsuredPerson) -> list[CheckupRecord]:
    """特定健診情報 — item by item, the newest day first."""
    return list(CheckupRecord.objects.filter(person=person).order_by("-day", "id")[:MOST])


def records_since() -> date:
    """見られる期間の初日 — five years back, as receipts and checkups are viewed."""
    today = timezone.localdate()
    return today - timedelta(days=YEARS_BACK * 366)
