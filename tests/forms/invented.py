# SPDX-License-Identifier: Apache-2.0
"""Made-up clinics, people and documents the form tests print."""

from __future__ import annotations

from datetime import date

from tasuki.chart.visit import Sex
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.prescription import PrescribedDrug, Prescription, ProgrammeNumber, ResidualAction, Rp
from tasuki.forms.receipt_slip import ChargeKind, FeePart, ReceiptSlip, UninsuredCharge

CLINIC = Issuer(
    name="医療法人社団たすき会　葛\U000e0100城さくら内科クリニック",
    address="東京都架空区架空町一丁目2番3号　架空メディカルビル4階",
    telephone="03-0000-0000",
    postal_code="〒000-0000",
    prefecture="13",
    code="1234567",
    invoice_number="T0000000000000",
)
PATIENT = PatientParty(
    name="髙橋　𠮷之助", born=date(1950, 1, 2), sex=Sex.MALE, id="00012345", kana="タカハシ　ヨシノスケ"
)

RECEIPT = ReceiptSlip(
    number="2026-000123",
    issued_on=date(2026, 6, 15),
    service_on=date(2026, 6, 15),
    issuer=CLINIC,
    patient=PATIENT,
    insurance_label="後期",
    share_percent=20,
    points={
        FeePart.FIRST_AND_REVISIT: 130,
        FeePart.MANAGEMENT: 225,
        FeePart.EXAMINATION: 12345,
        FeePart.MEDICATION: 68,
        FeePart.IMAGING: 210,
        FeePart.OTHER: 12,
    },
    total_points=12990,
    copayment_yen=18000,
    received_yen=20000,
    department="内科",
    is_dependant=False,
    programme_labels=("難病(54)", "重度障害(80)"),
    charges=(
        UninsuredCharge("診断書料", 3300),
        UninsuredCharge("長期収載品の特別の料金", 330, ChargeKind.ELECTIVE),
        UninsuredCharge("予防接種（帯状疱疹　組換え　1回目）", 22000),
        UninsuredCharge("証明書郵送料", 110, tax_percent=0),
    ),
    previous_unpaid_yen=1000,
)

PRESCRIPTION = Prescription(
    issued_on=date(2026, 6, 15),
    issuer=CLINIC,
    doctor_name="辻\U000e0100　花子",
    patient=PATIENT,
    rps=(
        Rp(
            (
                PrescribedDrug("【般】アムロジピン口腔内崩壊錠5mg", "1錠"),
                PrescribedDrug("架空メサルタンOD錠20mg", "1錠", substitution_barred=True),
            ),
            "1日1回　朝食後",
            "28日分",
        ),
        Rp((PrescribedDrug("架空プラゾールOD錠15", "1錠", patient_wish=True),), "1日1回　夕食後", "28日分"),
        Rp(
            (PrescribedDrug("架空プロフェンテープ100mg　10cm×14cm", "42枚"),),
            "1日1回　腰部に貼付",
            "42枚",
            ("1日1枚、42日分",),
        ),
    ),
    insurer_number="39130012",
    number="12345678",
    is_dependant=False,
    programmes=(
        ProgrammeNumber("54136015", "1234567"),
        ProgrammeNumber("80130016", "7654321"),
        ProgrammeNumber("21136010", "1111111"),
    ),
    refill_count=3,
    residual_action=ResidualAction.INFORM,
    remarks=("高齢者8割",),
)
