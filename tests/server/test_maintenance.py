# SPDX-License-Identifier: Apache-2.0
"""保守作業 — a vendor's person opens nothing outside an approved order, and inside it only what is in scope, masked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from made_up import make_insurance, make_patient, make_visit
from tasuki.security.permissions import Permission
from vendors import end_order, make_order, make_vendor

pytestmark = pytest.mark.server

LISTS = (Permission.RECEPTION_VIEW, Permission.PATIENT_VIEW, Permission.BILLING_VIEW)


@pytest.fixture(scope="module")
def clinic(server):
    made = server.first
    made.person = make_vendor(made)
    with made.work("reception"):
        made.patient = make_patient("伏見 花", "フシミ ハナ")
        made.other = make_patient("隠岐 次郎", "オキ ジロウ")
        for each in (made.patient, made.other):
            make_insurance(each)
            make_visit(each, timezone.now())
    return made


@pytest.fixture
def vendor(clinic):
    return clinic.browser("maintenance", raise_request_exception=False)


def statuses(browser, *paths):
    return [browser.get(path).status_code for path in paths]


def test_without_an_order_only_the_waiting_page_answers(clinic, vendor):
    assert statuses(vendor, "/", "/reception/", "/patients/", "/audit/", "/maintenance/") == [403] * 5
    page = vendor.get("/maintenance/waiting/")
    assert page.status_code == 200
    assert "今、開いている作業指示はありません" in page.content.decode()
    assert 'href="/reception/"' not in page.content.decode()
    assert "ホーム" not in page.content.decode()
    # One's own second factor can be seen to at any time; it shows nothing of the clinic.
    assert vendor.get("/accounts/2fa/").status_code == 200


def test_inside_an_order_the_scope_opens_and_nothing_else(clinic, vendor):
    order = make_order(clinic, clinic.person, [Permission.RECEPTION_VIEW])
    board = vendor.get("/reception/")
    assert board.status_code == 200
    text = board.content.decode()
    assert "＊＊＊" in text and "保守作業中" in text
    assert not {"伏見", "フシミ", "隠岐"} & {word for word in ("伏見", "フシミ", "隠岐") if word in text}
    assert statuses(vendor, "/patients/", "/billing/", "/audit/", "/connections/", "/facility/") == [403] * 5
    end_order(clinic, order, is_cut=True)
    assert statuses(vendor, "/reception/", "/maintenance/waiting/") == [403, 200]


def test_before_and_after_its_window_an_order_opens_nothing(clinic, vendor):
    make_order(clinic, clinic.person, LISTS, since=30)
    assert statuses(vendor, "/reception/") == [403]


def test_a_named_patient_is_shown_and_all_others_are_masked(clinic, vendor):
    order = make_order(clinic, clinic.person, LISTS, patients=[clinic.patient])
    text = vendor.get("/reception/").content.decode()
    assert "伏見 花" in text and "隠岐" not in text
    assert statuses(vendor, f"/patients/{clinic.patient.number}/") == [200]
    refused = vendor.get(f"/patients/{clinic.other.number}/")
    assert refused.status_code == 403 and "隠岐" not in refused.content.decode()
    end_order(clinic, order, is_cut=False)


def test_an_end_time_cannot_be_moved_even_by_sql(clinic, server):
    import psycopg

    order = make_order(clinic, clinic.person, LISTS, since=-10)
    with psycopg.connect(server.connections.app) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("UPDATE maintenance_workorder SET ends_at = ends_at + interval '1 day'")
    with clinic.work(), pytest.raises(ValueError, match="承認・却下はできません"):
        from tasuki.security.maintenance import Decision
        from tasuki_server.maintenance.access import access_order
        from tasuki_server.maintenance.asking import decide

        decide(access_order(order.id), Decision.APPROVED, clinic.staff["admin"], "")
    end_order(clinic, order, is_cut=True)


def test_a_patient_s_row_cannot_be_written_by_a_masked_page(clinic):
    from django.db import DatabaseError

    from tasuki_server.maintenance.masking import masked
    from tasuki_server.maintenance.plans import plan_of
    from tasuki_server.patients.models import Patient

    order = make_order(clinic, clinic.person, LISTS, patients=[clinic.patient])
    with clinic.work("maintenance"):
        with pytest.raises(DatabaseError, match="cannot update column"), masked(plan_of(order)):
            Patient.objects.filter(id=clinic.patient.id).update(name="書換")
        assert Patient.objects.get(id=clinic.patient.id).name == "伏見 花"
    end_order(clinic, order, is_cut=True)


def test_acts_are_reconciled_and_signed_by_someone_else(clinic, vendor):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.asking import NotPossible
    from tasuki_server.maintenance.reading import reconciled
    from tasuki_server.maintenance.review import review

    order = make_order(clinic, clinic.person, LISTS, patients=[clinic.patient])
    vendor.get("/reception/")
    vendor.get(f"/patients/{clinic.patient.number}/")
    vendor.get("/audit/")
    vendor.post("/maintenance/waiting/end/")
    with clinic.work():
        found, is_same = reconciled(access_order(order.id))
        assert is_same and found.outside == ()
        assert len(found.refused) == 1 and len(found.inside) >= 2
        # Once in the list, once opened.
        assert found.patients == {clinic.patient.id: 2}
        ids = [act.number for act in found.inside]
        assert all(
            each.detail["work_order"] == str(order.id) for each in AuditEvent.objects.filter(number__in=ids)
        )
    vendor.post("/maintenance/waiting/declare/", {"number": order.number, "outcome": "none_taken"})
    with clinic.work(), pytest.raises(NotPossible, match="保守業者の人"):
        review(access_order(order.id), clinic.staff["maintenance"], "as_planned", "")
    answer = clinic.browser("doctor").post(
        f"/maintenance/orders/{order.id}/review/", {"outcome": "as_planned"}, follow=True
    )
    assert "計画どおりと確認した" in answer.content.decode()


def test_a_moved_end_time_and_an_act_out_of_scope_are_seen(clinic, server, vendor):
    import psycopg

    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.reading import reconciled

    order = make_order(clinic, clinic.person, [Permission.RECEPTION_VIEW])
    vendor.get("/reception/")
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute("UPDATE maintenance_workorder SET ends_at = ends_at + interval '1 day'")
    with clinic.work():
        _, is_same = reconciled(access_order(order.id))
    assert not is_same
    page = clinic.browser("admin").get(f"/maintenance/orders/{order.id}/").content.decode()
    assert "改ざんの疑い" in page
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute("UPDATE maintenance_workorder SET ends_at = ends_at - interval '1 day'")
    end_order(clinic, order, is_cut=True)


def test_approving_asks_for_a_proof_again_and_overdue_reviews_stand_on_the_first_page(clinic):
    admin = clinic.browser("admin")
    start = timezone.localtime() + timedelta(minutes=5)
    form = {
        "people": [str(clinic.person.id)],
        "what": "点数表の取込",
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "scope": ["masters.manage"],
        "device_name": "PC-2",
        "patched_on": "2026-06-01",
        "protection": "EDR",
        "is_encrypted": "on",
    }
    made = admin.post("/maintenance/orders/new/", form)
    assert made.status_code == 302, made.content.decode()
    long_ago = clinic.browser("admin", proved=False)
    assert long_ago.post(f"{made['Location']}decide/", {"decision": "approved"}).status_code == 401
    refused = admin.post("/maintenance/orders/new/", {**form, "is_encrypted": ""})
    assert refused.status_code == 422 and "暗号化" in refused.content.decode()
    too_long = form | {"ends_at": f"{start + timedelta(days=4):%Y-%m-%dT%H:%M}"}
    assert "72時間まで" in admin.post("/maintenance/orders/new/", too_long).content.decode()
    old = make_order(clinic, clinic.person, LISTS)
    _age(clinic, old, days=5)
    assert "確認していない保守作業" in admin.get("/").content.decode()
    assert "確認していない保守作業" not in clinic.browser("clerk").get("/").content.decode()


def _age(clinic, order, *, days):
    """An order of long ago: the table takes it from a superuser only, so its trail still says now."""
    import os

    import psycopg

    with psycopg.connect(os.environ["TASUKI_OWNER_DATABASE_URL"]) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute(
            "UPDATE maintenance_workorder SET starts_at = starts_at - %s, ends_at = ends_at - %s WHERE id = %s",
            [timedelta(days=days)] * 2 + [order.id],
        )


def test_the_person_of_a_vendor_gets_an_account_of_their_own(clinic):
    path = f"/maintenance/companies/{clinic.person.company_id}/people/"
    long_ago = clinic.browser("admin", proved=False)
    assert long_ago.get(path)["Location"].startswith("/accounts/step-up/")
    admin = clinic.browser("admin")
    paper = admin.post(path, {"name": "架空 保", "user": "hoshu1"}).content.decode()
    assert "hoshu1" in paper and "登録コード" in paper
    assert "使われています" in admin.post(path, {"name": "架空 守", "user": "hoshu1"}).content.decode()


def test_a_stopped_person_of_a_vendor_has_no_session_and_no_permit_left(clinic, vendor):
    from datetime import timedelta

    from tasuki_server.accounts.models import SignInSession, Why
    from tasuki_server.api.app_access import connected_here
    from tasuki_server.exchange.app_registering import register_app
    from tasuki_server.exchange.models import AppPermit

    assert vendor.get("/maintenance/waiting/").status_code == 200
    staff, now = clinic.person.staff, timezone.now()
    with clinic.work("admin"):
        scopes = ["patient/*.rs"]
        app = register_app(connected_here(), "保守のアプリ", ["https://app.example/back"], scopes, now)
        permit = AppPermit.objects.create(
            app=app, allowed_by=staff.id, allowed_by_name=staff.name, patient="p", scopes=scopes, made_at=now,
            expires_at=now + timedelta(days=30),
        )  # fmt: skip
    told = clinic.browser("admin").post(f"/maintenance/people/{clinic.person.id}/stop/", follow=True)
    assert "利用を止めました" in told.content.decode()
    permit.refresh_from_db()
    assert permit.ended_at is not None
    sessions = SignInSession.objects.filter(user_id=staff.user_id)
    assert not sessions.filter(ended_at=None).exists()
    assert sessions.filter(ended_why=Why.DISABLED).exists()
    assert vendor.get("/maintenance/waiting/").status_code != 200
