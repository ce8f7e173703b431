# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスへの線 — the one place where the clinic speaks to the service: each act and its answer, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from tasuki_server.institutions.models import Institution
from tasuki_server.platform.content_digest import DIGEST, content_digest
from tasuki_server.platform.engine import Reply
from tasuki_server.platform.wire import Asker, NotReached, Wire, wire_of
from tasuki_server.records import messages

# 送信単位の版: a late copy of an older one is known by it.
VERSION = "Unit-Version"
MEDIA_TYPE = "application/fhir+json"
T = TypeVar("T")
AWAY = "電子カルテ情報共有サービスにつながりません。"

# The request was read and is not wanted as it is; everything else says nothing of it.
_REFUSING = frozenset({400, 409, 412, 413, 422})


class NotAnswered(Exception):
    """回答なし — whether it was done is not known; asking again with the same key is safe."""


class Answered(NamedTuple):
    """回答 — read, and as it came; ``reasons`` are the service's words when it refused."""

    is_done: bool
    reasons: tuple[str, ...]
    data: bytes
    value: Any

    @property
    def newer(self) -> int:
        """登録済みの新しい版 — of which the service says that it has it; 0 when it says no such thing."""
        place = "" if self.is_done else str(_codes(self.value).get("older", ""))
        return int(place) if place.isascii() and place.isdecimal() and len(place) <= 9 else 0


def wire_for(institution: Institution) -> Wire:
    """この医療機関の線 — to the service this installation is set to."""
    return wire_of(Asker(institution.id, institution.prefecture, institution.code, institution.name))


def send(wire: Wire, body: bytes, key: UUID, version: int) -> Answered:
    """6情報の登録 — a Bundle as it is, the nth of its unit; raises :class:`NotAnswered` for what is no whole answer."""
    headers = {"Content-Type": MEDIA_TYPE, "Idempotency-Key": str(key), VERSION: str(version)}
    return _sent(wire, "informations", body, headers, "written")


def send_document(wire: Wire, body: bytes, key: UUID) -> Answered:
    """文書の送付 — a letter with what goes beside it; raises :class:`NotAnswered` as well."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(key)}
    return _sent(wire, "documents", body, headers, "id")


def _sent(wire: Wire, path: str, body: bytes, headers: dict[str, str], told: str) -> Answered:
    reply, value = _asked(wire, "POST", f"records/{path}", body, headers | {DIGEST: content_digest(body)})
    if reply.status in _REFUSING and "damaged" not in _codes(value):
        return Answered(False, reasons_of(value) or (f"状態{reply.status}",), reply.body, value)
    if not 200 <= reply.status < 300 or told not in value:
        raise NotAnswered("; ".join(reasons_of(value)) or f"状態{reply.status}")
    return Answered(True, (), reply.body, value)


def reasons_of(value: dict[str, Any]) -> tuple[str, ...]:
    """差し戻しの理由 — the words of an OperationOutcome."""
    if value.get("resourceType") != "OperationOutcome":
        return ()
    found = []
    for issue in value.get("issue") or ():
        details = issue.get("details") or {}
        words = issue.get("diagnostics") or details.get("text") or issue.get("code") or ""
        where = "、".join(issue.get("expression") or issue.get("location") or ())
        found.append(f"{words}（{where}）" if where else str(words))
    return tuple(each for each in found if each)


def _codes(value: Any) -> dict[str, str]:
    """断りの種類 — by the service's own codes, each with its first place."""
    made: dict[str, str] = {}
    for issue in value.get("issue") or () if isinstance(value, dict) else ():
        place = next(iter(issue.get("expression") or ()), "")
        for coding in (issue.get("details") or {}).get("coding") or ():
            made[str(coding.get("code"))] = str(place)
    return made


