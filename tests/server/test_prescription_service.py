# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービス — from registration to the result, every step that is allowed and every one that is not."""

from __future__ import annotations

import pytest

from prescription_service import AMLODIPINE, AMLODIPINE_OTHER, Institution

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield (
        Institution("13", "1", "9990010", "試験医院"),
        Institution("13", "1", "9990028", "となり医院"),
        Institution("13", "4", "9990036", "架空薬局"),
        Institution("13", "4", "9990044", "別の薬局"),
    )
    close_house()


def test_from_registration_to_the_result(places):
    clinic, _, pharmacy, _ = places
    made = clinic.register(AMLODIPINE)
    assert made.is_fine, (made, made.csv_checks)
    code, number = made.value("AccessCode"), made.value("PrescriptionId")
    assert len(code) == 16 and code.isdecimal()
    assert clinic.ask("217", ("PrescriptionId", number)).value("PrescriptionStatus") == "未受付"
    got = pharmacy.receive(code)
    assert got.value("PrescriptionId") == number and "アムロジピン" in got.data("PrescriptionInfo").decode()
    assert clinic.ask("217", ("PrescriptionId", number)).value("PrescriptionStatus") == "調剤中"
    done = pharmacy.dispense(number, AMLODIPINE_OTHER, message="後発品に変更しました")
    assert done.is_fine, (done, done.csv_checks)
    told = clinic.ask("217", ("PrescriptionId", number))
    assert told.value("PrescriptionStatus") == "調剤済"
    assert told.value("ReceptionPharmacyName") == "架空薬局"
    assert (told.value("MessageFlg"), told.value("MessageContents")) == ("2", "後発品に変更しました")
    assert "「別」" in told.data("DispensingResult").decode()
