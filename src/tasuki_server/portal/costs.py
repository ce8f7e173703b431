# SPDX-License-Identifier: Apache-2.0
"""費用 — months and institutions whose receipts the platform knows, what share one pays, and what it does not know.

The amounts are not among them: receipts come to this service as acts and drugs without points.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tasuki.eligibility.codes import CODES
from tasuki_server.eligibility.access import certificates_of
from tasuki_server.eligibility.models import DrugSource, InsuredPerson
from tasuki_server.portal.data import acts_of, drugs_elsewhere, records_since


def costs_of(person: InsuredPerson) -> dict[str, Any]:
    """費用の画面 — by month, the newest first."""
    since = records_since()
    counted: dict[tuple[str, str], list[int]] = {}
    for act in acts_of(person, since):
        counted.setdefault((f"{act.day:%Y-%m}", act.institution_name), [0, 0])[0] += 1
    for drug in drugs_elsewhere(person, since):
        if drug.source == DrugSource.RECEIPT:
            counted.setdefault((f"{drug.day:%Y-%m}", drug.institution_name), [0, 0])[1] += 1
    months = [
        {"month": month, "institution": institution, "acts": acts, "drugs": drugs}
        for (month, institution), (acts, drugs) in sorted(counted.items(), reverse=True)
    ]
    return {"months": months, "covers": _covers(person)}


def _covers(person: InsuredPerson) -> list[dict[str, Any]]:
    today = timezone.localdate()
    shown = []
    for cover in person.qualifications.order_by("-qualified_on"):
        if cover.lost_on is not None and cover.lost_on <= today:
            continue
        limits = certificates_of(cover).limits
        shown.append(
            {
                "cover": cover,
                "limits": [
                    {"row": each, "label": CODES["limit_class"].get(each.limit_class, each.limit_class)}
                    for each in limits
                ],
            }
        )
    return shown
