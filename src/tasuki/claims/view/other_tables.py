# SPDX-License-Identifier: Apache-2.0
"""医科以外のレセプト表示 — DPC, 歯科, 調剤 and 訪問看護: patient, month, payers, points, and lines as recorded.

Lines are the records between the payers and the end with the names of their items where these are known.
Nothing is summed or judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.claims.fee_tables import FeeTable, chart_number, has_names, item_name, search_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record

_TITLES = {
    FeeTable.MEDICAL: "医科", FeeTable.DPC: "DPC", FeeTable.DENTAL: "歯科", FeeTable.DISPENSING: "調剤",
    FeeTable.NURSING: "訪問看護",
}  # fmt: skip
_AROUND = frozenset({"IR", "RE", "HO", "KO", "SN", "JD", "MF"})
# HO and KO begin alike in these tables; the records of DPC and 訪問看護 are not known to.
_PAYERS_KNOWN = frozenset({FeeTable.DENTAL, FeeTable.DISPENSING})


def other_receipt_view(receipt: Receipt, table: FeeTable) -> dict[str, Any]:
    """医科以外のレセプト表示 — plain values; records without known items under ``unread``."""
    header = receipt.header
    month, born = header.service_month, header.born_on
    lines = [one for one in receipt.records if one.id not in _AROUND and not one.is_history]
    is_known = table in _PAYERS_KNOWN
    payers = [one for one in receipt.records if one.id in ("HO", "KO")]
    return {
        "fee_table": table.value,
        "number": header.record.value(2),
        "receipt_type": header.receipt_type,
        "month": month.text if month else "",
        "patient": {
            "id": chart_number(table, receipt),
            "name": header.patient_name,
            "born": born.isoformat() if born else "",
            "sex": {"1": "male", "2": "female"}.get(header.sex, ""),
        },
        "search_number": search_number(table, receipt),
        "payers": [_payer(one) for one in payers if is_known],
        "lines": [_line(one, table) for one in lines if has_names(table, one.id)],
        "unread": [
            list(one.values)
            for one in (*(one for one in payers if not is_known), *lines)
            if not has_names(table, one.id)
        ],
    }


def _payer(record: Record) -> dict[str, Any]:
    points = record.value(6)
    return {
        "record": record.id,
        "payer_number": record.value(2).strip(),
        "days": record.value(5),
        "points": int(points) if points.isascii() and points.isdigit() and len(points) < 12 else None,
    }


def _line(record: Record, table: FeeTable) -> dict[str, Any]:
    items = [
        {"number": number, "name": item_name(table, record.id, number), "value": value}
        for number, value in enumerate(record.values[1:], 2)
        if value
    ]
    return {"record": record.id, "items": items}


def other_receipt_text(view: dict[str, Any]) -> str:
    """医科以外のレセプトの文字表示 — from :func:`other_receipt_view`."""
    return "\n".join(_text(view))


def _text(view: dict[str, Any]) -> Iterator[str]:
    patient = view["patient"]
    sex = {"male": "男", "female": "女"}.get(patient["sex"], "性別不明")
    title = _TITLES[FeeTable(view["fee_table"])]
    yield f"■ {view['number']}  {view['month']}  {title} {view['receipt_type']}"
    yield f"  {patient['name']}（{sex} {patient['born'] or '生年月日不明'}生）  患者番号 {patient['id']}"
    for one in view["payers"]:
        kind = "保険" if one["record"] == "HO" else "公費"
        points = "点数不明" if one["points"] is None else f"{one['points']:,}点"
        yield f"  {kind} {one['payer_number']}  {one['days']}（実日数・受付回数）  {points}"
    for one in view["lines"]:
        shown = "  ".join(
            f"{item['name'] or item['number']} {item['value']}"
            for item in one["items"]
            if not item["name"].endswith("日の情報")
        )
        yield f"  {one['record']}  {shown}"
    if view["unread"]:
        yield f"  項目の並びを確かめていないレコード {len(view['unread'])}件（そのまま保持）"
