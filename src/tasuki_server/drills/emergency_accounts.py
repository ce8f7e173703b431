# SPDX-License-Identifier: Apache-2.0
"""非常時アカウントの訓練 — in by two envelopes, two people and a second factor, and by nothing less; out by the clock, for good."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from tasuki_server.drills.people import LOGIN, NEXT_STEP, a_browser, forget_limits

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

    from tasuki_server.continuity.emergency_accounts import Envelopes
    from tasuki_server.drills.authz_ground import Clinic
    from tasuki_server.drills.breakglass import Tally

OPEN = "/continuity/emergency/open/"
HOURS = 8
# What care needs, and what it does not: asked of the account while it is open.
CARE = ("/", "/reception/", "/patients/")
CLOSED = (
    "/staff/", "/audit/", "/claims/", "/watch/", "/office/", "/backups/", "/facility/", "/connections/",
    "/privacy/marks/", "/privacy/emergencies/", "/continuity/emergency/", "/patients/new/", "/maintenance/",
)  # fmt: skip


class Sealed(NamedTuple):
    """封をしたアカウント — its row and what is in the two envelopes."""

    account_id: UUID
    envelopes: Envelopes

    def given(self, **changed: str) -> dict[str, str]:
        """窓口に入れるもの — as two people copy it from their sheets."""
        return {
            "username": self.envelopes.username, "code_a": self.envelopes.code_a, "code_b": self.envelopes.code_b,
            "by_a": "訓練 一郎", "by_b": "訓練 二子", "words": "訓練のために開ける", **changed,
        }  # fmt: skip


def sealed_account(institution_id: UUID, by: Any) -> Sealed:
    """封をする — a new account, by an administrator."""
    from tasuki_server.continuity.emergency_accounts import seal_account
    from tasuki_server.continuity.models import EmergencyAccount
    from tasuki_server.institutions.work import Actor, as_institution

    with as_institution(institution_id, Actor(by.name, by.id)):
        envelopes = seal_account(None, "訓練の金庫", "訓練の棚", by)
        newest = EmergencyAccount.objects.filter(sealed_at__isnull=False).latest("sealed_at")
        return Sealed(newest.id, envelopes)


def opened_by_hand(clinic: Clinic) -> None:
    """開いた非常時アカウント — of the person with the role, as if both envelopes had just been brought."""
    from django.utils import timezone

    from tasuki_server.continuity.models import EmergencyAccount, EmergencyOpening

    now = timezone.now()
    with clinic.work("admin"):
        account = EmergencyAccount.objects.create(number=9, staff=clinic.staff["emergency"])
        EmergencyOpening.objects.create(
            account=account, by_a="訓練 一郎", by_b="訓練 二子", words="訓練", opened_at=now,
            until=now + timedelta(hours=HOURS), review_due_on=timezone.localdate(now),
        )  # fmt: skip


def sign_in(envelopes: Envelopes, *, with_code: bool = True) -> Client:
    """サインイン — with the password of one envelope and, unless it is left out, the app of the other."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    forget_limits()
    browser = a_browser()
    browser.post(LOGIN, {"login": envelopes.username, "password": envelopes.password})
    if with_code:
        code = format_hotp_value(hotp_value(envelopes.secret, int(time.time()) // 30))
        browser.post(NEXT_STEP, {"code": code})
    return browser


def walk(clinic: Clinic, tally: Tally) -> None:
    """非常時アカウントを歩く — every way in that must be shut, the one that opens, what is open then, and the end."""
    from django.utils import timezone

    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.continuity.emergency_accounts import close_due
    from tasuki_server.continuity.models import EmergencyOpening

    sealed = sealed_account(clinic.id, clinic.staff["admin"])
    tally.expect(not _is_inside(sign_in(sealed.envelopes)), "非常時: 封のままサインインできた")
    for name, wrong in _WRONG.items():
        forget_limits()
        answer = a_browser().post(OPEN, sealed.given(**wrong))
        tally.expect(answer.status_code == 422, f"非常時: {name}で開いた")
    swapped = sealed.given(code_a=sealed.envelopes.code_b, code_b=sealed.envelopes.code_a)
    tally.expect(a_browser().post(OPEN, swapped).status_code == 422, "非常時: 逆のコードで開いた")
    forget_limits()
    tally.expect(a_browser().post(OPEN, sealed.given()).status_code == 302, "非常時: 開かない")
    tally.expect(a_browser().post(OPEN, sealed.given()).status_code == 422, "非常時: 二度開いた")
    tally.expect(not _is_inside(sign_in(sealed.envelopes, with_code=False)), "非常時: パスワードだけで入れた")
    browser = sign_in(sealed.envelopes)
    tally.expect(_is_inside(browser), "非常時: 入れない")
    for path in CARE:
        tally.expect(browser.get(path).status_code == 200, f"非常時: {path} が開かない")
    for path in CLOSED:
        tally.expect(browser.get(path).status_code == 403, f"非常時: {path} が開いた")
    for role in ("doctor", "admin"):
        shown = clinic.browsers[role].get("/").content.decode()
        tally.expect("使用中の非常時アカウント" in shown, f"非常時: {role} に知らされない")
    with clinic.work():
        opening = EmergencyOpening.objects.get(account_id=sealed.account_id)
        acts = AuditEvent.objects.filter(staff_id=opening.account.staff_id, at__gte=opening.opened_at)
        marked = acts.filter(detail__emergency_account=str(opening.id))
        tally.expect(acts.exists() and marked.count() == acts.count(), "非常時: 印のない操作がある")
    page, said = (
        f"/continuity/emergency/openings/{opening.id}/",
        {"justified": "yes", "words": "訓練として妥当"},
    )
    tally.expect(clinic.browsers["doctor"].post(page, said).status_code == 422, "非常時: 使用中に確認できた")
    with _later(HOURS * 60 - 1):
        tally.expect(_is_inside(browser), "非常時: 時間の前に終わった")
    is_closed(browser, tally)
    with clinic.work():
        close_due(timezone.now() + timedelta(hours=HOURS, minutes=1))
    tally.expect(not _is_inside(browser), "非常時: 終えてもセッションが残る")
    tally.expect(not _is_inside(sign_in(sealed.envelopes)), "非常時: 終えても資格情報が使える")
    forget_limits()
    tally.expect(a_browser().post(OPEN, sealed.given()).status_code == 422, "非常時: 終えた後に開いた")
    tally.expect(clinic.browsers["doctor"].post(page, said).status_code == 302, "非常時: 確認できない")
    tally.counts["reviewed"] += 1


def is_closed(browser: Client, tally: Tally) -> None:
    """時間の終わり — a minute after the last hour nothing opens."""
    with _later(HOURS * 60 + 1):
        tally.expect(not _is_inside(browser), f"非常時: {HOURS}時間を過ぎても開いている")


def without_end(clinic: Clinic, tally: Tally) -> None:
    """対照 — the clock is not asked: that the account stays open must be seen."""
    from tasuki_server.continuity import emergency_accounts
    from tasuki_server.continuity.models import EmergencyOpening

    sealed = sealed_account(clinic.id, clinic.staff["admin"])
    forget_limits()
    a_browser().post(OPEN, sealed.given())

    def lax(staff_id: UUID, _moment: Any) -> EmergencyOpening | None:
        return EmergencyOpening.objects.select_related("account").filter(account__staff_id=staff_id).first()

    with mock.patch.object(emergency_accounts, "open_now", lax):
        is_closed(sign_in(sealed.envelopes), tally)


_WRONG = {
    "一つの封筒（A）": {"code_b": ""},
    "一つの封筒（B）": {"code_a": ""},
    "一人": {"by_b": "訓練　一郎"},
    "名のない人": {"by_a": ""},
    "理由なし": {"words": ""},
    "違う利用者名": {"username": "emergency-0-9"},
}


def _is_inside(browser: Client) -> bool:
    return bool(browser.get("/").status_code == 200)


@contextmanager
def _later(minutes: int) -> Iterator[None]:
    """The clock by which a request is done."""
    from django.utils import timezone

    shifted = timezone.now() + timedelta(minutes=minutes)
    with mock.patch("tasuki_server.institutions.work.timezone.now", lambda: shifted):
        yield
