# SPDX-License-Identifier: Apache-2.0
"""処方箋情報の受入れ — what is inside ``PrescriptionInfo`` and ``DispensingInfo``, and what is wrong with it.

How records are carried, and what their signatures are worth, is known in :mod:`.container` alone.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from typing import NamedTuple

from tasuki.eligibility.times import JAPAN
from tasuki.kernel.finding import BadInput, Finding, Severity
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.item_checks import read_day
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.records import Document
from tasuki.prescriptions.service import rules
from tasuki.prescriptions.service.courses import Course, dispensed_courses, prescribed_courses
from tasuki.prescriptions.service.messages import CheckResult, VerifyResult
from tasuki.prescriptions.service.refusals import refusal
from tasuki_server.prescriptions.container import GOOD, Opened, opened_dispensing, opened_prescription
from tasuki_server.prescriptions.drug_codes import claim_code_to_price_list

ELECTRONIC, PAPER = "1", "2"
_LINE_ENDS = "RX-F-05"
_UNKNOWN_RECORD = "RX-F-07"
_MATERIAL_WITHOUT_CODE = "777770000"


class Identity(NamedTuple):
    """被保険者証の番号 — as the service compares it: width and blanks do not make another person."""

    insurer: str
    symbol: str
    number: str
    branch: str


class Intake(NamedTuple):
    """受け入れた処方箋 — ready to be registered, unless ``faults`` stop it."""

    data: bytes
    records: bytes
    document: Document
    identity: Identity
    born: date | None
    name: str
    kana: str
    sex: str
    issued_on: date
    usable_until: date | None
    rounds: int
    split_count: int
    split_nth: int
    courses: tuple[Course, ...]
    xml_checks: tuple[CheckResult, ...]
    csv_checks: tuple[CheckResult, ...]
    verifications: tuple[VerifyResult, ...]


class Unacceptable(Exception):
    """登録できない処方データ — every check result that was found, for the lists of the answer."""

    def __init__(
        self,
        code: str = "TSKE014",
        xml_checks: tuple[CheckResult, ...] = (),
        csv_checks: tuple[CheckResult, ...] = (),
        verifications: tuple[VerifyResult, ...] = (),
    ) -> None:
        self.result = refusal(code)
        self.xml_checks, self.csv_checks, self.verifications = xml_checks, csv_checks, verifications
        super().__init__(code)


def identity_of(insurer: str, symbol: str, number: str, branch: str) -> Identity:
    """被保険者証の番号の照合形 — half width, no blanks, no zeros before a branch's digit.

    >>> identity_of("  138057", "１２・３", " 4567", "1")
    Identity(insurer='138057', symbol='12・3', number='4567', branch='01')
    """
    plain = [
        "".join(unicodedata.normalize("NFKC", each).split()) for each in (insurer, symbol, number, branch)
    ]
    return Identity(plain[0], plain[1], plain[2], plain[3].rjust(2, "0") if plain[3] else "")


def read_intake(data: bytes, issue_type: str, caller_number: str, at: datetime) -> Intake:
    """処方箋情報の受入れ — raises :class:`Unacceptable` with everything that stops it."""
    today = at.astimezone(JAPAN).date()
    opened = opened_prescription(data, at)
    if issue_type == ELECTRONIC and not opened.is_signed and not opened.xml_checks:
        raise Unacceptable("TSKE037", opened.xml_checks, (), opened.verifications)
    _refuse_bad_signature(opened)
    document, warnings = _document(opened)
    said = _Said(document)
    faults = _faults(document, said, caller_number, today)
    if faults:
        raise Unacceptable("TSKE014", opened.xml_checks, (*faults, *warnings), opened.verifications)
    issued_on = read_day(said("51", "issued_on"))
    assert issued_on is not None
    split_nth = _whole(said("63", "split_nth"))
    until = read_day(said("52", "usable_until"))
    if until is None and split_nth <= 1:
        # 分割の2回目以降: until when is not known, and no end is guessed.
        until = rules.usable_until(issued_on)
    return Intake(
        data=data,
        records=opened.records,
        document=document,
        identity=identity_of(
            said("22", "insurer_number"),
            said("23", "symbol"),
            said("23", "number"),
            said("23", "branch"),
        ),
        born=read_day(said("13", "born_on")),
        name=said("11", "patient_name"),
        kana=said("11", "patient_kana"),
        sex=said("12", "sex"),
        issued_on=issued_on,
        usable_until=until,
        rounds=_whole(said("64", "refill_count")) or 1,
        split_count=_whole(said("63", "split_count")),
        split_nth=split_nth,
        courses=prescribed_courses(document, claim_code_to_price_list),
        xml_checks=opened.xml_checks,
        csv_checks=warnings,
        verifications=opened.verifications,
    )


class _Said:
    """The first record of each number, found once: registrations come by the hundred a second."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._first = {each.number: each for each in reversed(document.records)}

    def __call__(self, number: str, name: str) -> str:
        record = self._first.get(number)
        return self._document.item(record, name) if record is not None else ""


class Dispensed(NamedTuple):
    """調剤された処方箋 — what a result is held against; a paper prescription that was never registered has none of it."""

    issue_type: str = PAPER
    issued_on: date | None = None
    registered_at: datetime | None = None
    prescription_id: str = ""


