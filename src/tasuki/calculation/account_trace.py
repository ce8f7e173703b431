# SPDX-License-Identifier: Apache-2.0
"""支払者別の会計の記録 — the account of a visit's payers as versioned JSON, and as text a clerk reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.calculation.bill_text import bill_text
from tasuki.calculation.payers import explain_payer, payer_name
from tasuki.calculation.payers.price_trace import priced_trace, reason_text
from tasuki.calculation.trace import trace_of

if TYPE_CHECKING:
    from tasuki.calculation.file_payers import FileAccount
    from tasuki.calculation.payers import PayerPart


def account_trace(told: FileAccount) -> dict[str, Any]:
    """会計の記録 — the trace of the statement, with ``account`` where the file named payers."""
    trace = trace_of(told.statement)
    if told.account is not None:
        trace["account"] = {
            "parts": [_part(part) for part in told.account.parts],
            "charges": [priced_trace(line) for line in told.charges],
            "outside_yen": outside_yen(told),
        }
    return trace


def outside_yen(told: FileAccount) -> int:
    """保険外の患者負担 — what the patient pays of parts outside health insurance, and of the price list."""
    parts = () if told.account is None else told.account.others
    return sum(part.patient_yen or 0 for part in parts) + sum(line.patient_yen for line in told.charges)


def account_text(told: FileAccount) -> str:
    """会計の説明 — each payer's part beside the main one, then the price list; "" without payers."""
    if told.account is None:
        return ""
    main = told.account.health or told.account.parts[0]
    lines = ["", "■ 支払者"]
    for part in told.account.parts:
        lines.append(
            f"  {_label(part)}　{part.statement.total_points:,}点　請求額 {part.total_yen:,}円{_patient(part)}"
        )
        lines += [f"      {explain_payer(each)}" for each in part.because]
    lines += [f"  {explain_payer(line.because)}" for line in told.charges]
    lines.append(f"医療保険のほかに患者が支払う額 {outside_yen(told):,}円")
    for part in told.account.parts:
        if part is not main:
            lines += ["", f"── {_label(part)}の明細 ──", bill_text(part.statement).rstrip()]
    return "\n".join(lines) + "\n"


def _label(part: PayerPart) -> str:
    return "公費" if part.payer is None else payer_name(part.payer.kind)


def _patient(part: PayerPart) -> str:
    if part.patient_yen is None:
        return "（患者の負担は月の計算で決まる）"
    return f"　患者 {part.patient_yen:,}円"


def _part(part: PayerPart) -> dict[str, Any]:
    return {
        "payer": "" if part.payer is None else part.payer.key,
        "kind": None if part.payer is None else part.payer.kind.value,
        "label": _label(part),
        "is_health": part.is_health,
        "statement": trace_of(part.statement),
        "points_yen": part.points_yen,
        "act_yen": part.act_yen,
        "tax_yen": part.tax_yen,
        "total_yen": part.total_yen,
        "patient_yen": part.patient_yen,
        "payer_yen": None if part.patient_yen is None else part.total_yen - part.patient_yen,
        "because": [reason_text(each) for each in part.because],
    }
