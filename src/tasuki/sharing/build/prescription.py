# SPDX-License-Identifier: Apache-2.0
"""処方 — JP_MedicationRequest_eCS, one drug of one Rp, and back. It is never sent alone: it goes in a document."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.chart.orders import OrderKind
from tasuki.sharing.build import names
from tasuki.sharing.build.codes import CodeKind, StandardCode
from tasuki.sharing.build.facts import PrescribedDrug
from tasuki.sharing.build.faults import refuse, unreadable
from tasuki.sharing.build.parts import (
    JAPAN,
    Resource,
    code_of,
    coding,
    coding_of,
    codings,
    concept,
    day_of,
    department_extension,
    dicts,
    extension,
    identifier,
    institution_extension,
    local_number,
    meta,
    moment,
    number,
    patient_reference,
    read_moment,
    resource_number,
    said,
    text,
)
from tasuki.sharing.build.people import contained_doctor
from tasuki.sharing.build.units import merit9_of
from tasuki.sharing.build.visits import contained_visit, visit_of

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around

CATEGORIES = {
    "OHP": "外来処方",
    "OHI": "院内処方",
    "OHO": "院外処方",
    "IHP": "入院処方",
    "DCG": "退院処方",
    "ORD": "定期処方",
    "XTR": "臨時処方",
}
_OTHER_SYSTEMS = tuple(f"http://medis.or.jp/CodeSystem/master-{each}" for each in ("HOT7", "HOT9", "HOT13"))
_NOT_GIVEN = ("cancelled", "entered-in-error", "draft", "stopped")
_KINDS = (OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL)


def build_drug(facts: PrescribedDrug, around: Around) -> Resource:
    """処方の組立 — JP_MedicationRequest_eCS. Raises :class:`BadInput` for what is no prescribed drug."""
    record = f"MedicationRequest {facts.id}"
    if facts.kind not in _KINDS:
        refuse(record, "kind", facts.kind, "処方の区分", "内服・屯服・外用のどれか（注射は共有の対象外）")
    if facts.ordered_at.tzinfo is None:
        refuse(record, "ordered_at", facts.ordered_at, "処方日時", "時差付きの日時")
    if facts.count < 1 or facts.rp < 1 or facts.index < 1:
        refuse(record, "count", facts.count, "日数・回数とRp番号", "1以上の整数")
    if facts.amount is not None and not (facts.amount.is_finite() and facts.amount > 0):
        refuse(record, "amount", facts.amount, "用量", "0より大きい数")
    for each in facts.categories:
        if each not in CATEGORIES:
            refuse(record, "categories", each, "処方区分", "・".join(CATEGORIES))
    visit = facts.visit or around.visit
    department = (visit and visit.department) or around.department
    contained = [contained_visit(visit, around)] if visit else []
    if around.doctor:
        contained.append(contained_doctor(around.doctor, around))
    made: Resource = {
        "resourceType": "MedicationRequest",
        "meta": meta(around, names.PRESCRIPTION),
        **({"contained": contained} if contained else {}),
        "extension": [institution_extension(around), department_extension(department)],
        "identifier": [
            {"system": names.RP_NUMBER, "value": str(facts.rp)},
            {"system": names.RP_ORDER, "value": str(facts.index)},
            resource_number(around, "MedicationRequest", facts.id),
        ],
        "status": "completed",
        "intent": "order",
    }
    if facts.categories:
        made["category"] = [
            concept([coding(names.DRUG_CATEGORY, each, CATEGORIES[each])]) for each in facts.categories
        ]
    made["medicationCodeableConcept"] = _drug(facts, around, record)
    made["subject"] = patient_reference(around)
    if visit:
        made["encounter"] = {"reference": "#encounter"}
    made["authoredOn"] = moment(facts.ordered_at)
    if around.doctor:
        made["requester"] = {"reference": "#practitioner"}
    if facts.note:
        made["note"] = [{"text": text(facts.note, record, "note", "補足")}]
    made["dosageInstruction"] = [_dosage(facts, around, record)]
    if dispensed := _dispensed(facts):
        made["dispenseRequest"] = dispensed
    if facts.no_substitution:
        made["substitution"] = {"allowedCodeableConcept": {"text": "後発品変更不可"}}
    return made


def _drug(facts: PrescribedDrug, around: Around, record: str) -> Resource:
    """A standard code, or the mark that there is none; never both (R3011)."""
    name = text(facts.name, record, "name", "医薬品名")
    found = around.codes.find(CodeKind.DRUG, facts.code)
    system = names.GENERAL_NAME if facts.is_generic_name else names.YJ
    standard = found.of(system) if found else None
    listed = [coding_of(standard)] if standard else [coding(names.NO_DRUG_CODE, *names.NO_DRUG)]
    listed += [coding_of(each) for each in (found.codes if found else ()) if each.system in _OTHER_SYSTEMS]
    if facts.code:
        listed.append(coding(names.LOCAL_DRUG + around.institution.number, facts.code, name))
    return concept(listed, name)


def _quantity(value: Decimal, unit: str) -> Resource | None:
    code = merit9_of(unit)
    return {"value": value, "unit": unit, "system": names.DRUG_UNIT, "code": code} if code else None


def amount_text(facts: PrescribedDrug) -> str:
    """用量の言葉 — as it stands behind the usage, so that it is read even where the unit has no code."""
    if facts.amount is None:
        return ""
    plain = f"{facts.amount.normalize():f}{facts.unit}"
    return {
        OrderKind.INTERNAL: f"１日量 {plain} {facts.count}日分",
        OrderKind.AS_NEEDED: f"１回量 {plain} {facts.count}回分",
    }.get(facts.kind, f"全量 {plain}")


def _dosage(facts: PrescribedDrug, around: Around, record: str) -> Resource:
    usage = text(facts.usage_text, record, "usage_text", "用法")
    mapped = around.codes.standard(CodeKind.USAGE, usage, names.USAGE)
    known = StandardCode(names.USAGE, facts.usage_code, usage) if facts.usage_code else mapped
    code = known or StandardCode(names.NO_USAGE, *names.DUMMY_USAGE)
    timing: Resource = {"code": concept([coding_of(code)], usage)}
    if facts.kind is OrderKind.INTERNAL:
        timing = {"repeat": {"boundsDuration": _days(facts.count)}, **timing}
    made: Resource = {
        "extension": [{"url": names.PERIOD_OF_USE, "valuePeriod": {"start": moment(facts.since)}}],
        "text": " ".join(each for each in (usage, amount_text(facts)) if each),
        "timing": timing,
    }
    if facts.kind is OrderKind.AS_NEEDED:
        made["asNeededBoolean"] = True
    quantity = _quantity(facts.amount, facts.unit) if facts.amount is not None else None
    if quantity and facts.kind is not OrderKind.EXTERNAL:
        dose: Resource = {"type": concept([coding(names.STRENGTH, "1", "製剤量")])}
        if facts.kind is OrderKind.AS_NEEDED:
            dose["doseQuantity"] = quantity
        else:
            dose["rateRatio"] = {"numerator": quantity, "denominator": _days(1)}
        made["doseAndRate"] = [dose]
    return made


def _days(count: int) -> Resource:
    return {"value": count, "unit": "日", "system": names.UCUM, "code": "d"}


def _dispensed(facts: PrescribedDrug) -> Resource | None:
    """The whole quantity, and the days or the number of doses."""
    made: Resource = {}
    if facts.kind is OrderKind.AS_NEEDED:
        made["extension"] = [{"url": names.REPEAT_COUNT, "valueInteger": facts.count}]
    if facts.amount is not None:
        times = 1 if facts.kind is OrderKind.EXTERNAL else facts.count
        if quantity := _quantity(facts.amount * times, facts.unit):
            made["quantity"] = quantity
    if facts.kind is OrderKind.INTERNAL:
        made["expectedSupplyDuration"] = _days(facts.count)
    return made or None


def read_drug(resource: Resource) -> PrescribedDrug:
    """処方の読取り — the sender's own code, or else a YJ code or 一般名コード. Raises :class:`BadInput`."""
    ordered = read_moment(resource.get("authoredOn"))
    if ordered is None:
        unreadable("MedicationRequest", "authoredOn", "処方日", "日時ではありません")
    if not isinstance(ordered, datetime):
        ordered = datetime(ordered.year, ordered.month, ordered.day, tzinfo=JAPAN)
    status = said(resource, "status")
    if resource.get("doNotPerform") is True or status in _NOT_GIVEN:
        unreadable(
            "MedicationRequest",
            "status",
            "処方",
            f"状態が{status or 'doNotPerform'}で、処方された薬ではありません",
        )
    drug = resource.get("medicationCodeableConcept")
    local = next(
        (said(e, "code") for e in codings(drug) if said(e, "system").startswith(names.LOCAL_DRUG)), ""
    )
    general = code_of(drug, names.GENERAL_NAME)
    dosage = next(dicts(resource.get("dosageInstruction")), {})
    timing = dosage.get("timing")
    usage = timing.get("code") if type(timing) is dict else None
    kind, amount, unit, count = _amounts(resource, dosage)
    return PrescribedDrug(
        id=local_number(resource) or said(resource, "id"),
        rp=_whole(identifier(resource, names.RP_NUMBER)),
        index=_whole(identifier(resource, names.RP_ORDER)),
        kind=kind,
        code=local or code_of(drug, names.YJ) or general,
        name=said(drug, "text"),
        amount=amount,
        unit=unit,
        count=count,
        usage_text=said(usage, "text") or said(dosage, "text"),
        ordered_at=ordered,
        since=_since(dosage) or ordered.astimezone(JAPAN).date(),
        usage_code=code_of(usage, names.USAGE),
        is_generic_name=bool(general) and not code_of(drug, names.YJ),
        categories=tuple(
            found
            for each in dicts(resource.get("category"))
            for one in codings(each)
            if one.get("system") == names.DRUG_CATEGORY and (found := said(one, "code"))
        ),
        no_substitution="substitution" in resource,
        note="\n".join(said(each, "text") for each in dicts(resource.get("note"))),
        visit=visit_of(resource),
    )


