# SPDX-License-Identifier: Apache-2.0
"""電子処方箋（医療機関側） — a signed chart is registered, printed with its number, changed, cancelled and followed."""

from __future__ import annotations

import pytest

from eprescribing import (
    PHARMACY,
    begin_registering,
    choose,
    drug_order,
    keep_round,
    received,
    registrations,
    sign,
)

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    begin_registering(server.first)
    yield server.first
    close_house()


def _text(document):
    import io

    from pypdf import PdfReader

    from tasuki_server.documents.issue import print_document

    pages = PdfReader(io.BytesIO(print_document(document))).pages
    return "".join(page.extract_text() for page in pages).replace(" ", "")


def test_a_signed_chart_is_registered_and_its_paper_carries_the_number(clinic):
    from tasuki_server.documents.issue import issue_prescription

    visit = received(clinic, "101")
    sign(clinic, visit, drug_order())
    (row,) = registrations(clinic, visit)
    assert (row.stage, row.issue_type, row.access_code) == ("planned", "2", "")
    assert keep_round(clinic).settled == 1
    (row,) = registrations(clinic, visit)
    assert (row.stage, row.status) == ("registered", "waiting"), row.faults
    assert len(row.access_code) == 16
    with clinic.work("clerk"):
        document = issue_prescription(visit)
    assert document.sheets[0]["exchange_number"] == row.access_code
    assert row.access_code in _text(document)
    assert document.sheets[0]["qr_payloads"]


def test_an_electronic_one_is_signed_and_the_patient_gets_a_copy(clinic):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.documents.issue import issue, issue_prescription
    from tasuki_server.documents.models import DocumentKind
    from tasuki_server.eprescribing.line import read_kept

    visit = received(clinic, "102")
    choose(clinic, visit, "1", "前の薬では効かないため")
    sign(clinic, visit, drug_order())
    with clinic.work("clerk"), pytest.raises(BadInput, match="DOC-0008"):
        issue_prescription(visit)
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    assert (row.stage, row.issue_type) == ("registered", "1")
    with clinic.work("clerk"):
        act = row.acts.get()
        (verified,) = read_kept(bytes(act.answer)).verifications
        assert verified.status == "1"
        assert [each.kind for each in act.steps.order_by("at")] == ["kept", "signed", "sent", "done"]
        with pytest.raises(BadInput, match="DOC-0007"):
            issue_prescription(visit)
        copy = issue(visit, DocumentKind.COPY)
    number = row.access_code
    assert all(number[at : at + 4] in _text(copy) for at in range(0, 16, 4))


def test_a_change_gives_another_number_and_voids_the_first(clinic):
    from tasuki_server.documents.issue import issue
    from tasuki_server.documents.models import DocumentKind

    visit = received(clinic, "103")
    choose(clinic, visit, "1")
    order = drug_order()
    sign(clinic, visit, order)
    keep_round(clinic)
    (first,) = registrations(clinic, visit)
    sign(clinic, visit, drug_order(id=order.id, count=14), reason="日数の変更")
    keep_round(clinic)
    first, second = registrations(clinic, visit)
    assert (first.stage, second.stage, second.replaces_id) == ("replaced", "registered", first.id)
    assert first.access_code != second.access_code and second.prescription_id != first.prescription_id
    assert _asked(clinic, first) == "処方箋取消" and _asked(clinic, second) == "未受付"
    with clinic.work("clerk"):
        copy = issue(visit, DocumentKind.COPY)
    assert copy.sheets[0]["replaces"] == first.access_code
    assert not PHARMACY.receive(first.access_code, _card("103")).is_fine


def test_a_clock_that_has_gone_back_does_not_put_off_the_next_question(clinic):
    """The status was asked at a time that is still to come: it is asked again now."""
    from datetime import timedelta

    from django.utils import timezone

    visit = received(clinic, "121")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    with clinic.work("doctor"):
        row.status_at, row.next_status_at = (timezone.now() + timedelta(hours=each) for each in (9, 10))
        row.status = "taken"
        row.save()
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    assert row.status == "waiting" and row.next_status_at < timezone.now() + timedelta(minutes=1)


