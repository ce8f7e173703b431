# SPDX-License-Identifier: Apache-2.0
"""非常時アカウント — shut in two envelopes, opened by two people, ended by the clock, reviewed whole, and never opened twice.

For the hour in which nobody can sign in. One envelope holds the password and a code, the other the key of an authenticator app
and another code: neither opens anything alone, and the second factor is asked as of everyone. Opening tells everybody
responsible at once; afterwards the credentials are worthless and new envelopes are needed.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 11①（非常時のユーザアカウントと機能の手順、正常復帰後に使えないこと）
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tasuki.security.permissions import Role
from tasuki_server.accounts.app_permits import end_access_of
from tasuki_server.accounts.back_off import Door, give_back, source_budget_of, take_try
from tasuki_server.accounts.enrolment import ALPHABET
from tasuki_server.accounts.models import User, Why
from tasuki_server.accounts.staff_changes import new_password
from tasuki_server.audit.models import AuditEvent
from tasuki_server.audit.trail import emit, record
from tasuki_server.continuity.models import (
    EmergencyAccount,
    EmergencyOpening,
    EmergencyOpeningEnd,
    EmergencyOpeningReview,
)
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.opening import add_staff, system_actor
from tasuki_server.institutions.work import as_institution, current_institution_id
from tasuki_server.shell.waiting import Waiting, due_by

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

LONGEST = timedelta(hours=8)
# 確認期限と口座の数: our choice.
REVIEW_DAYS = 3
MOST = 5
CODE_LENGTH = 16
SHORTEST_WORDS = 4


class NotNow(ValueError):
    """できない操作 — its text is the Japanese sentence to show."""


class Envelopes(NamedTuple):
    """二つの封筒の中身 — shown once and kept nowhere."""

    username: str
    code_a: str
    password: str
    code_b: str
    secret: str


def seal_account(account: EmergencyAccount | None, kept_a: str, kept_b: str, by: Staff) -> Envelopes:
    """封をする — a new account, or one whose envelopes were used or lost: everything in them is new. Raises :class:`NotNow`."""
    from allauth.mfa.totp.internal.auth import generate_totp_secret

    if not kept_a.strip() or not kept_b.strip() or kept_a.strip() == kept_b.strip():
        raise NotNow("二つの封筒を預かる人（場所）を、別々に書いてください。")
    if account is not None and open_now(account.staff_id, timezone.now()) is not None:
        raise NotNow("使用中です。終えてから、新しい封筒を作ってください。")
    account = account or _new_account()
    user = User.objects.get(pk=account.staff.user_id)
    envelopes = Envelopes(user.username, _code(), new_password(), _code(), generate_totp_secret())
    _make_worthless(user)
    user.set_password(envelopes.password)
    user.save(update_fields=["password"])
    _give_factor(user, envelopes.secret)
    account.code_a, account.code_b = (
        make_password(_plain(envelopes.code_a)),
        make_password(_plain(envelopes.code_b)),
    )
    account.kept_a, account.kept_b = kept_a.strip()[:80], kept_b.strip()[:80]
    account.sealed_at, account.sealed_by = timezone.now(), by
    account.save()
    record("emergency_account.seal", account, detail={"number": account.number})
    return envelopes


def _new_account() -> EmergencyAccount:
    number = EmergencyAccount.objects.count() + 1
    if number > MOST:
        raise NotNow(f"非常時アカウントは {MOST} つまでです。")
    institution = Institution.objects.get(pk=current_institution_id())
    user = User(
        username=f"emergency-{institution.code}-{number}", institution_id=institution.pk, is_active=False
    )
    user.set_unusable_password()
    user.save()
    staff = add_staff(f"非常時アカウント{number}", "ヒジョウジ", [Role.EMERGENCY], user_id=user.pk)
    return EmergencyAccount.objects.create(number=number, staff=staff)


def _give_factor(user: User, secret: str) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(user, secret)


def _make_worthless(user: User) -> None:
    """Password, factors, sessions and permits for apps of an account that must not be used (any more)."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user_id=user.pk).delete()
    end_access_of(user, Why.DISABLED)
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])


def _code() -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(code[place : place + 4] for place in range(0, CODE_LENGTH, 4))


def _plain(code: str) -> str:
    return "".join(each for each in code.upper() if each.isalnum())


class Given(NamedTuple):
    """封筒から写したもの — what two people type, and who they are."""

    username: str
    code_a: str
    code_b: str
    by_a: str
    by_b: str
    words: str


def open_account(request: HttpRequest, given: Given) -> EmergencyOpening:
    """開封 — both codes at once, in a transaction of its own; raises :class:`NotNow`, which never tells which code was wrong."""
    if not given.by_a.strip() or not given.by_b.strip() or given.by_a.split() == given.by_b.split():
        raise NotNow("封筒を開けた二人の氏名を、別々に書いてください。")
    if len(given.words.strip()) < SHORTEST_WORDS:
        raise NotNow("何のために開けるのかを、言葉で書いてください。")
    user = User.objects.filter(username__iexact=given.username.strip()).first()
    # Of the source alone: the names are known, and whoever is in the house already must not keep the envelopes shut.
    budget = source_budget_of(request, Door.ENVELOPE)
    if not take_try(budget):
        raise NotNow("続けて間違えたため、しばらく待ってから、もう一度入れてください。")
    opening = None
    if user is not None:
        with as_institution(user.institution_id, system_actor(user.institution_id)):
            opening = _opened(user, given)
    if opening is None:
        raise NotNow("利用者名かコードが違うか、すでに開けられた封筒です。")
    give_back(budget)
    return opening


