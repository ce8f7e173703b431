# SPDX-License-Identifier: Apache-2.0
"""全国医療情報プラットフォーム（試行環境）の参照 — what its desk shows, to its operators alone; anybody else gets 404.

A role given by some institution's administrator is not enough: who sits here is written by the command line.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.http import Http404, HttpRequest
from django.utils import timezone

from tasuki.prescriptions.service.operations import OPERATIONS as PRESCRIPTION_OPERATIONS
from tasuki_server.audit.trail import record
from tasuki_server.platform.clients import register_institution
from tasuki_server.platform.code_alarms import code_alarms
from tasuki_server.platform.faults import NO_FAULTS, Faults
from tasuki_server.platform.keys_registered import add_key
from tasuki_server.platform.models import (
    ConnectedInstitution,
    FaultSetting,
    FeeTable,
    PlatformOperator,
    ServiceEvent,
)
from tasuki_server.platform.services import SERVICES
from tasuki_server.records.addresses import ADDRESSES as RECORD_ADDRESSES

# 利用の記録の操作: what each service calls what it was asked.
OPERATIONS = {
    "confirm": "資格確認（番号）",
    "card": "資格確認（カード）",
    "bulk": "資格確認（一括）",
    "register": "照会番号の登録",
    "bulk-register": "照会番号の登録（一括）",
    "tickets": "医療券の照会",
    "consented-2": "再照会（訪問診療等）",
    "consented-3": "再照会（オンライン診療等）",
    "view-drugs": "薬剤・診療情報の閲覧",
    "emergency-drugs": "救急時医療情報閲覧（薬剤・診療情報）",
    "emergency-checkups": "救急時医療情報閲覧（特定健診情報）",
    "view-checkups": "特定健診情報の閲覧",
    "disaster": "災害時の検索",
    "stop-card": "カードの利用停止",
    "resume-card": "カードの再開",
    "stop-service": "提供の停止",
    "resume-service": "提供の再開",
    "emergency-right": "救急時医療情報閲覧の権限の付与（運用者）",
    "end-emergency-right": "救急時医療情報閲覧の権限の終了（運用者）",
    "key-add": "鍵の登録（運用者）",
    "key-stop": "鍵の停止（運用者）",
    "expire-prescriptions": "保存期間を過ぎた処方・調剤の削除",
}
SERVICE_LABELS = {
    "status": "接続の確認",
    "token": "トークンの発行",
    "eligibility": "オンライン資格確認",
    "prescriptions": "電子処方箋管理",
    "fhir": "医療情報の交換（FHIR）",
    "records": "電子カルテ情報共有",
}
_PRESCRIPTIONS, _RECORDS = "prescriptions.", "records."
_SHOWN = 200
RECORD_OPERATIONS = {each.act: each.term for each in RECORD_ADDRESSES}


def operator_of(request: HttpRequest) -> PlatformOperator:
    """運用担当者 — 404 for everyone else, whatever their role."""
    found = PlatformOperator.objects.filter(user_id=request.user.pk).first()
    if found is None:
        raise Http404("operator")
    return found


def access_desk() -> dict[str, Any]:
    """運用の画面 — the services and what goes wrong in them, who asked today, and what was asked last."""
    record("platform.read")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = ServiceEvent.objects.filter(id__gte=_first_id(midnight))
    counted = today.values("operation").annotate(count=Count("id")).order_by("-count")
    return {
        "services": [_service(name) for name in SERVICES],
        "code_alarms": code_alarms(_first_id(midnight), midnight),
        "institution_count": ConnectedInstitution.objects.filter(revoked_at__isnull=True).count(),
        "counts": [{"label": operation_label(each["operation"]), "count": each["count"]} for each in counted],
        "events": _shown(
            ServiceEvent.objects.all()[:0] if not today.exists() else today.order_by("-at")[:20]
        ),
    }


def access_events() -> dict[str, Any]:
    """利用の記録の画面 — the newest of all institutions."""
    record("platform.read", detail={"of": "events"})
    return {"events": _shown(ServiceEvent.objects.order_by("-id")[:_SHOWN]), "shown": _SHOWN}


def events_of(person_id: UUID) -> list[dict[str, Any]]:
    """本人の利用の記録 — who looked, the newest first."""
    return _shown(ServiceEvent.objects.filter(person_id=person_id).order_by("-at")[:_SHOWN])


def access_faults() -> dict[str, Any]:
    """障害の設定の画面 — of each service, as it is set now."""
    record("platform.read", detail={"of": "faults"})
    return {"services": [_service(name) for name in SERVICES]}


def access_institutions() -> dict[str, Any]:
    """接続機関の画面 — who may ask by token, when each asked last, and which were stopped."""
    record("platform.read", detail={"of": "institutions"})
    now = timezone.now()
    in_use = Q(keys__revoked_at=None, keys__expires_at__gt=now)
    rows = ConnectedInstitution.objects.annotate(
        key_count=Count("keys", filter=in_use), keys_end_at=Min("keys__expires_at", filter=in_use)
    ).order_by("revoked_at", "name")
    used = {
        each["caller"]: each
        for each in ServiceEvent.objects.filter(~Q(caller=None))
        .values("caller")
        .annotate(count=Count("id"), last=Max("at"))
    }
    return {"institutions": [{"row": row, **used.get(row.id, {})} for row in rows]}


def register(
    prefecture: str, fee_table: FeeTable, code: str, name: str, key_text: str
) -> tuple[ConnectedInstitution, str, str]:
    """接続機関の登録 — gives the row, and either its token or its key's thumbprint. Raises NotRegistered.

    With a key nobody is told the token, so none is out that serves whoever holds it.
    """
    if not key_text.strip():
        return *register_institution(prefecture, fee_table, code, name), ""
    with transaction.atomic(using="platform"):
        row, _ = register_institution(prefecture, fee_table, code, name)
        return row, "", add_key(row, key_text, timezone.now()).thumbprint


def access_institution(row: ConnectedInstitution) -> dict[str, Any]:
    """接続機関の鍵の画面の内容 — every key, those in use first."""
    record("platform.read", detail={"of": "institution", "client": str(row.id)})
    now = timezone.now()
    keys = sorted(row.keys.all(), key=lambda key: (not key.is_usable(now), key.added_at))
    return {"row": row, "keys": [{"row": key, "is_usable": key.is_usable(now)} for key in keys]}


def find_institution(institution_id: UUID) -> ConnectedInstitution:
    """接続機関の参照 — by id."""
    found = ConnectedInstitution.objects.filter(pk=institution_id).first()
    if found is None:
        raise Http404("institution")
    return found


def faults_of(service: str) -> Faults:
    """障害の設定 — the newest of a service."""
    row = FaultSetting.objects.filter(service=service).order_by("-made_at").first()
    return NO_FAULTS if row is None else msgspec.convert(row.faults, Faults)


def set_faults(service: str, faults: Faults, by: str) -> None:
    """障害の設定の変更 — counts for requests from the next second."""
    FaultSetting.objects.create(service=service, faults=msgspec.to_builtins(faults), made_by=by)


def operation_label(operation: str) -> str:
    """操作の表記 — in words; one of the prescription service by its official name.

    >>> operation_label("view-drugs"), operation_label("prescriptions.nothing"), operation_label("records.grant")
    ('薬剤・診療情報の閲覧', '電子処方箋の照会', '同意')
    """
    if operation.startswith(_PRESCRIPTIONS):
        found = PRESCRIPTION_OPERATIONS.get(operation.removeprefix(_PRESCRIPTIONS))
        return found.term if found is not None else "電子処方箋の照会"
    if operation.startswith(_RECORDS):
        return RECORD_OPERATIONS.get(operation.removeprefix(_RECORDS), "電子カルテ情報共有")
    return OPERATIONS.get(operation, operation)


def _first_id(at: datetime) -> UUID:
    """The least identifier of a moment: they begin with the time, so the key finds what is new without another index."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _service(name: str) -> dict[str, Any]:
    faults = faults_of(name)
    return {
        "name": name,
        "label": SERVICE_LABELS.get(name, name),
        "faults": faults,
        "is_faulty": faults != NO_FAULTS,
        "told": told_faults(faults),
    }


def told_faults(faults: Faults) -> list[str]:
    """障害の説明 — what is switched on, in words.

    >>> told_faults(Faults(delay_percent=50, delay_milliseconds=200))
    ['50%を200ミリ秒遅らせる']
    """
    told = []
    if faults.is_maintenance:
        told.append(f"閉局: {faults.maintenance_text}")
    if faults.delay_percent:
        told.append(f"{faults.delay_percent}%を{faults.delay_milliseconds}ミリ秒遅らせる")
    for percent, text in (
        (faults.cut_before_percent, "処理の前に切断"),
        (faults.cut_after_percent, "処理の後に切断"),
        (faults.truncate_percent, "途中で切る"),
        (faults.error_percent, f"エラー {faults.error_code}"),
    ):
        if percent:
            told.append(f"{percent}%を{text}")
    return told


def _shown(events: Any) -> list[dict[str, Any]]:
    return [
        {
            "row": each,
            "operation": operation_label(each.operation),
            # 電子処方箋 and 電子カルテ情報共有 have persons of their own, which are nobody's page here.
            "is_insured": each.person_id is not None
            and not each.operation.startswith((_PRESCRIPTIONS, _RECORDS)),
        }
        for each in events.select_related("caller")
    ]
