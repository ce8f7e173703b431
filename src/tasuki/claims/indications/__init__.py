# SPDX-License-Identifier: Apache-2.0
"""適応 — which disease, age, sex, dose and partner a drug or an act goes with, as tables of data."""

from __future__ import annotations

from tasuki.claims.indications.check_master import CheckMaster, read_check_master
from tasuki.claims.indications.rows import (
    ActIndication,
    Contraindication,
    DoseGroup,
    DrugIndication,
    ForbiddenPair,
    Indications,
    Limits,
    LongUse,
    ReviewCase,
)
from tasuki.claims.indications.starter import starter_indications

__all__ = [
    "ActIndication",
    "CheckMaster",
    "Contraindication",
    "DoseGroup",
    "DrugIndication",
    "ForbiddenPair",
    "Indications",
    "Limits",
    "LongUse",
    "ReviewCase",
    "read_check_master",
    "starter_indications",
]
