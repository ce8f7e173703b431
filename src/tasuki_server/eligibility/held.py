# SPDX-License-Identifier: Apache-2.0
"""登録の行 — a person with one qualification, as the register's statements give them, and as an answer says them."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tasuki.eligibility.answer import Certificate, Consent, Qualification
from tasuki.kernel.days import is_preschool
from tasuki_server.eligibility.certificates import read_certificates

MEDICAL_AID = "A1"

COLUMNS = """
    p.id, p.name, p.kana, p.other_name, p.other_kana, p.sex, p.sex_on_card, p.born, p.address, p.postal_code,
    p.card_until_on, p.card_stopped_at, p.service_stopped_at,
    q.id, q.insurer_number, q.symbol, q.number, q.branch, q.symbol_key, q.card_class, q.relation, q.insured_name,
    q.qualified_on, q.lost_on, q.loss_reason, q.issued_on, q.since_on, q.until_on, q.share_percent, q.certificates::text,
    i.name, r.reference
"""
TABLES = """
    LEFT JOIN eligibility_insurer i ON i.number = q.insurer_number
    LEFT JOIN eligibility_referencenumber r ON r.person_id = p.id AND r.caller_id =
"""


class Held(NamedTuple):
    """登録の行 — in the order of ``COLUMNS``."""

    person: UUID
    name: str
    kana: str
    other_name: str
    other_kana: str
    sex: str
    sex_on_card: str
    born: date
    address: str
    postal_code: str
    card_until_on: date | None
    card_stopped_at: datetime | None
    service_stopped_at: datetime | None
    qualification: UUID
    insurer_number: str
    symbol: str
    number: str
    branch: str
    symbol_key: str
    card_class: str
    relation: str
    insured_name: str
    qualified_on: date
    lost_on: date | None
    loss_reason: str
    issued_on: date | None
    since_on: date | None
    until_on: date | None
    share_percent: int | None
    certificates: str
    insurer_name: str | None
    reference: str | None

    def is_valid(self, day: date) -> bool:
        """有効な資格か — held on a day. The day of loss is the first without it; the last day of a card is its own.

        Cite: 健康保険法 第36条、国民健康保険法 第8条
        """
        return (
            self.qualified_on <= day
            and (self.lost_on is None or day < self.lost_on)
            and (self.until_on is None or day <= self.until_on)
        )

    @property
    def is_medical_aid(self) -> bool:
        """医療扶助か — by the class of the card."""
        return self.card_class == MEDICAL_AID


class Shown(NamedTuple):
    """答えに加えるもの — what the way of asking adds to a qualification."""

    is_limit_shown: bool = False
    limit_consented_at: datetime | None = None
    disease_consent: str = "0"
    disease_consented_at: datetime | None = None
    consents: tuple[Consent, ...] = ()
    own_identifier: str = ""


NOTHING_MORE = Shown()


def qualification_of(held: Held, day: date, shown: Shown = NOTHING_MORE) -> Qualification:
    """資格確認結果の一件 — the row as an answer of a day gives it; certificates are those of the day."""
    certificates = read_certificates(held.certificates)
    return Qualification(
        insurer_number=held.insurer_number,
        symbol=held.symbol,
        number=held.number,
        branch=held.branch,
        card_class=held.card_class,
        relation=held.relation,
        insured_name=held.insured_name,
        name=held.name,
        kana=held.kana,
        other_name=held.other_name,
        other_kana=held.other_kana,
        sex=held.sex,
        sex_on_card=held.sex_on_card,
        born_on=held.born,
        address=held.address,
        postal_code=held.postal_code,
        qualified_on=held.qualified_on,
        lost_on=held.lost_on,
        card=Certificate(held.issued_on, held.since_on, held.until_on),
        share_percent=held.share_percent,
        is_preschool=is_preschool(held.born, day),
        loss_reason=held.loss_reason if held.lost_on is not None else "",
        insurer_name=held.insurer_name or "",
        elder=certificates.elder_on(day),
        is_limit_consented=shown.is_limit_shown,
        limit_consented_at=shown.limit_consented_at,
        limit=certificates.limit_on(day) if shown.is_limit_shown else None,
        limit_changed="",
        disease_consent=shown.disease_consent,
        disease_consented_at=shown.disease_consented_at,
        diseases=certificates.diseases_on(day) if shown.disease_consent == "1" else (),
        consents=shown.consents,
        reference_number=held.reference or "",
        own_identifier=shown.own_identifier,
    )
