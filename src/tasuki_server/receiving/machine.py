# SPDX-License-Identifier: Apache-2.0
"""機械の窓口 — submissions in, results out, below ``/receiving/v1/``; a token beside a proof of its key says who asks.

POST token                          a statement signed by the sender's key; gives a token of five minutes
PUT  submissions/UUID?payer=1&kind=claim&claim_month=2026-11&sha256=…   a claim file; again with the same UUID is the
     same; with sha256, a file that lost something on its way is not taken
POST submissions/UUID/withdrawals   {"number": 3, "why": "…"}   取下げ; again is the same; 409 with ``state`` when it cannot be
GET  files                                                     what waits; ``place`` counts from 1, so that a gap shows
GET  files/UUID                                                its bytes
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from tasuki_server.api.patience import RETRY_SECONDS, WORDS, Impatient, Turn
from tasuki_server.api.sender_door import STATUS, refusal_body
from tasuki_server.api.token_form import NoToken
from tasuki_server.receiving.clients import find_client
from tasuki_server.receiving.intake import take_delivery
from tasuki_server.receiving.models import (
    PAYERS,
    Decision,
    Delivery,
    OutgoingFile,
    ReceivedReceipt,
    SendingClient,
)
from tasuki_server.receiving.senders import give_token

BASE, TOKEN = "/receiving/v1/", "token"
KINDS = ("claim", "reclaim")
# 申告: all of it is for the sender whose token it is, and shows that sender's own alone.
ADDRESSES = {
    "token": "public",
    "submissions/{uuid}": "sender",
    "submissions/{uuid}/withdrawals": "sender",
    "files": "sender",
    "files/{uuid}": "sender",
}
LARGEST = 64 * 1024 * 1024


class Reply(NamedTuple):
    """応答 — status, media type and body, with headers beyond those of every answer."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class _Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    """取下げの要求 — the number of a receipt in its file, and why."""

    number: int
    why: str


def answer(method: str, path: str, query: Mapping[str, str], token: str, body: bytes) -> Reply:
    """応答 — of one request with a token of this installation's own senders; every refusal is JSON with ``error``."""
    return answer_to(find_client(token), method, path, query, body)


def issue(headers: Mapping[str, str], body: bytes, turn: Turn) -> Reply:
    """短期トークンの発行の応答 — as OAuth 2.0 answers."""
    try:
        return _json(200, give_token(headers, BASE + TOKEN, body, turn))
    except NoToken as refusal:
        return Reply(STATUS.get(refusal.code, 400), "application/json", refusal_body(refusal))
    except Impatient:
        return too_many()


def too_many() -> Reply:
    """待ってもらう応答 — to an address whose proofs failed too often."""
    told = _json(429, {"error": "too-many", "detail": WORDS})
    return told._replace(headers=(("retry-after", str(RETRY_SECONDS)),))


def answer_to(
    client: SendingClient | None, method: str, path: str, query: Mapping[str, str], body: bytes
) -> Reply:
    """送信元への応答 — None is nobody."""
    if client is None:
        return _refusal(401, "unauthorized")
    match [part for part in path.removeprefix(BASE).split("/") if part]:
        case ["submissions", name] if method == "PUT":
            return _submit(client, name, query, body)
        case ["submissions", name, "withdrawals"] if method == "POST":
            return _withdraw(client, name, body)
        case ["files"] if method == "GET":
            files = client.files.order_by("made_at", "id").defer("data")
            return _json(200, [_about(each) | {"place": place} for place, each in enumerate(files, 1)])
        case ["files", name] if method == "GET":
            return _file(client, name)
        case _:
            return _refusal(404, "not-found")


def _submit(client: SendingClient, name: str, query: Mapping[str, str], body: bytes) -> Reply:
    submission = _uuid(name)
    payer, kind = query.get("payer", ""), query.get("kind", "")
    try:
        claim_month = date.fromisoformat(f"{query.get('claim_month', '')}-01")
    except ValueError:
        return _refusal(400, "claim_month")
    if submission is None or payer not in PAYERS or kind not in KINDS or not 0 < len(body) <= LARGEST:
        return _refusal(400, "bad-request")
    if query.get("sha256") not in (None, sha256(body).hexdigest()):
        return _refusal(400, "damaged")
    delivery = take_delivery(
        client,
        submission,
        payer=payer,
        kind=kind,
        claim_month=claim_month,
        data=body,
        today=timezone.localdate(),
    )
    return _json(
        200, {"delivery": str(delivery.id), "accepted": delivery.is_accepted, "state": delivery.state}
    )


def _withdraw(client: SendingClient, name: str, body: bytes) -> Reply:
    submission = _uuid(name)
    try:
        asked = msgspec.json.decode(body, type=_Withdrawal)
    except msgspec.MsgspecError:
        return _refusal(400, "bad-request")
    with transaction.atomic(using="receiving"):
        row = (
            ReceivedReceipt.objects.select_for_update(of=("self",))
            .filter(delivery__client=client, delivery__submission=submission, number=asked.number)
            .first()
        )
        # What was taken is answered as taken, also after the receipt went back: the first answer may have been lost.
        if row is not None and row.decisions.filter(kind="withdraw").exists():
            return _json(200, {"search_number": row.search_number})
        if row is None or row.state not in ("received", "settled"):
            return _json(409, {"error": "not-withdrawable", "state": row.state if row is not None else ""})
        Decision.objects.create(
            receipt=row,
            kind="withdraw",
            code="",
            text=f"取下げ依頼：{asked.why}"[:200],
            made_by="医療機関",
        )
    return _json(200, {"search_number": row.search_number})


def _file(client: SendingClient, name: str) -> Reply:
    file = OutgoingFile.objects.filter(client=client, pk=_uuid(name)).first()
    if file is None:
        return _refusal(404, "not-found")
    return Reply(200, "application/octet-stream", bytes(file.data))


def _about(file: OutgoingFile) -> dict[str, Any]:
    return {
        "id": str(file.id),
        "kind": file.kind,
        "payer": file.payer,
        "claim_month": f"{file.claim_month:%Y-%m}",
        "name": file.name,
        "sha256": file.sha256,
        "submission": str(Delivery.objects.get(pk=file.delivery_id).submission) if file.delivery_id else "",
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _json(status: int, value: object) -> Reply:
    return Reply(status, "application/json", msgspec.json.encode(value))


def _refusal(status: int, error: str) -> Reply:
    return _json(status, {"error": error})
