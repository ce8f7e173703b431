# SPDX-License-Identifier: Apache-2.0
"""カードリーダーの代わり（試行環境） — what the reader would tell the service: a card, the consents, the form of prescription.

Identification (face, PIN) is not rehearsed. The result comes as every card's does: by the line, onto the board.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from tasuki.eligibility.elements import CONSENTS
from tasuki_server.confirmation.line import asker_of
from tasuki_server.institutions.models import Institution
from tasuki_server.platform.wire import NotReached, wire_of
from tasuki_server.settings_table import text

DISEASES = "SpecificDiseasesCertificateRelated"
# 医療費助成: 提供する・提供しない at the reader; the service takes it under this name.
SUBSIDY = "MedicalSubsidy"
CONSENT_CHOICES = (*CONSENTS, (DISEASES, "特定疾病療養受療証"), (SUBSIDY, "医療費助成（公費）の受給者証"))
CARDS_SHOWN = 200


class KnownCard(NamedTuple):
    """架空の人のカード — of the register of the rehearsal."""

    card: str
    name: str
    kana: str


def known_cards(institution: Institution) -> list[KnownCard]:
    """選べるカード — of made-up people, where the service of the rehearsal is in the same house; else none."""
    if text("TASUKI_PLATFORM_URL") or not institution.is_demo:
        return []
    from tasuki_server.eligibility.models import InsuredPerson

    rows = InsuredPerson.objects.filter(card__isnull=False).order_by("kana", "card")[:CARDS_SHOWN]
    return [KnownCard(row.card, row.name, row.kana) for row in rows]


def show_card(institution: Institution, card: str, consents: Mapping[str, bool], prescription: str) -> str:
    """カードの提示 — "" when the reader was answered, else what is wrong, in Japanese. Raises ``NotReached``."""
    if not card or len(card) > 40:
        return "カードを選んでください。"
    body = json.dumps({"card": card, "consents": dict(consents), "prescription": prescription}).encode()
    reply = wire_of(asker_of(institution))("POST", "eligibility/cards", body)
    if reply.status >= 500:
        raise NotReached
    return "" if reply.status == 200 else f"カードを読み取れません（{reply.status}）。"
