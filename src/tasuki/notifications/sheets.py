# SPDX-License-Identifier: Apache-2.0
"""様式の取込み — an institution's own sheet of one form, CSV or TSV, headed by rows like ``#category``.

The heads ``#category #sheetID #version #name #title #description`` are those of the national draft's sheets
(jpfhir.jp eInfectionReport 1.0.0). How its rows of items look is not public, so those are ours: a row of headings
(``part code label specimens ask``), then one row an item. ``#since`` says from which day the version counts.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.validity import Validity
from tasuki.notifications import messages
from tasuki.notifications.table import Disease, Item, NotifiableTable, OutOfTable
from tasuki.notifications.words import Category, Deadline, Part, Subject

assert messages.READY
T = TypeVar("T", Category, Deadline, Part, Subject)
MOST_BYTES = 1_000_000
NEEDED = ("#category", "#since")
OF_A_NEW_DISEASE = ("#name", "#class", "#deadline", "#identity", "#subjects")
KNOWN = (*NEEDED, "#sheetID", "#version", "#title", "#description", *OF_A_NEW_DISEASE, "#icd10")
COLUMNS = ("part", "code", "label", "specimens", "ask")


class _Row(NamedTuple):
    line: int
    cells: list[str]


@dataclass(slots=True)
class _Sheet:
    file: str
    heads: dict[str, tuple[int, str]]
    faults: list[Finding]

    def fault(self, number: int, line: int, field: str, **facts: object) -> None:
        code = f"NTF-{number:04d}"
        where = Where(file=self.file, line=line, field=field)
        self.faults.append(Finding(code, Severity.BLOCK, where, f"notifications.{code}", facts))

    def text(self, key: str) -> str:
        return self.heads.get(key, (0, ""))[1]

    def line(self, key: str) -> int:
        return self.heads.get(key, (0, ""))[0]


def read_sheet(data: bytes, table: NotifiableTable, file: str = "") -> Disease:
    """様式の読取り — one version of a form; raises :class:`BadInput` naming file, row and column of every fault.

    What the heads do not say is taken from the row of the same disease that counts on that day.
    """
    rows = _rows(data, file)
    sheet = _Sheet(file, {}, [])
    body = _heads(rows, sheet)
    items = _items(body, sheet)
    made = _disease(sheet, table, items) if not sheet.faults else None
    if sheet.faults or made is None:
        raise BadInput(sheet.faults)
    return made


def _rows(data: bytes, file: str) -> list[_Row]:
    def broken(reason: str) -> BadInput:
        where = Where(file=file)
        return BadInput(
            [Finding("NTF-0031", Severity.BLOCK, where, "notifications.NTF-0031", {"reason": reason})]
        )

    if len(data) > MOST_BYTES:
        raise broken(f"{MOST_BYTES // 1_000_000}MBを超えています")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise broken(f"{wrong.start}バイト目が UTF-8 ではありません") from wrong
    mark = "\t" if "\t" in text.split("\n", 1)[0] else ","
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        return [_Row(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except csv.Error as wrong:
        raise broken(str(wrong)) from wrong


def _heads(rows: list[_Row], sheet: _Sheet) -> list[_Row]:
    """The ``#`` rows, each once; gives the rows below them."""
    at = 0
    for at, row in enumerate(rows, 1):
        key = row.cells[0]
        if not key.startswith("#"):
            at -= 1
            break
        if key not in KNOWN:
            sheet.fault(33, row.line, key, key=key, known="、".join(KNOWN))
        elif key in sheet.heads:
            sheet.fault(38, row.line, key, key=key)
        else:
            sheet.heads[key] = (row.line, row.cells[1] if len(row.cells) > 1 else "")
    for key in NEEDED:
        if not sheet.text(key):
            sheet.fault(32, sheet.line(key) or 1, key, key=key)
    return rows[at:]


