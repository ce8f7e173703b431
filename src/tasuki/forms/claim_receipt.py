# SPDX-License-Identifier: Apache-2.0
"""診療報酬明細書 — 様式第二（医科入院外・医科入院）: the monthly claim of one patient as the boxed sheet reviewers read.

The sheet is a view: what is claimed is the UKE file. Continuation sheets (続紙) take what the 摘要 column
of the first cannot hold.

Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 様式第二; 記載要領 (昭和51年8月7日 保険発第82号) 第3
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tasuki.forms.claim_stay import ClaimStay
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.kernel.finding import Finding, Severity, Where


class PointRow(StrEnum):
    """点数欄 — the rows of the point table on the left of the sheet, in printed order.

    在宅 and 投薬 have other rows for outpatients than for inpatients: ``14``, ``21``-``24`` are the inpatients'.
    """

    FIRST = "11"
    REVISIT = "12.revisit"
    OUTPATIENT_MANAGEMENT = "12.management"
    AFTER_HOURS = "12.after_hours"
    HOLIDAY = "12.holiday"
    NIGHT = "12.night"
    MANAGEMENT = "13"
    HOME_CARE = "14"
    HOUSE_CALL = "14.call"
    HOUSE_CALL_EVENING = "14.evening"
    HOUSE_CALL_NIGHT = "14.night"
    HOME_VISIT = "14.visit"
    HOME_OTHER = "14.other"
    HOME_DRUG = "14.drug"
    INTERNAL = "21"
    INTERNAL_DRUG = "21.drug"
    INTERNAL_DISPENSING = "21.dispensing"
    AS_NEEDED = "22"
    AS_NEEDED_DRUG = "22.drug"
    EXTERNAL = "23"
    EXTERNAL_DRUG = "23.drug"
    EXTERNAL_DISPENSING = "23.dispensing"
    DISPENSING = "24"
    PRESCRIBING = "25"
    NARCOTIC = "26"
    DISPENSING_BASIC = "27"
    SUBCUTANEOUS = "31"
    INTRAVENOUS = "32"
    INJECTION_OTHER = "33"
    PROCEDURE = "40.act"
    PROCEDURE_DRUG = "40.drug"
    SURGERY = "50.act"
    SURGERY_DRUG = "50.drug"
    EXAMINATION = "60.act"
    EXAMINATION_DRUG = "60.drug"
    IMAGING = "70.act"
    IMAGING_DRUG = "70.drug"
    PRESCRIPTION = "80.prescription"
    OTHER = "80.other"
    OTHER_DRUG = "80.drug"


@dataclass(frozen=True, slots=True)
class PointCell:
    """点数欄の記載 — count and points of one row; ``programme_points`` (公費分点数) only where they differ.

    ``unit_points`` is the value before the × where the form has one (再診 73×2).
    """

    points: int
    count: int | None = None
    unit_points: int | None = None
    programme_points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimInsurer:
    """保険者欄 — the insurer's line: number, 給付割合, 実日数, 請求点, 一部負担金額.

    ``benefit_percent`` only for 国保; ``burden_yen`` only where the share must be recorded.
    ``reduction`` is 減免 as printed (減額 3割, 免除, 支払猶予).
    """

    insurer_number: str
    symbol: str
    number: str
    days: int
    points: int
    branch: str = ""
    benefit_percent: int | None = None
    burden_yen: int | None = None
    reduction: str = ""


@dataclass(frozen=True, slots=True)
class ClaimProgramme:
    """公費欄 — one programme's line. ``insured_burden_yen`` is printed in brackets (公費給付対象一部負担金)."""

    payer_number: str
    recipient_number: str
    days: int
    points: int
    burden_yen: int | None = None
    insured_burden_yen: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimDisease:
    """傷病名 — name with modifiers, first day, and what became of it (治ゆ, 死亡, 中止 or empty)."""

    name: str
    since: date
    outcome: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """摘要の項目 — an act, drug, material or comment, with its amount and unit."""

    name: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class SummaryUnit:
    """摘要の算定単位 — items of one 点数×回数; comments have neither.

    ``section`` (診療識別) and ``burden`` (負担区分) are printed where they change.
    """

    section: str
    items: tuple[SummaryItem, ...]
    points: int | None = None
    count: int | None = None
    burden: str = ""


@dataclass(frozen=True, slots=True)
class ClaimReceipt:
    """診療報酬明細書 — one receipt. ``receipt_type`` is レセプト種別 (1112 …), ``month`` any day of the month of service.

    ``special_notes`` are 特記事項 as printed (``02長``), ``occupational_reason`` is 1-3 or empty. A receipt with a
    ``stay`` is printed on the sheet of inpatients.
    """

    receipt_type: str
    month: date
    issuer: Issuer
    patient: PatientParty
    diseases: tuple[ClaimDisease, ...]
    rows: dict[PointRow, PointCell]
    units: tuple[SummaryUnit, ...]
    insurer: ClaimInsurer | None = None
    programmes: tuple[ClaimProgramme, ...] = ()
    number: str = ""
    department: str = ""
    beds: int | None = None
    special_notes: tuple[str, ...] = ()
    occupational_reason: str = ""
    review_payer: str = ""
    is_preview: bool = True
    narratives: tuple[str, ...] = ()
    stay: ClaimStay | None = None


@dataclass(frozen=True, slots=True)
class ClaimReceipts:
    """診療報酬明細書の一括 — receipts printed one after another in one file; ``month`` is the month of the claim."""

    month: date
    receipts: tuple[ClaimReceipt, ...]


def check(bundle: ClaimReceipts) -> list[Finding]:
    """明細書一括の点検 — an empty bundle is not printed. What a receipt says is not asked: a wrong one must be seen."""
    if bundle.receipts:
        return []
    return [
        Finding(
            "FORM004",
            Severity.BLOCK,
            Where(record="claim_receipts", field="receipts"),
            "form.not_allowed",
            {"reason": "印刷する明細書がありません。"},
        )
    ]
