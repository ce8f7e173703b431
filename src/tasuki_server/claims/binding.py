# SPDX-License-Identifier: Apache-2.0
"""返戻の結付け — a return that matched no receipt, bound to one by a person who says why.

The row that came stays as it is; a second one, bound, stands for it from then on, and the ledger takes off what the
payer will not pay.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.kana import search_key
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.claims.closing import month_lock
from tasuki_server.claims.models import ReturnedClaim, SentClaim, StepKind
from tasuki_server.claims.results import enter_return
from tasuki_server.claims.sending import state_of
from tasuki_server.institutions.work import current_work
from tasuki_server.privacy.masking import hidden_patients

MOST = 50
_THERE = frozenset({StepKind.ACCEPTED, StepKind.EXAMINED, StepKind.PAID})
register(
    {
        "claims.bind.no_reason": "このレセプトだと判断した理由を書いてください。",
        "claims.bind.already": "この返戻は、既にレセプトに結び付いています。",
        "claims.bind.other_payer": "返戻は{returned}から、レセプトは{sent}に請求したものです。請求先の同じレセプトを選んでください。",
        "claims.bind.other_month": "返戻は{returned}診療分、レセプトは{sent}診療分です。診療月の同じレセプトを選んでください。",
        "claims.bind.not_there": "このレセプトは返戻を受ける状態ではありません（{state}）。",
        "claims.bind.returned": "このレセプトには、既に別の返戻が結び付いています。",
    }
)
_CODES = {
    "claims.bind.no_reason": "CLM-0024",
    "claims.bind.already": "CLM-0025",
    "claims.bind.other_payer": "CLM-0026",
    "claims.bind.other_month": "CLM-0027",
    "claims.bind.not_there": "CLM-0028",
    "claims.bind.returned": "CLM-0029",
}


def is_unbound(returned: ReturnedClaim) -> bool:
    """結び付いていないか — no receipt was found for it and nobody chose one."""
    return returned.sent_id is None and not returned.bound.exists()


def candidates(returned: ReturnedClaim, text: str) -> list[dict[str, Any]]:
    """結付けの候補 — receipts sent to the same payer for the same month that may come back, the likeliest first.

    ``text`` searches by patient number, name, kana or points; without it the whole month is offered.
    """
    rows = SentClaim.objects.filter(submission__payer=returned.file.payer, returns=None)
    if returned.month is not None:
        rows = rows.filter(month=returned.month)
    rows = rows.select_related("submission", "patient", "claim").defer("submission__data", "claim__records")
    wanted = text.strip()
    if wanted.isdecimal():
        rows = rows.filter(Q(patient__number=int(wanted[:9])) | Q(points=int(wanted[:9])))
    elif wanted:
        key = search_key(wanted)
        rows = rows.filter(Q(patient__name_key__contains=key) | Q(patient__kana_key__contains=key))
        rows = rows.exclude(patient__in=hidden_patients())
    found = []
    for each in rows.order_by("-submission__claim_month", "number")[: MOST * 4]:
        state = state_of(each.submission)
        if state in _THERE:
            found.append({"sent": each, "state": state, "signs": _signs(returned, each)})
    found.sort(key=lambda row: -len(row["signs"]))
    return found[:MOST]


def bind_return(returned: ReturnedClaim, sent: SentClaim, why: str) -> ReturnedClaim:
    """返戻の結付け — raises ``BadInput`` without a reason, or for a receipt of another payer or month or not with the payer."""
    month_lock(returned.file.claim_month, is_shared=False)
    if not why.strip():
        raise _refusal("claims.bind.no_reason")
    if not is_unbound(returned):
        raise _refusal("claims.bind.already")
    if sent.submission.payer != returned.file.payer:
        raise _refusal(
            "claims.bind.other_payer",
            returned=returned.file.payer_label,
            sent=sent.submission.payer_label,
        )
    if returned.month is not None and sent.month != returned.month:
        raise _refusal(
            "claims.bind.other_month", returned=f"{returned.month:%Y-%m}", sent=f"{sent.month:%Y-%m}"
        )
    state = state_of(sent.submission)
    if state not in _THERE:
        raise _refusal("claims.bind.not_there", state=StepKind(state).label)
    if sent.returns.exists():
        raise _refusal("claims.bind.returned")
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    row = ReturnedClaim(
        file=returned.file, sent=sent, patient_id=sent.patient_id, month=sent.month,
        patient_name=returned.patient_name, search_number=returned.search_number, kind=returned.kind,
        reasons=returned.reasons, records=returned.records, history=bytes(returned.history),
        corrects=returned, why=why.strip()[:200], made_by_id=staff_id,
    )  # fmt: skip
    enter_return(row)
    record("claims.bind", row, row.patient_id, {"sent": str(sent.id)})
    emit("claims.bound", {"returned": str(row.id)})
    return row


def _signs(returned: ReturnedClaim, sent: SentClaim) -> list[str]:
    """What speaks for a receipt, in words."""
    header = next((each for each in returned.records if each and each[0] == "RE"), [])
    payer = next((each for each in returned.records if each and each[0] in ("HO", "KO")), [])
    found = []
    if _plain(returned.patient_name) == _plain(sent.patient.name):
        found.append("氏名")
    if len(header) > 6 and header[6] == f"{sent.patient.born:%Y%m%d}":
        found.append("生年月日")
    if len(payer) > 5 and payer[5] == str(sent.points):
        found.append("点数")
    if len(header) > 1 and header[1] == str(sent.number):
        found.append("レセプト番号")
    return found


def _plain(text: str) -> str:
    return "".join(text.split())


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
