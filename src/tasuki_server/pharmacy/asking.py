# SPDX-License-Identifier: Apache-2.0
"""サービスへの要求 — the pharmacy asks over the wire alone, so that the service may be this one or another."""

from __future__ import annotations

from uuid import UUID

from tasuki.eligibility.requests import Sender
from tasuki.eligibility.xml_text import read_xml, write_xml
from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.service.messages import ServiceAnswer, read_answer, request_message
from tasuki.prescriptions.service.operations import OPERATIONS
from tasuki_server.institutions.models import Institution
from tasuki_server.platform.wire import Asker, NotReached, wire_of

FEE_TABLE = "4"


class Unanswered(Exception):
    """回答なし — not reached, closed, or not understood; whether it was done is not known, the same key may be sent again."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def asker_of(institution: Institution) -> Asker:
    """接続する薬局 — as it names itself on the wire."""
    return Asker(institution.id, institution.prefecture, institution.code, institution.name, FEE_TABLE)


def ask(
    institution: Institution, operation: str, *values: tuple[str, str], key: UUID | None = None
) -> ServiceAnswer:
    """要求 — of one operation by its interface id. Raises :class:`Unanswered`."""
    asker = asker_of(institution)
    wanted = OPERATIONS[operation]
    try:
        body = write_xml(request_message(Sender(asker.number, str(key or "")[:36]), *values))
    except BadInput as bad:
        raise Unanswered("入力に使えない文字があります。制御文字を取り除いてください。") from bad
    headers = {"Content-Type": "application/xml"} | ({"Idempotency-Key": str(key)} if key else {})
    path = f"prescriptions/messages?file={wanted.request_stem}{str(key or '1')[:8]}.xml"
    try:
        reply = wire_of(asker)("POST", path, body, headers)
    except NotReached as broken:
        raise Unanswered(
            "電子処方箋管理サービスにつながりません。もう一度送っても、二重には登録されません。"
        ) from broken
    try:
        answer = read_answer(read_xml(reply.body))
    except BadInput as bad:
        raise Unanswered(
            f"サービスの回答を読めません（状態 {reply.status}）。もう一度送ってください。"
        ) from bad
    if reply.status != 200:
        raise Unanswered(answer.error_message or f"サービスが使えません（状態 {reply.status}）。")
    return answer
