# SPDX-License-Identifier: Apache-2.0
"""緊急閲覧の訓練 — every way into a closed chart and out again: two steps, one patient, one hour, one review by another.

Also the account for emergencies (:mod:`.emergency_accounts`). The controls take the end of the hour and of the account away;
what then stays open must be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from tasuki_server.drills.authz_ground import Clinic, make_ground, path_of, situations
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.emergency_accounts import walk, without_end
from tasuki_server.drills.ground import training_ground

ROLES = ("reception", "doctor", "nurse", "clerk")
# Where each role meets a closed record.
DOORS = {
    "reception": "patients:patient",
    "doctor": "chart:visit",
    "nurse": "chart:versions",
    "clerk": "billing:visit",
}
STATES = ("sealed", "no_relation")
ROUNDS = {Tier.PUSH: 1, Tier.LONG: 40}


class Tally:
    """集計 — what was tried and what was not as it must be."""

    def __init__(self) -> None:
        self.counts = {"paths": 0, "opened": 0, "reviewed": 0}
        self.faults: list[str] = []

    def expect(self, holds: object, said: str) -> None:
        """確かめ — one expectation."""
        self.counts["paths"] += 1
        if not holds:
            self.faults.append(said)


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """緊急閲覧の訓練 — for every role and closed state; then without the end of the hour."""
    import logging

    with training_ground():
        logging.getLogger("django.request").setLevel(logging.CRITICAL)
        clinic = make_ground(1, 2)[0]
        tally = Tally()
        for _ in range(ROUNDS[tier]):
            for state in STATES:
                for role in ROLES:
                    if state == "sealed" or DOORS[role].startswith("chart:"):
                        _walk(clinic, state, role, tally)
            _reviewed(clinic, tally)
        _refused(clinic, tally)
        walk(clinic, tally)
        tell(f"{tally.counts['opened']} opened")
        no_end, by_own_hand, no_clock = Tally(), Tally(), Tally()
        with _no_expiry():
            _walk(clinic, "sealed", "doctor", no_end)
        with _own_review():
            _reviewed(clinic, by_own_hand)
        without_end(clinic, no_clock)
    control = {
        "expiry removed": len(no_end.faults),
        "own review allowed": len(by_own_hand.faults),
        "account without end": len(no_clock.faults),
    }
    return Finding(tally.counts, tuple(tally.faults), control, control_is_red=all(control.values()))


def _walk(clinic: Clinic, state: str, role: str, tally: Tally) -> None:
    """From the refusal, whose page has the form, by one press to the page that was asked for, and out again."""
    from tasuki_server.privacy.models import EmergencyAccess

    browser, door = clinic.browsers[role], path_of(clinic, DOORS[role])
    neighbour = path_of(clinic, DOORS[role], 1)
    situation = next(each for each in situations() if each.name == state)
    with situation.arranged(clinic):
        refused = browser.get(door)
        action = f"/privacy/emergencies/patients/{clinic.rows[0]['patients_patient']}/"
        tally.expect(
            refused.status_code == 403 and action in refused.content.decode(),
            f"{role} {state}: 拒否の画面に入口がない",
        )
        sent = {"reason": "care", "words": "訓練のために開く", "next": door}
        tally.expect(
            browser.post(action, {**sent, "words": ""}).status_code == 422,
            f"{role} {state}: 言葉なしで始まった",
        )
        opened = browser.post(action, sent)
        tally.expect(
            opened.status_code == 302 and opened["Location"] == door, f"{role} {state}: 始められない"
        )
        tally.counts["opened"] += 1
        tally.expect(_passes(browser, door), f"{role} {state}: 開かない")
        tally.expect(not _passes(browser, neighbour), f"{role} {state}: ほかの患者まで開いた")
        others = [each for each in ROLES if each != role and DOORS[each].startswith("chart:")]
        tally.expect(
            not any(_passes(clinic.browsers[each], path_of(clinic, DOORS[each])) for each in others),
            f"{role} {state}: ほかの職員にも開いた",
        )
        with _later(minutes=59):
            tally.expect(_passes(browser, door), f"{role} {state}: 時間の前に終わった")
        with _later(minutes=61):
            tally.expect(not _passes(browser, door), f"{role} {state}: 60分を過ぎても開いている")
        with clinic.work():
            row = EmergencyAccess.objects.filter(staff=clinic.staff[role]).order_by("-opened_at").first()
        assert row is not None
        tally.expect(row.until - row.opened_at <= timedelta(minutes=60), f"{role} {state}: 60分より長い")
        tally.expect(
            browser.post(f"/privacy/emergencies/{row.id}/end/").status_code == 302, f"{role}: 終えられない"
        )
        tally.expect(not _passes(browser, door), f"{role} {state}: 終えても開いている")


def _reviewed(clinic: Clinic, tally: Tally) -> None:
    """Each waits until somebody else has said how it was; the doctor's own need the administrator."""
    from tasuki_server.privacy.emergency import waiting_reviews

    with clinic.work():
        waiting = list(waiting_reviews().exclude(staff__is_system=True))
    said = {"verdict": "justified", "words": "訓練として妥当"}
    for row in waiting:
        if row.staff_id == clinic.staff["doctor"].id:
            own = clinic.browsers["doctor"].post(f"/privacy/emergencies/{row.id}/", said)
            tally.expect(own.status_code == 422, "自分の緊急閲覧を自分で確認できた")
        answer = clinic.browsers["admin"].post(f"/privacy/emergencies/{row.id}/", said)
        tally.expect(answer.status_code == 302, "確認できない")
        tally.counts["reviewed"] += 1
    with clinic.work():
        tally.expect(
            not waiting_reviews().exclude(staff__is_system=True).exists(), "確認されないものが残った"
        )


