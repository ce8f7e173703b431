# SPDX-License-Identifier: Apache-2.0
"""診療月の締め — after it no bill of the month changes until someone opens it again and says why."""

from __future__ import annotations

from datetime import date

from django.db import connection

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.claims.models import ClaimBuild, MonthClosing
from tasuki_server.institutions.work import current_institution_id, current_work

register(
    {
        "claims.close.not_built": "レセプトを作成してから締めてください。",
        "claims.close.differs": "請求と会計が合っていないため締められません。差異を直して作成し直してください。",
        "claims.close.outdated": "レセプトを作成した後に会計が変わっています。作成し直してから締めてください。",
        "claims.close.already": "この診療月の締めの状態は、ほかの人が先に変えています。",
        "claims.close.no_reason": "締めを解く理由を書いてください。",
        "claims.close.changed": "レセプトを作成した後に変わった患者がいます（患者番号 {numbers}）。作成し直すと、変わった患者だけを点検し直します。",
        "claims.close.cards": "保険・公費が会計の後に変わった会計が{count}件あります。会計を直すか、確かめた印を付けてから締めてください。",
    }
)
_CODES = {
    "claims.close.not_built": "CLM-0001",
    "claims.close.differs": "CLM-0002",
    "claims.close.outdated": "CLM-0003",
    "claims.close.already": "CLM-0004",
    "claims.close.no_reason": "CLM-0005",
    "claims.close.changed": "CLM-0021",
    "claims.close.cards": "CLM-0022",
}
MOST_NUMBERS = 10


def month_lock(day: date, *, is_shared: bool) -> None:
    """診療月の順番待ち — bills of a month are settled side by side, its closing alone; until the commit."""
    function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(hashtextextended(%s, 0))", [f"month:{current_institution_id()}:{day:%Y-%m}"]
        )


def closing_of(day: date) -> MonthClosing | None:
    """締めの状態 — the newest entry of the month of a day, None when it was never closed."""
    rows = MonthClosing.objects.filter(month=day.replace(day=1)).select_related("made_by")
    return rows.order_by("-number").first()


def is_closed(day: date) -> bool:
    """締め済みか — whether the month of a day is closed now."""
    newest = closing_of(day)
    return newest is not None and newest.is_closed


def close_service_month(build: ClaimBuild, *, is_despite_cards: bool = False) -> MonthClosing:
    """診療月の締め — on a making that is the newest, agrees with the ledger, and would be the same made now.

    Raises ``BadInput`` otherwise, and when a card was changed after its bill unless a person looked at it
    (``is_despite_cards``): the receipt bears the card of the bill.
    """
    from tasuki_server.claims.changed import bills_to_recalculate, changed_patients
    from tasuki_server.claims.making import is_outdated, newest_build

    month_lock(build.month, is_shared=False)
    newest = newest_build(build.month)
    if newest is None or newest.id != build.id or is_outdated(build):
        raise _refusal("claims.close.outdated")
    if build.differences:
        raise _refusal("claims.close.differs")
    before = closing_of(build.month)
    if before is not None and before.is_closed:
        raise _refusal("claims.close.already")
    changed = changed_patients(build)
    if changed:
        numbers = sorted(each.number for each in changed)
        shown = "、".join(str(each) for each in numbers[:MOST_NUMBERS])
        rest = f" ほか{len(numbers) - MOST_NUMBERS}人" if len(numbers) > MOST_NUMBERS else ""
        raise _refusal("claims.close.changed", numbers=shown + rest)
    stale = 0 if is_despite_cards else bills_to_recalculate(build)
    if stale:
        raise _refusal("claims.close.cards", count=stale)
    made = _write(build.month, before, is_closed=True, build=build, reason="")
    record("claims.close", made, detail={"month": f"{build.month:%Y-%m}", "build": build.number})
    emit("claims.closed", {"month": f"{build.month:%Y-%m}", "build": str(build.id)})
    return made


def reopen_month(month: date, reason: str) -> MonthClosing:
    """締めの解除 — with its reason; raises ``BadInput`` without one, or when the month is open."""
    if not reason.strip():
        raise _refusal("claims.close.no_reason")
    month_lock(month, is_shared=False)
    before = closing_of(month)
    if before is None or not before.is_closed:
        raise _refusal("claims.close.already")
    made = _write(before.month, before, is_closed=False, build=before.build, reason=reason.strip()[:200])
    record("claims.reopen", made, detail={"month": f"{month:%Y-%m}"})
    emit("claims.reopened", {"month": f"{month:%Y-%m}"})
    return made


def not_built() -> BadInput:
    """未作成の拒否 — there is nothing to close yet."""
    return _refusal("claims.close.not_built")


def _write(
    month: date, before: MonthClosing | None, *, is_closed: bool, build: ClaimBuild | None, reason: str
) -> MonthClosing:
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    return MonthClosing.objects.create(
        month=month,
        number=before.number + 1 if before else 1,
        is_closed=is_closed,
        build=build,
        reason=reason,
        made_by_id=staff_id,
        made_at=current_work().at,
    )


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
