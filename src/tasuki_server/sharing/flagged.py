# SPDX-License-Identifier: Apache-2.0
"""印を付ける記録の参照 — a disease, an allergy or a result of the patient of a visit, or 404."""

from __future__ import annotations

from uuid import UUID

from tasuki_server.chart.page import access_diagnosis
from tasuki_server.patients.access import access_allergy
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.access import access_result
from tasuki_server.sharing.models import Subject


def access_flagged(visit: Visit, subject: Subject, record_id: UUID) -> None:
    """記録の確認 — raises 404 for a record that is not this patient's."""
    match subject:
        case Subject.DISEASE:
            access_diagnosis(visit.patient, record_id)
        case Subject.ALLERGY:
            access_allergy(visit.patient, record_id)
        case _:
            access_result(visit, record_id)
