# SPDX-License-Identifier: Apache-2.0
"""架空の資格の登録 — the demo clinic's people with every answer among them, people it has not met, and once only."""

from __future__ import annotations

from datetime import date

import pytest

pytestmark = pytest.mark.server
TODAY = date(2026, 11, 30)


def test_the_register_of_the_demo_has_every_case_and_is_filled_once(server):
    from tasuki_server.demo.clinics import CLINICS
    from tasuki_server.demo.insured import NEW_CARD, UNKNOWN, fill_register
    from tasuki_server.demo.people import make_people
    from tasuki_server.eligibility.models import (
        CheckupRecord,
        DrugRecord,
        HeldQualification,
        InsuredPerson,
        Insurer,
        SubsidyRow,
        TicketRow,
        TreatmentRecord,
    )

    people = make_people(130, date(2026, 10, 1))
    numbers = range(1, len(people) + 1)
    fill_register(CLINICS[0], people, numbers, TODAY)
    assert InsuredPerson.objects.count() == len(people) + UNKNOWN
    assert InsuredPerson.objects.filter(card__startswith=NEW_CARD).count() == UNKNOWN
    first = InsuredPerson.objects.get(card="DEMO-00001")
    card = people[0].insurance
    cover = first.qualifications.get()
    assert (cover.insurer_number, cover.number, cover.branch) == (
        card.insurer_number,
        card.number,
        card.branch,
    )
    assert (first.name, first.born, first.sex) == (people[0].who.name, people[0].who.born, "1")
    lost = HeldQualification.objects.filter(lost_on=date(2026, 11, 1))
    assert {each.loss_reason for each in lost} == {"03", "99"}
    moved = InsuredPerson.objects.filter(qualifications__loss_reason="03").first()
    assert moved.qualifications.filter(lost_on=None, qualified_on=date(2026, 11, 1)).exists()
    assert InsuredPerson.objects.filter(card_stopped_at__isnull=False).exists()
    assert InsuredPerson.objects.filter(service_stopped_at__isnull=False).exists()
    ticket = TicketRow.objects.first()
    assert (ticket.month, ticket.institution_number) == ("202611", "1319990010")
    assert SubsidyRow.objects.filter(payer_number__startswith="21").exists()
    assert DrugRecord.objects.exists() and TreatmentRecord.objects.filter(is_operation=True).exists()
    assert CheckupRecord.objects.exists()
    known = set(Insurer.objects.values_list("number", flat=True))
    assert set(HeldQualification.objects.values_list("insurer_number", flat=True)) <= known
    fill_register(CLINICS[0], people, numbers, TODAY)
    assert InsuredPerson.objects.count() == len(people) + UNKNOWN
