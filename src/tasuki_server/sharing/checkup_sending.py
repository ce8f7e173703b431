# SPDX-License-Identifier: Apache-2.0
"""健診結果の登録 — 特定健診XML (one file or the ZIP that goes to an insurer) made into reports and registered with the service.

Nothing is kept here: the file is the clinic's. A report's number is made of its content, so that the same file again
replaces itself; one result that is refused holds none of the others back.

Cite: 特定健診・特定保健指導 送付用ファイルアーカイブ仕様説明書; 健診結果報告書 HL7 FHIR 記述仕様 1.5.0
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time
from uuid import UUID

from tasuki.kernel.finding import BadInput, Finding, Severity
from tasuki.kernel.kana import search_key
from tasuki.kernel.messages import sentence
from tasuki.sharing.build.around import institution_number
from tasuki.sharing.build.parts import JAPAN
from tasuki.sharing.checkups import (
    Checkup,
    CheckupWire,
    check_checkup,
    is_archive,
    kind_of,
    numbered,
    open_archive,
    read_checkup,
    write_checkup,
)
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import between_transactions
from tasuki_server.patients.models import Patient
from tasuki_server.platform.wire import Wire
from tasuki_server.sharing.line import NotAnswered, Refused, send_checkup, wire_for

# A page waits for all of them: a hundred take some seconds. More come in several files.
MOST_RESULTS = 200
REGISTERED, GOOD, FAULTY, REFUSED, UNSURE = "registered", "good", "faulty", "refused", "unsure"
LABELS = {
    REGISTERED: "登録済み", GOOD: "登録できます", FAULTY: "誤りあり", REFUSED: "差し戻し", UNSURE: "未登録（つながらない）",
}  # fmt: skip


class TooMany(Exception):
    """多すぎる — more results than one page registers."""


@dataclass(frozen=True, slots=True)
class CheckupRow:
    """健診結果の一件 — of the file: whose, when, which kind, what became of it and what there is to say."""

    name: str
    state: str
    words: tuple[str, ...]
    checkup: Checkup | None = None
    number: str = ""
    report: bytes = b""

    @property
    def label(self) -> str:
        """状態の表記."""
        return LABELS[self.state]

    @property
    def kind(self) -> str:
        """健診の種別 — empty where it could not be read."""
        return kind_of(self.checkup.program).value if self.checkup is not None else ""


@dataclass(frozen=True, slots=True)
class CheckupFile:
    """健診結果のファイル — its results, and what is wrong with the whole."""

    rows: tuple[CheckupRow, ...]
    words: tuple[str, ...] = ()

    def count(self, state: str) -> int:
        """件数 — of a state."""
        return sum(row.state == state for row in self.rows)


def take_file(institution: Institution, data: bytes, name: str, doctor: str, *, is_sent: bool) -> CheckupFile:
    """健診結果の点検・登録 — of each result; recorded with the patients of ours whom they are about.

    That sending was begun is on record before the first goes, and what became of each after the last.

    Raises ``BadInput`` for a ZIP that cannot be opened, :class:`TooMany`.
    """
    results, words = _results(data, name)
    own = institution_number(institution.prefecture, institution.code)
    rows = [_checked(content, inner, own, doctor) for inner, content in results]
    if is_sent and any(row.state == GOOD for row in rows):
        about = list(_patients(rows))
        begun = sum(row.state == GOOD for row in rows)
        record("checkup.send", detail={"results": len(rows), "begun": begun}, patients=about)
        wire = wire_for(institution)
        with between_transactions():
            rows = _sent(rows, wire)
    made = CheckupFile(tuple(rows), words)
    record(
        "checkup.send" if is_sent else "checkup.check",
        detail={"results": len(rows), **{each: made.count(each) for each in LABELS if made.count(each)}},
        patients=_patients(rows),
    )
    return made


def _sent(rows: list[CheckupRow], wire: Wire) -> list[CheckupRow]:
    """Of those that are good; once the line is down the rest are not tried."""
    told, is_away = [], False
    for row in rows:
        if row.state == GOOD:
            row = replace(row, state=UNSURE) if is_away else _registered(row, wire)
            is_away = is_away or row.state == UNSURE
        told.append(row)
    return told


def _registered(row: CheckupRow, wire: Wire) -> CheckupRow:
    try:
        send_checkup(wire, row.report)
    except Refused as refused:
        return replace(row, state=REFUSED, words=(*refused.reasons, *row.words))
    except NotAnswered as away:
        return replace(row, state=UNSURE, words=(str(away), *row.words))
    return replace(row, state=REGISTERED)


def _results(data: bytes, name: str) -> tuple[list[tuple[str, bytes]], tuple[str, ...]]:
    if not is_archive(data):
        return [(name, data)], ()
    archive = open_archive(data, name)
    if len(archive.names) > MOST_RESULTS:
        raise TooMany
    return list(archive.results()), tuple(sentence(each) for each in archive.findings)


def _checked(data: bytes, name: str, own: str, doctor: str) -> CheckupRow:
    short = name.rpartition("/")[2]
    try:
        read = read_checkup(data, short)
        # 作成日: the report is of the day of the file, so that the insurer reads what stands there and its number stays.
        made_at = datetime.combine(read.checkup.issued_on, time(), JAPAN)
        checkup = numbered(read.checkup, made_at, doctor="" if read.checkup.doctors else doctor)
        findings = [*read.left, *check_checkup(checkup, short)]
        if any(each.severity is Severity.BLOCK for each in findings):
            return CheckupRow(short, FAULTY, _said(findings), checkup)
        report = write_checkup(checkup, CheckupWire.FHIR, short)
    except BadInput as wrong:
        return CheckupRow(short, FAULTY, _said(wrong.findings))
    words = _said([*findings, *report.lost])
    number = checkup.numbers.bundle
    if checkup.author.number != own:
        told = f"作成機関の番号（{checkup.author.number}）が、この医療機関（{own}）ではありません。"
        return CheckupRow(short, FAULTY, (told, *words), checkup, number)
    return CheckupRow(short, GOOD, words, checkup, number, report.data)


def _said(findings: list[Finding] | tuple[Finding, ...]) -> tuple[str, ...]:
    return tuple(sentence(each) for each in findings)


def _patients(rows: list[CheckupRow]) -> Iterator[UUID]:
    """Patients of ours with this kana and birthday, where it is one: a checkup is often of somebody who was never ill."""
    for row in rows:
        if row.checkup is None or row.checkup.examinee.kana is None:
            continue
        wanted = search_key(row.checkup.examinee.kana.text)
        born = Patient.objects.filter(born=row.checkup.examinee.born_on).values_list("id", "kana")
        found = [patient for patient, kana in born if search_key(kana) == wanted]
        if len(found) == 1:
            yield found[0]
