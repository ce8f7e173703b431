# SPDX-License-Identifier: Apache-2.0
"""資格の登録の参照 — people, their cards over time, consents, and who asked about them; for the desk's operators."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from tasuki.eligibility.codes import CODES
from tasuki_server.audit.trail import record
from tasuki_server.eligibility.certificates import Certificates
from tasuki_server.eligibility.consents import TERMS
from tasuki_server.eligibility.keys import card_key, name_key
from tasuki_server.eligibility.models import (
    ConsentRow,
    DrugRecord,
    HeldQualification,
    InsuredPerson,
    Insurer,
    ServiceMode,
    SubsidyRow,
    TicketRow,
)
from tasuki_server.patients.birth_text import read_day
from tasuki_server.platform.access import events_of

MOST_FOUND = 50


def access_persons(text: str) -> dict[str, Any]:
    """加入者の検索 — by the beginning of a name, a birthday, a card, or the number on a card."""
    record("eligibility.read", detail={"of": "persons"})
    text = text.strip()[:60]
    found: list[InsuredPerson] = []
    if text:
        key, day = name_key(text), read_day(text)
        wanted = Q(name_key__startswith=key) | Q(card=text)
        numbered = HeldQualification.objects.filter(number_key=card_key(text)).values("person")[:MOST_FOUND]
        wanted |= Q(pk__in=[each["person"] for each in numbered])
        if day is not None:
            wanted |= Q(born=day)
        found = list(InsuredPerson.objects.filter(wanted).order_by("name_key", "born")[:MOST_FOUND])
    return {
        "text": text,
        "persons": [{"row": each, "sex": CODES["sex"].get(each.sex, each.sex)} for each in found],
        "is_cut": len(found) == MOST_FOUND,
        "is_disaster": is_disaster_on(),
    }


def access_person(person_id: UUID) -> dict[str, Any]:
    """加入者の画面 — the cards from the newest, certificates, consents, and who looked."""
    found = find_insured(person_id)
    record("eligibility.read", detail={"person": str(found.id)})
    today = timezone.localdate()
    covers = list(found.qualifications.order_by("-qualified_on", "-made_at"))
    insurers = dict(
        Insurer.objects.filter(number__in={each.insurer_number for each in covers}).values_list(
            "number", "name"
        )
    )
    return {
        "person": found,
        "sex": CODES["sex"].get(found.sex, found.sex),
        "covers": [_cover(each, today, insurers) for each in covers],
        "subsidies": list(SubsidyRow.objects.filter(person=found).order_by("-since_on")),
        "consents": [_consent(each) for each in found.consents.select_related("caller").order_by("-given_at")[:20]],
        "drug_count": DrugRecord.objects.filter(person=found).count(),
        "events": events_of(found.id),
    }  # fmt: skip


def find_insured(person_id: UUID) -> InsuredPerson:
    """加入者の参照 — by id."""
    found = InsuredPerson.objects.filter(pk=person_id).first()
    if found is None:
        raise Http404("person")
    return found


def find_cover(cover_id: UUID) -> HeldQualification:
    """資格の参照 — by id, with whose it is."""
    found = HeldQualification.objects.select_related("person").filter(pk=cover_id).first()
    if found is None:
        raise Http404("cover")
    return found


def is_disaster_on() -> bool:
    """災害時モードか — as it is set."""
    newest = ServiceMode.objects.order_by("-made_at", "-id").first()
    return newest is not None and newest.is_disaster


def certificates_of(cover: HeldQualification) -> Certificates:
    """証の一覧 — of a qualification."""
    return msgspec.convert(cover.certificates, Certificates, strict=False)


def _cover(row: HeldQualification, today: date, insurers: dict[str, str]) -> dict[str, Any]:
    is_begun = row.qualified_on <= today
    is_valid = (
        is_begun
        and (row.lost_on is None or today < row.lost_on)
        and (row.until_on is None or today <= row.until_on)
    )
    certificates = certificates_of(row)
    return {
        "row": row,
        "insurer": insurers.get(row.insurer_number, ""),
        "card_class": CODES["card"].get(row.card_class, row.card_class),
        "relation": CODES["relation"].get(row.relation, row.relation),
        "reason": CODES["loss"].get(row.loss_reason, row.loss_reason),
        "state": "有効" if is_valid else ("無効" if is_begun else "開始前"),
        "is_valid": is_valid,
        "limits": [
            {"row": each, "label": CODES["limit_class"].get(each.limit_class, each.limit_class)}
            for each in certificates.limits
        ],
        "elder": certificates.elder,
        "diseases": [
            {"row": each, "label": CODES["disease"].get(each.category, each.category)}
            for each in certificates.diseases
        ],
        "tickets": list(TicketRow.objects.filter(qualification=row).order_by("-month")[:12]),
    }


def _consent(row: ConsentRow) -> dict[str, Any]:
    return {"row": row, "terms": [TERMS.get(each, each) for each in row.given]}
