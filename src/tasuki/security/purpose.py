# SPDX-License-Identifier: Apache-2.0
"""利用目的 — why a person's data is used, in the codes that audit events carry."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.security.permissions import Permission


class Purpose(StrEnum):
    """利用目的 — codes of HL7 v3 PurposeOfUse, each with its name on screens.

    Cite: http://terminology.hl7.org/CodeSystem/v3-ActReason (PurposeOfUse)
    """

    TREATMENT = "TREAT"
    EMERGENCY = "ETREAT"
    PAYMENT = "HPAYMT"
    OPERATIONS = "HOPERAT"
    PATIENT_ADMINISTRATION = "PATADMIN"
    MAINTENANCE = "HSYSADMIN"
    PATIENT_REQUEST = "PATRQT"
    RESEARCH = "HRESCH"
    PUBLIC_HEALTH = "PUBHLTH"

    @property
    def label(self) -> str:
        """利用目的の名前 — as screens and the patient's sheet show it."""
        return _LABELS[self]


_LABELS = {
    Purpose.TREATMENT: "診療",
    Purpose.EMERGENCY: "緊急の診療",
    Purpose.PAYMENT: "会計・請求",
    Purpose.OPERATIONS: "運営",
    Purpose.PATIENT_ADMINISTRATION: "受付・患者の管理",
    Purpose.MAINTENANCE: "システムの保守",
    Purpose.PATIENT_REQUEST: "患者本人の求め",
    Purpose.RESEARCH: "研究",
    Purpose.PUBLIC_HEALTH: "公衆衛生",
}

# What is not named here is the running of the institution.
_BY_WORKPLACE = {
    "受付": Purpose.PATIENT_ADMINISTRATION,
    "患者": Purpose.PATIENT_ADMINISTRATION,
    "カルテ": Purpose.TREATMENT,
    "オーダ": Purpose.TREATMENT,
    "書類": Purpose.TREATMENT,
    "薬局": Purpose.TREATMENT,
    "会計": Purpose.PAYMENT,
    "レセプト": Purpose.PAYMENT,
    "審査支払": Purpose.PAYMENT,
}


def purpose_of(permission: Permission) -> Purpose:
    """既定の利用目的 — of what a permission is for, from its workplace.

    >>> from tasuki.security.permissions import Permission
    >>> purpose_of(Permission.CHART_VIEW).value, purpose_of(Permission.CLAIMS_EXPORT).value
    ('TREAT', 'HPAYMT')
    """
    return _BY_WORKPLACE.get(permission.about.workplace, Purpose.OPERATIONS)