def _opened(user: User, given: Given) -> EmergencyOpening | None:
    account = EmergencyAccount.objects.select_for_update(of=("self",)).filter(staff__user_id=user.pk).first()
    if account is None:
        return None
    right = [
        bool(kept) and check_password(_plain(typed), kept)
        for kept, typed in ((account.code_a, given.code_a), (account.code_b, given.code_b))
    ]
    if not all(right):
        record("emergency_account.refused", account, detail={"number": account.number})
        return None
    now = timezone.now()
    opening = EmergencyOpening.objects.create(
        account=account, by_a=given.by_a.strip()[:60], by_b=given.by_b.strip()[:60], words=given.words.strip()[:400],
        opened_at=now, until=now + LONGEST, review_due_on=timezone.localdate(now) + timedelta(days=REVIEW_DAYS),
    )  # fmt: skip
    # Each envelope serves once.
    account.code_a = account.code_b = ""
    account.save(update_fields=["code_a", "code_b"])
    record("emergency_account.open", opening, detail={"number": account.number})
    _tell_everyone(opening)
    User.objects.filter(pk=user.pk).update(is_active=True)
    return opening


def _tell_everyone(opening: EmergencyOpening) -> None:
    """At once: an incident for the watch, the first page of who reviews, and the outbox."""
    from tasuki_server.watch.incident_models import IncidentKind
    from tasuki_server.watch.incidents import open_incident

    day = timezone.localdate(opening.opened_at)
    open_incident(
        f"非常時アカウント{opening.account.number}の開封",
        IncidentKind.FAULT,
        opening.opened_at,
        day,
        is_draft=True,
    )
    emit("emergency_account.opened", {"opening": str(opening.id), "due": str(opening.review_due_on)})


def open_now(staff_id: UUID, moment: datetime) -> EmergencyOpening | None:
    """開いている開封 — by the clock, and not ended before."""
    return (
        EmergencyOpening.objects.select_related("account")
        .filter(account__staff_id=staff_id, until__gt=moment, end__isnull=True)
        .first()
    )


def end_opening(opening: EmergencyOpening, by: Staff | None) -> None:
    """終了 — by a person, or by the clock; password, factor and sessions are worthless from then on."""
    _, is_new = EmergencyOpeningEnd.objects.get_or_create(opening=opening, defaults={"made_by": by})
    user = User.objects.filter(pk=opening.account.staff.user_id).first()
    if user is not None:
        _make_worthless(user)
    if is_new:
        record("emergency_account.end", opening, detail={"by_clock": by is None})


def close_due(moment: datetime) -> int:
    """時間の来た開封の終了 — inside a transaction of the institution; answers how many."""
    due = list(
        EmergencyOpening.objects.select_related("account__staff").filter(until__lte=moment, end__isnull=True)
    )
    for each in due:
        end_opening(each, None)
    return len(due)


def make_all_worthless() -> int:
    """すべての封を無効に — after an attack the hashes may have been read: new envelopes are needed; answers how many."""
    accounts = list(EmergencyAccount.objects.select_related("staff"))
    for each in EmergencyOpening.objects.select_related("account__staff").filter(end__isnull=True):
        end_opening(each, None)
    for account in accounts:
        account.code_a = account.code_b = ""
        account.save(update_fields=["code_a", "code_b"])
        user = User.objects.filter(pk=account.staff.user_id).first()
        if user is not None:
            _make_worthless(user)
    return len(accounts)


def review_opening(
    opening: EmergencyOpening, by: Staff, *, is_justified: bool | None, words: str
) -> EmergencyOpeningReview:
    """確認 — after its end, in words, once, and not by the account itself. Raises :class:`NotNow`."""
    if opening.account.staff_id == by.id:
        raise NotNow("非常時アカウントでは確認できません。自分のアカウントでサインインしてください。")
    if opening.until > timezone.now() and not hasattr(opening, "end"):
        raise NotNow("まだ使用中です。終えてから確認してください。")
    if is_justified is None:
        raise NotNow("適切か不適切かを選んでください。")
    if len(words.strip()) < SHORTEST_WORDS:
        raise NotNow("どう判断したかを書いてください。")
    try:
        with transaction.atomic(using="default"):
            review = EmergencyOpeningReview.objects.create(
                opening=opening, is_justified=is_justified, words=words.strip()[:400], made_by=by
            )
    except IntegrityError as again:
        raise NotNow("すでに確認されています。") from again
    record("emergency_account.review", opening, detail={"justified": is_justified})
    return review


def acts_in(opening: EmergencyOpening) -> Any:
    """開封中の行為 — every event of the account from its opening to its end."""
    ended = opening.end.made_at if hasattr(opening, "end") else opening.until
    acts = AuditEvent.objects.filter(
        staff_id=opening.account.staff_id, at__gte=opening.opened_at, at__lte=ended
    )
    return acts.order_by("number")


def waiting_openings(_staff: Staff) -> list[Waiting]:
    """確認待ちの件数 — for the first page of who reviews; one that is open now is urgent."""
    rows = list(
        EmergencyOpening.objects.filter(review__isnull=True).values_list("review_due_on", "until", "end__id")
    )
    page, now = reverse("continuity:accounts"), timezone.now()
    in_use = sum(until > now and end is None for _, until, end in rows)
    waiting = due_by("確認待ちの非常時アカウント", [due for due, _, _ in rows], page, timezone.localdate(now))
    return [
        Waiting("使用中の非常時アカウント", in_use, page, in_use, urgent_label="使用中"),
        waiting,
    ]


def waiting_seals(_staff: Staff) -> list[Waiting]:
    """封のない非常時アカウント — for who makes the envelopes."""
    bare = EmergencyAccount.objects.filter(code_a="").count()
    return [Waiting("封のない非常時アカウント", bare, reverse("continuity:accounts"))]
