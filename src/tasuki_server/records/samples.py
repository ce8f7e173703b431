# SPDX-License-Identifier: Apache-2.0
"""電文の見本 — of made-up people, written by the same structures as the real ones.

The Bundles themselves are built by :mod:`tasuki.sharing.build`; what stands around them is shown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from tasuki.sharing.permission import RecordKind
from tasuki.sharing.permission.reasons import JAPAN
from tasuki_server.records import messages as m

_AT = datetime(2026, 11, 30, 9, 0, tzinfo=JAPAN)
_SENDER, _RECEIVER, _CENTER = "1319990010", "1319990028", "1379990010"
_INSURED = m.Insured("00138057:12:187:05")
_DOCUMENT = "019d0000-0000-7000-8000-000000000001"
_BUNDLE = msgspec.Raw(b'{"resourceType":"Bundle","type":"document"}')


def samples() -> Mapping[str, bytes]:
    """電文の見本 — by file name."""
    told = m.DocumentTold(
        id=_DOCUMENT,
        kind=RecordKind.REFERRAL.value,
        number=f"{_SENDER}^2026^L-1",
        state="readable",
        sender=_SENDER,
        sender_name="架空医院",
        receiver=_RECEIVER,
        receiver_name="仮想病院",
        sent_at=_AT,
        changed_at=_AT,
        consent="oral",
        reason="2026年11月30日 9:00に紹介元で、この診療情報提供書を紹介先が読むことに口頭で同意しています。",
    )
    period = m.Grant(
        (_INSURED,), _RECEIVER, (RecordKind.CONDITION, RecordKind.ALLERGY), _AT, _AT + timedelta(days=30)
    )
    made: dict[str, Any] = {
        "receivers_request": m.ReceiverQuestion((_RECEIVER,)),
        "receivers_answer": m.ReceiverAnswer((m.Receiver(_RECEIVER, "仮想病院", True),)),
        "documents_request": m.Sending(_RECEIVER, "oral", _BUNDLE, (m.Attachment("検査.pdf", b"%PDF-1.7"),)),
        "documents_answer": told,
        "documents_list": m.DocumentList((told,)),
        "views_request_reader": m.Viewing(_INSURED, "reader"),
        "views_request_emergency": m.Viewing(
            _INSURED, "emergency", (), "意識のない状態で搬送され、本人に確かめられない。"
        ),
        "informations_answer": m.InformationAnswer(f"{_SENDER}^2026^C-1", "Condition", 3, 0, 0, False),
        "notifications_request": m.Notification(
            _CENTER, msgspec.Raw(b'{"resourceType":"QuestionnaireResponse","status":"completed"}')
        ),
        "person_permissions_request": period,
        "person_codes_request": m.CodeQuestion(_INSURED, date(1970, 1, 1), "own", "運転免許証"),
        "person_codes_answer": m.CodeTold("ABCD-EFGH-2345-6789", _AT + timedelta(days=7)),
        "person_withdrawals_request": m.Withdrawal((_INSURED,), _RECEIVER, (), "", "受診を終えた"),
    }
    return {f"records_{name}.json": msgspec.json.encode(each) for name, each in made.items()}
