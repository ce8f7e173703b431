# SPDX-License-Identifier: Apache-2.0
"""写しに入る表 — every table that holds something about a patient is in the copy, or stands here with the reason why not.

A table that a later room brings is taken with the columns that have Japanese names, without a line here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, VersionedRow
from tasuki_server.institutions.tenancy import tenant_models

# 受診ごとに組む表 (``visits.py``).
IN_VISITS = ("reception.Visit", "chart.Note", "chart.Draft", "orders.PlacedOrder")
LEFT_OUT = {
    "audit.AuditEvent": "監査記録は診療の記録ではない",
    "audit.ShownPatient": "監査記録は診療の記録ではない",
    "patients.Patient": "患者基本情報の索引（目録に入る）",
    "billing.VisitPayers": "会計の計算の入力。会計の行に結果がある",
    "billing.BilledLine": "会計の計算の索引。同じ内容はオーダにある",
    "claims.FindingDecision": "レセプト業務（P2）。復旧してから行う",
    "claims.HeldClaim": "レセプト業務（P2）。復旧してから行う",
    "claims.ReceiptNote": "レセプト業務（P2）。復旧してから行う",
    "claims.SentClaim": "レセプト業務（P2）。復旧してから行う",
    "claims.ReturnedClaim": "レセプト業務（P2）。復旧してから行う",
    "claims.PointChange": "レセプト業務（P2）。復旧してから行う",
    "claims.BuiltClaim": "レセプト業務（P2）。復旧してから行う",
    "privacy.PatientMark": "閲覧の決まり。写しの鍵の配り方に表れる",
    "privacy.StaffPatient": "閲覧の決まり",
    "privacy.EmergencyAccess": "閲覧の決まり",
    "maintenance.WorkOrderPatient": "保守作業の記録",
    "watch.Alert": "見張りの記録",
    "watch.Canary": "見張りの記録",
}
# 先に示す順。ほかの表はこの後に、名前の順で続く。
FIRST = (
    "patients.AllergyRecord",
    "chart.DiagnosisRecord",
    "patients.InsuranceRecord",
    "patients.ProgrammeRecord",
    "patients.Demographics",
)
# 見せても読めない、または長すぎる列。
HIDDEN_COLUMNS = {
    "patients.Demographics": ("claim_name",),
    "billing.Bill": ("book",),
    "documents.IssuedDocument": ("form", "sheets", "sha256"),
    "patients.HouseholdMember": ("household",),
    "chart.DiagnosisRecord": ("modifiers",),
    "billing.CapLedgerLine": ("programme_record",),
}
# カードの中身: the members of the library's value that are read aloud at a counter.
_CARD_WORDS = {
    "symbol": "記号",
    "number": "番号",
    "branch": "枝番",
    "recipient_number": "受給者番号",
    "share_percent": "負担割合（％）",
    "income_class": "適用区分",
    "month_cap_yen": "自己負担上限額（円）",
    "specific_disease_limit_yen": "特定疾病の限度額（円）",
    "local_rule": "地方公費の制度",
}


def tables() -> list[type[InstitutionRow]]:
    """写しに入る表 — as sections, in the order in which they are shown."""
    found = [
        each
        for each in tenant_models()
        if _about_patient(each) and _name(each) not in (*LEFT_OUT, *IN_VISITS)
    ]
    place = {name: at for at, name in enumerate(FIRST)}
    return sorted(found, key=lambda each: (place.get(_name(each), len(FIRST)), _name(each)))


def _about_patient(model: type[InstitutionRow]) -> bool:
    return any(field.attname == "patient_id" for field in model._meta.concrete_fields)


def _name(model: type[models.Model]) -> str:
    return model._meta.label


def sections_of(patients: Collection[UUID]) -> Mapping[UUID, list[dict[str, Any]]]:
    """患者ごとの表 — title, columns and rows of text, for each table with something in it."""
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for model in tables():
        columns = list(_columns(model))
        rows: defaultdict[UUID, list[list[str]]] = defaultdict(list)
        for row in _current(model, patients):
            rows[row.patient_id].append([_text(row, each) for each in columns] + _card(row))
        titles = [str(each.verbose_name) for each in columns]
        for patient, shown in rows.items():
            more = ["券面"] if shown and len(shown[0]) > len(titles) else []
            found[patient].append(
                {"title": str(model._meta.verbose_name), "columns": titles + more, "rows": shown}
            )
    return found


def _current(model: type[InstitutionRow], patients: Collection[UUID]) -> Iterator[Any]:
    rows: Any = model._default_manager.filter(patient_id__in=patients)
    if issubclass(model, VersionedRow):
        rows = rows.current()
    return iter(rows.order_by("-id"))


def _columns(model: type[InstitutionRow]) -> Iterator[models.Field[Any, Any]]:
    hidden = HIDDEN_COLUMNS.get(_name(model), ())
    for field in model._meta.concrete_fields:
        # A name in Japanese is a name for people; the others are of the machine.
        if field.name not in hidden and not str(field.verbose_name).isascii():
            yield field


def _text(row: InstitutionRow, field: models.Field[Any, Any]) -> str:
    value = getattr(row, field.attname)
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    return plain_text(value)


def plain_text(value: object) -> str:
    """値の文 — days and moments as a clinic reads them; nothing for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "はい" if value else ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(filter(None, (plain_text(each) for each in value)))
    if isinstance(value, dict):
        return "、".join(f"{key} {plain_text(each)}" for key, each in value.items() if plain_text(each))
    return str(value)


def _card(row: InstitutionRow) -> list[str]:
    """What the card says, for the two tables whose value is a card."""
    if _name(type(row)) not in ("patients.InsuranceRecord", "patients.ProgrammeRecord"):
        return []
    value = row.value  # type: ignore[attr-defined]
    words = [
        f"{word} {plain_text(value[name])}"
        for name, word in _CARD_WORDS.items()
        if plain_text(value.get(name))
    ]
    return ["、".join(words + (["被扶養者"] if value.get("is_dependant") else []))]
