# SPDX-License-Identifier: Apache-2.0
"""契約・資産・お知らせの記録 — each act with its event in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import current_work
from tasuki_server.office.models import Asset, Contract, Notice, Responsibility


def access_contract(row_id: UUID) -> Contract:
    """契約 — the current version of the record a row belongs to, else 404."""
    return _current(Contract, row_id)


def access_asset(row_id: UUID) -> Asset:
    """資産 — the current version of the record a row belongs to, else 404."""
    return _current(Asset, row_id)


def access_notice(notice_id: UUID) -> Notice:
    """お知らせ — of this institution, else 404."""
    row = Notice.objects.select_related("made_by", "done_by").filter(id=notice_id).first()
    if row is None:
        raise Http404("notice")
    return row


def _current(model: Any, row_id: UUID) -> Any:
    row = model.objects.filter(id=row_id).first()
    newest = row and model.objects.current().filter(record_id=row.record_id).first()
    if newest is None:
        raise Http404(model._meta.label)
    return newest


def add_contract(values: Mapping[str, Any]) -> Contract:
    """契約の登録."""
    row = Contract(**values)
    row.save()
    record("office.contract", row, detail={"do": "add"})
    return row


def add_asset(values: Mapping[str, Any]) -> Asset:
    """資産の登録."""
    row = Asset(**values)
    row.save()
    record("office.asset", row, detail={"do": "add"})
    return row


def revise(row: Contract | Asset, values: Mapping[str, Any], *, read_version: int, reason: str) -> Any:
    """契約・資産の変更 — a new version; raises :class:`StaleVersion` when another was saved meanwhile."""
    changed = row.revise(read_version=read_version, reason=reason, **values)
    record(_ACT[type(row)], changed, detail={"do": "revise"})
    return changed


def withdraw(row: Contract | Asset, *, read_version: int, reason: str) -> None:
    """契約・資産の取消 — ended or scrapped; its versions stay."""
    gone = row.withdraw(read_version=read_version, reason=reason)
    record(_ACT[type(row)], gone, detail={"do": "withdraw"})


_ACT: dict[type, str] = {Contract: "office.contract", Asset: "office.asset"}


def keep_responsibilities(contract: Contract, given: Mapping[str, tuple[str, str]]) -> int:
    """責任分界の保存 — only what differs from the newest row of each duty."""
    now = responsibilities_of(contract)
    kept = 0
    for duty, (party, words) in given.items():
        last = now.get(duty)
        if not party or (last is not None and (last.party, last.words) == (party, words)):
            continue
        Responsibility.objects.create(
            contract_record_id=contract.record_id,
            duty=duty,
            party=party,
            words=words,
            made_by_id=current_work().actor.staff_id,
        )
        kept += 1
    if kept:
        record("office.responsibility", contract, detail={"duties": kept})
    return kept


def responsibilities_of(contract: Contract) -> dict[str, Responsibility]:
    """契約の責任分界 — the newest row of each duty."""
    rows = Responsibility.objects.select_related("made_by").filter(contract_record_id=contract.record_id)
    return {each.duty: each for each in rows.order_by("made_at", "id")}


def add_notice(values: Mapping[str, Any]) -> Notice:
    """お知らせの登録."""
    row = Notice.objects.create(**values, made_by_id=current_work().actor.staff_id)
    record("office.notice", row)
    return row


def finish_notice(row: Notice, words: str) -> None:
    """お知らせへの対応 — once, in words."""
    row.done_by_id = current_work().actor.staff_id
    row.done_at = current_work().at
    row.done_words = words
    row.save(update_fields=["done_by", "done_at", "done_words"])
    record("office.notice_done", row)
