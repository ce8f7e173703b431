# SPDX-License-Identifier: Apache-2.0
"""監査記録の行為 — events of the trail as the rules want them, with what the institution's tables know beside.

The opening hours stand for a roster, visits near the day for bookings and referrals: no room of the product has those.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from tasuki.security.misuse.act import Act, ActKind, Mark
from tasuki_server.audit.models import AuditEvent
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.patients.models import Patient
from tasuki_server.reception.models import Visit
from tasuki_server.watch.beside import Guards, devices_of, guards_of, marks_for
from tasuki_server.watch.models import Canary, NetworkPlace

# 診療関係とみなす、受診の前後の日数。
CARE_DAYS = 30
# 勤務とみなす、診療時間の前後の時間。
DUTY_HOURS = 2
_EXACT = {
    "sign_in": ActKind.SIGN_IN,
    "sign_in.failed": ActKind.SIGN_IN_FAILED,
    "access.refused": ActKind.REFUSED,
    "second_factor.reset": ActKind.FACTOR_RESET,
    "api.use": ActKind.API,
    "claims.submit": ActKind.EXPORT,
    "document.issue": ActKind.PRINT,
    "document.reissue": ActKind.PRINT,
    "document.read": ActKind.PRINT,
    "staff.add": ActKind.RIGHT_CHANGE,
    "staff.change": ActKind.RIGHT_CHANGE,
    "staff.roles": ActKind.RIGHT_CHANGE,
    "staff.enable": ActKind.RIGHT_CHANGE,
    "consent.withdraw": ActKind.CONSENT_WITHDRAWN,
}
_LAST_WORD = {
    "read": ActKind.VIEW,
    "search": ActKind.SEARCH,
    "print": ActKind.PRINT,
    "export": ActKind.EXPORT,
}
# 見張る側の仕事: whoever looks at an alert about a chart has not opened the chart.
_OFFICE = frozenset({"watch", "canary", "containment", "incident", "mistake", "training", "audit"})
# 保守業者が作業指示なしでも行うこと。
OWN_ACCOUNT = "own"
_OWN_ACTS = ("sign_", "second_factor.", "password.", "enrolment.", "work_order.", "session.", "step_up.")
_OWN_PAGES = ("maintenance:", "account_", "mfa_", "second_factor_", "step_up", "home")
_COUNTS = ("count", "pages", "patients", "claims", "rows")
# 目的の記録がない行為: what a room is for.
_PURPOSES = {"claims": "HPAYMT", "bill": "HPAYMT", "daybook": "HPAYMT", "audit": "HOPERAT"}


def kind_of(action: str) -> ActKind:
    """行為の種類 — from the action's name; rooms that come later are known by their last word."""
    room, _, verb = action.partition(".")
    if action in _EXACT:
        return _EXACT[action]
    if room in ("break_glass", "emergency"):
        return ActKind.BREAK_GLASS if verb in ("", "open", "begin") else ActKind.OTHER
    if room in _OFFICE:
        return ActKind.OTHER
    return _LAST_WORD.get(verb.rpartition(".")[2], ActKind.WRITE if verb else ActKind.OTHER)


class Surroundings(NamedTuple):
    """周りの事実 — asked once for a batch of events."""

    institution: Institution
    staff: dict[UUID, Staff]
    by_user: dict[str, Staff]
    numbers: dict[UUID, int]
    visits: dict[UUID, list[date]]
    canary_charts: dict[UUID, datetime]
    canary_users: frozenset[str]
    places: list[tuple[Any, str]]
    guards: Guards
    devices: dict[str, str]


def surroundings_of(events: Iterable[AuditEvent], institution_id: UUID) -> Surroundings:
    """周りの事実を集める — inside a transaction of the institution."""
    rows = list(events)
    patients = {each.patient_id for each in rows if each.patient_id}
    days = [timezone.localtime(each.at).date() for each in rows]
    visits: dict[UUID, list[date]] = {}
    if patients:
        near = timedelta(days=CARE_DAYS)
        found = Visit.objects.filter(patient_id__in=patients, day__range=(min(days) - near, max(days) + near))
        for patient, day in found.values_list("patient_id", "day"):
            visits.setdefault(patient, []).append(day)
    staff = {each.id: each for each in Staff.objects.all()}
    canaries = list(Canary.objects.filter(retired_at=None))
    return Surroundings(
        Institution.objects.get(pk=institution_id),
        staff,
        {str(each.user_id): each for each in staff.values() if each.user_id},
        dict(Patient.objects.filter(pk__in=patients).values_list("pk", "number")),
        visits,
        {each.patient_id: each.made_at for each in canaries if each.patient_id},
        frozenset(str(each.user_id) for each in canaries if each.user_id),
        _places(),
        guards_of(patients),
        devices_of(str(each.detail.get("session", "")) for each in rows),
    )


