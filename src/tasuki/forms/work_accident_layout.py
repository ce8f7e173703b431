# SPDX-License-Identifier: Apache-2.0
"""労災内訳書の印字内容 — the sheet with its boxes for machine reading, and its 続紙."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tasuki.forms.accident import AccidentCell, AccidentFeeKind, AccidentRow, together
from tasuki.forms.claim_columns import Columns, ColumnSizes, fill_columns
from tasuki.forms.invoice_sheet import Place, Sheet
from tasuki.forms.wording import era_parts, grouped
from tasuki.forms.work_accident import WorkAccidentStatement

R = AccidentRow
_TOP, _PITCH = 127.0, 4.25
_STEP, _BOX = 6.0, 5.0
_COLUMNS = ColumnSizes(text_ems=20, plain_ems=27, front_lines=29, next_lines=58)
_FORM_KIND = "34722"
# 元号 as coded on the form.
_ERAS = {"明治": "1", "大正": "3", "昭和": "5", "平成": "7", "令和": "9"}

_Line = tuple[str, str, tuple[AccidentRow, ...]]
_BLOCKS: tuple[tuple[str, tuple[_Line, ...]], ...] = (
    ("11", (("初診　時間外・休日・深夜", "", (R.FIRST,)),)),
    ("12再診", (
        ("再　　診", "回", (R.REVISIT,)), ("外来管理加算", "回", (R.OUTPATIENT_MANAGEMENT,)),
        ("時間外", "回", (R.AFTER_HOURS,)), ("休　日", "回", (R.HOLIDAY,)), ("深　夜", "回", (R.NIGHT,)),
    )),
    ("13", (("指　　導", "", (R.MANAGEMENT,)),)),
    ("14在宅", (
        ("往　診", "回", (R.HOUSE_CALL,)), ("夜　間", "回", ()), ("緊急・深夜", "回", ()),
        ("在宅患者訪問診療", "回", (R.HOME_VISIT,)), ("その他", "", (R.HOME_OTHER,)), ("薬　剤", "", (R.HOME_DRUG,)),
    )),
    ("20投薬", (
        ("21内服　薬剤", "単位", (R.INTERNAL_DRUG,)), ("　　　　調剤", "回", (R.INTERNAL_DISPENSING,)),
        ("22屯服　薬剤", "単位", (R.AS_NEEDED_DRUG,)), ("23外用　薬剤", "単位", (R.EXTERNAL_DRUG,)),
        ("　　　　調剤", "回", (R.EXTERNAL_DISPENSING,)), ("25処　方", "回", (R.PRESCRIBING,)),
        ("26麻　毒", "回", (R.NARCOTIC,)), ("27調　基", "", (R.DISPENSING_BASIC,)),
    )),
    ("30注射", (
        ("31皮下筋肉内", "回", (R.SUBCUTANEOUS,)), ("32静　脈　内", "回", (R.INTRAVENOUS,)),
        ("33そ　の　他", "回", (R.INJECTION_OTHER, R.INJECTION_DRUG)),
    )),
    ("40処置", (("処　　置", "回", (R.PROCEDURE,)), ("薬　剤", "", (R.PROCEDURE_DRUG,)))),
    ("50手術", (("手術・麻酔", "回", (R.SURGERY,)), ("薬　剤", "", (R.SURGERY_DRUG,)))),
    ("60検査", (("検査・病理", "回", (R.EXAMINATION,)), ("薬　剤", "", (R.EXAMINATION_DRUG,)))),
    ("70画像", (("画像診断", "回", (R.IMAGING,)), ("薬　剤", "", (R.IMAGING_DRUG,)))),
    ("80他", (
        ("処方箋", "回", (R.PRESCRIPTION,)), ("その他", "", (R.OTHER,)), ("薬　剤", "", (R.OTHER_DRUG,)),
    )),
)  # fmt: skip
_FEES = (
    (AccidentFeeKind.FIRST, "①初　診", ""),
    (AccidentFeeKind.REVISIT, "②再　診", "回"),
    (AccidentFeeKind.GUIDANCE, "③指　導", "回"),
    (AccidentFeeKind.EMERGENCY, "80救急医療管理加算", "回"),
    (AccidentFeeKind.OTHER, "80その他", ""),
)


def layout(statement: WorkAccidentStatement) -> dict[str, Any]:
    """労災内訳書の印字内容 — first sheet and 続紙."""
    sheets = fill_columns(_summary(statement))
    front = Sheet()
    _machine_fields(front, statement)
    _worker(front, statement)
    _points(front, statement)
    _fees(front, statement)
    _lines(front, sheets[0][0], 106, 156.5)
    pages = [front]
    for columns in sheets[1:]:
        page = Sheet()
        page.label(
            Place(10, 10, 120, 6), "労働者災害補償保険　診療費請求内訳書（入院外用）　続紙", size=9, to="left"
        )
        page.value(Place(130, 10, 72, 6), statement.patient.name, size=10, to="left")
        for n, lines in enumerate(columns):
            page.box(10 + n * 96, 22, 96, 58 * _PITCH + 1)
            _lines(page, lines, 10 + n * 96, 22.5)
        pages.append(page)
    for n, page in enumerate(pages, 1):
        page.value(Place(180, 285, 22, 5), f"{n}／{len(pages)}" if len(pages) > 1 else "", size=7)
    return {"sheets": [page.plain() for page in pages]}


def boxes(sheet: Sheet, x: float, y: float, words: Sequence[str]) -> None:
    """読取枠 — one character a box of 5 × 7 mm, six millimetres apart, as the reading machine wants them."""
    for n, word in enumerate(words):
        sheet.box(x + n * _STEP, y, _BOX, 7)
        sheet.value(Place(x + n * _STEP - 0.5, y, _BOX + 1, 7), word, size=12, to="center")


def right_aligned(number: str, count: int) -> list[str]:
    """読取枠の右詰め — digits at the right of their boxes; one too long keeps its first boxes free for nobody."""
    return [""] * (count - len(number)) + list(number)


def era_digits(day: date | None) -> list[str]:
    """年月日の読取枠 — code of the era, then year, month and day; numbers under ten stand at the right of their two."""
    if day is None:
        return [""] * 7
    parts = era_parts(day)
    year = "1" if parts.year == "元" else parts.year
    digits = "".join(part.rjust(2) for part in (year, parts.month, parts.day))
    return [_ERAS.get(parts.era, ""), *(digit.strip() for digit in digits)]


def _summary(statement: WorkAccidentStatement) -> Columns:
    columns = Columns(_COLUMNS)
    for unit in statement.units:
        value = None if unit.points is None else (unit.points, unit.count or 1)
        columns.add_unit(unit.section, "", [(item.name, item.amount) for item in unit.items], value)
    return columns


def _machine_fields(sheet: Sheet, statement: WorkAccidentStatement) -> None:
    era = era_parts(statement.month)
    sheet.label(Place(10, 5, 74, 4), "労働者災害補償保険　診療費請求内訳書（入院外用）", size=8, to="left")
    sheet.value(Place(90, 5, 40, 4), f"{era.era}{era.year}年{era.month}月分", size=8, to="left")
    sheet.label(Place(10, 10, 32, 5), "同一傷病について第　　　　回", size=6.5, to="left")
    sheet.value(Place(31, 10, 8, 5), "" if statement.nth is None else str(statement.nth), to="center")
    sheet.label(Place(46, 10, 24, 5), "指定病院等の番号", size=6.5)
    sheet.value(Place(70, 10, 34, 5), statement.designated_number, size=9, to="left")
    sheet.label(Place(104, 10, 18, 5), "病院等の名称", size=6.5)
    sheet.value(Place(122, 10, 80, 5), statement.issuer.name, to="left")
    sheet.label(Place(15, 18, 24, 5), "帳票種別", size=6.5, to="left")
    boxes(sheet, 15, 23.5, _FORM_KIND)
    sheet.label(Place(72, 18, 20, 5), "①新継再別", size=6.5, to="left")
    boxes(sheet, 80, 23.5, [statement.begun.value if statement.begun else ""])
    sheet.label(Place(96, 18, 20, 5), "②転帰事由", size=6.5, to="left")
    boxes(sheet, 104, 23.5, [statement.ended.value if statement.ended else ""])
    sheet.label(Place(114, 19, 40, 11), ("１初診 ３転医始診 ５継続 ７再発", "１治ゆ ３継続 ５転医 ７中止 ９死亡"), size=4.5, to="left")  # fmt: skip
    sheet.label(Place(18.5, 31.5, 84, 4), "④労働保険番号（府県・所掌・管轄・基幹番号・枝番号）又は年金証書番号", size=6, to="left")  # fmt: skip
    boxes(sheet, 18.5, 36, list(statement.labour_number.ljust(14)))
    days = sorted(set(statement.visit_days))
    for x, y, label, day in (
        (18.5, 48.8, "⑥生年月日", statement.patient.born),
        (66.5, 48.8, "⑦傷病年月日", statement.injured_on),
        (18.5, 61.5, "⑩療養期間　自", days[0] if days else None),
        (66.5, 61.5, "　　　　　　至", days[-1] if days else None),
    ):
        sheet.label(Place(x, y - 4.5, 40, 4), label, size=6, to="left")
        boxes(sheet, x, y, era_digits(day))
    sheet.label(Place(112, 48.8, 60, 7), "元号: １明治 ３大正 ５昭和 ７平成 ９令和", size=5.5, to="left")
    sheet.label(Place(18.5, 69.7, 24, 4), "⑪診療実日数", size=6, to="left")
    boxes(sheet, 18.5, 74.2, right_aligned(str(len(days)), 3))
    sheet.label(Place(37, 74.2, 5, 7), "日", size=6.5)
    sheet.label(Place(48, 69.7, 40, 4), "⑬合計額　イ＋ロ", size=6, to="left")
    total = str(statement.total_yen)
    boxes(sheet, 48.5, 74.2, right_aligned(f"¥{total}" if len(total) < 8 else total, 8))
    sheet.label(Place(96, 74.2, 5, 7), "円", size=6.5)
    sheet.label(
        Place(112, 61.5, 88, 20), "職員記入欄（この欄には記入しないでください。）", size=6, frame=True
    )


def _worker(sheet: Sheet, statement: WorkAccidentStatement) -> None:
    sheet.box(11, 85, 191, 37)
    for y, high, lines in (
        (85, 15, ("労働者", "の氏名")),
        (100, 10, ("事業の", "名　称")),
        (110, 12, ("事業場の", "所在地")),
    ):
        sheet.label(Place(11, y, 16, high), lines, size=6.5, frame=True)
        sheet.box(27, y, 76, high)
    sheet.value(Place(27, 86, 76, 4), statement.patient.kana, size=6.5, to="left")
    sheet.value(Place(27, 90, 60, 9), statement.patient.name, size=12, to="left")
    born, day = statement.patient.born, max(statement.visit_days, default=statement.month)
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    sheet.label(Place(86, 94, 17, 5), "（　　　歳）", size=6.5)
    sheet.value(Place(88, 94, 8, 5), str(age))
    sheet.value(Place(27, 100, 76, 10), statement.workplace.name, to="left")
    sheet.value(Place(27, 110, 76, 12), statement.workplace.address, to="left")
    sheet.label(Place(103, 85, 17, 17), ("傷病の部位", "及　び", "傷 病 名"), size=6.5, frame=True)
    sheet.box(120, 85, 82, 17)
    shown = statement.diseases[:4]
    for n, disease in enumerate(shown):
        more = f"　ほか{len(statement.diseases) - 4}" if n == 3 and len(statement.diseases) > 4 else ""
        sheet.value(Place(120, 85.5 + n * 4, 82, 4), f"{disease}{more}", size=8, to="left")
    sheet.label(Place(103, 102, 99, 4), "傷　病　の　経　過", size=6.5, frame=True)
    for n, line in enumerate(_wrapped(statement.course, 36)[:4]):
        sheet.value(Place(103, 106 + n * 4, 99, 4), line, size=7.5, to="left")


def _wrapped(words: str, width: int) -> list[str]:
    """経過の行 — of a width; what four lines cannot hold is narrowed into the last."""
    lines = [words[n : n + width] for n in range(0, len(words), width)]
    return [*lines[:3], "".join(lines[3:])] if len(lines) > 4 else lines


def _points(sheet: Sheet, statement: WorkAccidentStatement) -> None:
    sheet.label(Place(11, 122, 75, 5), "診　　療　　内　　容", size=6.5, frame=True)
    sheet.label(Place(86, 122, 20, 5), "点数（点）", size=6.5, frame=True)
    y = _TOP
    for name, lines in _BLOCKS:
        if len(lines) == 1:
            sheet.label(Place(11, y, 6, _PITCH), name, size=6.5, frame=True)
        else:
            sheet.stacked(Place(11, y, 6, len(lines) * _PITCH), name, size=6)
        for words, unit, rows in lines:
            _line(sheet, y, words, unit, together(statement.rows, *rows))
            y += _PITCH
    sheet.label(Place(11, y, 20, 7), "小　　計", frame=True)
    sheet.box(31, y, 30, 7)
    sheet.value(Place(31, y, 24, 7), grouped(statement.points), size=9.5)
    sheet.label(Place(54, y, 7, 7), "点", size=6.5)
    sheet.box(61, y, 45, 7)
    sheet.label(Place(61, y, 5, 7), "イ", size=6.5)
    sheet.value(Place(66, y, 34, 7), grouped(statement.points_yen), size=9.5)
    sheet.label(Place(100, y, 6, 7), "円", size=6.5)


def _line(sheet: Sheet, y: float, words: str, unit: str, cell: AccidentCell) -> None:
    sheet.box(17, y, 69, _PITCH)
    sheet.box(86, y, 20, _PITCH)
    sheet.label(Place(17.5, y, 36, _PITCH), words, size=6.5, to="left")
    if unit:
        sheet.label(Place(79, y, 7, _PITCH), unit, size=6, to="right")
    if cell.unit_points is not None:
        sheet.value(Place(52, y, 17, _PITCH), f"{grouped(cell.unit_points)}×", size=7.5)
    if cell.count and unit:
        sheet.value(Place(70, y, 10, _PITCH), str(cell.count), size=8)
    points = cell.technique_points + cell.goods_points
    sheet.value(Place(86, y, 19, _PITCH), grouped(points) if points else "", size=8)


def _fees(sheet: Sheet, statement: WorkAccidentStatement) -> None:
    for x, w, words in ((106, 26, "診療内容"), (132, 22, "金　額"), (154, 48, "摘　　要")):
        sheet.label(Place(x, 122, w, 5), words, size=6.5, frame=True)
    sheet.box(154, _TOP, 48, 25.5)
    for n, (kind, words, unit) in enumerate((*_FEES, (None, "小　　計　　　ロ", ""))):
        y = _TOP + n * _PITCH
        own = [fee for fee in statement.fees if kind is None or fee.kind is kind]
        sheet.box(106, y, 26, _PITCH)
        sheet.box(132, y, 22, _PITCH)
        sheet.label(Place(106.5, y, 20, _PITCH), words, size=6, to="left")
        count = sum(fee.count for fee in own)
        if unit:
            sheet.label(Place(127, y, 5, _PITCH), unit, size=6, to="right")
            sheet.value(Place(121, y, 8, _PITCH), str(count) if count else "", size=7.5)
        yen = sum(fee.yen for fee in own)
        sheet.value(Place(132, y, 19, _PITCH), grouped(yen) if yen else "", size=8)
        sheet.label(Place(149, y, 5, _PITCH), "円", size=6, to="right")
    sheet.label(Place(106, 152.5, 96, 4), "摘　　　　　要", size=6.5, frame=True)
    sheet.box(106, 156.5, 8, 126.25)
    sheet.box(114, 156.5, 88, 126.25)


def _lines(sheet: Sheet, lines: list[dict[str, str]], x: float, y: float) -> None:
    for n, line in enumerate(lines):
        top = y + n * _PITCH
        room = 86 - (18 if line["value"] else 0)
        sheet.value(Place(x, top, 8, _PITCH), line["section"], size=7, to="center")
        sheet.value(Place(x + 8, top, room, _PITCH), line["text"], size=8, to="left")
        sheet.value(Place(x + 76, top, 19, _PITCH), line["value"], size=8)
