# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の電文 — requests from named values, and answers read as values: both sides of the wire use these.

Names of elements are those vendors publish; what stands under a name of our own is listed in
docs/reference/unconfirmed.md.

Cite: 電子処方箋管理サービス 外部インターフェイス仕様書 EPS-IF-201/202・211/212・217/218・219/103
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from tasuki.eligibility.message import UTF8, Message, Node
from tasuki.eligibility.numbers import pad_insurer_number
from tasuki.eligibility.times import time_text
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tasuki.eligibility.requests import CardNumber, Sender

register({"prescription.service.RX-E-01": "「{field}」は BASE64 として読めません。"})
Values = tuple[tuple[str, str], ...]


class CheckResult(NamedTuple):
    """チェック結果 — code and sentence of XmlCheckResultList or CsvCheckResultList."""

    code: str
    message: str


class VerifyResult(NamedTuple):
    """署名検証結果 — of one signature: status 1 fine, 9 not; why it failed."""

    status: str
    message: str
    sign_id: str = ""
    reasons: tuple[str, ...] = ()


class ServiceAnswer(NamedTuple):
    """サービスの回答 — whether it was done, the error of the header, and the body to ask by name."""

    segment: str
    error_code: str
    error_message: str
    body: Node

    @property
    def is_fine(self) -> bool:
        """正常終了か — whether it was done."""
        return self.segment == "1"

    def value(self, name: str) -> str:
        """本文の値 — by name, "" when it is absent."""
        return self.body.value(name)

    def data(self, name: str) -> bytes:
        """本文のデータ — Base64 taken off. Raises :class:`BadInput`."""
        return from_base64(self.body.value(name), name)

    def all(self, name: str) -> tuple[Node, ...]:
        """本文の一覧 — every element of a name."""
        return tuple(self.body.all(name))

    @property
    def csv_checks(self) -> tuple[CheckResult, ...]:
        """CSVチェック結果 — in order."""
        return _checks(self.body, "CsvCheckResultList")

    @property
    def xml_checks(self) -> tuple[CheckResult, ...]:
        """XMLチェック結果 — in order."""
        return _checks(self.body, "XmlCheckResultList")

    @property
    def verifications(self) -> tuple[VerifyResult, ...]:
        """署名検証結果 — in order."""
        return tuple(
            VerifyResult(
                each.value("Status"),
                each.value("Message"),
                each.value("SignId"),
                tuple(reason.text for reason in each.all("FailureReasons")),
            )
            for each in self.body.all("VerifyResultList")
        )


def request_message(sender: Sender, *values: tuple[str, str], nodes: Iterable[Node] = ()) -> Message:
    """要求の電文 — empty values are left out.

    >>> from tasuki.eligibility.requests import Sender
    >>> request_message(Sender("1311234567", "A1"), ("PrescriptionId", "x"), ("Comment", "")).body.children
    (Node(name='PrescriptionId', text='x', children=(), attributes=()),)
    """
    head = (
        ("MedicalInstitutionCode", sender.institution_code),
        ("ArbitraryFileIdentifier", sender.file_identifier),
        ("CharacterCodeIdentifier", "0" if sender.encoding == UTF8 else "1"),
    )
    body = Node("MessageBody", "", (*filled(*values), *nodes))
    return Message(Node("XmlMsg", "", (Node("MessageHeader", "", filled(*head)), body)), sender.encoding)


def card_values(card: CardNumber) -> Values:
    """被保険者証の項目 — the insurance identity of a request."""
    return (
        ("InsurerNumber", pad_insurer_number(card.insurer_number) if card.insurer_number else ""),
        ("InsuredCardSymbol", card.symbol),
        ("InsuredIdentificationNumber", card.number),
        ("InsuredBranchNumber", card.branch),
    )


def read_answer(message: Message) -> ServiceAnswer:
    """回答の読取 — of an answer of this service."""
    head = message.header
    return ServiceAnswer(
        head.value("SegmentOfResult"), head.value("ErrorCode"), head.value("ErrorMessage"), message.body
    )


def service_answer(
    asked: Message | None,
    at: datetime,
    values: Iterable[tuple[str, str]] = (),
    nodes: Iterable[Node] = (),
    error: CheckResult | None = None,
) -> Message:
    """回答の電文 — ``error`` makes it 異常終了; what was asked names the institution and the identifier to repeat."""
    head = (
        ("ProcessExecutionTime", time_text(at)),
        ("MedicalInstitutionCode", asked.header.value("MedicalInstitutionCode") if asked else ""),
        ("ArbitraryFileIdentifier", asked.header.value("ArbitraryFileIdentifier") if asked else ""),
        ("SegmentOfResult", "9" if error else "1"),
        ("ErrorCode", error.code if error else ""),
        ("ErrorMessage", error.message if error else ""),
        ("CharacterCodeIdentifier", "1" if asked and asked.encoding != UTF8 else "0"),
    )
    body = (Node("ProcessingResultStatus", "2" if error else "1"), *filled(*values), *nodes)
    root = Node(
        "XmlMsg", "", (Node("MessageHeader", "", filled(*head)), Node("MessageBody", "", tuple(body)))
    )
    return Message(root, asked.encoding if asked else UTF8)


def check_nodes(name: str, results: Iterable[CheckResult]) -> tuple[Node, ...]:
    """チェック結果の要素 — of XmlCheckResultList or CsvCheckResultList."""
    return tuple(
        Node(name, "", filled(("ResultCode", each.code), ("ResultMessage", each.message))) for each in results
    )


def verify_nodes(results: Iterable[VerifyResult]) -> tuple[Node, ...]:
    """署名検証結果の要素 — VerifyResultList."""
    return tuple(
        Node(
            "VerifyResultList",
            "",
            (
                *filled(("Status", each.status), ("Message", each.message), ("SignId", each.sign_id)),
                *(Node("FailureReasons", reason) for reason in each.reasons),
            ),
        )
        for each in results
    )


def filled(*values: tuple[str, str]) -> tuple[Node, ...]:
    """値のある要素 — an element each, empty ones left out."""
    return tuple(Node(name, text) for name, text in values if text)


def to_base64(data: bytes) -> str:
    """BASE64の記録 — as messages carry bytes."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str, field: str = "") -> bytes:
    """BASE64の読取 — blanks and line ends in it are the layout of the file. Raises :class:`BadInput`."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        found = Finding(
            "RX-E-01",
            Severity.BLOCK,
            Where("", 0, "", field),
            "prescription.service.RX-E-01",
            {"field": field},
        )
        raise BadInput([found]) from None


def _checks(body: Node, name: str) -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(each.value("ResultCode"), each.value("ResultMessage")) for each in body.all(name)
    )