def _items(body: list[_Row], sheet: _Sheet) -> tuple[Item, ...]:
    if not body:
        return ()
    headings, *rows = body
    wanted = ", ".join(COLUMNS)
    for column in COLUMNS[:3]:
        if column not in headings.cells:
            sheet.fault(34, headings.line, column, column=column, wanted=wanted)
    if sheet.faults:
        return ()
    found: dict[tuple[Part, str], Item] = {}
    for row in rows:
        if len(row.cells) != len(headings.cells):
            sheet.fault(37, row.line, "", count=len(row.cells), wanted=len(headings.cells))
            continue
        cells = dict(zip(headings.cells, row.cells, strict=True))
        part = _word(Part, cells["part"], "欄", row.line, "part", sheet)
        for column in ("code", "label"):
            if not cells[column]:
                sheet.fault(35, row.line, column, value="", what=column, allowed="空にできません")
        if part is None:
            continue
        if (part, cells["code"]) in found:
            sheet.fault(36, row.line, "code", code=cells["code"])
        specimens = tuple(each.strip() for each in cells.get("specimens", "").split("|") if each.strip())
        source = f"{sheet.file} {sheet.text('#version')}".strip()
        found[part, cells["code"]] = Item(
            part, cells["code"], cells["label"], specimens, cells.get("ask", ""), source
        )
    return tuple(found.values())


def _disease(sheet: _Sheet, table: NotifiableTable, items: tuple[Item, ...]) -> Disease | None:
    since = _day(sheet)
    if since is None:
        return None
    code = sheet.text("#category").lower().replace("-", "_").replace(" ", "_")
    if not code.isascii() or not code.replace("_", "a").isalnum():
        sheet.fault(35, sheet.line("#category"), "#category", value=code, what="疾患の符号", allowed="英数字")
        return None
    try:
        before: Disease | None = table.disease(code, since)
    except OutOfTable:
        before = None
        lacking = [key for key in OF_A_NEW_DISEASE if not sheet.text(key)]
        if lacking:
            sheet.fault(39, sheet.line("#category"), "#category", code=code, lacking="、".join(lacking))
            return None
    category = _head(Category, "#class", "類型", sheet)
    deadline = _head(Deadline, "#deadline", "期限", sheet)
    subjects = tuple(
        found
        for each in sheet.text("#subjects").split("|")
        if each and (found := _word(Subject, each, "届出の対象", sheet.line("#subjects"), "#subjects", sheet))
    )
    told = sheet.text("#identity")
    if told not in ("", "0", "1"):
        sheet.fault(35, sheet.line("#identity"), "#identity", value=told, what="氏名の要否", allowed="0、1")
    if sheet.faults:
        return None
    given = tuple(each for each in sheet.text("#icd10").split("|") if each)
    return Disease(
        code=code,
        category=category or (before.category if before else Category.DESIGNATED),
        form=sheet.text("#sheetID") or (before.form if before else ""),
        name=sheet.text("#name") or (before.name if before else ""),
        deadline=deadline or (before.deadline if before else Deadline.IMMEDIATE),
        has_identity=told == "1" if told else bool(before and before.has_identity),
        subjects=subjects or (before.subjects if before else ()),
        validity=Validity(since, None),
        icd10=given or (before.icd10 if before else ()),
        note=sheet.text("#description") or (before.note if before else ""),
        source=f"{sheet.file} {sheet.text('#version')}".strip(),
        items=items,
    )


def _day(sheet: _Sheet) -> date | None:
    text = sheet.text("#since")
    try:
        return date.fromisoformat(text)
    except ValueError:
        sheet.fault(35, sheet.line("#since"), "#since", value=text, what="年月日", allowed="2026-06-01 の形")
        return None


def _head(kind: type[T], key: str, what: str, sheet: _Sheet) -> T | None:
    text = sheet.text(key)
    return _word(kind, text, what, sheet.line(key), key, sheet) if text else None


def _word(kind: type[T], text: str, what: str, line: int, field: str, sheet: _Sheet) -> T | None:
    """A word of ours or its Japanese label."""
    for each in kind:
        if text in (each.value, each.label):
            return each
    allowed = "、".join(each.value for each in kind)
    sheet.fault(35, line, field, value=text, what=what, allowed=allowed)
    return None
