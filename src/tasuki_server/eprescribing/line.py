# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービスへの線 — one message and its answer, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from tasuki.eligibility.message import Node
from tasuki.eligibility.requests import Sender
from tasuki.eligibility.xml_text import read_xml, write_xml
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.service.messages import ServiceAnswer, read_answer, request_message
from tasuki.prescriptions.service.operations import OPERATIONS
from tasuki_server.institutions.models import Institution
from tasuki_server.platform.engine import Reply
from tasuki_server.platform.wire import Asker, NotReached, Wire, wire_of

# メンテナンス・サービス側の誤り・読めない電文: none of them says anything of the prescription; asked again later.
_NOT_NOW = frozenset({"TSKE002", "TSKE090", "TSKE099"})


class NotAnswered(Exception):
    """回答なし — whether it was done is not known; asking again with the same key is safe."""


class Answered(NamedTuple):
    """回答 — read, and as it came."""

    answer: ServiceAnswer
    data: bytes


def wire_for(institution: Institution) -> Wire:
    """この医療機関の線 — to the service this installation is set to."""
    return wire_of(Asker(institution.id, institution.prefecture, institution.code, institution.name))


def request_body(institution: Institution, *values: tuple[str, str], nodes: Iterable[Node] = ()) -> bytes:
    """要求の電文 — of the institution."""
    number = Asker(institution.id, institution.prefecture, institution.code, institution.name).number
    return write_xml(request_message(Sender(number, "TASUKI"), *values, nodes=nodes))


def ask(wire: Wire, operation: str, body: bytes, key: UUID | None = None) -> Answered:
    """要求と回答 — raises :class:`NotAnswered` for everything that is no whole answer to it."""
    path = f"prescriptions/messages?file={OPERATIONS[operation].request_stem}1.xml"
    headers: Mapping[str, str] = {"Idempotency-Key": str(key)} if key is not None else {}
    try:
        reply: Reply = wire("POST", path, body, headers)
    except NotReached as away:
        raise NotAnswered("電子処方箋管理サービスにつながりません。") from away
    if reply.status in (401, 403):
        raise NotAnswered("電子処方箋管理サービスがこの医療機関の接続を認めていません。")
    try:
        answer = read_answer(read_xml(reply.body))
    except BadInput as bad:
        raise NotAnswered(f"回答を読めません（{sentence(bad.findings[0])}）。") from bad
    if answer.segment not in ("1", "9"):
        raise NotAnswered("回答に処理結果がありません。")
    if reply.status != 200 or answer.error_code in _NOT_NOW:
        raise NotAnswered(answer.error_message or f"状態{reply.status}")
    return Answered(answer, reply.body)


def read_kept(data: bytes) -> ServiceAnswer:
    """控えた回答の読取 — as it came."""
    return read_answer(read_xml(data))
