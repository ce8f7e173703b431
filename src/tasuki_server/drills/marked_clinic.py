# SPDX-License-Identifier: Apache-2.0
"""目印のある診療所 — two made-up institutions where every secret is a mark, from the reception desk to the payer's desk."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tasuki.kernel.check_digit import check_digit
from tasuki_server.drills.ground import a_clinic
from tasuki_server.drills.marker_search import Mark

if TYPE_CHECKING:
    from django.test import Client

TOKYO = ZoneInfo("Asia/Tokyo")
MONTH, CLAIM_MONTH = date(2026, 9, 1), date(2026, 10, 1)
LOGIN, NEXT_STEP = "/accounts/login/", "/accounts/2fa/authenticate/"
INSURER = f"0613201{check_digit('0613201')}"


class MarkedClinic(NamedTuple):
    """目印のある診療所 — its marks, its people and one visit that was lived to its end."""

    id: UUID
    marks: list[Mark]
    users: dict[str, Any]
    patient: Any
    visit: Any

    def work(self) -> Any:
        """取引 — of this institution, by its automatic member of staff."""
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        return as_institution(self.id, system_actor(self.id))

    def mark(self, name: str) -> str:
        """目印の値 — by its name."""
        return next(each.text for each in self.marks if each.name == name)


def marked_clinic(number: int, chosen: random.Random) -> MarkedClinic:
    """目印のある診療所を作る — staff, tokens, a patient with cards, and a claim sent to the payer."""

    def digits(count: int) -> str:
        return "".join(chosen.choice("123456789") for _ in range(count))

    marks = {
        "記号": digits(12), "番号": digits(12), "受給者番号": digits(12),
        "電話番号": f"0{digits(2)}-{digits(4)}-{digits(5)}",
        "住所": f"架空県見本市{digits(12)}番地", "メモ": f"連絡は夕方{digits(12)}へ",
        "受付メモ": f"付添い{digits(12)}", "免許番号": digits(12),
        "パスワード": f"Aikotoba{digits(14)}",
    }  # fmt: skip
    clinic_id = a_clinic(number)
    users, more = _people(clinic_id, number, marks)
    name = f"目印{digits(8)} 花子"
    visit = _lived_visit(clinic_id, name, marks)
    found = [Mark(each, text) for each, text in {**marks, **more}.items()]
    found.append(Mark("電話番号（数字）", marks["電話番号"].replace("-", "")))
    found.append(Mark("氏名", name, is_kept_plain=True))
    return MarkedClinic(clinic_id, found, users, visit.patient, visit)


def _people(clinic_id: UUID, number: int, marks: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Staff with factors, tokens of both doors and a code of enrolment; everything that opens something."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tasuki.security.permissions import OWN_ROLES
    from tasuki_server.accounts.enrolment import issue_code
    from tasuki_server.accounts.models import User
    from tasuki_server.api.tokens import make_token
    from tasuki_server.institutions.opening import add_staff, system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.platform.clients import house_token as platform_token
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable
    from tasuki_server.receiving.clients import house_token, register_client

    users: dict[str, Any] = {}
    more: dict[str, str] = {}
    for role in OWN_ROLES:
        user = User.objects.create_user(
            f"{role.value}{number}", marks["パスワード"], institution_id=clinic_id
        )
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        more[f"認証アプリの秘密（{role.value}）"] = secret
        users[role.value] = user
        with as_institution(clinic_id, system_actor(clinic_id)):
            add_staff("訓練 職員", "クンレン", [role], user_id=user.pk, licence=marks["免許番号"])
    newcomer = User.objects.create_user(f"newcomer{number}", marks["パスワード"], institution_id=clinic_id)
    more["登録コード"] = issue_code(newcomer)
    with as_institution(clinic_id, system_actor(clinic_id)):
        more["接続トークン"] = make_token("訓練", ["calculate"], 30)[1]
    code = f"{9_000_000 + number}"
    more["資格確認トークン"] = register_institution(
        "13", FeeTable.MEDICAL, code, "訓練", platform_token(clinic_id)
    )[1]
    more["送信トークン"] = register_client("13", f"{9_000_000 + number}", "訓練", house_token(clinic_id))[1]
    return users, more


def _lived_visit(clinic_id: UUID, name: str, marks: dict[str, str]) -> Any:
    """Received, ordered, billed, printed, claimed and sent, by the same acts as on the pages."""
    from tasuki.chart.coverage import Insurance, InsuranceKind, PublicProgramme
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.making import make_claims
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, make_submission
    from tasuki_server.documents.issue import issue_receipt
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.masters_source import current_book
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.records import add_insurance, add_programme
    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    actor = system_actor(clinic_id)
    with as_institution(clinic_id, actor):
        book = current_book().at(MONTH)
        who = WhoTheyAre(
            name, "メジルシ ハナコ", date(1960, 4, 1), "female", phone=marks["電話番号"],
            postal_code="000-0000", address=marks["住所"], memo=marks["メモ"],
        )  # fmt: skip
        patient = register_patient(who)
        days = Validity(date(2026, 4, 1))
        insurance = Insurance(
            InsuranceKind.EMPLOYEES, INSURER, symbol=marks["記号"], number=marks["番号"], branch="01"
        )
        card = add_insurance(patient, insurance, days, None)
        programme = add_programme(patient, PublicProgramme("21136010", "9000003", 5000), days, None)
        # A recipient's number of the law is too short to be told from chance; this one is held and not claimed with.
        add_programme(patient, PublicProgramme("54136015", marks["受給者番号"]), days, None)
        add_diagnosis(patient, next(iter(book.book.diseases)), (), MONTH, book, is_main=True)
        arrival = Arrival(
            insurance_record=card.record_id, programme_records=(programme.record_id,), memo=marks["受付メモ"]
        )
        visit = receive_patient(patient, arrival, datetime(2026, 9, 7, 9, 30, tzinfo=TOKYO))
        order = Order("o1", OrderKind.ACT, (Item("160008010"),))
        PlacedOrder.objects.create(
            patient=patient, visit=visit, position=0, kind="act", value=encode_order(order)
        )
        bill = settle_bill(visit, read_version=0)
        issue_receipt(bill)
        close_service_month(make_claims(MONTH))
        submission = make_submission(CLAIM_MONTH, "1", "house")
    deliver(clinic_id, actor, submission.id)
    fetch_results(clinic_id, actor, "house")
    return visit


def signed_in(clinic: MarkedClinic, role: str) -> Client:
    """サインインした職員のブラウザー — by password and code, as a person does; its session's key is a mark from now on."""
    import time

    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from django.core.cache import cache
    from django.test import Client

    cache.clear()
    browser = Client(SERVER_NAME="localhost", raise_request_exception=False)
    user = clinic.users[role]
    browser.post(LOGIN, {"login": user.username, "password": clinic.mark("パスワード")})
    secret = clinic.mark(f"認証アプリの秘密（{role}）")
    code = str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    browser.post(NEXT_STEP, {"code": code})
    assert browser.get("/").status_code == 200, "the person of the drill could not sign in"
    clinic.marks.append(Mark(f"セッションの鍵（{role}）", browser.cookies["tasuki"].value))
    return browser


def later(days: int) -> datetime:
    """後の日時 — for visits that come while the drill goes on."""
    return datetime(2026, 9, 8, 9, 30, tzinfo=TOKYO) + timedelta(days=days)