def _refused(clinic: Clinic, tally: Tally) -> None:
    """Who may not use it gets no way in, and it opens no more than the role does."""
    from tasuki_server.privacy.models import EmergencyAccess

    action = f"/privacy/emergencies/patients/{clinic.rows[0]['patients_patient']}/"
    sent = {"reason": "care", "words": "訓練のために開く", "next": "/"}
    sealed = next(each for each in situations() if each.name == "sealed")
    with sealed.arranged(clinic):
        for role in ("admin", "examiner", "no_role"):
            tally.expect(clinic.browsers[role].post(action, sent).status_code == 403, f"{role}: 始められた")
        clinic.browsers["reception"].post(action, sent)
        tally.expect(
            not _passes(clinic.browsers["reception"], path_of(clinic, "chart:visit")), "受付にカルテが開いた"
        )
        with mock.patch("tasuki_server.privacy.emergency.emit", side_effect=ConnectionError):
            answer = clinic.browsers["nurse"].post(action, sent)
        tally.expect(answer.status_code == 302, "通知の失敗で診療が止まった")
        tally.expect(
            _passes(clinic.browsers["nurse"], path_of(clinic, "chart:visit")), "通知の失敗で開かない"
        )
    with clinic.work():
        tally.expect(
            EmergencyAccess.objects.filter(staff=clinic.staff["admin"]).count() == 0, "管理者の緊急閲覧がある"
        )
    _reviewed(clinic, tally)


def _passes(browser: Any, path: str) -> bool:
    """Whether the gate lets a page through; the page itself is not drawn."""
    return bool(browser.generic("PATCH", path).status_code != 403)


@contextmanager
def _later(*, minutes: int) -> Iterator[None]:
    from django.utils import timezone

    shifted = timezone.now() + timedelta(minutes=minutes)
    with mock.patch("tasuki_server.privacy.standing.timezone.now", lambda: shifted):
        yield


@contextmanager
def _no_expiry() -> Iterator[None]:
    from tasuki_server.privacy import standing

    lax = standing._SQL.replace("x.until > %(now)s", "true")
    assert lax != standing._SQL
    with mock.patch.object(standing, "_SQL", lax):
        yield


@contextmanager
def _own_review() -> Iterator[None]:
    """A review by the same hand is taken; the doctor's own ones of the walk before are there to show it."""
    from tasuki_server.privacy import emergency_views
    from tasuki_server.privacy.models import EmergencyReview

    def lax(access: Any, staff: Any, verdict: str, words: str) -> Any:
        return EmergencyReview.objects.create(access=access, verdict=verdict, words=words, made_by=staff)

    with mock.patch.object(emergency_views, "review_emergency", lax):
        yield


BREAKGLASS = Drill(
    name="breakglass",
    title="緊急閲覧と非常時アカウント",
    goal="理由を書いて二段で開き、その患者だけに、60分までで終わり、すべてがほかの人に確認される。非常時アカウントは封筒二つと二要素でだけ開き、診療だけができ、終わると使えない",
    run=run,
)
