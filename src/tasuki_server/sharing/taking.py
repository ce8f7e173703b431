# SPDX-License-Identifier: Apache-2.0
"""引継ぎ — another institution's disease, allergy or drug as a record of ours, found in our masters by its code; never by its words.

What our masters do not know by code, what has ended there, and a drug told only as a general name, is refused with what to do.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from tasuki.chart.orders import Item, Order
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.kana import search_key
from tasuki.kernel.messages import register
from tasuki.masters.book import DayBook, EndedCode, UnknownCode
from tasuki.sharing.build import names
from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, ConditionFacts, Criticality, PrescribedDrug
from tasuki_server.chart.diagnose import add_diagnosis
from tasuki_server.chart.draft import basket_of, hold_draft, save_basket
from tasuki_server.institutions.models import Staff
from tasuki_server.orders.access import last_dispensing
from tasuki_server.orders.adding import usual_dispensing
from tasuki_server.orders.basket import Line
from tasuki_server.orders.catalogue import day_book
from tasuki_server.patients.models import AllergyKind, AllergySeverity
from tasuki_server.patients.records import add_allergy
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.local_names import UNCODED_DISEASE
from tasuki_server.sharing.side_items import SideItem

register(
    {
        "desk.take_over_ended": "{title}は、他院でもう当てはまらないとされています。引き継がずに「確認済み」にしてください。",
        "desk.take_unknown_disease": "{title}を、診療日の傷病名マスターからコードで引けません。病名の欄で選んでから「確認済み」にしてください。",
        "desk.take_unknown_drug": "{title}を、診療日の医薬品マスターからコードで引けません。オーダの欄で薬を選んでから「確認済み」にしてください。",
        "desk.take_no_amount": "{title}の用量が伝えられていません。オーダの欄で入れてください。",
    }
)
_CODES = {
    "desk.take_over_ended": "SHR-0071",
    "desk.take_unknown_disease": "SHR-0072",
    "desk.take_unknown_drug": "SHR-0073",
    "desk.take_no_amount": "SHR-0074",
}
_KINDS = {
    AllergenKind.DRUG: AllergyKind.DRUG,
    AllergenKind.FOOD: AllergyKind.FOOD,
    AllergenKind.OTHER: AllergyKind.OTHER,
}
# 危険性: high is 重い with us; whether it is 禁忌 our doctor says.
_SEVERITIES = {Criticality.HIGH: AllergySeverity.SEVERE, Criticality.LOW: AllergySeverity.MILD}


def take(visit: Visit, staff: Staff, item: SideItem) -> UUID:
    """引継ぎ — the id of the record or of the drafted order; raises ``BadInput``."""
    match item.facts:
        case ConditionFacts():
            return _disease(visit, item, item.facts)
        case AllergyFacts():
            return _allergy(visit, item, item.facts)
        case PrescribedDrug():
            return _drug(visit, staff, item, item.facts)
    raise _refusal("desk.take_over_ended", item)


def _disease(visit: Visit, item: SideItem, facts: ConditionFacts) -> UUID:
    given, book = facts.diagnosis, day_book(visit.day)
    if given.ended_on is not None or facts.withdrawal is not None:
        raise _refusal("desk.take_over_ended", item)
    code = _disease_code(item, given.code, book)
    try:
        return add_diagnosis(visit.patient, code, given.modifiers, visit.day, book).record_id
    except (UnknownCode, EndedCode) as unknown:
        raise _refusal("desk.take_unknown_disease", item) from unknown


def _disease_code(item: SideItem, told: str, book: DayBook) -> str:
    """The receipt's code as told, or the one disease of our master with the same 病名管理番号."""
    if told and told != UNCODED_DISEASE:
        return told
    numbers = {each.code for each in item.codes if each.system == names.DISEASE_NUMBER}
    numbers.discard(names.NO_DISEASE_NUMBER)
    found = [
        code
        for code, versions in book.book.diseases.items()
        if any(row.management_number in numbers and book.day in row.validity for row in versions)
    ]
    if len(found) != 1 or not numbers:
        raise _refusal("desk.take_unknown_disease", item)
    return str(found[0])


def _allergy(visit: Visit, item: SideItem, facts: AllergyFacts) -> UUID:
    if not facts.is_active:
        raise _refusal("desk.take_over_ended", item)
    kind = _KINDS[facts.kind]
    yj = next((e.code[3:] for e in item.codes if e.system == names.DRUG_ALLERGEN and len(e.code) == 15), "")
    book = day_book(visit.day)
    code = _drug_code(yj, facts.substance, book) if kind == AllergyKind.DRUG and yj else ""
    saved = add_allergy(
        visit.patient,
        kind=kind,
        substance=facts.substance[:80],
        drug_code=code,
        severity=_SEVERITIES.get(facts.criticality, AllergySeverity.UNKNOWN)
        if facts.criticality
        else AllergySeverity.UNKNOWN,
        reaction=facts.reaction[:200],
        noted_on=visit.day,
    )
    return saved.record_id


def _drug(visit: Visit, staff: Staff, item: SideItem, facts: PrescribedDrug) -> UUID:
    yj = next((each.code for each in item.codes if each.system == names.YJ), "")
    code = _drug_code(yj, facts.name, day_book(visit.day)) if yj else ""
    if not code:
        raise _refusal("desk.take_unknown_drug", item)
    if facts.amount is None:
        raise _refusal("desk.take_no_amount", item)
    draft = hold_draft(visit, staff)
    basket = basket_of(draft)
    made = uuid4()
    order = Order(
        str(made),
        facts.kind,
        (Item(code, facts.amount),),
        facts.count,
        usage=facts.usage_text,
        dispensing=usual_dispensing(basket, last_dispensing(visit)),
    )
    save_basket(draft, basket.plus(Line(order, facts.since)))
    return made


def _drug_code(yj: str, name: str, book: DayBook) -> str:
    """The one product of the day's master with this code; "" when there is none, or more than one.

    Products listed under a common name (統一名収載) share a code: then the name as sent must say which one it is.
    """
    found = {
        code: row.name
        for code, versions in book.book.drugs.items()
        for row in versions
        if row.price_list_code == yj and book.day in row.validity
    }
    if len(found) > 1:
        wanted = search_key(name)
        found = {code: told for code, told in found.items() if search_key(told) == wanted}
    return str(next(iter(found))) if len(found) == 1 else ""


def _refusal(key: str, item: SideItem) -> BadInput:
    facts = {"title": item.title}
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(record="突合せ"), key, facts)])


__all__ = ["take"]
