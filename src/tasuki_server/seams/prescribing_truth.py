# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の不変条件 — both sides of the wire beside each other: nothing lost, nothing issued twice, nothing left waiting."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki_server.eprescribing.models import Registration


def broken_prescriptions() -> list[str]:
    """電子処方箋の不変条件の違反 — inside a transaction of the clinic, after everything settled."""
    theirs = _their_prescriptions()
    return [
        *_issued(theirs),
        *_standing(theirs),
        *_meant(theirs),
        *_checked(),
        *_results(),
        *_waiting(),
        *_told(),
    ]


def _issued(theirs: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Each prescription of the service is one of ours, with its number; and each of ours is there."""
    ours = {row.prescription_id: row for row in _registrations() if row.prescription_id}
    for number, row in theirs.items():
        mine = ours.get(number)
        if mine is None:
            yield f"サービスに、医療機関の知らない処方箋があります（{row['state']}）。"
        elif mine.access_code != row["access_code"]:
            yield "引換番号がサービスと違います。"
        elif mine.issue_type != row["issue_type"]:
            yield "発行形態がサービスと違います。"
    if set(ours) - set(theirs):
        yield "登録したはずの処方箋がサービスにありません。"
    if any(_is_doubled(each) for each in _open_by_drug(theirs).values()):
        yield "一つの処方が二つの有効な処方箋になっています。"


def _open_by_drug(theirs: dict[str, dict[str, Any]]) -> dict[tuple[Any, str], list[tuple[int, int]]]:
    """Of each drug of each person the prescriptions that give it, as part and number of parts."""
    from tasuki.prescriptions.orders import rp_orders
    from tasuki.prescriptions.reader import read_prescription

    found: dict[tuple[Any, str], list[tuple[int, int]]] = {}
    for row in theirs.values():
        if row["state"] != "cancelled" and row["records"] is not None:
            for rp in rp_orders(read_prescription(bytes(row["records"]))):
                for drug in rp.drugs:
                    part = (row["split_nth"], row["split_count"])
                    found.setdefault((row["patient_id"], drug.code), []).append(part)
    return found


def _is_doubled(parts: list[tuple[int, int]]) -> bool:
    """A visit orders each drug once: it stands in one prescription, or in each part of one that is split."""
    counts = {count for _, count in parts}
    return len(parts) > 1 and (len(counts) > 1 or 0 in counts or len(set(parts)) < len(parts))


def _standing(theirs: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What the clinic shows is how it stands at the service."""
    for row in _registrations():
        if row.prescription_id in theirs and row.status != theirs[row.prescription_id]["state"]:
            yield f"状況が「{row.get_status_display()}」のままですが、サービスでは「{theirs[row.prescription_id]['state']}」です。"
        is_open = row.prescription_id in theirs and theirs[row.prescription_id]["state"] != "cancelled"
        if (row.stage == "registered") != is_open:
            yield f"段階「{row.get_stage_display()}」がサービスと合いません。"


def _meant(theirs: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What stands there is what was signed last, unless someone or the service said otherwise; and its bytes are ours."""
    from tasuki.kernel.finding import BadInput
    from tasuki.prescriptions.record_making import service_data
    from tasuki_server.documents.prescription import outside_orders, prescription_contents
    from tasuki_server.eprescribing.contents import is_same_prescription, read_contents
    from tasuki_server.eprescribing.models import RegistrationAct
    from tasuki_server.eprescribing.planning import standing_of
    from tasuki_server.reception.models import Visit

    for row in _registrations():
        if row.prescription_id in theirs:
            held = theirs[row.prescription_id]["records"]
            if bytes(held) != service_data(read_contents(row.contents)):
                yield "サービスの処方内容が、署名した内容と違います。"
    for visit in Visit.objects.all():
        acts = RegistrationAct.objects.filter(visit=visit)
        by_hand = [each for each in acts if each.kind.startswith("undo") or each.reason == "模擬の取消"]
        if by_hand or any(each.state == "refused" for each in acts):
            continue
        try:
            signed = prescription_contents(visit) if outside_orders(visit) else {}
        except BadInput:
            signed = {}
        standing = standing_of(visit)
        if set(signed) != set(standing) or not all(
            is_same_prescription(standing[refills].contents, contents) for refills, contents in signed.items()
        ):
            yield "登録されている処方が、署名した処方と違います。"


def _checked() -> Iterator[str]:
    """No part of a split prescription was told to be a duplicate of another part of it."""
    from django.db import connections

    with connections["platform"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM prescriptions_prescription p, jsonb_array_elements(p.alerts) a,"
            " prescriptions_prescription o WHERE o.id::text = a -> 'past' ->> 'prescription' AND p.split_count > 0"
            " AND o.clinic_id = p.clinic_id AND o.issued_on = p.issued_on AND o.split_count = p.split_count"
            " AND o.split_nth <> p.split_nth"
        )
        (count,) = cursor.fetchone()
    if count:
        yield f"分割の回どうしが重複投薬等と指摘されています（{count}件）。"


def _results() -> Iterator[str]:
    """Each result that stands at the service was taken once."""
    from django.db import connections

    from tasuki_server.eprescribing.models import DispensingResult

    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT id::text FROM prescriptions_dispensing WHERE state = 'live'")
        theirs = {row[0] for row in cursor.fetchall()}
    ours = Counter(str(each) for each in DispensingResult.objects.values_list("dispensing_id", flat=True))
    if set(ours) != theirs or any(count > 1 for count in ours.values()):
        yield f"調剤結果がサービスに{len(theirs)}件、医療機関に{sum(ours.values())}件あります。"


def _waiting() -> Iterator[str]:
    from tasuki_server.eprescribing.models import OPEN, Registration, RegistrationAct, Stage

    if RegistrationAct.objects.filter(state__in=OPEN).exists():
        yield "終わらない送信があります。"
    if Registration.objects.filter(stage=Stage.PLANNED).exists():
        yield "登録待ちのままの処方箋があります。"
    for act in RegistrationAct.objects.all():
        steps = list(act.steps.values_list("kind", flat=True))
        if not steps or (act.state in ("done", "refused") and act.state not in steps):
            yield "送信の経過に抜けがあります。"
        if act.state == "refused" and not act.message:
            yield "できなかった送信に理由がありません。"


def _told() -> Iterator[str]:
    """Each answer that was taken stands in the trail once."""
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.eprescribing.models import RegistrationAct

    ids = [
        str(each)
        for each in RegistrationAct.objects.filter(answer__isnull=False).values_list("id", flat=True)
    ]
    found = AuditEvent.objects.filter(action="eprescription.answer", subject_id__in=ids).count()
    if found != len(ids):
        yield "監査記録の eprescription.answer が回答の数と合いません。"


def _registrations() -> list[Registration]:
    from tasuki_server.eprescribing.models import Registration

    return list(Registration.objects.order_by("visit_id", "number"))


def _their_prescriptions() -> dict[str, dict[str, Any]]:
    from django.db import connections

    with connections["platform"].cursor() as cursor:
        cursor.execute(
            "SELECT p.id::text, p.state, p.access_code, p.issue_type, p.patient_id, p.split_count, p.split_nth,"
            " s.records"
            " FROM prescriptions_prescription p LEFT JOIN prescriptions_storeddocument s ON s.id = p.document_id"
        )
        names = [each[0] for each in cursor.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
