# SPDX-License-Identifier: Apache-2.0
"""Made-up prescriptions as values, and a made-up HPKI, made once a run: keys take a second."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache

from tasuki.chart.visit import Sex
from tasuki.prescriptions.contents import (
    CodeKind,
    DosageForm,
    DrugContents,
    DrugNote,
    IssuingDoctor,
    IssuingHospital,
    PrescribedCover,
    PrescribedPatient,
    PrescriptionContents,
    RpContents,
    UsageNote,
)
from tasuki.prescriptions.signature.practice_hpki import PracticeHpki, make_practice_hpki, make_revocations
from tasuki.prescriptions.signature.trust import Trust

JST = timezone(timedelta(hours=9))
AT = datetime(2026, 11, 30, 9, 0, tzinfo=JST)
EXCHANGE_NUMBER = "1000000000000001"

CONTENTS = PrescriptionContents(
    IssuingHospital("1234567", "13", "架空医院", "100-0000", "東京都架空区1-1", "03-0000-0000", "内科"),
    IssuingDoctor("架空　太郎", "カクウ　タロウ"),
    PrescribedPatient("髙橋　花子", "タカハシ　ハナコ", Sex.FEMALE, date(1960, 6, 6), "1001"),
    PrescribedCover("2", "06139463", "１２", "３４５", "01", share_percent=30),
    date(2026, 11, 30),
    (
        RpContents(
            DosageForm.INTERNAL,
            14,
            "1日3回 毎食後",
            (
                DrugContents(
                    "架空錠２．５ｍｇ",
                    Decimal(3),
                    "錠",
                    CodeKind.CLAIM,
                    "612170709",
                    ((DrugNote.NO_GENERIC, "後発品変更不可"),),
                    dose="1",
                ),
                DrugContents("【般】架空カプセル５ｍｇ", Decimal("1.5"), "カプセル", CodeKind.GENERIC),
            ),
            "1013044400000000",
            (UsageNote("一包化", "2"),),
        ),
        RpContents(
            DosageForm.AS_NEEDED,
            5,
            "痛い時",
            (DrugContents("架空痛散", Decimal(1), "包", CodeKind.CLAIM, "612170710"),),
        ),
    ),
    remarks=("６歳", "長い備考" * 20),
)


@cache
def hpki() -> PracticeHpki:
    """The made-up HPKI of this run."""
    return make_practice_hpki(AT - timedelta(days=30))


@cache
def trust() -> Trust:
    """What whoever verifies trusts; lists made on the day."""
    made = hpki()
    lists = (make_revocations(made.root, (), AT), make_revocations(made.authority, (), AT))
    return Trust((made.root.certificate,), (made.authority.certificate,), lists)
