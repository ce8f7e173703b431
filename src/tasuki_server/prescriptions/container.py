# SPDX-License-Identifier: Apache-2.0
"""文書の取出し — the records inside a registered document, and what its signatures are worth.

A document is XML that carries the CSV as Base64. The CSV alone is taken for paper too: the elements are known from
implementations only (docs/reference/unconfirmed.md), and a connector may not make them yet.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from tasuki.kernel.finding import BadInput, Finding
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.documents import read_registration_document, with_prescription_id
from tasuki.prescriptions.service.messages import CheckResult, VerifyResult
from tasuki.prescriptions.signature.names import DISPENSING, PRESCRIPTION
from tasuki.prescriptions.signature.results import VerifyResult as Verified
from tasuki.prescriptions.signature.verify import verify_document
from tasuki.prescriptions.writer import write_prescription
from tasuki_server.prescriptions.trust import service_trust

GOOD, BAD = "1", "9"
_XML = b"<"


class Opened(NamedTuple):
    """取り出した処方データ — the text inside; ``is_signed`` that there is a signature, not that it is good."""

    records: bytes
    xml_checks: tuple[CheckResult, ...] = ()
    verifications: tuple[VerifyResult, ...] = ()
    is_signed: bool = False
    prescription_id: str = ""


def opened_prescription(data: bytes, at: datetime) -> Opened:
    """処方箋の取出し — a broken document has no records and says so in its XMLチェック結果."""
    return _opened(data, at, None, is_dispensing=False)


def opened_dispensing(data: bytes, at: datetime, prescription_at: datetime | None) -> Opened:
    """調剤結果の取出し — the prescription inside was there since it was registered."""
    return _opened(data, at, prescription_at, is_dispensing=True)


def records_of(data: bytes) -> bytes:
    """処方データの取出し — for a check before anything is signed; b"" for a broken document."""
    if not _is_xml(data):
        return data
    try:
        found = read_registration_document(data)
    except BadInput:
        return b""
    return found.dispensing_data or write_prescription(found.prescription)


def with_number(data: bytes, number: str) -> bytes:
    """処方箋IDの付与 — into the document; what is signed does not change. Records alone have no place for it."""
    return with_prescription_id(data, number) if _is_xml(data) else data


def _opened(data: bytes, at: datetime, prescription_at: datetime | None, *, is_dispensing: bool) -> Opened:
    if not _is_xml(data):
        return Opened(data)
    try:
        found = read_registration_document(data)
    except BadInput as bad:
        return Opened(b"", tuple(map(_check, bad.findings)))
    if (found.shape is DISPENSING) is not is_dispensing:
        wanted = DISPENSING if is_dispensing else PRESCRIPTION
        return Opened(b"", (CheckResult("RX-G-03", f"文書が{wanted.term}ではありません。"),))
    records = found.dispensing_data if is_dispensing else write_prescription(found.prescription)
    results: list[VerifyResult] = []
    if found.is_signed:
        verified = verify_document(data, service_trust(), at, prescription_at)
        results.append(_verified(verified))
        if verified.prescription is not None:
            results.append(_verified(verified.prescription))
        if verified.is_valid:
            records = verified.data
    return Opened(records, (), tuple(results), found.is_signed, found.prescription_id)


def _is_xml(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == _XML


def _verified(result: Verified) -> VerifyResult:
    name = result.shape.sign_id if result.shape else ""
    if result.is_valid:
        signer = result.signer.subject if result.signer else ""
        return VerifyResult(GOOD, f"署名は有効です（{signer}）。", name)
    own = tuple(finding for item in result.items for finding in item.findings)
    return VerifyResult(BAD, "署名を確認できません。", name, tuple(map(sentence, own)))


def _check(finding: Finding) -> CheckResult:
    return CheckResult(finding.code, sentence(finding))
