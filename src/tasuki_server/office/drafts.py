# SPDX-License-Identifier: Apache-2.0
"""書類の案 — what goes on the checklist, the disclosure sheets and the register, as a form and as lines of a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from tasuki.forms.control_sheet import ControlLine, ControlSheet
from tasuki.security.controls import Answer, Document, Judgement, Known, Proved, judge_all, register
from tasuki_server import __version__

COLUMNS = (
    "番号",
    "区分",
    "求められること",
    "回答",
    "説明",
    "証跡",
    "証跡の日",
    "組織の回答",
    "回答した人と日",
)
ORGANISATION_WAITS = "未回答"
# A spreadsheet reads a cell that begins so as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Draft(NamedTuple):
    """書類の案の種類 — its name on the command line, its title, the documents it answers, and what to know of it."""

    name: str
    title: str
    documents: tuple[Document, ...]
    notes: tuple[str, ...]


class OwnAnswer(NamedTuple):
    """組織の回答 — in the organisation's words, and who wrote it when."""

    words: str
    by: str


_CONFIRM = (
    "この書類は台帳から作った案です。渡す前に責任者が中身を確かめ、公式の様式に写してください。",
    "「証跡なし」は、挙げた試験・訓練・文書がいま見つからないか、合格していない行です。",
)
DRAFTS = {
    each.name: each
    for each in (
        Draft(
            "checklist",
            "サイバーセキュリティ対策チェックリスト",
            (Document.CHECKLIST,),
            ("令和8年度版の文言は得ていません。令和7年度版の番号によります。", *_CONFIRM),
        ),
        Draft(
            "disclosure",
            "医療情報セキュリティ開示書（MDS/SDS）",
            (Document.GUIDELINE, Document.PRIVACY),
            (
                "公式の開示書（SDS Ver5.0、7.0版別紙の99問）の問いの文言と番号を得ていないため、ガイドラインの条項ごとに答えています。",
                *_CONFIRM,
            ),
        ),
        Draft(
            "conformity",
            "サービス仕様適合開示書",
            (Document.STANDARD,),
            ("標準仕様書（基本要件）第1.0版の非機能要件について答えています。", *_CONFIRM),
        ),
        Draft("register", "管理策の台帳", tuple(Document), _CONFIRM),
    )
}


def judged(draft: Draft, known: Known | None) -> tuple[Judgement, ...]:
    """案の行の判定 — without tests nothing can be shown, and every row that needs them says so."""
    rows = [each for each in register() if each.document in draft.documents]
    return judge_all(rows, known or Known(frozenset(), {}, frozenset()))


def sheet_of(
    draft: Draft,
    rows: tuple[Judgement, ...],
    own: Mapping[str, OwnAnswer],
    organisation: str,
    day: date,
) -> ControlSheet:
    """書類の案 — as the form takes it."""
    several = len(draft.documents) > 1
    return ControlSheet(
        title=draft.title,
        basis="、".join(each.label for each in draft.documents),
        product="Tasuki（襷）",
        version=__version__,
        organisation=organisation,
        day=day,
        lines=tuple(_line(each, own.get(each.control.key), several) for each in rows),
        notes=draft.notes,
    )


def csv_of(sheet: ControlSheet) -> bytes:
    """書類の案のCSV — UTF-8 with a mark, as spreadsheets read Japanese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in sheet.lines:
        cells = (
            line.code, line.level, line.asked, line.answer, line.words,
            line.shown_by, line.shown_on.isoformat(), line.own_answer, line.own_answer_by,
        )  # fmt: skip
        writer.writerow([f"'{each}" if each.startswith(_FORMULA) else each for each in cells])
    return text.getvalue().encode("utf-8-sig")


def _line(row: Judgement, own: OwnAnswer | None, several: bool) -> ControlLine:
    control = row.control
    words = control.words
    if row.is_red:
        words = f"見つからないか不合格: {'、'.join((*row.missing, *row.failed))}"
    waits = ORGANISATION_WAITS if control.answer is Answer.ORGANISATION and own is None else ""
    return ControlLine(
        code=f"{_SHORT[control.document]} {control.code}" if several else control.code,
        level=control.level.value,
        asked=control.asked,
        answer=row.proved.value,
        words=words,
        shown_by="" if row.is_red else "、".join(shown_proof(each) for each in control.proofs),
        shown_on=row.shown_on,
        own_answer=own.words if own else waits,
        own_answer_by=own.by if own else "",
    )


def shown_proof(proof: str) -> str:
    """証跡の表示 — of a test, a drill or a document."""
    kind, _, name = proof.partition(":")
    if kind == "drill":
        return f"訓練 {name}"
    if kind == "doc":
        return f"文書 {name}"
    return proof.removeprefix("tests/")


def is_answered(row: Judgement, own: Mapping[str, OwnAnswer]) -> bool:
    """回答があるか — a row for the organisation waits until it has written something."""
    return row.proved is not Proved.ORGANISATION or row.control.key in own


_SHORT = {
    Document.GUIDELINE: "GL",
    Document.CHECKLIST: "点検",
    Document.STANDARD: "仕様",
    Document.MANAGEMENT: "経営",
    Document.PRIVACY: "個情",
    Document.ASVS: "ASVS",
}
