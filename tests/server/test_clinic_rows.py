# SPDX-License-Identifier: Apache-2.0
"""診療所の行 — append-only versions, and the wall between two institutions, in every table of the clinic's rooms."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection

from made_up import make_booked, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
ORDER = {"id": "a", "kind": "act", "items": [{"code": "160008010"}]}
ROOMS = ("patients", "reception", "chart", "orders", "billing")


def _rows() -> list[type]:
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models()]


@pytest.fixture(scope="module")
def filled(server):
    """One row in every table of the first institution."""
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.chart.draft import hold_draft
    from tasuki_server.chart.models import DiagnosisRecord, Note
    from tasuki_server.orders.models import OrderSet, PlacedOrder, WarningOverride
    from tasuki_server.patients.household import add_member
    from tasuki_server.patients.models import ProgrammeRecord
    from tasuki_server.patients.records import add_allergy
    from tasuki_server.reception.decide_kind import keep_decision

    with server.first.work("doctor"):
        patient = make_patient()
        card = make_insurance(patient)
        visit = make_visit(patient, insurance_record=card.record_id)
        staff = server.first.staff["doctor"]
        make_booked(visit)
        days = {"since": date(2026, 4, 1)}
        ProgrammeRecord.objects.create(patient=patient, payer_number="54136015", value={}, **days)
        add_allergy(patient, substance="ペニシリン", severity="severe", noted_on=date(2026, 6, 1))
        hold_draft(visit, staff)
        Note.objects.create(patient=patient, visit=visit, record_id=visit.id, subjective="頭痛")
        DiagnosisRecord.objects.create(patient=patient, code="7840024", name="頭痛", **days)
        order = PlacedOrder.objects.create(patient=patient, visit=visit, position=1, kind="act", value=ORDER)
        OrderSet.objects.create(name="かぜ", name_key="カゼ", quick_code="kaze", **days)
        WarningOverride.objects.create(
            patient=patient, visit=visit, order_record=order.record_id, code="a", reason="b", made_by=staff
        )
        keep_decision(visit)
        settle_bill(visit, read_version=0)
        add_member(patient, make_patient("架空 花子", "カクウ ハナコ"), since=date(2026, 4, 1))
    return server


@pytest.mark.parametrize("label", [f"{room}" for room in ROOMS])
def test_every_table_has_a_row_that_the_other_institution_cannot_see(filled, label):
    for model in apps.get_app_config(label).get_models():
        with filled.first.work():
            # 会計 fills its own tables in its own tests.
            assert label == "billing" or model.objects.count() >= 1, model
        with filled.second.work():
            assert model.objects.count() == 0, model
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
                assert cursor.fetchone() == (0,)


def test_versions_cannot_be_changed_or_deleted_by_the_app_role(filled):
    from tasuki_server.institutions.rows import VersionedRow

    versioned = [model for model in _rows() if issubclass(model, VersionedRow)]
    assert len(versioned) >= 7
    for model in versioned:
        for statement in (
            f'DELETE FROM "{model._meta.db_table}"',
            f'UPDATE "{model._meta.db_table}" SET version = 9',
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                filled.first.work(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_a_correction_keeps_the_first_version_and_says_why(filled):
    from tasuki_server.institutions.rows import StaleVersion
    from tasuki_server.patients.models import AllergyRecord
    from tasuki_server.patients.records import revise_record

    with filled.first.work("nurse"):
        first = AllergyRecord.objects.get()
        revise_record(first, read_version=1, reason="本人から聞き取り", severity="contraindicated")
        assert [(v.version, v.severity) for v in AllergyRecord.objects.history(first.record_id)] == [
            (1, "severe"),
            (2, "contraindicated"),
        ]
        with pytest.raises(StaleVersion):
            revise_record(first, read_version=1, reason="重ねて", severity="mild")


def test_two_people_have_numbers_of_their_institution(server):
    for clinic in server.clinics():
        with clinic.work():
            first, second = make_patient("一番 花", "イチバン ハナ"), make_patient("二番 花", "ニバン ハナ")
            assert second.number == first.number + 1