def _whole(words: str) -> int:
    return int(words) if words.isascii() and words.isdecimal() and int(words) > 0 else 1


def _since(dosage: Resource) -> date | None:
    found = extension(dosage, names.PERIOD_OF_USE)
    return day_of(said(found, "valuePeriod", "start"))


def _at(value: object, *path: str) -> object:
    for name in path:
        value = value.get(name) if type(value) is dict else None
    return value


def _amounts(resource: Resource, dosage: Resource) -> tuple[OrderKind, Decimal | None, str, int]:
    """区分, 用量, 単位 and 日数・回数, from wherever the sender put them."""
    rate = next(dicts(dosage.get("doseAndRate")), {})
    dispensed = resource.get("dispenseRequest")
    days = number(_at(dispensed, "expectedSupplyDuration", "value")) or number(
        _at(dosage, "timing", "repeat", "boundsDuration", "value")
    )
    doses = next(
        (
            each.get("valueInteger")
            for each in dicts(_at(dispensed, "extension"))
            if each.get("url") == names.REPEAT_COUNT
        ),
        None,
    )
    whole = _at(dispensed, "quantity")
    if dosage.get("asNeededBoolean") is True or doses is not None:
        dose = _at(rate, "doseQuantity")
        return (
            OrderKind.AS_NEEDED,
            number(_at(dose, "value")),
            said(dose, "unit"),
            doses if isinstance(doses, int) and doses > 0 else 1,
        )
    if days and 1 <= days < 10_000:
        daily = _at(rate, "rateRatio", "numerator")
        return OrderKind.INTERNAL, number(_at(daily, "value")), said(daily, "unit"), int(days)
    return OrderKind.EXTERNAL, number(_at(whole, "value")), said(whole, "unit"), 1
