# SPDX-License-Identifier: Apache-2.0
"""おとりを除く — what every list and count of patients leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from tasuki_server.watch.models import Canary

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tasuki_server.patients.models import Patient


def without_canaries(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """おとりを除いた患者 — decoys that were retired too: they are nobody still."""
    return patients.filter(~Exists(Canary.objects.filter(patient_id=OuterRef("pk"))))
