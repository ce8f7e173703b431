# SPDX-License-Identifier: Apache-2.0
"""レセプト作成 — a month of calculated visits to receipts, and receipts to the files of each payer."""

from __future__ import annotations

from tasuki.claims.build.assemble import build_month, receipts_of
from tasuki.claims.build.claim_file import check_institution, claim_file, files_of, with_number
from tasuki.claims.build.month import (
    BilledVisit,
    BuiltFile,
    BuiltMonth,
    BuiltReceipt,
    MonthInput,
    Narrative,
    PatientMonth,
)

__all__ = [
    "BilledVisit",
    "BuiltFile",
    "BuiltMonth",
    "BuiltReceipt",
    "MonthInput",
    "Narrative",
    "PatientMonth",
    "build_month",
    "check_institution",
    "claim_file",
    "files_of",
    "receipts_of",
    "with_number",
]
