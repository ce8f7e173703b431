# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書 — kept as it is sent: no addressee, no attachment; read by the insurer, and by whom the person permits.

Cite: 健診結果報告書 JP_Bundle_eCheckupGeneral、電子カルテ情報共有サービス 健診文書閲覧
"""

from __future__ import annotations

from typing import Any

import msgspec

from tasuki.sharing.permission import RecordKind
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.models import FeeTable
from tasuki_server.records.asked import Asked
from tasuki_server.records.bundles import read_bundle
from tasuki_server.records.checkup_heads import head_of
from tasuki_server.records.messages import CheckupList, CheckupTold
from tasuki_server.records.permitting import one_person
from tasuki_server.records.refusals import refuse
from tasuki_server.records.retention import Limits
from tasuki_server.records.views import opened

PROFILE = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eCheckupGeneral"
MOST, LONGEST_NUMBER = 200, 200
_SAVE = """
    INSERT INTO records_checkup
      (id, caller_id, institution, person, insurer, number, checked_on, body, registered_at, removed_at, kind, name, kana, words)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11, $12, $13)
    ON CONFLICT (institution, number) DO UPDATE SET body = $8, checked_on = $7, registered_at = $9, removed_at = NULL,
      kind = $10, name = $11, kana = $12, words = $13
      WHERE records_checkup.person = $4
    RETURNING id
"""
_TOLD = """
    SELECT k.id, k.number, k.institution, k.person, c.name, k.registered_at, k.checked_on, k.body
    FROM records_checkup k
    JOIN platform_connectedinstitution c ON c.id = k.caller_id WHERE k.body IS NOT NULL AND k.registered_at >= $1 AND {}
    ORDER BY k.registered_at, k.id LIMIT {}
"""


async def write(asked: Asked) -> CheckupTold:
    """健診結果の登録 — ``POST checkups``; the same number again replaces what was sent."""
    asked.refuse_large()
    held = read_bundle(asked, asked.call.body, PROFILE)
    if not held.number or len(held.number) > LONGEST_NUMBER:
        raise refuse("number", found=held.number, own=asked.number)
    # 公費の人は保険者を持たない.
    insurer = "" if held.person.startswith("public/") else held.person.partition(":")[0]
    day = _checked_on(held.value)
    async with asked.piece() as connection:
        saved = await connection.fetchval(
            _SAVE, new_id(), asked.caller, asked.number, held.person, insurer, held.number, day, asked.call.body, asked.at,
            *head_of(held.value),
        )  # fmt: skip
        if saved is None:
            raise refuse("other-person", what="同じ番号で送った健診結果報告書")
        asked.detail["number"] = held.number
    return CheckupTold(
        str(saved),
        held.number,
        asked.number,
        asked.call.caller.name,
        asked.at,
        day,
        msgspec.Raw(asked.call.body),
    )


async def read(asked: Asked) -> CheckupList:
    """健診結果の閲覧 — ``GET checkups``: of one's insured as an insurer, of one person as an institution."""
    limit = Limits(asked.rules, asked.at).usual
    if asked.call.caller.fee_table == FeeTable.INSURER:
        return await _for_insurer(asked, limit)
    asked.people = asked.persons()
    async with asked.piece() as connection:
        asked.people = await one_person(connection, asked.people)
        (told,) = await opened(connection, asked, [RecordKind.CHECKUP])
        own = "k.person = ANY($2::text[]) AND (k.institution = $3 OR $4)"
        rows = await connection.fetch(
            _TOLD.format(own, MOST), limit, asked.people, asked.number, told.is_open
        )
        if not rows and not told.is_open:
            raise refuse("consent", reason=told.reason)
        asked.detail["count"] = len(rows)
    return CheckupList(tuple(_checkup(row) for row in rows))


def insurer_of(number: str) -> str:
    """保険者番号 — of a caller that is an insurer: eight digits out of the ten (第3桁 is the kind, 第4桁 a zero).

    >>> insurer_of("0680139991")
    '06139991'
    """
    return number[:2] + number[4:]


async def _for_insurer(asked: Asked, limit: Any) -> CheckupList:
    own, wanted = insurer_of(asked.call.caller.number), asked.call.query.get("insurer", "")
    if wanted.rjust(8, "0") != own:
        raise refuse("insurer", found=wanted)
    since = asked.moment("since") or limit
    async with asked.piece() as connection:
        rows = await connection.fetch(_TOLD.format("k.insurer = $2", MOST + 1), max(limit, since), own)
        # Of each person one row of the record of use, so that they see the insurer's look.
        asked.people = list(dict.fromkeys(row["person"] for row in rows[:MOST]))
        asked.detail["count"] = len(rows[:MOST])
    after = rows[MOST]["registered_at"].isoformat() if len(rows) > MOST else ""
    return CheckupList(tuple(_checkup(row) for row in rows[:MOST]), after)


def _checkup(row: Any) -> CheckupTold:
    return CheckupTold(
        str(row["id"]), row["number"], row["institution"], row["name"], row["registered_at"], row["checked_on"],
        msgspec.Raw(bytes(row["body"])),
    )  # fmt: skip


def _checked_on(bundle: dict[str, Any]) -> str:
    """実施日 — the first day of the visit."""
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            return str((entry["resource"].get("period") or {}).get("start", ""))[:10]
    return ""
