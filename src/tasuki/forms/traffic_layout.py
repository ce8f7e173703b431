# SPDX-License-Identifier: Apache-2.0
"""自賠責明細書の印字内容 — the boxed first sheet and its 続紙."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from tasuki.forms.accident import AccidentCell, AccidentFeeKind, AccidentRow, together
from tasuki.forms.claim_columns import Columns, ColumnSizes, fill_columns
from tasuki.forms.invoice_sheet import Place, Sheet
from tasuki.forms.traffic_statement import AccidentOutcome, TrafficStatement
from tasuki.forms.wording import era_parts, grouped

R = AccidentRow
_TOP, _PITCH = 68.0, 4.25
_COLUMNS = ColumnSizes(text_ems=24, plain_ems=29, front_lines=28, next_lines=58)
_TITLE = "自動車損害賠償責任保険・共済　診療報酬明細書"


class _Line(NamedTuple):
    """表の1行 — its words, the unit of its count, the rows it adds up, and which columns are not used."""

    words: str
    unit: str = ""
    rows: tuple[AccidentRow, ...] = ()
    grey: str = ""
    subtotal: bool = False


_VISIT = (R.FIRST, R.REVISIT, R.OUTPATIENT_MANAGEMENT, R.AFTER_HOURS, R.HOLIDAY, R.NIGHT, R.MANAGEMENT,
          R.HOUSE_CALL, R.HOME_VISIT, R.HOME_OTHER, R.HOME_DRUG)  # fmt: skip
_DRUGS = (R.INTERNAL_DRUG, R.AS_NEEDED_DRUG, R.EXTERNAL_DRUG)
_DISPENSING = (R.INTERNAL_DISPENSING, R.EXTERNAL_DISPENSING, R.PRESCRIBING, R.NARCOTIC, R.DISPENSING_BASIC)
_INJECTIONS = (R.SUBCUTANEOUS, R.INTRAVENOUS, R.INJECTION_OTHER)
# 在宅の薬剤 has goods and no row of its own: その他 of 診察 shows both columns.
_BLOCKS: tuple[tuple[str, tuple[_Line, ...]], ...] = (
    ("10診察", (
        _Line("11初　診", "", (R.FIRST,), "goods"),
        _Line("12再診　外来管理加算等", "回", (R.REVISIT, R.OUTPATIENT_MANAGEMENT), "goods"),
        _Line("　　　　時間外", "回", (R.AFTER_HOURS,), "goods"),
        _Line("　　　　休　日", "回", (R.HOLIDAY,), "goods"),
        _Line("　　　　深　夜", "回", (R.NIGHT,), "goods"),
        _Line("13医学管理", "", (R.MANAGEMENT,), "goods"),
        _Line("14在宅・その他", "", (R.HOUSE_CALL, R.HOME_VISIT, R.HOME_OTHER, R.HOME_DRUG)),
        _Line("10小　計", "", _VISIT, "", True),
    )),
    ("20投薬", (
        _Line("21内服　薬剤", "単位", (R.INTERNAL_DRUG,), "technique"),
        _Line("　　　　調剤", "回", (R.INTERNAL_DISPENSING,), "goods"),
        _Line("22屯服　薬剤", "単位", (R.AS_NEEDED_DRUG,), "technique"),
        _Line("23外用　薬剤", "単位", (R.EXTERNAL_DRUG,), "technique"),
        _Line("　　　　調剤", "回", (R.EXTERNAL_DISPENSING,), "goods"),
        _Line("25処　方", "回", (R.PRESCRIBING,), "goods"),
        _Line("26麻　毒", "回", (R.NARCOTIC,), "goods"),
        _Line("27調　基", "回", (R.DISPENSING_BASIC,), "goods"),
        _Line("20小　計　技術", "", _DISPENSING, "goods", True),
        _Line("　　　　　薬剤等", "", _DRUGS, "technique", True),
    )),
    ("30注射", (
        _Line("31皮下筋肉内", "回", (R.SUBCUTANEOUS,), "goods"),
        _Line("32静　脈　内", "回", (R.INTRAVENOUS,), "goods"),
        _Line("33そ　の　他", "回", (R.INJECTION_OTHER,), "goods"),
        _Line("　薬　剤　等", "", (R.INJECTION_DRUG,), "technique"),
        _Line("30小　計　技術", "", _INJECTIONS, "goods", True),
        _Line("　　　　　薬剤等", "", (R.INJECTION_DRUG,), "technique", True),
    )),
    ("40処置", (_Line("処　　置", "回", (R.PROCEDURE,), "goods"), _Line("薬　剤　等", "", (R.PROCEDURE_DRUG,), "technique"))),
    ("50手術", (_Line("手術・麻酔", "回", (R.SURGERY,), "goods"), _Line("薬　剤　等", "", (R.SURGERY_DRUG,), "technique"))),
    ("60検査", (_Line("検　　査", "回", (R.EXAMINATION,), "goods"), _Line("薬　剤　等", "", (R.EXAMINATION_DRUG,), "technique"))),
    ("70画像", (_Line("画像診断", "回", (R.IMAGING,), "goods"), _Line("フィルム・薬剤等", "", (R.IMAGING_DRUG,), "technique"))),
    ("80その他", (
        _Line("処方箋", "回", (R.PRESCRIPTION,), "goods"),
        _Line("リハビリテーション等", "", (R.OTHER,), "goods"),
        _Line("薬　剤　等", "", (R.OTHER_DRUG,), "technique"),
    )),
)  # fmt: skip
_FEES = (
    (AccidentFeeKind.FIRST, "11初　診", ""),
    (AccidentFeeKind.REVISIT, "12再　診", "回"),
    (AccidentFeeKind.GUIDANCE, "指導管理", "回"),
    (AccidentFeeKind.EMERGENCY, "救急医療管理加算", "回"),
)
_OUTCOMES = (
    (AccidentOutcome.CURED, "治ゆ"),
    (AccidentOutcome.CONTINUED, "継続"),
    (AccidentOutcome.MOVED, "転医"),
    (AccidentOutcome.STOPPED, "中止"),
    (AccidentOutcome.DIED, "死亡"),
)
_DISEASES_ON_FORM = 3


def layout(statement: TrafficStatement) -> dict[str, Any]:
    """自賠責明細書の印字内容 — first sheet and 続紙."""
    sheets = fill_columns(_summary(statement))
    front = Sheet()
    _head(front, statement)
    _points(front, statement)
    _fees(front, statement)
    _lines(front, sheets[0][0], 107, 106.25, 97)
    for n in range(28):
        front.box(107, 106.25 + n * _PITCH, 10, _PITCH)
    front.box(117, 106.25, 87, 28 * _PITCH)
    _amounts(front, statement)
    _visit_days(front, statement)
    _closing(front, statement)
    pages = [front]
    for columns in sheets[1:]:
        page = Sheet()
        page.label(Place(10, 12, 110, 6), f"{_TITLE}（続紙）", size=9, to="left")
        page.value(Place(125, 12, 79, 6), statement.patient.name, size=10, to="left")
        for n, lines in enumerate(columns):
            page.box(10 + n * 97, 22, 97, 58 * _PITCH + 1)
            _lines(page, lines, 10 + n * 97, 22.5, 97)
        pages.append(page)
    for n, page in enumerate(pages, 1):
        page.value(Place(184, 284, 20, 5), f"{n}／{len(pages)}" if len(pages) > 1 else "", size=7)
    return {"sheets": [page.plain() for page in pages]}


def _summary(statement: TrafficStatement) -> Columns:
    columns = Columns(_COLUMNS)
    beyond = statement.diseases[_DISEASES_ON_FORM:]
    for n, disease in enumerate(beyond, _DISEASES_ON_FORM + 1):
        columns.add_disease(n, disease.name, disease.since, disease.outcome, is_main=disease.is_main)
    for unit in statement.units:
        value = None if unit.points is None else (unit.points, unit.count or 1)
        columns.add_unit(unit.section, "", [(item.name, item.amount) for item in unit.items], value)
    return columns


def _day(day: date | None) -> str:
    era = era_parts(day)
    return f"{era.era}{era.year}年{era.month}月{era.day}日" if day else ""


def _head(sheet: Sheet, statement: TrafficStatement) -> None:
    era = era_parts(statement.month)
    sheet.value(Place(10, 14, 60, 7), f"{era.era}{era.year}年{era.month}月分", size=10, to="left")
    sheet.value(Place(10, 9, 60, 5), statement.patient.id, size=8, to="left")
    sheet.label(Place(70, 14, 110, 7), _TITLE, size=11)
    sheet.label(Place(180, 14, 24, 7), "（入院外）", size=8, to="right")
    sheet.stacked(Place(10, 23, 5, 17), "氏名")
    sheet.box(15, 23, 66, 17)
    sheet.value(Place(15, 24, 66, 5), statement.patient.kana, size=7, to="left")
    sheet.value(Place(15, 29, 66, 10), statement.patient.name, size=13, to="left")
    sheet.box(81, 23, 36, 8.5)
    sheet.box(81, 31.5, 36, 8.5)
    sheet.value(Place(81, 23, 36, 8.5), f"{_day(statement.patient.born)}生", size=8, to="center")
    sheet.label(Place(82, 31.5, 14, 8.5), "男・女", size=8)
    sheet.ring(*((84.2, 33.6, 4.4, 4.4) if statement.patient.sex.value == "male" else (89.4, 33.6, 4.4, 4.4)))
    sheet.value(Place(96, 31.5, 14, 8.5), str(_age(statement)), size=9)
    sheet.label(Place(110, 31.5, 6, 8.5), "才", size=7)
    for y, high, words, value in (
        (23, 8.5, "受　傷　日", _day(statement.injured_on)),
        (31.5, 8.5, "初　診　日", _day(statement.first_visit_on)),
    ):
        sheet.label(Place(117, y, 17.5, high), words, frame=True)
        sheet.box(134.5, y, 44, high)
        sheet.value(Place(134.5, y, 44, high), value, to="center")
    sheet.label(Place(117, 40, 17.5, 17), ("診　　療", "期　　間"), frame=True)
    sheet.box(134.5, 40, 44, 17)
    days = statement.visit_days
    for y, word, day in ((40, "自", min(days, default=None)), (48.5, "至", max(days, default=None))):
        sheet.label(Place(135, y, 5, 8.5), word, size=7)
        sheet.value(Place(140, y, 38, 8.5), _day(day), to="center")
    sheet.label(Place(178.5, 23.5, 25.5, 4), "診療実日数", size=6.5)
    sheet.box(178.5, 23, 25.5, 17)
    sheet.value(Place(178.5, 28, 19, 11), str(len(set(days))), size=12)
    sheet.label(Place(197.5, 28, 6, 11), "日", size=7)
    sheet.label(Place(178.5, 40, 25.5, 7), "※　転　　帰", size=7, frame=True)
    for n, (outcome, words) in enumerate(_OUTCOMES):
        sheet.stacked(Place(178.5 + n * 5.1, 47, 5.1, 10), words, size=7)
        if statement.outcome is outcome:
            sheet.ring(178.8 + n * 5.1, 47.2, 4.5, 9.6)
    sheet.stacked(Place(10, 40, 5, 17), "傷病名")
    sheet.box(15, 40, 102, 17)
    front = statement.diseases[:_DISEASES_ON_FORM]
    for n, disease in enumerate(front):
        mark = "" if n < 2 or len(statement.diseases) == len(front) else "　ほかは摘要欄"
        words = f"({n + 1}) {disease.name}{mark}"
        sheet.value(Place(15, 40.5 + n * 5.4, 102, 5.4), words, to="left")


def _age(statement: TrafficStatement) -> int:
    born, day = statement.patient.born, max(statement.visit_days, default=statement.month)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _points(sheet: Sheet, statement: TrafficStatement) -> None:
    sheet.label(Place(10, 57, 56, 11), "診　　療　　内　　容", frame=True)
    sheet.label(Place(66, 57, 41, 5.5), "点　　　　数", frame=True)
    sheet.label(Place(66, 62.5, 20.5, 5.5), "技　　術", frame=True)
    sheet.label(Place(86.5, 62.5, 20.5, 5.5), "薬　剤　等", frame=True)
    y = _TOP
    for name, lines in _BLOCKS:
        sheet.stacked(Place(10, y, 5, len(lines) * _PITCH), name, size=6)
        for line in lines:
            _point_line(sheet, y, line, together(statement.rows, *line.rows))
            y += _PITCH
    points = statement.points()
    sheet.label(Place(10, y, 56, 2 * _PITCH), "10 ～ 80　点　数　計", frame=True)
    for x, mark, number in ((66, "イ", points.technique_points), (86.5, "ロ", points.goods_points)):
        sheet.box(x, y, 20.5, 2 * _PITCH)
        sheet.label(Place(x, y, 4, 4), mark, size=6.5)
        sheet.value(Place(x, y, 18, 2 * _PITCH), grouped(number), size=9.5)
        sheet.label(Place(x + 16.5, y + 4.2, 4, 4), "点", size=6)


def _point_line(sheet: Sheet, y: float, line: _Line, cell: AccidentCell) -> None:
    sheet.box(15, y, 51, _PITCH)
    sheet.label(Place(15.5, y, 32, _PITCH), line.words, size=6.5, to="left")
    if line.unit:
        sheet.label(Place(60, y, 6, _PITCH), line.unit, size=6, to="right")
    if cell.unit_points is not None and not line.subtotal:
        sheet.value(Place(40, y, 12, _PITCH), f"{grouped(cell.unit_points)}×", size=7.5)
    if cell.count and line.unit:
        sheet.value(Place(52, y, 9, _PITCH), str(cell.count), size=8)
    for name, x, points in (("technique", 66, cell.technique_points), ("goods", 86.5, cell.goods_points)):
        sheet.box(x, y, 20.5, _PITCH)
        if line.grey == name:
            sheet.grey(x, y, 20.5, _PITCH)
        elif points:
            sheet.value(Place(x, y, 18, _PITCH), grouped(points), size=8)


def _fees(sheet: Sheet, statement: TrafficStatement) -> None:
    sheet.label(Place(107, 57, 31, 11), "診　療　内　容", frame=True)
    sheet.label(Place(138, 57, 25, 11), "金　　額", frame=True)
    sheet.label(Place(163, 57, 41, 11), "摘　　要", frame=True)
    sheet.box(163, 68, 41, 6 * _PITCH)
    sheet.stacked(Place(107, 68, 5, 5 * _PITCH), "10診察", size=6)
    y = _TOP
    for kind, words, unit in _FEES:
        count = sum(fee.count for fee in statement.fees if fee.kind is kind)
        shown = str(count) if unit and count else ""
        _fee_line(sheet, 112, y, words, unit, shown, statement.fee_yen(kind))
        y += _PITCH
    basic = statement.fee_yen(*(kind for kind, _, _ in _FEES))
    _fee_line(sheet, 112, y, "10小　計　　　　　ハ", "", "", basic)
    other = statement.fee_yen(AccidentFeeKind.OTHER)
    _fee_line(sheet, 107, y + _PITCH, "80　そ　の　他　　　ニ", "", "", other)
    y += 2 * _PITCH
    for words, mark, fee in (
        ("診断書料", "ホ", statement.certificate),
        ("明細書料", "ヘ", statement.statement),
    ):
        sheet.box(107, y, 45.5, _PITCH)
        sheet.box(152.5, y, 51.5, _PITCH)
        sheet.label(Place(107.5, y, 25, _PITCH), words, size=6.5, to="left")
        sheet.label(Place(146, y, 6, _PITCH), "通", size=6, to="right")
        sheet.label(Place(153, y, 5, _PITCH), mark, size=6.5)
        sheet.label(Place(198, y, 5.5, _PITCH), "円", size=6, to="right")
        if fee is not None:
            sheet.value(Place(136, y, 12, _PITCH), str(fee.count), size=8)
            sheet.value(Place(170, y, 30, _PITCH), grouped(fee.yen), size=8)
        y += _PITCH
    sheet.label(Place(107, y, 97, _PITCH), "摘　　　　　　　　　　要", size=6.5, frame=True)


def _fee_line(sheet: Sheet, x: float, y: float, words: str, unit: str, count: str, yen: int) -> None:
    sheet.box(x, y, 138 - x, _PITCH)
    sheet.box(138, y, 25, _PITCH)
    sheet.label(Place(x + 0.5, y, 24, _PITCH), words, size=6.5, to="left")
    if unit:
        sheet.label(Place(132, y, 6, _PITCH), unit, size=6, to="right")
    sheet.value(Place(126, y, 8, _PITCH), count, size=8)
    sheet.value(Place(138, y, 21.5, _PITCH), grouped(yen) if yen else "", size=8)
    sheet.label(Place(158, y, 4.5, _PITCH), "円", size=6, to="right")


def _lines(sheet: Sheet, lines: list[dict[str, str]], x: float, y: float, width: float) -> None:
    for n, line in enumerate(lines):
        top = y + n * _PITCH
        room = width - 12 - (17 if line["value"] else 0)
        sheet.value(Place(x, top, 10, _PITCH), line["section"], size=7, to="center")
        sheet.value(Place(x + 10, top, room, _PITCH), line["text"], size=8, to="left")
        sheet.value(Place(x + width - 20, top, 19, _PITCH), line["value"], size=8)


def _amounts(sheet: Sheet, statement: TrafficStatement) -> None:
    y, high = 225.25, 8.5
    amounts = statement.amounts()
    technique, fee = statement.technique_percent, statement.fee_percent
    price = f"{statement.unit_price_yen.normalize():f}"
    sheet.label(Place(10, y, 27.9, high), ("請　求　額", "の　計　算"), frame=True)
    for x, w, words, yen in (
        (37.9, 33.1, f"Ａ（イ×単価×{_times(technique)}）", amounts.technique_yen),
        (71, 33.1, f"Ｂ（ロ×単価）　単価{price}円", amounts.goods_yen),
        (104.1, 33.1, f"Ｃ（ハ×{_times(fee)}）", amounts.fee_yen),
        (137.2, 33.3, "Ｄ（ニ＋ホ＋ヘ）", amounts.rest_yen),
        (170.5, 33.5, "合計（Ａ＋Ｂ＋Ｃ＋Ｄ）", amounts.total_yen),
    ):
        sheet.box(x, y, w, high)
        sheet.label(Place(x, y, w, 3.4), words, size=5.5, to="left")
        sheet.value(Place(x, y + 3, w - 4, high - 3), grouped(yen), size=9.5)
        sheet.label(Place(x + w - 4.5, y + 3.6, 4, 4.5), "円", size=6)


def _times(percent: int) -> str:
    """倍率 — a percentage as the form writes it: 120 is 1.2."""
    return f"{percent // 100}.{percent % 100:02d}".rstrip("0") + ("0" if percent % 100 == 0 else "")


def _visit_days(sheet: Sheet, statement: TrafficStatement) -> None:
    y, high = 233.75, 4.25
    sheet.label(Place(10, y, 17.5, 2 * high), ("通院日に○印を", "つけてください。"), size=5.5, frame=True)
    months = sorted({day.replace(day=1) for day in statement.visit_days} | {statement.month.replace(day=1)})
    for row in range(2):
        top = y + row * high
        sheet.box(27.5, top, 7.8, high)
        sheet.label(Place(31.5, top, 4, high), "月", size=6)
        month = months[row] if row < len(months) else None
        sheet.value(Place(27, top, 5.5, high), str(month.month) if month else "", size=7.5)
        for day in range(1, 32):
            x = 35.3 + (day - 1) * 5.442
            sheet.label(Place(x, top, 5.442, high), str(day), size=6, frame=True)
            if month and any((one.replace(day=1), one.day) == (month, day) for one in statement.visit_days):
                sheet.ring(x + 0.7, top + 0.3, 4, 3.6)


def _closing(sheet: Sheet, statement: TrafficStatement) -> None:
    total = grouped(statement.amounts().total_yen)
    sheet.label(Place(10, 246, 16, 5), "上記金額￥", to="left")
    sheet.value(Place(25, 246, 28, 5), total, size=10, to="center")
    sheet.label(Place(53, 246, 5, 5), "を")
    sheet.value(Place(58, 246, 44, 5), statement.insurer_name, size=9, to="left")
    sheet.label(Place(102, 246, 6, 5), "殿")
    for y, words in (
        (251, "（に請求・から受領）済であることを証明いたします。"),
        (255, "（請求または受領のいずれかを抹消し消印してください。）"),
    ):
        sheet.label(Place(10, y, 90, 4), words, size=6.5, to="left")
    blank = "令和　　　年　　　月　　　日"
    if statement.claimed_on:
        sheet.value(Place(10, 259, 60, 5), _day(statement.claimed_on), to="left")
    else:
        sheet.label(Place(10, 259, 60, 5), blank, size=7.5, to="left")
    for y, words, value in (
        (264, "所在地", statement.issuer.address),
        (269, "名　称", statement.issuer.name),
        (274, "医師名", statement.doctor_name),
        (279, "電　話", statement.issuer.telephone),
    ):
        sheet.label(Place(10, y, 10, 5), words, size=6.5, to="left")
        sheet.value(Place(20, y, 85, 5), value, to="left")
    if statement.beds is not None:
        sheet.value(Place(88, 279, 12, 5), str(statement.beds))
        sheet.label(Place(86, 279, 24, 5), "（　　　　　　床）", size=6.5)
    for x in (112, 158):
        sheet.label(Place(x, 247, 46, 4), "受付印", size=6.5)
        sheet.box(x, 246, 46, 34)
    sheet.label(Place(112, 281, 70, 4), "※欄は該当する事項を○で囲んでください。", size=6, to="left")
