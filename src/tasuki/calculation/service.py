# SPDX-License-Identifier: Apache-2.0
"""共通算定モジュールの応答 — bytes asked, bytes answered: what a service says, without a server, clock or store.

The answer depends on the bytes, the book and the asker's institution alone. Every fault of the asker is
answered with a problem document (RFC 9457) whose findings name the member; nothing of it is kept.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tasuki.calculation.account_trace import account_trace
from tasuki.calculation.calculate_file import account_of_file
from tasuki.calculation.copayment import close_month, visit_copayment
from tasuki.calculation.copayment.case_file import read_case
from tasuki.calculation.copayment.report import month_trace
from tasuki.calculation.trace import finding_trace
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.strict_json import NotStrict, read_strictly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book

JSON, PROBLEM = "application/json", "application/problem+json"
# What cannot be read at all is 400; what can be read and not be used is 422.
UNREADABLE = frozenset({"CAL-0101", "COPAY-031", "API-001"})

register({"api.not_json": "JSONとして読めません（{detail}）。"})


class Operation(StrEnum):
    """操作 — what may be asked: 算定, 試算 (the same function on a visit that is not saved), 窓口負担."""

    CALCULATE = "calculate"
    SIMULATE = "simulate"
    COPAY = "copay"


class Answer(NamedTuple):
    """応答 — status, media type and body."""

    status: int
    media_type: str
    body: bytes


class Kind(NamedTuple):
    """問題の種類 — a kind of problem document: its status and Japanese title."""

    status: int
    title: str


# The kinds are public: documented, and never used for something else.
KINDS = {
    "unreadable": Kind(400, "送られた内容を読み取れません"),
    "unauthorized": Kind(401, "トークンか、その証明がないか、使えません"),
    "wrong-scope": Kind(403, "この接続トークンでは使えない操作です"),
    "insecure": Kind(403, "HTTPSで接続してください"),
    "not-found": Kind(404, "このアドレスはありません"),
    "wrong-method": Kind(405, "このアドレスでは使えないメソッドです"),
    "too-large": Kind(413, "送られた内容が大きすぎます"),
    "wrong-media-type": Kind(415, "内容の形式が違います"),
    "unusable": Kind(422, "送られた内容では計算できません"),
    "too-long": Kind(422, "決められた時間内に計算が終わりません"),
    "too-many": Kind(429, "要求が多すぎます"),
    "our-fault": Kind(500, "襷の側で問題が起きました"),
}


def answer(operation: Operation, data: bytes, book: Book, own: Institution | None = None) -> Answer:
    """共通算定モジュールの応答 — never raises for what the asker sent; ``own`` is the asker's institution."""
    try:
        if operation is Operation.COPAY:
            return Answer(200, JSON, msgspec.json.encode(_month_of(data)))
        return Answer(200, JSON, msgspec.json.encode(account_trace(account_of_file(data, book, own=own))))
    except BadInput as bad:
        is_unreadable = any(finding.code in UNREADABLE for finding in bad.findings)
        return problem("unreadable" if is_unreadable else "unusable", findings=bad.findings)


def problem(kind: str, detail: str = "", findings: Iterable[Finding] = ()) -> Answer:
    """問題の応答 — a problem document of one of :data:`KINDS`.

    Cite: RFC 9457 Problem Details for HTTP APIs, RFC 6901 JSON Pointer
    """
    status, title = KINDS[kind]
    members: dict[str, Any] = {"type": f"urn:tasuki:problem:{kind}", "title": title, "status": status}
    found = [
        {**finding_trace(each), "pointer": _pointer(each.where.field), "record": each.where.record}
        for each in findings
    ]
    if found and not detail:
        more = "" if len(found) == 1 else f"（ほか{len(found) - 1}件）"
        detail = f"{found[0]['message']}{more}"
    if detail:
        members["detail"] = detail
    if found:
        members["findings"] = found
    return Answer(status, PROBLEM, msgspec.json.encode(members))


def _month_of(data: bytes) -> dict[str, Any]:
    try:
        read_strictly(data)
    except NotStrict as wrong:
        finding = Finding("API-001", Severity.BLOCK, Where(), "api.not_json", {"detail": str(wrong)})
        raise BadInput([finding]) from wrong
    ledger, visits, outside = read_case(data)
    for visit in visits:
        _, ledger = visit_copayment(ledger, visit)
    return month_trace(ledger, close_month(ledger), outside)


def _pointer(path: str) -> str:
    """The JSON pointer of a member's path: ``orders[1].items[0].code`` is ``/orders/1/items/0/code``."""
    parts = re.findall(r"[^.\[\]]+", path)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
