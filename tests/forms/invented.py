# SPDX-License-Identifier: Apache-2.0
"""Made-up clinics, people and documents the form tests print."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tasuki.chart.orders import ResidualAction
from tasuki.chart.visit import Sex
from tasuki.forms.accident import AccidentCell, AccidentFee, AccidentFeeKind, AccidentRow
from tasuki.forms.attack_report import (
    ActToEnterAgain,
    AttackReport,
    Measured,
    ReportedMoment,
    Telling,
)
from tasuki.forms.chart_page import ChartEntry, ChartPages
from tasuki.forms.claim_receipt import (
    ClaimDisease,
    ClaimInsurer,
    ClaimProgramme,
    ClaimReceipt,
    ClaimReceipts,
    PointCell,
    PointRow,
    SummaryItem,
    SummaryUnit,
)
from tasuki.forms.claim_stay import ClaimStay, MealKind, MealLine, MealPayer, StayDays
from tasuki.forms.control_sheet import ControlLine, ControlSheet
from tasuki.forms.daily_report import DailyEntry, DailyReport
from tasuki.forms.disease_notification import Choice, DiseaseNotification, NotifiedPerson
from tasuki.forms.fee_part import FeePart
from tasuki.forms.graphs import Trend, TrendPoint, trend
from tasuki.forms.invoice_amounts import InvoiceAmounts
from tasuki.forms.itemised_statement import ItemisedLine, ItemisedStatement, ItemisedUnit
from tasuki.forms.own_record import OwnRecord, RecordPart
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.payer_invoices import (
    InvoiceScheme,
    PayerInvoice,
    PayerInvoices,
    PayerLine,
    PayerProgrammeLine,
    PayerRow,
)
from tasuki.forms.prescription import PrescribedDrug, Prescription, ProgrammeNumber, Rp
from tasuki.forms.prescription_copy import PrescriptionCopy
from tasuki.forms.receipt_slip import ChargeKind, ReceiptSlip, UninsuredCharge
from tasuki.forms.referral import Referral
from tasuki.forms.social_invoice import (
    InsuredGroup,
    InsuredLine,
    InsuredRow,
    ProgrammeGroup,
    ProgrammeLine,
    SocialInvoice,
)
from tasuki.forms.traffic_statement import AccidentOutcome, DocumentFee, TrafficStatement
from tasuki.forms.work_accident import (
    CareBegun,
    CareEnded,
    WorkAccidentClaim,
    WorkAccidentStatement,
    Workplace,
)

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

PRESCRIPTION_COPY = PrescriptionCopy(
    issued_on=PRESCRIPTION.issued_on,
    issuer=CLINIC,
    doctor_name=PRESCRIPTION.doctor_name,
    patient=PATIENT,
    rps=PRESCRIPTION.rps,
    exchange_number="1234567890123456",
    insurer_number="39130012",
    number="12345678",
    refill_count=3,
    replaces="6543210987654321",
)

ITEMISED = ItemisedStatement(
    issued_on=date(2026, 6, 15),
    service_on=date(2026, 6, 15),
    issuer=CLINIC,
    patient=PATIENT,
    units=(
        ItemisedUnit(FeePart.FIRST_AND_REVISIT, (ItemisedLine("再診料"),), 75, 1),
        ItemisedUnit(FeePart.FIRST_AND_REVISIT, (ItemisedLine("外来管理加算"),), 52, 1),
        ItemisedUnit(FeePart.MANAGEMENT, (ItemisedLine("特定疾患療養管理料（診療所）"),), 225, 1, "①"),
        ItemisedUnit(
            FeePart.EXAMINATION,
            (ItemisedLine("末梢血液一般検査"), ItemisedLine("血液学的検査判断料")),
            146,
            1,
        ),
        ItemisedUnit(
            FeePart.MEDICATION,
            (ItemisedLine("架空ジピン錠５ｍｇ", "1錠"), ItemisedLine("架空メサルタン錠２０ｍｇ", "1錠")),
            12,
            28,
        ),
    ),
    total_points=75 + 52 + 225 + 146 + 12 * 28,
    receipt_number="2026-000123",
    department="内科",
    insurance_label="後期高齢者 2割",
    programme_labels=("難病(54)",),
)

CLAIM = ClaimReceipt(
    receipt_type="1328",
    month=date(2026, 6, 1),
    issuer=CLINIC,
    patient=PATIENT,
    diseases=(
        ClaimDisease("高血圧症", date(2020, 4, 1), is_main=True),
        ClaimDisease("急性上気道炎", date(2026, 6, 2), "治ゆ"),
    ),
    rows={
        PointRow.REVISIT: PointCell(150, 2, 75),
        PointRow.OUTPATIENT_MANAGEMENT: PointCell(104, 2, 52),
        PointRow.MANAGEMENT: PointCell(225, programme_points=(225,)),
        PointRow.INTERNAL_DRUG: PointCell(336, 28),
        PointRow.EXAMINATION: PointCell(12345, 2),
        PointRow.PRESCRIPTION: PointCell(68, 1),
    },
    units=(
        SummaryUnit("12", (SummaryItem("再診料"),), 75, 2, "1"),
        SummaryUnit("12", (SummaryItem("外来管理加算"),), 52, 2, "1"),
        SummaryUnit("13", (SummaryItem("特定疾患療養管理料（診療所）"),), 225, 1, "2"),
        SummaryUnit(
            "21",
            (SummaryItem("架空ジピン錠５ｍｇ", "1錠"), SummaryItem("架空メサルタン錠２０ｍｇ", "1錠")),
            12,
            28,
            "1",
        ),
        SummaryUnit("60", (SummaryItem("架空検査"), SummaryItem("判断料")), 12345, 1, "1"),
        SummaryUnit("80", (SummaryItem("処方箋料"),), 68, 1, "1"),
        SummaryUnit("80", (SummaryItem("実施年月日　令和８年６月１５日"),), burden="1"),
    ),
    insurer=ClaimInsurer("39130012", "", "12345678", 2, 13228, burden_yen=18000),
    programmes=(
        ClaimProgramme("54136015", "1234567", 2, 13228, 10000),
        ClaimProgramme("80130016", "7654321", 1, 225, 0, 500),
        ClaimProgramme("21136010", "1111111", 1, 225, 2500),
        ClaimProgramme("51136018", "2222222", 1, 225),
    ),
    number="12",
    department="01 内科",
    special_notes=("41区カ", "02長"),
)

STAY = replace(
    CLAIM,
    receipt_type="1327",
    number="13",
    beds=19,
    rows={
        PointRow.FIRST: PointCell(291, 1, programme_points=(0, 0)),
        PointRow.MANAGEMENT: PointCell(450, programme_points=(450, 0)),
        PointRow.HOME_CARE: PointCell(820),
        PointRow.INTERNAL: PointCell(84, 14),
        PointRow.DISPENSING: PointCell(154, 22),
        PointRow.INTRAVENOUS: PointCell(396, 12),
        PointRow.PROCEDURE: PointCell(52, 1),
        PointRow.PROCEDURE_DRUG: PointCell(8),
        PointRow.SURGERY: PointCell(12000, 1),
        PointRow.EXAMINATION: PointCell(1560, 5),
        PointRow.IMAGING: PointCell(210, 1),
        PointRow.OTHER: PointCell(500),
    },
    units=(
        SummaryUnit("11", (SummaryItem("初診料"),), 291, 1, "1"),
        SummaryUnit("24", (SummaryItem("調剤料（入院）"),), 7, 22, "1"),
        SummaryUnit("60", tuple(SummaryItem(f"架空検査{n}番") for n in range(1, 31)), 1560, 1, "2"),
        SummaryUnit("90", (SummaryItem("架空入院基本料１"),), 1688, 14, "1"),
        SummaryUnit("97", (SummaryItem("入院時食事療養（１）"),), 690, 42, "1"),
    ),
    programmes=(ClaimProgramme("54136015", "1234567", 10, 13228, 10000, 5000), *CLAIM.programmes[1:3]),
    stay=ClaimStay(
        admitted_on=date(2026, 6, 10),
        wards=("療養",),
        is_clinic=True,
        fee_names=(
            "架空入院基本料１",
            "架空体制加算（とても長い名称の加算であるため縮めて印字する）",
            "架空ケア料２",
        ),
        basic=(
            StayDays(1688, 14, 23632, (0, 0)),
            *(StayDays(1000 + n, n, (1000 + n) * n) for n in range(1, 7)),
        ),
        special=(StayDays(2000, 3, 6000, (6000, 0)),),
        meals={
            MealKind.STANDARD: (MealLine(690, 42, "Ⅰ"), MealLine(766, 3, "Ⅰ")),
            MealKind.SPECIAL: (MealLine(76, 42),),
            MealKind.DINING_ROOM: (MealLine(50, 14),),
            MealKind.ENVIRONMENT: (MealLine(398, 6, "Ⅰ"),),
            MealKind.LIVING_STANDARD: (MealLine(604, 18, "Ⅰ"),),
            MealKind.LIVING_SPECIAL: (MealLine(76, 18),),
        },
        payer_meals=(
            MealPayer(63, 46890, 25740),
            MealPayer(30, 20700, 4320),
            MealPayer(),
            MealPayer(3, 1800, 720),
        ),
        reduced_as=("Ⅱ", "３月超"),
    ),
)

JST = timezone(timedelta(hours=9))

DAILY = DailyReport(
    day=date(2026, 6, 15),
    issuer=CLINIC,
    entries=(
        DailyEntry("2026-000001", "00000001", "髙橋　𠮷之助", "後期", 350, 700, 0, 700, "現金"),
        DailyEntry("2026-000002", "00000002", "架空　花子", "社保", 1200, 3600, 3300, 6900, "クレジット"),
        DailyEntry("2026-000003", "00000003", "架空　次郎", "社保", 500, 1500, 0, 0, remark="未収"),
        DailyEntry("2026-000004", "00000004", "架空　三郎", "国保", 0, 0, 0, -120, "現金", remark="返金"),
    ),
    received_yen=7480,
    printed_by="受付　花子",
)

CHART = ChartPages(
    issuer=CLINIC,
    patient=PATIENT,
    entries=(
        ChartEntry(
            date(2026, 6, 1),
            ("S　頭痛あり。3日前から。", "A　高血圧症"),
            ("【般】アムロジピン錠5mg 1錠 朝食後 14日分",),
            "辻\U000e0100　花子",
            datetime(2026, 6, 1, 10, 23, tzinfo=JST),
            "内科",
            is_superseded=True,
        ),
        ChartEntry(
            date(2026, 6, 1),
            ("S　頭痛あり。2日前から。", "A　高血圧症"),
            ("【般】アムロジピン錠5mg 1錠 朝食後 14日分",),
            "事務　次郎",
            datetime(2026, 6, 1, 18, 2, tzinfo=JST),
            "内科",
            2,
            "聞き違いのため",
            is_signed=False,
            proxy_for="辻\U000e0100　花子",
        ),
    ),
    printed_on=date(2026, 7, 1),
    printed_by="辻\U000e0100　花子",
    alerts=("ペニシリン系（発疹）",),
)

TREND = Trend(
    "ＨｂＡ１ｃ",
    "%",
    (
        TrendPoint(date(2025, 6, 1), Decimal("7.8")),
        TrendPoint(date(2025, 9, 1), Decimal("6.4")),
        TrendPoint(date(2025, 12, 1), None, "測定不能"),
        TrendPoint(date(2026, 3, 1), Decimal("5.9")),
        TrendPoint(date(2026, 6, 1), Decimal("4.4"), "<4.5"),
    ),
    low=Decimal("4.6"),
    high=Decimal("6.2"),
)

REFERRAL = Referral(
    issued_on=date(2026, 6, 15),
    issuer=CLINIC,
    doctor_name="辻\U000e0100　花子",
    recipient="架空市立総合医療センター",
    patient=PATIENT,
    diagnoses=("1. 2型糖尿病", "2. 高血圧症"),
    purpose="血糖コントロール不良につき、精査・加療のお願い",
    recipient_department="糖尿病内分泌",
    recipient_doctor="架空　太郎",
    occupation="無職",
    history="父：糖尿病",
    course="令和6年頃より口渇、多尿を認めた。",
    treatment="食事療法と薬物療法を行っている。",
    prescriptions=("架空ホルミン錠250mg 4錠 分2 朝夕食後 28日分",),
    remarks="検査結果を添付します。",
    graphs=(trend(TREND),),
)

SOCIAL_INVOICE = SocialInvoice(
    month=date(2026, 6, 1),
    claimed_on=date(2026, 7, 10),
    issuer=CLINIC,
    opener="辻\U000e0100　花子",
    insured=(
        InsuredLine(InsuredGroup.ELDER, InsuredRow.COMBINED, InvoiceAmounts(3, 5, 4321)),
        InsuredLine(InsuredGroup.ELDER, InsuredRow.ASSOCIATION, InvoiceAmounts(12, 20, 12345, 18000)),
        InsuredLine(InsuredGroup.SELF, InsuredRow.ASSOCIATION, InvoiceAmounts(240, 400, 212345)),
        InsuredLine(
            InsuredGroup.SELF,
            InsuredRow.SOCIETY,
            InvoiceAmounts(121, 202, 123456, 57600, 0, 1, 12, 8280, 6120),
        ),
        InsuredLine(InsuredGroup.SELF, InsuredRow.DEFENCE, InvoiceAmounts(1, 1, 291)),
        InsuredLine(InsuredGroup.FAMILY, InsuredRow.MUTUAL_AID, InvoiceAmounts(44, 61, 40123)),
        InsuredLine(InsuredGroup.PRESCHOOL, InsuredRow.COMBINED, InvoiceAmounts(52, 80, 46123)),
    ),
    programmes=(
        ProgrammeLine(
            ProgrammeGroup.WITH_INSURANCE, "54", InvoiceAmounts(3, 5, 4321, 0, 5000, 1, 12, 8280, 0)
        ),
        ProgrammeLine(ProgrammeGroup.WITH_INSURANCE, "83", InvoiceAmounts(52, 80, 46123, 0, 18100)),
        ProgrammeLine(ProgrammeGroup.WITH_PROGRAMME, "12", InvoiceAmounts(1, 2, 700)),
        ProgrammeLine(ProgrammeGroup.WITH_PROGRAMME, "21", InvoiceAmounts(1, 2, 500)),
        ProgrammeLine(ProgrammeGroup.ALONE, "12", InvoiceAmounts(9, 14, 9876)),
    ),
)

PAYER_INVOICES = PayerInvoices(
    month=date(2026, 6, 1),
    claimed_on=date(2026, 7, 10),
    issuer=CLINIC,
    opener="辻\U000e0100　花子",
    invoices=(
        PayerInvoice(
            "39131156",
            InvoiceScheme.LATE,
            (
                PayerLine(PayerRow.LATE, False, InvoiceAmounts(80, 160, 98765, 640000)),
                PayerLine(PayerRow.LATE, True, InvoiceAmounts(1, 22, 54321, 57600, 0, 1, 60, 41400, 14400)),
                PayerLine(PayerRow.LATE_ACTIVE, False, InvoiceAmounts(4, 8, 5432, 16290)),
            ),
            tuple(
                PayerProgrammeLine(f"{law}", False, InvoiceAmounts(1, 2, 1000 + law, 500, 500))
                for law in (19, 21, 38, 51, 54, 80)
            ),
            "架空県後期高齢者医療広域連合",
        ),
        PayerInvoice(
            "138057",
            InvoiceScheme.NATIONAL,
            (
                PayerLine(PayerRow.ELDER, False, InvoiceAmounts(31, 50, 34567, 8000)),
                PayerLine(PayerRow.ORDINARY, False, InvoiceAmounts(66, 99, 71234)),
                PayerLine(PayerRow.ORDINARY, True, InvoiceAmounts(1, 10, 32100, 0, 0, 1, 30, 20700, 15300)),
                PayerLine(PayerRow.PRESCHOOL, False, InvoiceAmounts(5, 8, 3456)),
            ),
            (
                PayerProgrammeLine("21", False, InvoiceAmounts(5, 5, 5020, 0, 5000)),
                PayerProgrammeLine("54", True, InvoiceAmounts(1, 10, 32100, 0, 10000, 1, 30, 20700, 0)),
            ),
            "架空市",
        ),
        PayerInvoice(
            "138065",
            InvoiceScheme.NATIONAL,
            (PayerLine(PayerRow.RETIRED, False, InvoiceAmounts(2, 3, 1234)),),
        ),
    ),
)

TRAFFIC = TrafficStatement(
    month=date(2026, 6, 1),
    issuer=CLINIC,
    patient=PATIENT,
    diseases=(
        ClaimDisease("頚椎捻挫", date(2026, 6, 2), is_main=True),
        ClaimDisease("右膝関節打撲傷", date(2026, 6, 2)),
        ClaimDisease("腰椎捻挫", date(2026, 6, 2)),
        ClaimDisease("左手関節捻挫", date(2026, 6, 9)),
    ),
    rows={
        AccidentRow.REVISIT: AccidentCell(225, 0, 3, 75),
        AccidentRow.OUTPATIENT_MANAGEMENT: AccidentCell(156, 0, 3, 52),
        AccidentRow.MANAGEMENT: AccidentCell(225, 0, 1),
        AccidentRow.INTERNAL_DRUG: AccidentCell(0, 84, 14),
        AccidentRow.INTERNAL_DISPENSING: AccidentCell(11, 0, 1),
        AccidentRow.EXTERNAL_DRUG: AccidentCell(0, 103, 2),
        AccidentRow.EXTERNAL_DISPENSING: AccidentCell(8, 0, 1),
        AccidentRow.PRESCRIBING: AccidentCell(42, 0, 1),
        AccidentRow.DISPENSING_BASIC: AccidentCell(14, 0, 1),
        AccidentRow.SUBCUTANEOUS: AccidentCell(25, 0, 1),
        AccidentRow.INJECTION_DRUG: AccidentCell(0, 12),
        AccidentRow.PROCEDURE: AccidentCell(140, 0, 4),
        AccidentRow.PROCEDURE_DRUG: AccidentCell(0, 9),
        AccidentRow.IMAGING: AccidentCell(420, 0, 2),
        AccidentRow.OTHER: AccidentCell(740, 0, 4),
    },
    fees=(
        AccidentFee(AccidentFeeKind.FIRST, 3850),
        AccidentFee(AccidentFeeKind.EMERGENCY, 1250),
    ),
    units=(
        SummaryUnit("11", (SummaryItem("初診料（労災準拠）　3,850円×1"),)),
        SummaryUnit("12", (SummaryItem("再診料"),), 75, 3),
        SummaryUnit("21", (SummaryItem("架空プロフェン錠６０ｍｇ", "3錠"),), 6, 14),
        SummaryUnit("40", (SummaryItem("消炎鎮痛等処置（器具等による療法）"),), 35, 4),
        SummaryUnit("70", (SummaryItem("頚椎単純撮影（デジタル）"), SummaryItem("電子画像管理加算")), 210, 2),
    ),
    visit_days=tuple(date(2026, 6, day) for day in (2, 9, 16, 30)),
    unit_price_yen=Decimal("12"),
    technique_percent=120,
    injured_on=date(2026, 6, 1),
    first_visit_on=date(2026, 6, 2),
    outcome=AccidentOutcome.CONTINUED,
    certificate=DocumentFee(1, 5500),
    statement=DocumentFee(1, 3300),
    insurer_name="架空損害保険株式会社",
    doctor_name="辻\U000e0100　花子",
    claimed_on=date(2026, 7, 10),
    beds=0,
)

WORK_ACCIDENT = WorkAccidentStatement(
    month=date(2026, 6, 1),
    issuer=CLINIC,
    patient=PATIENT,
    rows={**TRAFFIC.rows, AccidentRow.HOUSE_CALL: AccidentCell(720, 0, 1, 720)},
    unit_price_yen=Decimal("11.5"),
    fees=(
        AccidentFee(AccidentFeeKind.FIRST, 3850),
        AccidentFee(AccidentFeeKind.REVISIT, 4260, 3),
        AccidentFee(AccidentFeeKind.GUIDANCE, 920),
        AccidentFee(AccidentFeeKind.OTHER, 2000),
    ),
    units=TRAFFIC.units,
    visit_days=TRAFFIC.visit_days,
    diseases=("右第2指挫創", "右手関節捻挫"),
    course="機械に右手をはさみ受傷。創を縫合し、経過は良好。次回抜糸の予定。",
    labour_number="13101123456000",
    injured_on=date(2026, 6, 1),
    begun=CareBegun.FIRST,
    ended=CareEnded.CONTINUED,
    nth=1,
    workplace=Workplace("架空製作所", "東京都架空区架空町三丁目4番5号"),
    designated_number="9990001",
)

WORK_ACCIDENT_CLAIM = WorkAccidentClaim(
    month=date(2026, 6, 1),
    issuer=CLINIC,
    sheets=12,
    total_yen=345678,
    first_name="髙橋　𠮷之助",
    labour_bureau="東京",
    inspection_office="架空",
    opener="辻\U000e0100　花子",
    claimed_on=date(2026, 7, 10),
    designated_number="9990001",
)

CONTROLS = ControlSheet(
    title="医療情報セキュリティ開示書",
    basis="架空のガイドライン 第1版",
    product="Tasuki",
    version="0.1.0",
    organisation="医療法人社団たすき会　葛󠄀城さくら内科クリニック",
    day=date(2026, 11, 29),
    lines=(
        ControlLine(
            "運14①",
            "遵守",
            "利用者を識別し認証する",
            "満たす",
            "一人一つのアカウントと二要素。",
            "tests/server/test_second_factor.py::test_password_then_code_opens_the_house、訓練 mfa",
            date(2026, 11, 29),
        ),
        ControlLine(
            "1-1",
            "遵守",
            "責任者を置く",
            "組織で回答",
            "氏名と任命した日を回答する。",
            "",
            date(2026, 11, 29),
            "架空　花子（2026-04-01 任命）",
            "管理者　架空　一郎 2026-11-28",
        ),
        ControlLine(
            "運15",
            "遵守",
            "電子署名と時刻認証を用いる",
            "しない",
            "まだ付けられない。",
            "",
            date(2026, 11, 29),
        ),
    ),
    notes=("この書類は案であり、公式の様式ではありません。",),
)

ATTACK = AttackReport(
    organisation="医療法人社団たすき会　葛󠄀城さくら内科クリニック",
    title="サイバー攻撃対応報告書",
    day=date(2026, 11, 29),
    is_drill=True,
    summary="盗まれたサインインでカルテ12人分が閲覧され、記録が書き換えられました。書換えの直前に復元しました。",
    measured=(
        Measured("検知までの時間", "2.1 秒", "60 秒以下", True),
        Measured("停止から記載の再開まで", "720 秒", "600 秒以下", False),
        Measured("応答済みの行為", "41 件"),
    ),
    timeline=(
        ReportedMoment("10:00:00", "0分00秒", "攻撃", "カルテを順に開き始める"),
        ReportedMoment("10:00:02", "0分02秒", "検知", "見張りが検知（おとりカルテ）"),
    ),
    order=("P1 停止時ビューア 3.0秒（目標 1分）",),
    kept=("書換えの前に応答した行為のすべて。",),
    again=(ActToEnterAgain("1024", "11-29 10:00:05", "受付　架空　はるか", "患者登録"),),
    to_do=("機械を網から外したまま残す。",),
    tellings=(
        Telling(
            "個人情報保護委員会（速報）",
            "漏えい等報告",
            "知った日から3〜5日以内",
            "個人情報保護法 第26条第1項",
        ),
    ),
    to_patients=("電子カルテを使えませんでした。窓口: （施設で記入）",),
    faults=("記載の再開に 720 秒かかりました。",),
    notes=("この報告書は訓練のものです。",),
)

NOTIFICATION = DiseaseNotification(
    title="麻しん発生届",
    form_number="5-23",
    reported_on=date(2026, 6, 15),
    doctor_name="架空　太郎",
    issuer=CLINIC,
    deadline="直ちに",
    subjects=(Choice("患者（確定例）", True), Choice("感染症死亡者の死体")),
    sex=Sex.FEMALE,
    age_years=0,
    age_months=5,
    person=NotifiedPerson(
        name="髙橋　𠮷子",
        born=date(2025, 12, 20),
        kana="タカハシ　ヨシコ",
        occupation="なし",
        address="東京都架空区架空町一丁目4番5号",
        telephone="03-0000-0001",
        whereabouts="自宅",
        guardian_name="髙橋　𠮷之助",
        guardian_address="同上",
    ),
    kinds=(Choice("麻しん（検査診断例）", True), Choice("麻しん（臨床診断例）")),
    symptoms=(Choice("発熱", True, "6月12日"), Choice("咳"), Choice("発疹", True, "6月14日")),
    methods=(Choice("検体から直接のPCR法による病原体の遺伝子の検出", True, "検体: 咽頭拭い液　結果: 陽性"),),
    first_seen_on=date(2026, 6, 13),
    diagnosed_on=date(2026, 6, 15),
    onset_on=date(2026, 6, 12),
    causes=(Choice("飛沫・飛沫核感染"), Choice("その他")),
    cause_words="不明",
    cause_certainty="presumed",
    is_abroad=False,
    region="東京都",
    region_certainty="confirmed",
)

OWN_RECORD = OwnRecord(
    name="架空　花子",
    born="1974年5月6日",
    printed_at=datetime(2026, 11, 30, 14, 5, tzinfo=timezone(timedelta(hours=9))),
    parts=(
        RecordPart("病名", ("病名", "始まり", "医療機関"), (("2型糖尿病", "2022年10月1日", "架空総合病院"),)),
        RecordPart("アレルギー", ("もの", "症状"), ()),
        RecordPart(
            "検査結果",
            ("日", "検査", "結果", "基準範囲"),
            (
                ("2026年10月31日", "HbA1c(NGSP)", "6.6 %（高い）", "4.6〜6.2"),
                ("2026年10月1日", "HbA1c(NGSP)", "6.9 %（高い）", "4.6〜6.2"),
            ),
        ),
    ),
    notes=("「本人の記入」は本人が書いたもので、医療機関が確かめたものではありません。",),
)

SAMPLES: dict[str, Any] = {
    "disease_notification": NOTIFICATION,
    "own_record": OWN_RECORD,
    "attack_report": ATTACK,
    "receipt_slip": RECEIPT,
    "itemised_statement": ITEMISED,
    "prescription": PRESCRIPTION,
    "prescription_copy": PRESCRIPTION_COPY,
    "claim_receipt": CLAIM,
    "claim_receipts": ClaimReceipts(CLAIM.month, (CLAIM, STAY)),
    "social_invoice": SOCIAL_INVOICE,
    "payer_invoices": PAYER_INVOICES,
    "claim_totals": PAYER_INVOICES,
    "traffic_statement": TRAFFIC,
    "work_accident_statement": WORK_ACCIDENT,
    "work_accident_claim": WORK_ACCIDENT_CLAIM,
    "daily_report": DAILY,
    "control_sheet": CONTROLS,
    "chart_page": CHART,
    "referral": REFERRAL,
}

# Every sheet whose look is kept: the form it is printed with, and what.
LOOKS: dict[str, tuple[str, Any]] = {
    **{form: (form, sample) for form, sample in SAMPLES.items()},
    "claim_inpatient": ("claim_receipt", STAY),
    "nameless_notification": (
        "disease_notification",
        replace(NOTIFICATION, title="梅毒発生届", form_number="5-16", person=None, deadline="七日以内に"),
    ),
    "national_invoice": (
        "payer_invoices",
        replace(PAYER_INVOICES, invoices=PAYER_INVOICES.invoices[1:2]),
    ),
}