class DispensingIntake(NamedTuple):
    """受け入れた調剤結果 — records of a dispensing with the day and the drugs given."""

    data: bytes
    records: bytes
    dispensed_on: date
    courses: tuple[Course, ...]
    is_signed: bool
    csv_checks: tuple[CheckResult, ...]
    verifications: tuple[VerifyResult, ...]


def read_dispensing(data: bytes, of: Dispensed, at: datetime) -> DispensingIntake:
    """調剤結果の受入れ — of an electronic prescription signed by a pharmacist. Raises :class:`Unacceptable`."""
    today, issued_on = at.astimezone(JAPAN).date(), of.issued_on
    opened = opened_dispensing(data, at, of.registered_at)
    if of.issue_type == ELECTRONIC and not opened.is_signed and not opened.xml_checks:
        raise Unacceptable("TSKE042", opened.xml_checks, (), opened.verifications)
    _refuse_bad_signature(opened)
    document, warnings = _document(opened, "CJ")
    if of.prescription_id and opened.prescription_id not in ("", of.prescription_id):
        raise Unacceptable("TSKE043", opened.xml_checks, warnings, opened.verifications)
    courses = dispensed_courses(document, claim_code_to_price_list)
    on = read_day(document.value("5", "dispensed_on"))
    if on is None or not courses:
        raise Unacceptable(csv_checks=(refusal("TSKE039"), *warnings))
    if on > today or (issued_on is not None and on < issued_on):
        raise Unacceptable(csv_checks=(refusal("TSKE040", day=on, issued=issued_on or "不明"), *warnings))
    return DispensingIntake(
        data, opened.records, on, courses, opened.is_signed, warnings, opened.verifications
    )


def _refuse_bad_signature(opened: Opened) -> None:
    if any(each.status != GOOD for each in opened.verifications):
        raise Unacceptable("TSKE015", opened.xml_checks, (), opened.verifications)


def _document(opened: Opened, wanted: str = "SJ") -> tuple[Document, tuple[CheckResult, ...]]:
    """The records, and what is only to be told; raises with what stops it."""
    if opened.xml_checks:
        raise Unacceptable("TSKE014", opened.xml_checks, (), opened.verifications)
    try:
        document = read_prescription(opened.records)
    except BadInput as bad:
        raise Unacceptable(
            "TSKE014", opened.xml_checks, tuple(map(_result, bad.findings)), opened.verifications
        ) from bad
    results = [(each, _result(each)) for each in document.findings]
    stops = tuple(result for each, result in results if _stops(each, wanted))
    if document.format.name != wanted:
        stops = (refusal("TSKE002", reason=f"様式が{document.format.term}です"), *stops)
    if stops:
        raise Unacceptable("TSKE014", opened.xml_checks, stops, opened.verifications)
    return document, tuple(result for _, result in results)


def _stops(finding: Finding, wanted: str) -> bool:
    """What is only unknown to us is kept; what is wrong stops."""
    if finding.code == _LINE_ENDS:
        # The rule of LF is that of SJ1; a notebook's own line end is CR LF.
        return wanted == "SJ"
    return finding.severity is not Severity.ADVICE and finding.code != _UNKNOWN_RECORD


def _result(finding: Finding) -> CheckResult:
    if finding.code == _LINE_ENDS:
        return refusal("EPSB0052E", count=finding.facts.get("count", ""))
    return CheckResult(finding.code, sentence(finding))


def _faults(document: Document, said: _Said, caller_number: str, today: date) -> list[CheckResult]:
    """What the records say that the service does not take."""
    found: list[CheckResult] = []
    number = f"{said('1', 'prefecture')}{said('1', 'fee_table') or caller_number[2:3]}{said('1', 'institution_code')}"
    if number != caller_number:
        found.append(refusal("TSKE030", said=caller_number, found=number))
    if not said("22", "insurer_number") or not said("23", "number"):
        found.append(refusal("TSKE038"))
    issued_on = read_day(said("51", "issued_on"))
    assert issued_on is not None, "the layout asks for it"
    until = read_day(said("52", "usable_until"))
    if issued_on > today:
        found.append(refusal("TSKE031", day=issued_on))
    if until is not None and until < issued_on:
        found.append(refusal("TSKE032", until=until, day=issued_on))
    found += _rounds(said, issued_on)
    if issued_on in rules.CODES_NEEDED:
        found += _without_code(document)
    return found


def _rounds(said: _Said, issued_on: date) -> list[CheckResult]:
    found: list[CheckResult] = []
    refills, parts = said("64", "refill_count"), said("63", "split_count")
    if refills and not 2 <= _whole(refills) <= (most := rules.number_on(rules.REFILL_ROUNDS, issued_on)):
        found.append(refusal("TSKE033", count=refills, most=most))
    if parts and not 2 <= _whole(parts) <= (most := rules.number_on(rules.SPLIT_PARTS, issued_on)):
        found.append(refusal("TSKE034", count=parts, most=most))
    if refills and parts:
        found.append(refusal("TSKE035"))
    return found


def _without_code(document: Document) -> list[CheckResult]:
    found = []
    for each in document.of("201"):
        kind, code_kind, code = (document.item(each, name) for name in ("kind", "code_kind", "drug_code"))
        # 非保険薬 (3) may have none.
        if kind != "3" and (code_kind == "1" or not code or code == _MATERIAL_WITHOUT_CODE):
            name = document.item(each, "drug_name")
            found.append(
                refusal(
                    "TSKE036", rp=each.item(1), order=each.item(2), name=name, since=rules.CODES_NEEDED.since
                )
            )
    return found


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0
