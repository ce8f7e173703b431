# SPDX-License-Identifier: Apache-2.0
"""処方の安全性 — the checks before a prescription is signed, and the drug-knowledge tables they read."""

from __future__ import annotations

from tasuki.prescriptions.safety.alert import Alert, alert_sentence
from tasuki.prescriptions.safety.checking import check
from tasuki.prescriptions.safety.knowledge import Knowledge, KnowledgeTables, read_knowledge
from tasuki.prescriptions.safety.person import Allergy, Body, Condition, Medicine, Patient
from tasuki.prescriptions.safety.rows import Tier
from tasuki.prescriptions.safety.starter import starter_knowledge

__all__ = [
    "Alert",
    "Allergy",
    "Body",
    "Condition",
    "Knowledge",
    "KnowledgeTables",
    "Medicine",
    "Patient",
    "Tier",
    "alert_sentence",
    "check",
    "read_knowledge",
    "starter_knowledge",
]
