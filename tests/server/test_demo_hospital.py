# SPDX-License-Identifier: Apache-2.0
"""お試しの病院 — its letters arrive through the service like any other's, and what it registered opens by the card alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from insured import make_cover, make_person
from made_up import TOKYO, make_insurance, make_patient, make_visit
from records_stand_in import sharing

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def clinic(server):
    with sharing(server.first) as clinic:
        yield clinic


@pytest.fixture(scope="module")
def morning(clinic):
    """Two people wait; the first is in the register under the card that the demo gives."""
    from tasuki_server.demo.insured import KNOWN_CARD
    from tasuki_server.demo.shared import hear_from_the_hospital
    from tasuki_server.institutions.models import Institution

    visits = []
    for place, number in enumerate(("8101", "8102")):
        with clinic.work("reception"):
            patient = make_patient(f"見本 {'一二'[place]}郎", "ミホン タロウ", address="東京都架空区1-2-3")
            card = make_insurance(patient, number=number, branch="01")
            at = datetime.now(TOKYO) - timedelta(minutes=10 - place)
            visits.append(make_visit(patient, at=at, insurance_record=card.record_id))
        person = make_person(patient.name, card=f"{KNOWN_CARD}{patient.number:05}", born=patient.born)
        make_cover(person, number, "01130012", symbol="12345", branch="01")
    with clinic.work("admin"):
        row = Institution.objects.get()
    told = SimpleNamespace(id=clinic.id, prefecture=row.prefecture, code=row.code, name=row.name)
    hear_from_the_hospital(told)
    return row, visits


def test_letters_of_the_hospital_arrive_one_to_be_read_and_one_that_waits(clinic, morning):
    from tasuki_server.sharing import line

    row, visits = morning
    found = line.list_documents(line.wire_for(row), "in", "").documents
    assert sorted(each.state for each in found) == ["readable", "waiting"]
    (read,) = [each for each in found if each.state == "readable"]
    content = line.read_document(line.wire_for(row), read.id)
    assert "教育入院" in bytes(content.bundle).decode() and bytes(content.discharge) != b"null"
    assert visits[0].patient.name.split()[0] in bytes(content.bundle).decode()


def test_what_the_hospital_registered_is_closed_until_the_card_opens_it(clinic, morning):
    from uuid import uuid4

    from tasuki.sharing.permission import RecordKind
    from tasuki_server.demo.insured import KNOWN_CARD
    from tasuki_server.records.messages import Insured, Viewing
    from tasuki_server.sharing import line
    from tasuki_server.sharing.person import patient_facts

    row, visits = morning
    with clinic.work("doctor"):
        insured = Insured(patient_facts(visits[0].patient, visits[0]).insured.text)
    wire = line.wire_for(row)

    def told():
        sets = line.read_informations(wire, insured).sets
        return "".join(bytes(item.resource).decode() for each in sets for item in each.items)

    assert told() == ""
    viewing = Viewing(insured, "reader", (RecordKind.CONDITION,))
    assert not line.open_view(wire, viewing, uuid4())[0].is_open
    shown = f'{{"card": "{KNOWN_CARD}{visits[0].patient.number:05}", "consents": {{"DiagnosisName": true}}}}'
    assert wire("POST", "eligibility/cards", shown.encode()).status == 200
    assert line.open_view(wire, viewing, uuid4())[0].is_open
    assert "2型糖尿病" in told() and "そば" not in told()