def _asked(
    wire: Wire, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[Reply, dict[str, Any]]:
    try:
        reply = wire(method, path, body, headers)
    except NotReached as away:
        raise NotAnswered(AWAY) from away
    if reply.status in (401, 403):
        raise NotAnswered("電子カルテ情報共有サービスがこの医療機関の接続を認めていません。")
    if reply.status == 404 and method == "POST":
        raise NotAnswered("電子カルテ情報共有サービスがこの接続先にありません。")
    try:
        value = json.loads(reply.body)
    except ValueError as cut:
        raise NotAnswered("回答を読めません。") from cut
    if not isinstance(value, dict):
        raise NotAnswered("回答を読めません。")
    return reply, value


class Refused(Exception):
    """断られた要求 — the service read it and will not do it; ``reasons`` are its words."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


def find_receivers(wire: Wire, numbers: Iterable[str]) -> tuple[messages.Receiver, ...]:
    """利用状況の確認 — whether these institutions can be sent to."""
    question = messages.ReceiverQuestion(tuple(numbers))
    return _told(wire, "POST", "receivers", messages.ReceiverAnswer, question).receivers


def open_view(wire: Wire, viewing: messages.Viewing, key: UUID) -> tuple[messages.Opened, ...]:
    """閲覧の開始 — by the consent at the reader, or in an emergency."""
    return _told(wire, "POST", "views", messages.ViewingAnswer, viewing, key).kinds


def read_informations(wire: Wire, insured: messages.Insured) -> messages.Informations:
    """6情報の閲覧 — the newest sets of other institutions, as far as the person lets us."""
    return _told(wire, "GET", f"informations?{_of(insured)}", messages.Informations)


def read_checkups(wire: Wire, insured: messages.Insured) -> tuple[messages.CheckupTold, ...]:
    """健診結果の閲覧 — nothing where the person did not open them."""
    try:
        return _told(wire, "GET", f"checkups?{_of(insured)}", messages.CheckupList).checkups
    except Refused:
        return ()


def send_checkup(wire: Wire, body: bytes) -> messages.CheckupTold:
    """健診結果報告書の登録 — a Bundle as it is; the same number again replaces what was sent."""
    return _told_of(wire, "POST", "checkups", messages.CheckupTold, body, MEDIA_TYPE)


def make_portal_code(wire: Wire, question: messages.CodeQuestion) -> messages.CodeTold:
    """本人の画面のコード — for a person who was seen; asking again ends the code before."""
    return _told(wire, "POST", "person/codes", messages.CodeTold, question)


def list_documents(wire: Wire, box: str, since: str) -> messages.DocumentList:
    """文書の一覧 — ``in`` or ``out``, what changed after a moment."""
    asked = urlencode({"box": box, **({"since": since} if since else {})})
    return _told(wire, "GET", f"documents?{asked}", messages.DocumentList)


def read_document(wire: Wire, remote: str) -> messages.DocumentContent:
    """文書の受取り — its Bundle, the summary beside it, and the attachments."""
    return _told(wire, "GET", f"documents/{quote(remote)}", messages.DocumentContent)


def cancel_document(wire: Wire, remote: str) -> messages.DocumentTold:
    """文書の取消 — by its sender."""
    return _told(wire, "POST", f"documents/{quote(remote)}/cancel", messages.DocumentTold)


def _of(insured: messages.Insured) -> str:
    return urlencode({"public" if insured.is_public else "insured": insured.number})


def _told(
    wire: Wire,
    method: str,
    path: str,
    kind: type[T],
    told: msgspec.Struct | None = None,
    key: UUID | None = None,
) -> T:
    """One act and its answer; raises :class:`Refused`, and :class:`NotAnswered` for everything that is no whole answer."""
    body = msgspec.json.encode(told) if told is not None else b""
    return _told_of(wire, method, path, kind, body, "application/json", key)


def _told_of(
    wire: Wire, method: str, path: str, kind: type[T], body: bytes, media_type: str, key: UUID | None = None
) -> T:
    headers = {"Content-Type": media_type} | ({"Idempotency-Key": str(key)} if key else {})
    headers |= {DIGEST: content_digest(body)} if body else {}
    try:
        reply = wire(method, f"records/{path}", body, headers)
    except NotReached as away:
        raise NotAnswered(AWAY) from away
    if 200 <= reply.status < 300:
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as cut:
            raise NotAnswered("回答を読めません。") from cut
    value = _value(reply)
    is_whole = "damaged" not in _codes(value)
    if is_whole and reply.status in (*_REFUSING, 403, 404) and (reasons := reasons_of(value)):
        raise Refused(reasons)
    raise NotAnswered("; ".join(reasons_of(value)) or f"状態{reply.status}")


def _value(reply: Reply) -> dict[str, Any]:
    try:
        value = json.loads(reply.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
