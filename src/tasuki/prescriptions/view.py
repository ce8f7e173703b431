# SPDX-License-Identifier: Apache-2.0
"""処方データの表示 — every record with the official names of its items, codes with their meaning where published."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tasuki.kernel.printable import printable
from tasuki.prescriptions.item_checks import read_day
from tasuki.prescriptions.usage_code import BadUsage, read_usage_code, weekdays_of

if TYPE_CHECKING:
    from tasuki.prescriptions.layout import Field
    from tasuki.prescriptions.records import Document, Record

# Meanings by format, record and item. お薬手帳 counts dosage forms in another way: no table is shared.
_MEANINGS: Mapping[tuple[str, str, str], Mapping[str, str]] = MappingProxyType(
    {
        ("JAHIS", "1", "fee_table"): {"1": "医科", "3": "歯科", "6": "訪問"},
        ("JAHIS", "12", "sex"): {"1": "男", "2": "女"},
        ("JAHIS", "14", "share_class"): {
            "1": "高齢者一般",
            "2": "高齢者7割",
            "3": "6歳未満",
            "4": "高齢者一般",
            "5": "高齢者8割",
        },
        ("JAHIS", "21", "insurance_kind"): {
            "1": "医保・公費",
            "2": "国保",
            "3": "労災",
            "4": "自賠",
            "5": "公害",
            "6": "自費",
            "7": "後期高齢者",
        },
        ("JAHIS", "23", "relation"): {"1": "被保険者", "2": "被扶養者"},
        ("JAHIS", "25", "duty_reason"): {"1": "職務上", "2": "下船後3か月以内", "3": "通勤災害"},
        ("JAHIS", "62", "residual_action"): {"1": "疑義照会した上で調剤", "2": "情報提供"},
        ("JAHIS", "81", "kind"): {"1": "一包化", "2": "粉砕", "3": "分割"},
        ("JAHIS", "82", "kind"): {"1": "引換番号"},
        ("JAHIS", "101", "dosage_form"): {
            "1": "内服",
            "2": "頓服",
            "3": "外用",
            "4": "内服滴剤",
            "5": "注射",
            "6": "医療材料",
            "9": "不明",
        },
        ("JAHIS", "111", "code_kind"): {"1": "コードなし", "2": "JAMI用法コード"},
        ("SJ", "111", "code_kind"): {"1": "コードなし", "2": "JAMI用法コード", "3": "電子処方箋用法マスタ"},
        ("JAHIS", "181", "kind"): {
            "1": "漸減",
            "2": "一包化",
            "3": "隔日",
            "4": "粉砕",
            "5": "用法の続き",
            "6": "部位",
            "7": "1回使用量",
            "8": "補足用法",
            "9": "部位コード",
        },
        ("JAHIS", "201", "kind"): {"1": "医薬品", "2": "医療材料", "3": "非保険薬"},
        ("JAHIS", "201", "code_kind"): {
            "1": "コードなし",
            "2": "レセプト電算コード",
            "3": "厚労省コード",
            "4": "YJコード",
            "6": "HOTコード",
            "7": "一般名コード",
        },
        ("JAHIS", "201", "strength_flag"): {"1": "薬価単位", "2": "力価単位"},
        ("JAHIS", "281", "kind"): {
            "1": "一包化",
            "2": "粉砕",
            "3": "後発品変更不可",
            "4": "剤形変更不可",
            "5": "含量規格変更不可",
            "6": "剤形・含量規格変更不可",
            "7": "補足用法",
            "8": "先発医薬品患者希望",
        },
        ("JAHISTC", "1", "sex"): {"1": "男", "2": "女"},
        ("JAHISTC", "2", "kind"): {"1": "アレルギー歴", "2": "副作用歴", "3": "既往歴", "9": "その他"},
        ("JAHISTC", "201", "code_kind"): {
            "1": "コードなし",
            "2": "レセプト電算コード",
            "3": "厚労省コード",
            "4": "YJコード",
            "6": "HOTコード",
        },
        ("JAHISTC", "301", "dosage_form"): {
            "1": "内服",
            "2": "内滴",
            "3": "屯服",
            "4": "注射",
            "5": "外用",
            "6": "浸煎",
            "7": "湯",
            "9": "材料",
            "10": "その他",
        },
    }
)
# Formats of the service read as those they come from, where nothing else is said.
_LIKE = {"SJ": "JAHIS", "CJ": "JAHISTC"}
_MAKERS = {"1": "医療関係者", "2": "患者等", "8": "その他", "9": "不明"}


def document_text(document: Document) -> str:
    """処方データの文字表示 — a line a record, its filled items by their official names."""
    lines = [f"{document.format.term}（{printable(document.header.number, 20)}）"]
    for record in document.records:
        layout = document.layout(record)
        if layout is None:
            lines.append(
                f"  {printable(record.number, 20) or '（空行）'}: {_shown('、'.join(record.values[1:]))}"
            )
            continue
        items = [
            f"{field.term} {value_text(document, record, field)}"
            for field in layout.fields
            if record.item(field.number)
        ]
        items += [_shown(text) for text in record.values[len(layout.fields) + 1 :] if text]
        lines.append(f"  {record.number} {layout.term}: {'、'.join(items) or '（空）'}")
    return "\n".join(lines)


def value_text(document: Document, record: Record, field: Field) -> str:
    """項目の表示 — a code with its meaning, a day as people write it, a usage in words."""
    text = record.item(field.number)
    if field.rule in ("day", "born"):
        day = read_day(text)
        return f"{day:%Y-%m-%d}" if day else _shown(text)
    if field.name == "maker":
        return _coded(text, _MAKERS)
    if field.name == "usage_code":
        read = read_usage_code(text)
        return _shown(text) if isinstance(read, BadUsage) else f"{text}（{read.text}）"
    if field.name == "supplement_code" and weekdays_of(text):
        return f"{text}（{weekdays_of(text)}）"
    name = document.format.name
    table = _MEANINGS.get((name, record.number, field.name))
    if table is None:
        table = _MEANINGS.get((_LIKE.get(name, name), record.number, field.name))
    return _coded(text, table or {})


def _coded(text: str, table: Mapping[str, str]) -> str:
    return f"{text} {table[text]}" if text in table else _shown(text)


def _shown(text: str) -> str:
    return printable(text, 200)


def document_view(document: Document) -> dict[str, Any]:
    """処方データのJSON表示 — records with their items by our names; unknown ones as lists."""
    records: list[dict[str, Any]] = []
    for record in document.records:
        layout = document.layout(record)
        if layout is None:
            records.append({"line": record.line, "record": record.number, "values": list(record.values[1:])})
            continue
        records.append(
            {
                "line": record.line,
                "record": record.number,
                "term": layout.term,
                **{field.name: record.item(field.number) for field in layout.fields},
                "more": list(record.values[len(layout.fields) + 1 :]),
            }
        )
    return {
        "file": document.name,
        "format": document.format.name,
        "version": document.version,
        "header": list(document.header.values[1:]),
        "encoding": document.encoding,
        "records": records,
    }
