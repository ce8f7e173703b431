# SPDX-License-Identifier: Apache-2.0
"""電子署名 — what we sign verifies, and no byte of what is signed can change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from prescriptions.made_contents import AT, CONTENTS, hpki, trust
from tasuki.prescriptions.documents import (
    dispensing_document,
    prescription_info,
    read_prescription_info,
    read_registration_document,
    registration_document,
    with_prescription_id,
)
from tasuki.prescriptions.record_making import service_data
from tasuki.prescriptions.signature.results import ItemState, VerifiedItem
from tasuki.prescriptions.signature.verify import verify_document
from tasuki.prescriptions.signature.xades import sign_document

LATER = AT + timedelta(minutes=3)
DISPENSED = "CJ1,\n1,髙橋　花子,2,19600606\n5,20261130,\n".encode()


def signed() -> bytes:
    return registration_document(CONTENTS, hpki().doctor, AT)


def test_a_prescription_is_signed_and_every_item_of_it_is_good():
    result = verify_document(signed(), trust(), LATER)
    assert result.findings == ()
    assert [each.item for each in result.items] == list(VerifiedItem)
    assert all(each.state is ItemState.GOOD for each in result.items)
    assert result.is_valid
    assert result.signed_at == AT
    assert result.signer is not None
    assert result.signer.roles == ("Medical Doctor",)
    assert result.data == service_data(CONTENTS)


def test_the_service_may_write_its_number_beside_what_is_signed():
    document = with_prescription_id(signed(), "prescription-1")
    assert verify_document(document, trust(), LATER).is_valid
    assert read_registration_document(document).prescription_id == "prescription-1"


def test_a_paper_prescription_has_no_signature():
    document = registration_document(CONTENTS)
    read = read_registration_document(read_prescription_info(prescription_info(document)))
    assert not read.is_signed
    assert read.prescription.value("11", "patient_name") == "髙橋　花子"
    result = verify_document(document, trust(), LATER)
    assert [each.code for each in result.findings] == ["RX-G-24"]
    assert not result.is_valid


def test_a_dispensing_is_signed_over_the_prescription_it_answers():
    given = with_prescription_id(signed(), "prescription-1")
    document = sign_document(
        dispensing_document(given, DISPENSED), hpki().pharmacist, AT + timedelta(hours=1)
    )
    result = verify_document(document, trust(), AT + timedelta(hours=2), LATER)
    assert result.findings == ()
    assert result.is_valid
    assert result.data == DISPENSED
    assert result.prescription is not None
    assert result.prescription.data == service_data(CONTENTS)
    read = read_registration_document(document)
    assert (read.is_signed, read.is_prescription_signed, read.dispensing_data) == (True, True, DISPENSED)


def test_a_dispensing_of_a_paper_prescription_has_one_signature():
    paper = registration_document(replace(CONTENTS, exchange_number=""))
    document = sign_document(dispensing_document(paper, DISPENSED), hpki().pharmacist, AT)
    result = verify_document(document, trust(), LATER)
    assert result.is_valid
    assert result.prescription is None
