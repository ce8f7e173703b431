# SPDX-License-Identifier: Apache-2.0
"""資格の登録の変更 — adding people and cards for a rehearsal, ending them, stopping; each stands in the record of use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import jaconv
from django.db import transaction

from tasuki_server.eligibility.certificates import Certificates, plain_certificates
from tasuki_server.eligibility.keys import card_key, name_key
from tasuki_server.eligibility.models import (
    HeldQualification,
    InsuredPerson,
    Insurer,
    ServiceMode,
    SubsidyRow,
    TicketRow,
)
from tasuki_server.platform.models import PlatformOperator, ServiceEvent

STOPS = {"card": "card_stopped_at", "service": "service_stopped_at"}


def add_person(given: dict[str, Any]) -> InsuredPerson:
    """加入者の登録 — text as messages write it: full width with a wide blank, kana in half width."""
    name = given["name"].strip().replace(" ", "　")
    kana = jaconv.z2h(jaconv.hira2kata(given["kana"].strip()).replace("　", " "), kana=True)
    return InsuredPerson.objects.create(
        name=name,
        kana=kana,
        name_key=name_key(name),
        kana_key=name_key(kana),
        sex=given["sex"],
        born=given["born"],
        address=given.get("address", ""),
        postal_code=given.get("postal_code", ""),
        card=given.get("card") or None,
        card_until_on=given.get("card_until_on"),
    )


def save_cover(
    person: InsuredPerson, given: dict[str, Any], certificates: Certificates, cover: HeldQualification | None = None
) -> HeldQualification:  # fmt: skip
    """資格の登録・変更 — the whole card as it is entered."""
    row = cover or HeldQualification(person=person)
    for name, value in given.items():
        setattr(row, name, value)
    row.symbol_key, row.number_key = card_key(row.symbol), card_key(row.number)
    row.certificates = plain_certificates(certificates)
    with transaction.atomic(using="platform"):
        row.save()
    return row


def name_insurer(number: str, name: str) -> None:
    """保険者の登録 — kept with its number; a name that is given takes the place of the one before."""
    if name:
        Insurer.objects.update_or_create(number=number, defaults={"name": name})


def stop_person(person: InsuredPerson, what: str, at: datetime, operator: PlatformOperator) -> bool:
    """利用停止・解除 — of the card or of giving anything; turns it and says which way it stands now."""
    column = STOPS[what]
    with transaction.atomic(using="platform"):
        row = InsuredPerson.objects.select_for_update().get(pk=person.pk)
        is_stopping = getattr(row, column) is None
        setattr(row, column, at if is_stopping else None)
        row.save(update_fields=[column])
        ServiceEvent.objects.create(
            at=at,
            caller=None,
            operation=f"{'stop' if is_stopping else 'resume'}-{what}",
            person_id=row.id,
            outcome="1",
            detail={"by": operator.name},
        )
    return is_stopping


def set_disaster(operator: PlatformOperator, *, is_on: bool) -> None:
    """災害時モードの切替え — counts from the next request."""
    ServiceMode.objects.create(is_disaster=is_on, made_by=operator.name)


def add_ticket(cover: HeldQualification, given: dict[str, Any], items: dict[str, str]) -> TicketRow:
    """医療券の登録 — of a month, for one institution."""
    return TicketRow.objects.create(qualification=cover, items=items, **given)


def add_subsidy(person: InsuredPerson, given: dict[str, Any]) -> SubsidyRow:
    """公費の受給者証の登録 — as a municipality does at PMH."""
    return SubsidyRow.objects.create(person=person, **given)
