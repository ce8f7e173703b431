# SPDX-License-Identifier: Apache-2.0
"""規則 — what the service allows and how long it keeps things; every number that is not confirmed is set here.

The newest row of the settings counts. ``./tasuki platform records`` shows and changes them.
"""

from __future__ import annotations

from typing import Any, Literal

import asyncpg
import msgspec

_NEWEST = "SELECT rules::text FROM records_rules ORDER BY made_at DESC LIMIT 1"
# 1 MB as the size limit counts it.
MEGABYTE = 1_000_000
# 添付の数: what somebody looks through in one letter. Size alone would let a million files of some bytes come with one.
MOST_ATTACHMENTS = 20


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """規則 — see the module; days and years count from registration.

    ``policy`` is ``closed`` (全国: what others wrote is read with a permission) or ``open`` (地域: as long as the
    person does not refuse).

    Cite: 電子カルテ情報共有サービス 技術解説書ほか（docs/reference/unconfirmed.md に確かめていないもの）
    """

    policy: Literal["closed", "open"] = "closed"
    most_megabytes: int = 10
    years_kept: int = 5
    long_years_kept: int = 100
    prescription_days: int = 100
    laboratory_newest: int = 10
    letter_days_after_receipt: int = 7
    letter_days_waiting: int = 100
    emergency_hours: int = 24
    portal_longest_days: int = 366
    attachment_types: tuple[str, ...] = ("application/pdf",)
    most_attachments: int = MOST_ATTACHMENTS
    may_pharmacies_read: bool = False
    # リーダーの同意のうち文書の閲覧も開くもの: official prefix; empty opens no document.
    reader_document_consent: str = ""

    def wrong(self) -> str:
        """誤り — the name of a number that cannot be, "" when all may stand."""
        for name in (
            "most_megabytes", "years_kept", "long_years_kept", "prescription_days", "laboratory_newest",
            "letter_days_after_receipt", "letter_days_waiting", "emergency_hours", "portal_longest_days",
            "most_attachments",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                return name
        return ""


async def rules_now(connection: asyncpg.Connection | asyncpg.Pool) -> Rules:
    """規則の参照 — of this moment."""
    text = await connection.fetchval(_NEWEST)
    return Rules() if text is None else msgspec.json.decode(text, type=Rules)


def kept_rules() -> Rules:
    """規則の参照（画面・コマンド） — of this moment."""
    from tasuki_server.records.models import RuleSetting

    row = RuleSetting.objects.order_by("-made_at").first()
    return Rules() if row is None else msgspec.convert(row.rules, Rules)


def set_rules(by: str, **changes: Any) -> Rules:
    """規則の変更 — a new row; counts from the next request. Raises ``ValueError`` for a value that cannot be."""
    from tasuki_server.records.models import RuleSetting

    told = {**msgspec.to_builtins(kept_rules()), **changes}
    try:
        rules = msgspec.convert(told, Rules)
    except msgspec.ValidationError as wrong:
        raise ValueError(str(wrong)) from wrong
    if rules.wrong():
        raise ValueError(rules.wrong())
    RuleSetting.objects.create(rules=msgspec.to_builtins(rules), made_by=by[:60])
    return rules
