# SPDX-License-Identifier: Apache-2.0
"""審査 — a claim month of one payer: returns, cuts, and what is paid, left as files for each institution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction

from tasuki.claims.build import with_number
from tasuki.claims.item_values import Month
from tasuki.claims.payable import payable_yen
from tasuki.claims.reader import read
from tasuki.claims.receipt import Receipt
from tasuki.claims.result_files import (
    Payment,
    PaymentLine,
    PointChange,
    ReturnedReceipt,
    ReturnReason,
    history_of,
    write_payment,
    write_points,
    write_returns,
)
from tasuki_server.receiving.intake import leave_file
from tasuki_server.receiving.models import Decision, Delivery, ReceivedReceipt, SendingClient
from tasuki_server.receiving.scenario import play_scenario

PAID_ON_DAY = 21
OFFICE, REVIEW, WITHDRAWN = "1", "2", "9"


class Moved(NamedTuple):
    """金額の動き — how many receipts, points and yen one kind of movement made."""

    count: int = 0
    points: int = 0
    yen: int = 0

    def and_also(self, points: int, yen: int) -> Moved:
        """加算 — with one receipt more."""
        return Moved(self.count + 1, self.points + points, self.yen + yen)


_NOTHING = Moved()


@dataclass(slots=True)
class _Result:
    """What one institution is told of the month."""

    claimed: Moved = _NOTHING
    returned: Moved = _NOTHING
    withdrawn: Moved = _NOTHING
    cut: Moved = _NOTHING
    corrected: Moved = _NOTHING
    returns: list[ReturnedReceipt] = field(default_factory=list)
    later_returns: list[ReturnedReceipt] = field(default_factory=list)
    changes: list[PointChange] = field(default_factory=list)


def examine_month(payer: str, claim_month: date, *, scenario: str = "", by: str = "") -> int:
    """審査の実行 — of every file of the month that was accepted and not examined; gives their number.

    A receipt with an error of L2 or L3 comes back (事務返戻), as does one whose amount cannot be read. Decisions
    made by hand or by a scenario come on top. What was paid before and is withdrawn now is taken off (過誤調整).
    """
    with transaction.atomic(using="receiving"):
        found = list(
            Delivery.objects.select_for_update(of=("self",))
            .filter(payer=payer, claim_month=claim_month, state="received", is_accepted=True)
            .select_related("client")
            .order_by("received_at")
        )
        if scenario:
            play_scenario(scenario, found, by)
        by_client: dict[SendingClient, list[Delivery]] = {}
        for delivery in found:
            by_client.setdefault(delivery.client, []).append(delivery)
        for client, deliveries in by_client.items():
            _examine(client, deliveries, payer, claim_month)
    return len(found)


def _examine(client: SendingClient, deliveries: list[Delivery], payer: str, claim_month: date) -> None:
    month = Month(claim_month.year, claim_month.month)
    result = _Result()
    for delivery in deliveries:
        receipts = read(bytes(delivery.data)).receipts
        rows = delivery.receipts.prefetch_related("decisions").order_by("number")
        for row, receipt in zip(rows, receipts, strict=True):
            _judge(result, row, receipt, month)
        delivery.state = "examined"
        delivery.save(update_fields=["state"])
    _take_back(result, client, payer, month)
    last = deliveries[-1]
    who = (client.prefecture, client.code, client.name)
    label = f"{month.text}_{payer}"
    if result.returns:
        leave_file(client, last, "returns", "RECEIPTC.HEN", write_returns(payer, who, result.returns))
    if result.later_returns:
        leave_file(client, last, "returns", "RECEIPTC.SAH", write_returns(payer, who, result.later_returns))
    if result.changes:
        leave_file(client, last, "points", f"zogn_{label}.csv", write_points(payer, month, result.changes))
    leave_file(client, last, "payment", f"fmei_{label}.csv", write_payment(_payment(payer, month, result)))


def _judge(result: _Result, row: ReceivedReceipt, receipt: Receipt, month: Month) -> None:
    full = row.payable_yen
    decisions = list(row.decisions.all())
    result.claimed = result.claimed.and_also(row.points, full or 0)
    reasons = _reasons(row, decisions, month)
    if any(one.kind == WITHDRAWN for one in reasons):
        result.withdrawn = result.withdrawn.and_also(-row.points, -(full or 0))
        row.state = "withdrawn"
    elif reasons:
        result.returned = result.returned.and_also(-row.points, -(full or 0))
        row.state = "returned"
    else:
        row.state = "settled"
        _cut(result, row, receipt, decisions)
    row.save(update_fields=["state"])
    if reasons:
        result.returns.append(_returned(row, receipt, reasons))


def _reasons(row: ReceivedReceipt, decisions: Iterable[Decision], month: Month) -> tuple[ReturnReason, ...]:
    withdrawn = [one for one in decisions if one.kind == "withdraw"]
    if withdrawn:
        return tuple(ReturnReason(month, WITHDRAWN, "", "", _wide(one.text)) for one in withdrawn)
    found = [
        ReturnReason(month, REVIEW, one.section, one.code, _wide(one.text))
        for one in decisions
        if one.kind == "return"
    ]
    found += [
        ReturnReason(month, OFFICE, "", _official(each["code"]), _wide(each["message"]))
        for each in row.findings
        if each["severity"] in ("block", "confirm")
    ]
    if row.payable_yen is None and not found:
        found.append(ReturnReason(month, OFFICE, "", "", "支払額を計算できません"))
    return tuple(found)


def _cut(result: _Result, row: ReceivedReceipt, receipt: Receipt, decisions: Iterable[Decision]) -> None:
    cuts = [one for one in decisions if one.kind == "cut"]
    if not cuts:
        return
    points = sum(one.points for one in cuts)
    after = payable_yen(receipt, -points)
    assert after is not None and row.payable_yen is not None
    result.cut = result.cut.and_also(points, after - row.payable_yen)
    service = receipt.header.service_month
    assert service is not None
    law = receipt.insurer.insurer_number.strip()[:2] if receipt.insurer else ""
    result.changes.extend(
        PointChange(
            service, row.number, row.patient_name, row.chart_number, one.section, law,
            one.points, one.code, one.item, _wide(one.text), row.search_number,
        )
        for one in cuts
    )  # fmt: skip


def _take_back(result: _Result, client: SendingClient, payer: str, month: Month) -> None:
    """Receipts that were paid for and are withdrawn since: returned now, their payment taken off."""
    asked = ReceivedReceipt.objects.filter(
        delivery__client=client, delivery__payer=payer, state="settled", decisions__kind="withdraw"
    )
    for row in asked.select_related("delivery").distinct():
        receipt = read(bytes(row.delivery.data)).receipts[row.number - 1]
        decisions = list(row.decisions.all())
        cut = sum(one.points for one in decisions if one.kind == "cut")
        paid = payable_yen(receipt, -cut) or 0
        result.corrected = result.corrected.and_also(-(row.points + cut), -paid)
        result.later_returns.append(_returned(row, receipt, _reasons(row, decisions, month)))
        row.state = "withdrawn"
        row.save(update_fields=["state"])


def _returned(row: ReceivedReceipt, receipt: Receipt, reasons: tuple[ReturnReason, ...]) -> ReturnedReceipt:
    check = sha256(f"{row.search_number}:{row.points}".encode()).hexdigest()
    history = history_of(row.search_number, check.upper())
    first, *rest = (each for each in receipt.records if not each.is_history)
    values = (*first.values[:18], row.search_number, *first.values[19:])
    own = with_number(Receipt([first._replace(values=values), *rest]), row.number)
    return ReturnedReceipt(own, reasons, row.search_number, history)


def _payment(payer: str, month: Month, result: _Result) -> Payment:
    moves = (
        ("請求", result.claimed),
        ("返戻", result.returned),
        ("取下げ", result.withdrawn),
        ("増減点", result.cut),
        ("過誤調整", result.corrected),
    )
    lines = tuple(PaymentLine(kind, *move) for kind, move in moves if move.count)
    paid_on = month.plus(1).day(PAID_ON_DAY)
    return Payment(payer, month, paid_on, sum(line.yen for line in lines), lines)


def _official(code: str) -> str:
    """The official code in one of ours: UKE-L3-4100-2 is L4100's class and number as ASP prints them."""
    parts = code.split("-")
    return f"L{parts[2]}" if len(parts) > 2 and parts[1].startswith("L") else ""


def _wide(text: str) -> str:
    # An item of a record holds no comma; a sentence of ours may.
    return text.replace(",", "，").replace('"', "”")[:100]
