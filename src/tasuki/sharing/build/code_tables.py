# SPDX-License-Identifier: Apache-2.0
"""標準コードの表 — what the Book holds, and what the caller's own copies of official files add: 病名管理番号, J-FAGY.

The starter masters have receipt codes, 交換用コード and ICD-10, but no 病名管理番号: those stand in the official 傷病名マスター
that an institution imports for its claims.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from tasuki.chart.orders import OrderKind
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.sharing.build import names
from tasuki.sharing.build.codes import CodeKind, CodeMap, Mapping, StandardCode
from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, ConditionFacts, Facts, PrescribedDrug
from tasuki.sharing.build.faults import bad_table, refuse
from tasuki.sharing.lab_items import item_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from tasuki.masters.book import DayBook

_ALLERGENS = {"J9F": names.FOOD_ALLERGEN, "J9N": names.OTHER_ALLERGEN}


def from_book(book: DayBook, facts: Iterable[Facts]) -> CodeMap:
    """点数表のコード — of the diseases, modifiers and drugs that the facts name; what the Book lacks is left out.

    A price list code serves as the YJ code: for products listed under a common name (統一名収載) the two may differ, and
    an institution's own mapping of the drug then counts instead.
    """
    diseases: dict[str, None] = {}
    modifiers: dict[str, None] = {}
    drugs: dict[str, None] = {}
    for each in facts:
        if isinstance(each, ConditionFacts):
            diseases[each.diagnosis.code] = None
            modifiers.update(dict.fromkeys(each.diagnosis.modifiers))
        elif (isinstance(each, PrescribedDrug) and each.kind is not OrderKind.INJECTION) or (
            isinstance(each, AllergyFacts) and each.kind is AllergenKind.DRUG
        ):
            drugs[each.code] = None
    made = [_disease(book, each) for each in diseases]
    made += [_modifier(book, each) for each in modifiers]
    made += [_drug(book, each) for each in drugs]
    return CodeMap(each for each in made if each)


def _source(name: str) -> str:
    return f"{name}（共通算定マスター）"


def _disease(book: DayBook, code: str) -> Mapping | None:
    try:
        row = book.disease(code)
    except (UnknownCode, EndedCode):
        return None
    codes = [StandardCode(names.DISEASE_RECEIPT, code, row.name)]
    if row.exchange_code:
        codes.insert(0, StandardCode(names.DISEASE_EXCHANGE, row.exchange_code, row.name))
    codes += [StandardCode(names.ICD10, each, row.name) for each in row.icd10]
    return Mapping(CodeKind.DISEASE, code, tuple(codes), row.name, _source("傷病名マスター"), book.day)


def _modifier(book: DayBook, code: str) -> Mapping | None:
    try:
        row = book.modifier(code)
    except (UnknownCode, EndedCode):
        return None
    codes = [StandardCode(names.MODIFIER_RECEIPT, code, row.name)]
    if row.exchange_code:
        codes.append(StandardCode(names.MODIFIER_EXCHANGE, row.exchange_code, row.name))
    return Mapping(CodeKind.MODIFIER, code, tuple(codes), row.name, _source("修飾語マスター"), book.day)


def _drug(book: DayBook, code: str) -> Mapping | None:
    try:
        row = book.drug(code)
    except (UnknownCode, EndedCode):
        return None
    codes = []
    if len(row.price_list_code) == 12:
        codes.append(StandardCode(names.YJ, row.price_list_code, row.name))
    if row.generic_code:
        codes.append(StandardCode(names.GENERAL_NAME, row.generic_code, row.generic_name))
    return Mapping(
        CodeKind.DRUG, code, tuple(codes), row.name, _source("医薬品マスター"), book.day, row.unit_name
    )


def read_disease_numbers(data: bytes, dated: date) -> CodeMap:
    """傷病名マスターの読取り — 病名管理番号 and the rest of a disease, from the official file b. Raises :class:`BadInput`.

    Cite: 支払基金 マスターファイル仕様説明書 傷病名マスター 3, 6, 11, 13, 16, 17
    """
    made = []
    for line, row in _rows(data, "傷病名マスター", 17):
        code, name, managed, exchange = row[2], row[5], row[10], row[12]
        if len(code) != 7:
            bad_table("傷病名マスター", line, f"傷病名コード「{code}」が7桁ではありません")
        codes = [StandardCode(names.DISEASE_NUMBER, managed, name)] if managed.strip("0") else []
        if exchange:
            codes.append(StandardCode(names.DISEASE_EXCHANGE, exchange, name))
        codes.append(StandardCode(names.DISEASE_RECEIPT, code, name))
        codes += [StandardCode(names.ICD10, each, name) for each in row[15:17] if each]
        made.append(Mapping(CodeKind.DISEASE, code, tuple(codes), name, "傷病名マスター", dated))
    return CodeMap(made)


def read_modifier_numbers(data: bytes, dated: date) -> CodeMap:
    """修飾語マスターの読取り — 修飾語管理番号, from the official file z. Raises :class:`BadInput`.

    Cite: 支払基金 マスターファイル仕様説明書 修飾語マスター 3, 7, 17, 18
    """
    made = []
    for line, row in _rows(data, "修飾語マスター", 18):
        code, name, managed, exchange = row[2], row[6], row[16], row[17]
        if len(code) != 4:
            bad_table("修飾語マスター", line, f"修飾語コード「{code}」が4桁ではありません")
        codes = [StandardCode(names.MODIFIER_NUMBER, managed, name)] if managed.strip("0") else []
        if exchange:
            codes.append(StandardCode(names.MODIFIER_EXCHANGE, exchange, name))
        codes.append(StandardCode(names.MODIFIER_RECEIPT, code, name))
        made.append(Mapping(CodeKind.MODIFIER, code, tuple(codes), name, "修飾語マスター", dated))
    return CodeMap(made)


def _rows(data: bytes, table: str, least: int) -> Iterator[tuple[int, list[str]]]:
    try:
        words = data.decode("cp932")
    except UnicodeDecodeError as wrong:
        bad_table(table, data[: wrong.start].count(b"\n") + 1, "シフトJISではありません")
    for line, row in enumerate(csv.reader(io.StringIO(words)), 1):
        if not row:
            continue
        if len(row) < least:
            bad_table(table, line, f"{least}項目以上のはずが{len(row)}項目です")
        if row[0] != "9":  # 変更区分 9: 廃止
            yield line, row


def read_allergens(data: bytes, dated: date) -> CodeMap:
    """アレルゲンの読取り — the CSV of J-FAGY; food and other substances. Raises :class:`BadInput`.

    Cite: J-FAGY 2025-04-01 JFAGYCODE, JPTERM
    """
    try:
        words = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        bad_table("J-FAGY", data[: wrong.start].count(b"\n") + 1, "UTF-8ではありません")
    reader = csv.DictReader(io.StringIO(words))
    if not {"JFAGYCODE", "JPTERM"} <= set(reader.fieldnames or ()):
        bad_table("J-FAGY", 1, "見出しに JFAGYCODE と JPTERM がありません")
    made = []
    for row in reader:
        code, name = row["JFAGYCODE"] or "", row["JPTERM"] or ""
        if system := _ALLERGENS.get(code[:3]):
            codes = (StandardCode(system, code, name),)
            made.append(Mapping(CodeKind.ALLERGEN, code, codes, name, "J-FAGY", dated))
    return CodeMap(made)


def lab_mapping(
    local_code: str, local_name: str, jlac10: str, source: str, dated: date, item: str = ""
) -> Mapping:
    """検査の対応 — of one item of the institution: the shared name follows from the JLAC10 code. ``item`` is the shared
    name that somebody chose, and must be the code's. Raises :class:`BadInput`.

    Cite: JP-CLINS 1.10.0 検査項目コードの記述規則
    """
    if len(jlac10) != 17 or not (jlac10.isascii() and jlac10.isalnum()):
        refuse(f"検査 {local_code}", "jlac10", jlac10, "JLAC10コード", "17桁の半角英数字")
    found = item_of(jlac10)
    if item and (found is None or found.display != item):
        wanted = found.display if found else "空（共有項目ではないコード）"
        refuse(f"検査 {local_code}", "item", item, f"{jlac10}の識別名", wanted)
    code = (
        StandardCode(found.system, jlac10, found.display)
        if found
        else StandardCode(names.JLAC10, jlac10, local_name)
    )
    return Mapping(CodeKind.LAB, local_code, (code,), local_name, source, dated, found.unit if found else "")
