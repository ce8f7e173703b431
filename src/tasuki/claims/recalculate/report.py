# SPDX-License-Identifier: Apache-2.0
"""再算定の報告 — shares of equal receipts and lines, and every difference with its cause; text, Markdown, plain values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tasuki.claims.recalculate.differences import Cause
from tasuki.claims.recalculate.recalculating import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.claims.recalculate.differences import Difference
    from tasuki.claims.recalculate.recalculating import Recalculation

FORM = "tasuki/recalculation/1"
CAUSES = {
    Cause.UNKNOWN_CODE: "その日の点数表にないコード",
    Cause.PRICE_VINTAGE: "薬価・材料価格の版の違い",
    Cause.REVISION: "改定による点数の違い（別の改定で再算定）",
    Cause.TABLES_ONLY: "襷がその改定のルールを持たない（表だけで計算）",
    Cause.MISSING_HISTORY: "ほかの月の算定歴がない",
    Cause.INSTITUTION_FACT: "医療機関だけが知る事実（時刻・記録・届出）",
    Cause.NOT_BILLED: "算定できるが請求されていない",
    Cause.TABLE: "公式の表では算定できない（年齢・対象検査・回数・背反・包括）",
    Cause.RULE: "算定の違い（襷の誤りか、請求の誤り）",
}
STATES = {
    State.CALCULATED: "再算定した",
    State.INPATIENT: "入院のため対象外",
    State.OUT_OF_BOOK: "取り込まれている改定の外",
    State.UNREADABLE: "読み取れない（年月・明細がないか、生年月日がないか受診より後）",
}


def totals_of(result: Recalculation) -> dict[str, Any]:
    """再算定の集計 — counts of receipts by state, equal receipts and lines, differences by cause."""
    done = result.calculated
    return {
        "receipts": len(result.outcomes),
        "states": {state.value: sum(each.state is state for each in result.outcomes) for state in State},
        "calculated_receipts": len(done),
        "equal_receipts": sum(each.is_equal for each in done),
        "receipts_with_equal_points": sum(each.billed_points == each.calculated_points for each in done),
        "lines": sum(each.lines for each in done),
        "equal_lines": sum(each.equal_lines for each in done),
        "repriced_lines": sum(
            one.billed is not None and one.cause in (Cause.REVISION, Cause.PRICE_VINTAGE)
            for one in result.differences
        ),
        "billed_points": sum(each.billed_points for each in done),
        "calculated_points": sum(each.calculated_points for each in done),
        "causes": {cause.value: sum(one.cause is cause for one in result.differences) for cause in Cause},
    }


def recalculation_trace(result: Recalculation) -> dict[str, Any]:
    """再算定の記録 — plain JSON members, versioned."""
    return {
        "schema": FORM,
        "file": result.file,
        "revision": result.revision,
        "shifted_to": result.shifted_to,
        "totals": totals_of(result),
        "receipts": [
            {
                "number": each.number,
                "month": each.month,
                "state": each.state.value,
                "billed_points": each.billed_points,
                "calculated_points": each.calculated_points,
                "lines": each.lines,
                "equal_lines": each.equal_lines,
                "differences": [_plain(one) for one in each.differences],
            }
            for each in result.outcomes
        ],
    }


def _plain(one: Difference) -> dict[str, Any]:
    return one._asdict() | {"day": one.day.isoformat(), "cause": one.cause.value, "codes": list(one.codes), "names": list(one.names)}  # fmt: skip


def recalculation_text(result: Recalculation) -> str:
    """再算定の説明 — for a terminal: the shares, then each receipt that differs."""
    lines = list(_summary(result))
    for each in result.outcomes:
        if each.differences:
            lines.append(
                f"\nレセプト {each.number}（{each.month}） 請求 {each.billed_points:,}点 再算定 {each.calculated_points:,}点"
            )
            lines += [f"  {one.day:%d}日 {_told(one)}" for one in each.differences]
    return "\n".join(lines) + "\n"


def recalculation_markdown(results: Iterable[Recalculation]) -> str:
    """再算定の報告書 — of several files: a table of shares, then differences gathered by cause, rule and codes."""
    results = list(results)
    rows = [
        "| ファイル | 改定 | レセプト | 再算定 | 点数一致 | 明細 | 明細一致 | 改定・薬価の差だけ |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        found = totals_of(result)
        revision = f"{result.shifted_to}へ移して" if result.shifted_to else result.revision or "範囲外"
        rows.append(
            f"| {result.file} | {revision} | {found['receipts']} | {found['calculated_receipts']} | "
            f"{_share(found['receipts_with_equal_points'], found['calculated_receipts'])} | {found['lines']} | "
            f"{_share(found['equal_lines'], found['lines'])} | {found['repriced_lines']} |"
        )
    gathered = Counter(
        (one.cause, one.rule_id, one.names) for result in results for one in result.differences
    )
    rows += ["", "| 理由 | 件数 | ルール | 明細 |", "|---|---|---|---|"]
    order = list(Cause)
    for (cause, rule_id, names), count in sorted(
        gathered.items(), key=lambda pair: (order.index(pair[0][0]), -pair[1], pair[0][1], pair[0][2])
    ):
        rows.append(
            f"| {CAUSES[cause]} | {count} | {f'`{rule_id}`' if rule_id else ''} | {'、'.join(names)} |"
        )
    return "\n".join(rows) + "\n"


def _summary(result: Recalculation) -> Iterable[str]:
    found = totals_of(result)
    yield f"{result.file} {result.revision or '（取り込まれている改定の外）'}" + (
        f" → {result.shifted_to} に移して再算定" if result.shifted_to else ""
    )
    for state, label in STATES.items():
        if found["states"][state.value]:
            yield f"  {label}: {found['states'][state.value]}件"
    yield f"  点数が一致したレセプト: {_share(found['receipts_with_equal_points'], found['calculated_receipts'])}"
    yield f"  点数が一致した明細: {_share(found['equal_lines'], found['lines'])}"
    yield f"  請求 {found['billed_points']:,}点 再算定 {found['calculated_points']:,}点"
    for cause, label in CAUSES.items():
        if found["causes"][cause.value]:
            yield f"  {label}: {found['causes'][cause.value]}件"


def _told(one: Difference) -> str:
    billed = "なし" if one.billed is None else f"{one.billed:,}点"
    calculated = "なし" if one.calculated is None else f"{one.calculated:,}点"
    reason = f" — {one.sentence}" if one.sentence else ""
    return f"{'・'.join(one.names)} 請求{billed} 再算定{calculated}〔{CAUSES[one.cause]}〕{reason}"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}（{part * 1000 // whole / 10:.1f}%）" if whole else "0/0"
