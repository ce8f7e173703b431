# SPDX-License-Identifier: Apache-2.0
"""発生届の送信（試行環境） — to this project's own 電子カルテ情報共有サービス; no system of the state takes notices from charts.

A notice that was sent is recorded as handed in; whether the 保健所 took or returned it stands there. The same
response to the same 保健所 again is the same notification there, unless it was returned: after a lost answer it may be
sent again.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.notifications.messages import refusal
from tasuki_server.notifications.models import DiseaseNotice, Submission, Way
from tasuki_server.notifications.signing import submit
from tasuki_server.platform.wire import NotReached, Wire
from tasuki_server.sharing.line import reasons_of, wire_for

PATH = "records/notifications"
# 保健所 have 7 where institutions have their fee table.
_RECEIVER = re.compile(r"[0-4][0-9]7[0-9]{7}")
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def send(row: DiseaseNotice, receiver: str, wire: Wire | None = None) -> Submission:
    """送信 — of the newest version to a 保健所 of the stand-in; raises ``BadInput`` with the reason when it was not taken."""
    if not _RECEIVER.fullmatch(receiver):
        raise refusal("notice.receiver")
    if row.withdrawn:
        raise refusal("notice.corrected")
    asking = wire or wire_for(Institution.objects.get())
    body = json.dumps({"receiver": receiver, "response": row.response}, ensure_ascii=False).encode()
    record("notification.send", row, row.patient_id, {"receiver": receiver})
    try:
        reply = asking("POST", PATH, body, _HEADERS)
    except NotReached as away:
        raise refusal(
            "notice.away",
            reason="つながらないか、回答が届きません。届いていても、同じ届出をもう一度送って二重にはなりません",
        ) from away
    value = _read(reply.body)
    if reply.status in (400, 403, 409, 413, 422):
        told = "; ".join(reasons_of(value)) or f"状態{reply.status}"
        raise refusal("notice.refused", reason=told)
    number = value.get("id")
    if reply.status not in (200, 201) or not isinstance(number, str):
        raise refusal("notice.away", reason="; ".join(reasons_of(value)) or f"状態{reply.status}")
    return submit(row, Way.EXCHANGE, f"保健所 {receiver}", receipt=number[:64])


def last_receiver() -> str:
    """前回の送信先 — the number of the 保健所, empty when nothing was sent yet."""
    last = Submission.objects.filter(way=Way.EXCHANGE, is_done=True).order_by("-made_at").first()
    return last.words.removeprefix("保健所 ") if last else ""


def _read(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
