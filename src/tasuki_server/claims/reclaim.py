# SPDX-License-Identifier: Apache-2.0
"""再請求 — a returned receipt as it stands now, with its 検索番号 and the history block byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from tasuki.claims.checks.rule import Context
from tasuki.claims.checks.run import check_receipt
from tasuki.claims.item_values import Month
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record
from tasuki.claims.returns import ReturnedReceipt, reclaimed
from tasuki.claims.writer import CRLF
from tasuki.kernel.finding import BadInput, Severity, Where
from tasuki.kernel.messages import sentence
from tasuki_server.claims.closing import closing_of
from tasuki_server.claims.making import is_outdated, newest_build
from tasuki_server.claims.models import BuiltClaim, ReturnedClaim
from tasuki_server.masters_source import current_book


@dataclass(frozen=True, slots=True)
class Reclaim:
    """再請求するレセプト — the return it answers, the receipt of the newest making, and whether that differs."""

    returned: ReturnedClaim
    claim: BuiltClaim
    receipt: Receipt
    is_changed: bool


@dataclass(frozen=True, slots=True)
class NotYet:
    """再請求できない理由 — what has to happen first."""

    returned: ReturnedClaim
    why: str


def prepare_reclaim(returned: ReturnedClaim, claim_month: date) -> Reclaim | NotYet:
    """再請求の準備 — from the newest making of the month of service, which must be closed and up to date.

    The history is what came back, untouched; the claim before it is what the institution stands for now.

    Cite: オンライン請求システム 返戻・再請求（履歴請求データと検索番号は変更しない）
    """
    if returned.patient is None or returned.month is None:
        return NotYet(returned, "患者に結び付いていません。")
    if returned.file.claim_month >= claim_month:
        return NotYet(returned, "返戻のあった請求月の翌月から再請求できます。")
    build = newest_build(returned.month)
    closing = closing_of(returned.month)
    if build is None or closing is None or not closing.is_closed:
        return NotYet(returned, "診療月の締めを解いて直しています。作成し直して締めてください。")
    if is_outdated(build):
        return NotYet(returned, "会計が変わっています。作成し直して締めてください。")
    claim = _claim_of(returned, list(build.claims.filter(patient=returned.patient).select_related("build")))
    if claim is None:
        return NotYet(returned, "この診療月のレセプトがなくなっています。")
    if claim.is_left_out:
        return NotYet(returned, "提出不可の指摘が残っています。")
    try:
        receipt = with_history(claim.receipt(), returned)
    except BadInput as refused:
        return NotYet(returned, sentence(replace(refused.findings[0], where=Where())))
    context = Context(claim.payer, Month(claim_month.year, claim_month.month), current_book())
    blocking = [each for each in check_receipt(receipt, context) if each.severity is Severity.BLOCK]
    if blocking:
        return NotYet(returned, sentence(replace(blocking[0], where=Where())))
    before = returned.sent.claim if returned.sent is not None else None
    is_changed = before is None or _own(claim.receipt()) != _own(before.receipt())
    return Reclaim(returned, claim, receipt, is_changed)


def with_history(receipt: Receipt, returned: ReturnedClaim) -> Receipt:
    """履歴の添付 — 検索番号 in RE and the history rows at the end; raises ``BadInput`` as the library does."""
    rows = [row for row in bytes(returned.history).split(CRLF) if row]
    history = [Record(0, row + CRLF, tuple(row.decode("cp932").split(","))) for row in rows]
    came = [Record(0, b"", tuple(row)) for row in returned.records]
    own = Receipt([*(record for record in came if not record.is_history), *history])
    return reclaimed(ReturnedReceipt(own, ()), receipt, receipt.header.receipt_number or 0)


def _claim_of(returned: ReturnedClaim, claims: list[BuiltClaim]) -> BuiltClaim | None:
    key = returned.sent.key if returned.sent is not None else ""
    same = [each for each in claims if each.key == key]
    if same:
        return same[0]
    # Another card makes another key: then the one receipt the patient has in the month is meant.
    return claims[0] if len(claims) == 1 else None


def _own(receipt: Receipt) -> list[tuple[str, ...]]:
    first, *rest = receipt.records
    return [("RE", *first.values[2:]), *(each.values for each in rest)]
