# SPDX-License-Identifier: Apache-2.0
"""チェック結果の伝達 — what an asker may be told of drugs of other institutions, and how the answer writes it.

Cite: 電子処方箋管理サービス EPS-IF-103; 口頭閲覧同意 (1.1版)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tasuki.eligibility.message import Node
from tasuki.eligibility.times import day_text
from tasuki.prescriptions.service.courses import Course
from tasuki.prescriptions.service.messages import filled
from tasuki.prescriptions.service.overlap import Alert, AlertKind

DETAIL = "CheckResultDetail"
_WITHHELD = (
    "他の医療機関・薬局の薬と{kind}の可能性があります（患者の閲覧同意がないため、薬の詳細は表示できません）。"
)
_DUPLICATE = "同一成分の薬が{since:%Y年%-m月%-d日}から{until:%-m月%-d日}まで重なります（{place}：{name}）。"


def has_consent(online: str, oral: str) -> bool:
    """閲覧同意 — by the card (OnlineConsent) or by word (OralBrowsingConsent)."""
    return "1" in (online, oral)


def alert_view(alert: Alert, asker: str, *, is_consented: bool) -> dict[str, Any]:
    """チェック結果の内容 — for the asker: without consent, nothing but the finding of what others gave."""
    is_own = alert.is_of(asker)
    view: dict[str, Any] = {
        "category": alert.kind.value,
        "is_own": is_own,
        "is_withheld": not (is_own or is_consented),
        "target": _course(alert.target),
    }
    if view["is_withheld"]:
        return {**view, "message": _WITHHELD.format(kind=alert.kind.label)}
    past, course = alert.past, alert.past.course
    since, until = alert.days
    place = past.pharmacy_name or past.clinic_name
    if alert.kind is AlertKind.DUPLICATE:
        message = _DUPLICATE.format(since=since, until=until, place=place, name=course.name)
    else:
        message = f"{alert.text}（{place}：{course.name}）"
    return {
        **view,
        "message": message,
        "past": _course(course)
        | {
            "clinic_number": past.clinic_number,
            "clinic": past.clinic_name,
            "pharmacy": past.pharmacy_name,
            "prescription": past.prescription_id,
        },
    }


def alert_values(
    views: Iterable[dict[str, Any]], comment: str = ""
) -> tuple[tuple[tuple[str, str], ...], tuple[Node, ...]]:
    """チェック結果の要素 — the flags of the answer, and one detail for each finding."""
    nodes, own, others = [], False, False
    for number, view in enumerate(views, 1):
        own, others = own or view["is_own"], others or not view["is_own"]
        target, past = view["target"], view.get("past", {})
        values = [
            ("MessageId", f"{number:03}"),
            ("MessageCategory", view["category"]),
            ("PharmaceuticalsIngredientName", target["ingredient_name"]),
            ("Message", view["message"]),
            ("SameMedicalInstitutionAlertFlg", "1" if view["is_own"] else "0"),
            *_side("Target", target),
            *_side("Past", past),
        ]
        if past:
            values += [
                ("PastMedicalInstitutionName", past["clinic"]),
                ("PastPharmacyName", past["pharmacy"]),
                ("PastDate", past["since"]),
            ]
        nodes.append(Node(DETAIL, "", filled(*values, ("Comment", comment))))
    flags = (
        ("AlertFlg", "1" if own or others else "0"),
        ("SameMedicalInstitutionAlertFlg", "1" if own else "0"),
    )
    return flags, tuple(nodes)


def _course(course: Course) -> dict[str, str]:
    return {
        "ingredient": course.ingredient,
        "ingredient_name": course.name,
        "code_kind": course.code_kind,
        "code": course.code,
        "name": course.name,
        "amount": f"{course.amount}{course.unit}",
        "usage": course.usage,
        "dosage_form": course.dosage_form,
        "since": day_text(course.since),
        "until": day_text(course.until),
    }


def _side(prefix: str, side: dict[str, str]) -> tuple[tuple[str, str], ...]:
    if not side:
        return ()
    return (
        (f"{prefix}CodeKind", side["code_kind"]),
        (f"{prefix}Code", side["code"]),
        (f"{prefix}Name", side["name"]),
        (f"{prefix}Quantity", side["amount"]),
        (f"{prefix}Usage", side["usage"]),
        (f"{prefix}DosageForm", side["dosage_form"]),
    )
