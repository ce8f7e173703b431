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
