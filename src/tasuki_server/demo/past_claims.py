# SPDX-License-Identifier: Apache-2.0
"""架空の過去の請求 — two earlier months, closed, sent to the built-in service, partly returned and cut, and paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from tasuki.security.permissions import Role
from tasuki_server.accounts.models import User
from tasuki_server.claims.carriers import HOUSE
from tasuki_server.claims.closing import close_service_month
from tasuki_server.claims.decisions import accept_finding, finding_mark, standing_in
from tasuki_server.claims.making import make_claims
from tasuki_server.claims.models import PAYER_LABELS, ClaimBuild
from tasuki_server.claims.reclaim import Reclaim, prepare_reclaim
from tasuki_server.claims.results import fetch_results
from tasuki_server.claims.sending import (
    deliver,
    make_reclaim_submission,
    make_submission,
    open_returns,
    plan_sending,
)
from tasuki_server.demo.clinics import PASSWORD, DemoClinic, demo_secret
from tasuki_server.demo.people import MadeUpPerson, make_people
from tasuki_server.demo.schedule import make_schedule
from tasuki_server.institutions.opening import add_staff, open_institution, system_actor
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.platform.opening import add_operator as add_platform_operator
from tasuki_server.receiving.examine import examine_month
from tasuki_server.receiving.opening import add_operator

if TYPE_CHECKING:
    from tasuki_server.demo.living import Cast

# People who came in the earlier months only, so that last month is the same with or without them.
PAST_PEOPLE = 14
SCENARIO = "one_of_each"
DESK = DemoClinic("receiving", "9990036", "13", "審査支払機関（試行環境）", "")
EXAMINER = ("examiner", "審査 ひとみ", "シンサ ヒトミ")


def live_past_months(cast: Cast, last_month: date) -> tuple[MadeUpPerson, ...]:
    """過去の請求 — of the two months before last month; the newest return waits for someone to mend it. Gives who came."""
    older, newer = _shift(last_month, -2), _shift(last_month, -1)
    people = make_people(PAST_PEOPLE, older, seed=21)
    first = len(cast.patients)
    cast.register(people, date(older.year - 1, 4, 1))
    for place, month in enumerate((older, newer)):
        comings = make_schedule(people, month.year, month.month, seed=31 + place)
        moved = [replace(coming, person=coming.person + first) for coming in comings]
        cast.live(moved, len(moved), _silent)
        _claim(cast, month)
    _fetch(cast)
    return people


def open_receiving_desk() -> None:
    """審査支払機関（試行環境）の開設 — a place of its own for its operator, who belongs to no clinic."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    username, name, kana = EXAMINER
    user = User.objects.filter(username=username).first()
    if user is None:
        open_institution(DESK.id, code=DESK.code, prefecture=DESK.prefecture, name=DESK.name, is_demo=True)
        user = User.objects.create_user(username, PASSWORD, institution_id=DESK.id, is_demo=True)
        with as_institution(DESK.id, system_actor(DESK.id)):
            add_staff(name, kana, [Role.EXAMINER], user_id=user.pk)
    if not Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, demo_secret(username))
    add_operator(user.pk, name)
    # The same person keeps the desk of the national services.
    add_platform_operator(user.pk, name)


def _claim(cast: Cast, month: date) -> None:
    """Closed and sent in the month after; what came back before and can go again goes too."""
    claim_month = _shift(month, 1)
    with cast.work("clerk"):  # type: ignore[attr-defined]
        build = make_claims(month)
        _accept(build)
    with cast.work("clerk"):  # type: ignore[attr-defined]
        close_service_month(build)
    with cast.work("clerk"):  # type: ignore[attr-defined]
        made = [make_submission(claim_month, payer, HOUSE).id for payer in _payers(claim_month)]
        ready = [each for each in _ready(claim_month) if isinstance(each, Reclaim)]
        for payer in PAYER_LABELS:
            mine = [each for each in ready if each.claim.payer == payer]
            if mine:
                made.append(make_reclaim_submission(claim_month, payer, HOUSE, mine).id)
    actor = _clerk(cast)
    for each in made:
        deliver(cast.clinic.id, actor, each)
    _fetch(cast)
    for payer in PAYER_LABELS:
        examine_month(payer, claim_month, scenario=SCENARIO, by=EXAMINER[1])
    _fetch(cast)


def _accept(build: ClaimBuild) -> None:
    standing = standing_in(build.month)
    for claim in build.claims.select_related("build"):
        for each in standing.open_confirms(claim):
            accept_finding(claim, each["code"], finding_mark(each), "原本で確認済み", build.month)


def _payers(claim_month: date) -> list[str]:
    return [plan.payer for plan in plan_sending(claim_month) if plan.going]


def _ready(claim_month: date) -> list[object]:
    return [prepare_reclaim(each, claim_month) for each in open_returns()]


def _fetch(cast: Cast) -> None:
    fetch_results(cast.clinic.id, _clerk(cast), HOUSE)


def _clerk(cast: Cast) -> Actor:
    member = cast.staff["clerk"]
    return Actor(member.name, member.id)


def _shift(month: date, count: int) -> date:
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)


def _silent(_done: int, _total: int) -> None:
    """No progress shown."""