def test_a_clock_that_has_gone_back_keeps_nothing_waiting(clinic):
    """What was to be tried again is far ahead then: farther than any wait, so it is due."""
    from datetime import timedelta

    from django.utils import timezone

    from tasuki_server.eprescribing.models import RegistrationAct

    visit = received(clinic, "120")
    sign(clinic, visit, drug_order())
    with clinic.work("doctor"):
        ahead = timezone.now() + timedelta(minutes=4)
        RegistrationAct.objects.filter(visit=visit).update(next_at=ahead)
    assert keep_round(clinic).settled == 0
    with clinic.work("doctor"):
        RegistrationAct.objects.filter(visit=visit).update(next_at=ahead + timedelta(days=1))
    assert keep_round(clinic).settled == 1


def test_the_same_drugs_signed_again_change_nothing(clinic):
    visit = received(clinic, "104")
    order = drug_order()
    sign(clinic, visit, order)
    keep_round(clinic)
    sign(clinic, visit, order, reason="追記")
    assert len(registrations(clinic, visit)) == 1


def test_orders_withdrawn_before_sending_are_not_sent_and_after_it_cancelled(clinic):
    visit = received(clinic, "105")
    order, other = drug_order(), drug_order("620099201")
    sign(clinic, visit, order)
    sign(clinic, visit, order, other, reason="追加")
    assert [each.stage for each in registrations(clinic, visit)] == ["dropped", "planned"]
    assert keep_round(clinic).settled == 1
    sign(clinic, visit, reason="処方の中止")
    keep_round(clinic)
    _, row = registrations(clinic, visit)
    assert (row.stage, row.status, _asked(clinic, row)) == ("cancelled", "cancelled", "処方箋取消")


def test_what_a_pharmacy_gave_comes_back_beside_the_order(clinic):
    visit = received(clinic, "106")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    taken = PHARMACY.receive(row.access_code, _card("106"))
    assert taken.is_fine, taken
    _follow_now(clinic, visit)
    (row,) = registrations(clinic, visit)
    assert (row.status, row.pharmacy) == ("taken", "架空薬局")
    done = PHARMACY.dispense(row.prescription_id, OTHER, message="後発品に変更しました")
    assert done.is_fine, (done, done.csv_checks)
    _follow_now(clinic, visit)
    _follow_now(clinic, visit)
    (row,) = registrations(clinic, visit)
    with clinic.work("doctor"):
        (result,) = row.results.all()
        assert (row.status, result.message, result.pharmacy) == (
            "dispensed",
            "後発品に変更しました",
            "架空薬局",
        )


def test_a_change_after_the_pharmacy_took_it_is_refused_and_nothing_is_printed(clinic):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.documents.issue import issue_prescription

    visit = received(clinic, "107")
    order = drug_order()
    sign(clinic, visit, order)
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    assert PHARMACY.receive(row.access_code, _card("107")).is_fine
    sign(clinic, visit, drug_order(id=order.id, count=7), reason="日数の変更")
    keep_round(clinic)
    first, second = registrations(clinic, visit)
    assert (first.stage, first.status, second.stage) == ("registered", "taken", "refused")
    with clinic.work("clerk"), pytest.raises(BadInput, match="DOC-0009"):
        issue_prescription(visit)


OTHER = ("4", "2171022F3014", "アムロジピンＯＤ錠２．５ｍｇ「別」")


def _card(number):
    from tasuki.eligibility.requests import CardNumber

    return CardNumber("01130012", "12345", number, "")


def _asked(clinic, row):
    """How the prescription stands at the service."""
    from tasuki_server.eprescribing.line import ask, request_body, wire_for
    from tasuki_server.institutions.models import Institution

    with clinic.work("doctor"):
        institution = Institution.objects.get()
    body = request_body(institution, ("PrescriptionId", row.prescription_id))
    return ask(wire_for(institution), "217", body).answer.value("PrescriptionStatus")


def _follow_now(clinic, visit):
    from django.utils import timezone

    from tasuki_server.eprescribing.models import Registration

    with clinic.work("doctor"):
        Registration.objects.filter(visit=visit, stage="registered").update(next_status_at=timezone.now())
    keep_round(clinic)
