# SPDX-License-Identifier: Apache-2.0
"""健診結果の変換 — 特定健診XML to 健診結果報告書 in FHIR and back, with a list of what could not be carried.

What was written is read again and held against what was to be written: the list is found, not remembered.

Cite: 特定健診情報ファイル仕様説明書 V08; 健診結果報告書 HL7 FHIR 記述仕様 1.5.0
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.cda_reader import ReadCheckup, read_checkup_xml
from tasuki.sharing.checkups.cda_writer import write_checkup_xml
from tasuki.sharing.checkups.facts import facts_of
from tasuki.sharing.checkups.json_text import write_json
from tasuki.sharing.checkups.messages import told
from tasuki.sharing.checkups.report_reader import read_report
from tasuki.sharing.checkups.report_writer import TOKYO, build_report
from tasuki.sharing.checkups.values import CheckupDoctor, PersonName

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.sharing.checkups.values import Checkup


class CheckupWire(StrEnum):
    """健診結果の形式 — the two ways a checkup travels."""

    XML = "特定健診XML"
    FHIR = "健診結果報告書"


@dataclass(frozen=True, slots=True)
class ConvertedCheckup:
    """変換した健診結果 — the bytes, and what they do not carry."""

    wire: CheckupWire
    data: bytes
    lost: tuple[Finding, ...]


def wire_of(data: bytes) -> CheckupWire:
    """健診結果の形式 — by the first letter of the file.

    >>> wire_of(b' {"resourceType": "Bundle"}').value, wire_of(b"<?xml").value
    ('健診結果報告書', '特定健診XML')
    """
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return CheckupWire.FHIR if start[:1] in (b"{", b"[") else CheckupWire.XML


def read_checkup(data: bytes, file: str = "") -> ReadCheckup:
    """健診結果の読取 — of either form. Raises :class:`BadInput`."""
    return read_report(data, file) if wire_of(data) is CheckupWire.FHIR else read_checkup_xml(data, file)


def write_checkup(checkup: Checkup, wire: CheckupWire, file: str = "") -> ConvertedCheckup:
    """健診結果の書出し — in a form, with what it does not carry. Raises :class:`BadInput` for what the form must have."""
    if wire is CheckupWire.FHIR:
        data = write_json(build_report(checkup))
        again = read_report(data, file).checkup
    else:
        data = write_checkup_xml(checkup)
        again = read_checkup_xml(data, file).checkup
    return ConvertedCheckup(wire, data, differences(checkup, again, wire, file))


def differences(before: Checkup, after: Checkup, wire: CheckupWire, file: str = "") -> tuple[Finding, ...]:
    """変換で失われるもの — facts of the first that the second lacks or says otherwise."""
    kept, found = facts_of(after), []
    for name, text in facts_of(before).items():
        now = kept.get(name)
        if now == text:
            continue
        where = Where(file, 0, name)
        facts = {"wire": wire.value, "before": printable(text, 60)}
        if now is None:
            found.append(told("CHK-L-02", where, Severity.CONFIRM, **facts))
        else:
            found.append(told("CHK-L-03", where, Severity.CONFIRM, **facts, after=printable(now, 60)))
    return tuple(found)


def numbered(checkup: Checkup, made_at: datetime, number: str = "", doctor: str = "") -> Checkup:
    """報告書の番号付け — what a report in FHIR needs and XML does not have.

    Without ``number`` the last part of the document's number is made from the content, so the same checkup is sent
    under the same number and replaces what was sent before.

    Cite: 電子カルテ情報共有サービス Bundle の識別子（医療機関番号^西暦^施設内の番号）
    """
    numbers = checkup.numbers
    if not numbers.bundle:
        content = hashlib.sha256(write_checkup_xml(checkup)).hexdigest()[:32]
        bundle = f"{checkup.author.number}^{made_at.astimezone(TOKYO).year}^{number or content}"
        numbers = replace(numbers, bundle=bundle, document=bundle)
    whole = made_at.replace(microsecond=made_at.microsecond // 1000 * 1000)
    numbers = replace(numbers, made_at=numbers.made_at or whole)
    doctors = (CheckupDoctor(PersonName(doctor)),) if doctor else checkup.doctors
    return replace(checkup, numbers=numbers, doctors=doctors)
