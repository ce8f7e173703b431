# SPDX-License-Identifier: Apache-2.0
"""連携アプリの閲覧 — apps of this institution, what its people allowed them, and the exchange's Patients of one of its patients.

Tables of the exchange belong to no institution's rows: everything here asks by this institution's place in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from tasuki.sharing.build.names import PATIENT_NUMBER
from tasuki.sharing.search.parameters import parameter
from tasuki_server.audit.trail import record
from tasuki_server.exchange.app_registering import end_permits_for
from tasuki_server.exchange.app_scopes import WORDS, Wanted, read_wanted, text_of
from tasuki_server.exchange.models import AppPermit, FoundToken, LaunchApp, StoredResource
from tasuki_server.institutions.models import Institution
from tasuki_server.patients.models import Patient
from tasuki_server.platform.clients import house_token, register_institution
from tasuki_server.platform.models import ConnectedInstitution, FeeTable
from tasuki_server.settings_table import text

MOST_PERMITS = 200
_IDENTIFIER = parameter("Patient", "identifier")
# 型の日本語: of what apps usually ask for; any other stands as FHIR names it.
_TYPES = {
    "*": "その患者のすべての記録", "Patient": "患者の基本情報", "Observation": "検査結果・測定値", "Condition": "傷病名",
    "AllergyIntolerance": "薬剤アレルギー等", "MedicationRequest": "処方", "Immunization": "予防接種",
    "DiagnosticReport": "検査報告", "DocumentReference": "文書", "Encounter": "受診",
}  # fmt: skip


def is_exchange_here() -> bool:
    """交換はこの設置か — apps are allowed where the exchange is; another's has pages of its own."""
    return not text("TASUKI_PLATFORM_URL")


def connected_here() -> ConnectedInstitution:
    """この医療機関の接続機関 — as the exchange knows it."""
    row = Institution.objects.get()
    token = house_token(row.id)
    return register_institution(row.prefecture, FeeTable.MEDICAL, row.code, row.name, token)[0]


def access_apps(moment: datetime) -> dict[str, Any]:
    """連携アプリの画面 — apps, those in use first, and the newest permits with their patients by identifier alone."""
    record("app.read")
    here = connected_here()
    apps = list(LaunchApp.objects.filter(connected=here).order_by("-made_at"))
    apps.sort(key=lambda each: each.revoked_at is not None)
    permits = AppPermit.objects.filter(app__connected=here).select_related("app").order_by("-made_at")
    return {
        "apps": apps,
        "permits": [
            {"row": each, "is_live": each.is_live(moment), "told": told(read_wanted(each.scopes))}
            for each in permits[:MOST_PERMITS]
        ],
    }


def access_app(app_id: UUID) -> LaunchApp:
    """連携アプリ — of this institution, else 404."""
    found = LaunchApp.objects.filter(pk=app_id, connected=connected_here()).first()
    if found is None:
        raise Http404("app")
    return found


def access_permit(permit_id: UUID) -> AppPermit:
    """許可 — of this institution, else 404."""
    found = (
        AppPermit.objects.filter(pk=permit_id, app__connected=connected_here()).select_related("app").first()
    )
    if found is None:
        raise Http404("permit")
    return found


def in_exchange(number: int) -> list[StoredResource]:
    """交換の患者 — the Patients that this institution itself registered under its number; what others say counts nothing."""
    row, here = Institution.objects.get(), connected_here()
    assert _IDENTIFIER is not None
    keys = FoundToken.objects.filter(
        param=_IDENTIFIER.number,
        system=f"{PATIENT_NUMBER}{here.institution_number}",
        code=str(number),
    ).values("key")
    found = StoredResource.objects.filter(
        type="Patient", writer_id=here.pk, is_deleted=False, key__in=keys
    ).order_by("-updated")
    record("app.patient", row, detail={"found": len(found)})
    return list(found)


def end_permits_past(patient: Patient, readers: Iterable[str]) -> int:
    """封印された患者の許可の終了 — of everyone but those who may read past the seal; nothing where the exchange is elsewhere."""
    if not is_exchange_here():
        return 0
    places = [each.logical_id for each in in_exchange(patient.number)]
    return end_permits_for(places, [UUID(each) for each in readers], timezone.now())


def told(wanted: Wanted) -> list[str]:
    """利用範囲の言葉 — for whoever allows them."""
    data = [_said(each.type, each.letters, text_of(each), bool(each.pairs)) for each in wanted.data]
    return [*data, *(WORDS[each] for each in wanted.words)]


def _said(type_name: str, letters: str, written: str, is_bound: bool) -> str:
    what = _TYPES.get(type_name, type_name)
    how = "を検索して読む" if "s" in letters else "を読む"
    return f"{what}{how}" + (f"（条件: {written.partition('?')[2]}）" if is_bound else "")
