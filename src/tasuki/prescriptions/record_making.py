# SPDX-License-Identifier: Apache-2.0
"""処方レコードの作成 — one 処方内容 as the records of the symbol (JAHIS10) and of 電子処方箋 (SJ1), which differ in little.

Cite: JAHIS 院外処方箋２次元シンボル記録条件規約 Ver.1.10 3.レコード仕様; 電子処方箋管理サービス 記録条件仕様（処方編）
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import jaconv

from tasuki.chart.visit import Sex
from tasuki.kernel.finding import BadInput, Finding, Severity
from tasuki.kernel.shift_jis import byte_length
from tasuki.prescriptions.checks import check_document
from tasuki.prescriptions.contents import UsageNote
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.prescriptions.service_layout import SERVICE
from tasuki.prescriptions.usage_code import FREE_TEXT, UsageCode, read_usage_code
from tasuki.prescriptions.writer import compose, new_document, write_prescription

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tasuki.prescriptions.contents import DrugContents, PrescriptionContents, RpContents
    from tasuki.prescriptions.layout import Format
    from tasuki.prescriptions.records import Document, Record
    from tasuki.prescriptions.writer import Value

_PROGRAMME_RECORDS = ("27", "28", "29")
_BURDENS = ("first", "second", "third")
_EXCHANGE = "1"  # 処方箋番号種別 引換番号
_GOES_ON = "5"  # 用法補足区分 用法の続き
_TEXT_LIMIT = 100


class MadeRecords(NamedTuple):
    """作成した処方データ — the records, and what was changed to fit them (■, full-width comma)."""

    document: Document
    findings: tuple[Finding, ...]


def outside_records(contents: PrescriptionContents, name: str = "") -> MadeRecords:
    """院外処方箋２次元シンボルのレコード — with record 82 only where a number was given by the service.

    Raises :class:`BadInput` for what cannot be recorded.
    """
    return _made(OUTSIDE, contents, name)


def service_records(contents: PrescriptionContents, name: str = "") -> MadeRecords:
    """電子処方箋のレコード — SJ1; usages by the master of the service, free text by its own code.

    Raises :class:`BadInput` for what cannot be recorded.
    """
    return _made(SERVICE, contents, name)


def symbol_data(contents: PrescriptionContents) -> bytes:
    """２次元シンボルのデータ — the bytes that all symbols of a prescription hold together."""
    return write_prescription(outside_records(contents).document)


def service_data(contents: PrescriptionContents) -> bytes:
    """電子処方箋のCSV — the bytes that the prescription document carries as Base64."""
    return write_prescription(service_records(contents).document)


def _made(form: Format, contents: PrescriptionContents, name: str) -> MadeRecords:
    records: list[Record] = []
    findings: list[Finding] = []
    for number, items in _items(form, contents):
        composed = compose(form, number, items, name)
        records.append(composed.record)
        findings.extend(composed.findings)
    document = new_document(form, records, name=name)
    # A number whose check digit does not agree may stand on a card so.
    findings = [replace(f, severity=Severity.ADVICE) if f.code == "RX-C-22" else f for f in findings]
    blocking = [each for each in findings if each.severity is Severity.BLOCK]
    blocking.extend(each for each in check_document(document) if each.code in ("RX-C-10", "RX-C-13"))
    if blocking:
        raise BadInput(blocking)
    return MadeRecords(document, tuple(each for each in findings if each not in blocking))


def _items(form: Format, contents: PrescriptionContents) -> Iterator[tuple[str, Mapping[str, Value]]]:
    yield from _parties(contents)
    yield from _cover(contents)
    yield "51", {"issued_on": f"{contents.issued_on:%Y%m%d}"}
    if contents.usable_until is not None:
        yield "52", {"usable_until": f"{contents.usable_until:%Y%m%d}"}
    if contents.narcotic is not None:
        each = contents.narcotic
        yield (
            ("60" if form is SERVICE else "61"),
            {
                "licence_number": each.licence_number,
                "patient_address": each.patient_address,
                "patient_telephone": each.patient_telephone,
            },
        )
    if contents.residual_action:
        yield "62", {"residual_action": contents.residual_action}
    if contents.split_count:
        yield "63", {"split_count": contents.split_count, "split_nth": contents.split_nth}
    if contents.refill_count:
        yield "64", {"refill_count": contents.refill_count}
    for order, text in enumerate(_remarks(contents), 1):
        yield "81", {"order": order, "text": text}
    if contents.exchange_number and form is OUTSIDE:
        yield "82", {"kind": _EXCHANGE, "prescription_number": contents.exchange_number}
    for rp, each_rp in enumerate(contents.rps, 1):
        yield from _rp(form, rp, each_rp, _burden(contents, each_rp))


def _parties(contents: PrescriptionContents) -> Iterator[tuple[str, Mapping[str, Value]]]:
    hospital, doctor, patient = contents.hospital, contents.doctor, contents.patient
    yield (
        "1",
        {
            "fee_table": hospital.fee_table,
            "institution_code": hospital.code,
            "prefecture": hospital.prefecture,
            "institution_name": hospital.name,
        },
    )
    if hospital.address:
        yield "2", {"postal_code": hospital.postal_code, "address": hospital.address}
    if hospital.telephone:
        yield "3", {"telephone": hospital.telephone}
    if hospital.department:
        yield "4", {"code_kind": "1", "department_name": hospital.department}
    yield (
        "5",
        {"doctor_code": doctor.code, "doctor_kana": half_kana(doctor.kana), "doctor_name": doctor.name},
    )
    yield (
        "11",
        {
            "patient_code": patient.code,
            "patient_name": patient.name,
            "patient_kana": half_kana(patient.kana),
        },
    )
    yield "12", {"sex": "1" if patient.sex is Sex.MALE else "2"}
    yield "13", {"born_on": f"{patient.born:%Y%m%d}"}


def _cover(contents: PrescriptionContents) -> Iterator[tuple[str, Mapping[str, Value]]]:
    cover = contents.cover
    if cover.share_class:
        yield "14", {"share_class": cover.share_class}
    if cover.kind:
        yield "21", {"insurance_kind": cover.kind}
    yield "22", {"insurer_number": cover.insurer_number}
    yield (
        "23",
        {
            "symbol": cover.symbol,
            "number": cover.number,
            "relation": "2" if cover.is_dependant else "1",
            "branch": cover.branch,
        },
    )
    if cover.share_percent is not None:
        yield "24", {"share_percent": cover.share_percent, "benefit_percent": 100 - cover.share_percent}
    if cover.duty:
        yield "25", {"duty_reason": cover.duty}
    for number, programme in zip(_PROGRAMME_RECORDS, contents.programmes, strict=False):
        yield (
            number,
            {"payer_number": programme.payer_number, "recipient_number": programme.recipient_number},
        )


def _burden(contents: PrescriptionContents, rp: RpContents) -> dict[str, Value]:
    """負担区分 — which programmes bear an RP: said of every drug, or of none."""
    if not contents.programmes or all(each.borne_by is None for each in contents.rps):
        return {}
    names = _BURDENS[: len(contents.programmes)]
    bearing = range(1, len(names) + 1) if rp.borne_by is None else rp.borne_by
    return {name: "1" if place in bearing else "0" for place, name in enumerate(names, 1)}


def _rp(
    form: Format, rp: int, contents: RpContents, burden: Mapping[str, Value]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    yield "101", {"rp": rp, "dosage_form": contents.form.value, "quantity": contents.quantity}
    if contents.split_quantity is not None:
        yield (
            "102",
            {"rp": rp, "split_quantity": contents.split_quantity, "total_quantity": contents.quantity},
        )
    yield "111", {"rp": rp, **_usage(form, contents)}
    for order, note in enumerate(_notes(contents.notes), 1):
        yield (
            "181",
            {
                "rp": rp,
                "order": order,
                "kind": note.kind,
                "text": note.text,
                "supplement_code": note.supplement_code,
                "site_code": note.site_code,
            },
        )
    for order, drug in enumerate(contents.drugs, 1):
        yield from _drug(rp, order, drug, burden)


def _usage(form: Format, contents: RpContents) -> dict[str, Value]:
    """A code the standard knows is recorded in either form; text without one has a code of its own in SJ1 alone."""
    code = contents.usage_code
    read = read_usage_code(code) if code else None
    times = read.times_a_day if isinstance(read, UsageCode) and read.times_a_day else None
    if form is SERVICE:
        return {
            "code_kind": "3",
            "usage_code": code or FREE_TEXT,
            "usage_name": contents.usage,
            "times_a_day": times,
        }
    if code and code != FREE_TEXT:
        return {"code_kind": "2", "usage_code": code, "usage_name": contents.usage, "times_a_day": times}
    return {"code_kind": "1", "usage_name": contents.usage}


def _drug(
    rp: int, order: int, drug: DrugContents, burden: Mapping[str, Value]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    key: dict[str, Value] = {"rp": rp, "order": order}
    yield (
        "201",
        {
            **key,
            "kind": "2" if drug.is_material else "1",
            "code_kind": drug.code_kind.value,
            "drug_code": drug.code,
            "drug_name": drug.name,
            "amount": drug.amount,
            "strength_flag": "1",
            "unit": drug.unit,
        },
    )
    if burden:
        yield "231", {**key, **burden}
    if drug.dose:
        yield "241", {**key, "dose": drug.dose}
    said = [(kind, part) for kind, text in drug.notes for part in split_text(text, _TEXT_LIMIT)]
    for nth, (kind, text) in enumerate(said, 1):
        yield "281", {**key, "nth": nth, "kind": kind.value if kind else "", "text": text}


def _remarks(contents: PrescriptionContents) -> Iterator[str]:
    """A fourth programme has no record of its own; what is too long for one record goes on in the next."""
    more = contents.programmes[len(_PROGRAMME_RECORDS) :]
    said = (f"公費負担者番号{each.payer_number}　受給者番号{each.recipient_number}" for each in more)
    for text in (*contents.remarks, *said):
        yield from split_text(text, _TEXT_LIMIT)


def _notes(notes: Iterable[UsageNote]) -> Iterator[UsageNote]:
    for note in notes:
        first, *more = split_text(note.text, _TEXT_LIMIT)
        yield replace(note, text=first)
        for text in more:
            yield UsageNote(text, _GOES_ON)


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """文字列の分割 — parts of ``limit`` bytes of Shift_JIS at most, nothing lost.

    >>> split_text("備考あいう", 4)
    ('備考', 'あい', 'う')
    """
    parts = [""]
    for character in text:
        if byte_length(parts[-1] + character) > limit:
            parts.append("")
        parts[-1] += character
    return tuple(parts)


def half_kana(text: str) -> str:
    """半角カナ — hiragana and full-width katakana as the records write a reading.

    >>> half_kana("かくう　ハナコ")
    'ｶｸｳ ﾊﾅｺ'
    """
    return jaconv.z2h(jaconv.hira2kata(text).replace("　", " "), kana=True, ascii=True, digit=True)
