# SPDX-License-Identifier: Apache-2.0
"""負担の報告 — a charged month as Japanese text for people and as a versioned trace for programs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tasuki.calculation.copayment.sentences import explain
from tasuki.calculation.payers import explain_payer, payer_name
from tasuki.calculation.payers.case_parts import VisitOutside
from tasuki.calculation.payers.price_trace import priced_trace, reason_text
from tasuki.kernel.because import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki.calculation.copayment.ledger import MonthLedger, PartCharge, VisitCharge
    from tasuki.calculation.copayment.receipt_month import MonthResult, ReceiptMonth
    from tasuki.kernel.because import Because

TRACE_VERSION = 1
_SIGNS = {Verdict.GRANTED: "○", Verdict.DENIED: "－", Verdict.ADVISED: "！"}


def month_trace(
    ledger: MonthLedger, result: MonthResult, outside: Sequence[VisitOutside] = ()
) -> dict[str, Any]:
    """負担の記録 — the month as plain JSON values; fractions of a yen are written as text ("455/2").

    ``outside`` is what other payers bear of each visit, in the order of the ledger.
    """
    told: dict[str, Any] = {
        "version": TRACE_VERSION,
        "month": "{}-{:02}".format(*result.month),
        "visits": [
            {"day": entry.visit.day.isoformat(), "id": entry.visit.id, **_charge(entry.charge)}
            for entry in ledger.entries
        ],
        "receipts": [_receipt(receipt) for receipt in result.receipts],
        "collected_yen": result.collected_yen,
    }
    if any(one.parts or one.charges for one in outside):
        for visit, one in zip(told["visits"], outside, strict=True):
            visit["outside"] = _outside(one)
        told["outside_yen"] = sum(one.patient_yen for one in outside)
    return told


def _outside(one: VisitOutside) -> dict[str, Any]:
    return {
        "parts": [
            {
                "kind": part.payer.kind.value,
                "label": payer_name(part.payer.kind),
                "points": part.points,
                "points_yen": part.amount.points_yen,
                "act_yen": part.amount.act_yen,
                "tax_yen": part.amount.tax_yen,
                "total_yen": part.amount.total_yen,
                "patient_yen": part.amount.patient_yen,
                "payer_yen": part.amount.total_yen - part.amount.patient_yen,
                "because": [reason_text(each) for each in part.amount.because],
            }
            for part in one.parts
        ],
        "charges": [priced_trace(line) for line in one.charges],
        "patient_yen": one.patient_yen,
    }


def _charge(charge: VisitCharge) -> dict[str, Any]:
    return {
        "collect_yen": charge.collect_yen,
        "share_percent": charge.share_percent,
        "parts": [_part(part) for part in charge.parts],
        "ledger_lines": [line._asdict() | {"day": line.day.isoformat()} for line in charge.ledger_lines],
        "because": [_because(reason) for reason in charge.because],
    }


def _part(part: PartCharge) -> dict[str, Any]:
    members = {name: _plain(value) for name, value in part._asdict().items()}
    members["payer_set"] = list(part.payer_set)
    members["programmes"] = [
        {name: _plain(value) for name, value in one._asdict().items()} for one in part.programmes
    ]
    return members


def _because(reason: Because) -> dict[str, Any]:
    return {
        "rule_id": reason.rule_id,
        "verdict": reason.verdict.value,
        "facts": {name: _plain(value) for name, value in reason.facts},
        "cite": reason.cite,
        "row": reason.row,
        "sentence": explain(reason),
    }


def _receipt(receipt: ReceiptMonth) -> dict[str, Any]:
    return {
        "receipt": receipt.receipt,
        "points": receipt.points,
        "day_count": receipt.day_count,
        "share_percent": receipt.share_percent,
        "benefit_percent": receipt.benefit_percent,
        "share_yen": receipt.share_yen,
        "amount_yen": receipt.amount_yen,
        "high_cost_yen": receipt.high_cost_yen,
        "aggregated_yen": receipt.aggregated_yen,
        "programmes": [
            {name: getattr(one, name) for name in one.__dataclass_fields__} for one in receipt.programmes
        ],
        "patient_yen": receipt.patient_yen,
        "collected_yen": receipt.collected_yen,
        "marks": list(receipt.marks),
        "counter_kind": receipt.counter_kind,
        "burden_class": receipt.burden_class,
        "reduction": receipt.reduction.value if receipt.reduction else None,
        "because": [_because(reason) for reason in receipt.because],
    }


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    return value if isinstance(value, str | int | bool | None) else str(value)


def month_text(ledger: MonthLedger, result: MonthResult, outside: Sequence[VisitOutside] = ()) -> str:
    """負担の説明 — each visit's payment with its reasons, then what the receipts will say."""
    lines: list[str] = []
    beside = outside or (VisitOutside(),) * len(ledger.entries)
    for entry, other in zip(ledger.entries, beside, strict=True):
        lines.append(f"{entry.visit.day:%Y-%m-%d}  {_paid(entry.charge.collect_yen)}")
        lines += [
            f"  {_SIGNS[reason.verdict]} {explain(reason)}〔{reason.cite}〕"
            for reason in entry.charge.because
        ]
        lines += [
            f"  上限額管理票 {line.law_code}: 医療費{line.cost_yen:,}円 負担{line.patient_yen:,}円 "
            f"累計{line.total_yen:,}円／上限{line.cap_yen:,}円"
            for line in entry.charge.ledger_lines
        ]
        lines += [f"  ＋ {explain_payer(each)}" for part in other.parts for each in part.amount.because]
        lines += [f"  ＋ {explain_payer(line.because)}" for line in other.charges]
    lines.append("")
    for receipt in result.receipts:
        lines += _receipt_lines(receipt)
    lines.append(f"月の徴収額 {result.collected_yen:,}円")
    outside_yen = sum(one.patient_yen for one in outside)
    if outside_yen:
        lines.append(f"医療保険のほかに患者が支払う額 {outside_yen:,}円")
    return "\n".join(lines)


def _paid(yen: int) -> str:
    return f"徴収 {yen:,}円" if yen >= 0 else f"返金 {-yen:,}円"


def _receipt_lines(receipt: ReceiptMonth) -> list[str]:
    marks = " ".join(receipt.marks) or "なし"
    lines = [
        f"レセプト {receipt.points:,}点 実日数{receipt.day_count}日 特記事項 {marks} MF {receipt.counter_kind}"
    ]
    if receipt.is_insured:
        stated = "記載なし" if receipt.amount_yen is None else f"{receipt.amount_yen:,}円"
        lines.append(f"  HO 負担金額 {stated}（一部負担金 {receipt.share_yen:,}円）")
    for one in receipt.programmes:
        stated = "記載なし" if one.amount_yen is None else f"{one.amount_yen:,}円"
        share = "" if one.benefit_share_yen is None else f" 給付対象一部負担金 {one.benefit_share_yen:,}円"
        lines.append(
            f"  KO {one.law_code} {one.points:,}点 負担金額 {stated}{share}（公費負担 {one.pays_yen:,}円）"
        )
    lines += [f"  {_SIGNS[reason.verdict]} {explain(reason)}" for reason in receipt.because]
    return lines