def act_of(event: AuditEvent, around: Surroundings) -> Act:
    """行為 — one event with its marks."""
    detail: dict[str, Any] = event.detail
    told = str(detail.get("user", "")) if event.subject == "accounts.user" else ""
    member = around.staff.get(event.staff_id) if event.staff_id else around.by_user.get(told)
    account = str(member.user_id) if member and member.user_id else told
    address = getattr(event, "address", "")
    room = event.action.partition(".")[0]
    target = told if told != account else ""
    if event.subject == "institutions.staff" and event.subject_id:
        changed = around.staff.get(UUID(event.subject_id))
        target = str(changed.user_id) if changed and changed.user_id else target
    return Act(
        number=event.number,
        at=event.at,
        kind=kind_of(event.action),
        institution=str(around.institution.pk),
        # What the system does by itself is nobody's misuse.
        actor=str(member.pk) if member and not member.is_system else "",
        account=account,
        roles=tuple(member.roles) if member else (),
        room=room,
        patient=str(event.patient_id or ""),
        patient_number=around.numbers.get(event.patient_id, 0) if event.patient_id else 0,
        address=address,
        place=place_of(address, around.places),
        session=getattr(event, "session", ""),
        device=around.devices.get(str(detail.get("session", "")), ""),
        purpose=getattr(event, "purpose", "") or _PURPOSES.get(room, ""),
        target=target,
        work_order=str(detail.get("work_order", "")) or (OWN_ACCOUNT if _is_own_account(event) else ""),
        amount=next((detail[each] for each in _COUNTS if isinstance(detail.get(each), int)), 0),
        marks=_marks(event, account, around),
    )


def _is_own_account(event: AuditEvent) -> bool:
    """Signing in, one's factors and the waiting page belong to the person, not to a work order."""
    if event.action == "maintenance.act":
        return str(event.detail.get("page", "")).startswith(_OWN_PAGES)
    return event.action.startswith(_OWN_ACTS)


def place_of(address: str, places: list[tuple[Any, str]]) -> str:
    """場所 — of the narrowest network that holds an address; "" where none does.

    >>> place_of("192.0.2.9", [(ipaddress.ip_network("192.0.2.0/24"), "13")])
    '13'
    """
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return ""
    held = [(network.prefixlen, place) for network, place in places if here in network]
    return max(held)[1] if held else ""


def _places() -> list[tuple[Any, str]]:
    newest = {each.network: each.place for each in NetworkPlace.objects.order_by("set_at")}
    return [(ipaddress.ip_network(network), place) for network, place in newest.items() if place]


def _marks(event: AuditEvent, account: str, around: Surroundings) -> frozenset[Mark]:
    found = set()
    local = timezone.localtime(event.at)
    if _is_on_duty(around.institution, local):
        found.add(Mark.ON_DUTY)
    if account in around.canary_users:
        found.add(Mark.CANARY_CREDENTIAL)
    if event.patient_id and event.action.partition(".")[0] not in _OFFICE:
        made_at = around.canary_charts.get(event.patient_id)
        # Making the decoy was an act upon it too.
        if made_at is not None and event.at > made_at:
            found.add(Mark.CANARY)
        found |= marks_for(around.guards, event.patient_id, event.staff_id)
        days = around.visits.get(event.patient_id, ())
        if local.date() in days:
            found |= {Mark.VISIT_TODAY, Mark.IN_CARE}
        elif any(abs((local.date() - day).days) <= CARE_DAYS for day in days):
            found.add(Mark.IN_CARE)
    return frozenset(found)


def _is_on_duty(institution: Institution, local: Any) -> bool:
    hours = [each for each in institution.hours if each["weekday"] == local.weekday()]
    minute = local.hour * 60 + local.minute
    for each in hours:
        since, until = (int(each[side][:2]) * 60 + int(each[side][3:]) for side in ("since", "until"))
        if since - DUTY_HOURS * 60 <= minute <= until + DUTY_HOURS * 60:
            return True
    # Without opening hours in the settings nobody can say what is after hours.
    return not institution.hours
