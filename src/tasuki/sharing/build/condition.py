# SPDX-License-Identifier: Apache-2.0
"""傷病名 — JP_Condition_eCS from a charted diagnosis, and back."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from tasuki.chart.visit import Diagnosis, Outcome
from tasuki.sharing.build import names
from tasuki.sharing.build.codes import CodeKind, StandardCode
from tasuki.sharing.build.facts import ConditionFacts, Flag, Withdrawal
from tasuki.sharing.build.faults import refuse, unreadable
from tasuki.sharing.build.flags import flag_tags, read_flags
from tasuki.sharing.build.parts import (
    Resource,
    code_of,
    coding,
    coding_of,
    concept,
    day_of,
    department_extension,
    dicts,
    extension,
    institution_extension,
    local_number,
    meta,
    moment,
    patient_reference,
    resource_number,
    said,
    text,
)
from tasuki.sharing.build.people import contained_doctor
from tasuki.sharing.build.visits import contained_visit, visit_of

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around

UNKNOWN_ONSET = "不明"
_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2})?")
SUSPECTED = "8002"  # 修飾語 の疑い
# What became of the disease. The guide has no code for death or for an end other than cure since 1.10.0, so the
# word itself goes with it.
_STATUS = {
    Outcome.CONTINUING: ("active", "Active", ""),
    Outcome.CURED: ("resolved", "Resolved", "治癒"),
    Outcome.DIED: ("resolved", "Resolved", "死亡"),
    Outcome.STOPPED: ("resolved", "Resolved", "中止"),
}
_DISEASE_SYSTEMS = (names.DISEASE_EXCHANGE, names.DISEASE_RECEIPT, names.ICD10)
_SUSPECTED_STATUS = ("unconfirmed", "provisional", "differential")
_ENDED_STATUS = {"resolved": Outcome.CURED, "inactive": Outcome.STOPPED, "remission": Outcome.STOPPED}


def build_condition(facts: ConditionFacts, around: Around) -> Resource:
    """傷病名の組立 — JP_Condition_eCS. Raises :class:`BadInput` when the outcome and its day do not agree."""
    given, record = facts.diagnosis, f"Condition {facts.id}"
    name = text(given.name, record, "name", "傷病名")
    if facts.onset_text not in ("", UNKNOWN_ONSET) and not _PARTIAL.fullmatch(facts.onset_text):
        refuse(
            record, "onset_text", facts.onset_text, "病名開始の時期", "年（4桁）か年月（2018-05）か「不明」"
        )
    if (given.outcome is Outcome.CONTINUING) != (given.ended_on is None):
        refuse(
            record, "ended_on", given.ended_on or "なし", "転帰日", "転帰と転帰日の両方を入れるか、どちらも空"
        )
    if given.ended_on and given.ended_on < given.since:
        refuse(record, "ended_on", given.ended_on, "転帰日", "診療開始日以後の日")
    visit = facts.visit or around.visit
    department = (visit and visit.department) or around.department
    contained = [contained_visit(visit, around)] if visit else []
    if around.doctor:
        contained.append(contained_doctor(around.doctor, around))
    extensions = [institution_extension(around), department_extension(department)]
    if given.is_main:
        main = coding(names.DIAGNOSIS_TYPE, "principal", "Principal Diagnosis")
        extensions.append({"url": names.MAIN_DISEASE, "valueCodeableConcept": concept([main])})
    code, display, outcome = _STATUS[given.outcome]
    is_suspected = given.is_suspected or SUSPECTED in given.modifiers
    status = concept([coding(names.CONDITION_STATUS, code, display)], outcome)
    certainty = ("unconfirmed", "Unconfirmed") if is_suspected else ("confirmed", "Confirmed")
    if facts.withdrawal:
        certainty = (facts.withdrawal.value, facts.withdrawal.value.replace("-", " ").title())
    made: Resource = {
        "resourceType": "Condition",
        "meta": meta(around, names.CONDITION, flag_tags(facts.flags, tuple(Flag), record, "傷病名")),
        **({"contained": contained} if contained else {}),
        "extension": extensions,
        "identifier": [resource_number(around, "Condition", facts.id)],
        **({} if facts.withdrawal is Withdrawal.ERROR else {"clinicalStatus": status}),
        "verificationStatus": concept([coding(names.CONDITION_CERTAINTY, *certainty)]),
        "category": [
            concept([coding(names.CONDITION_CATEGORY, "encounter-diagnosis", "Encounter Diagnosis")])
        ],
        "code": _code(given, name, around),
        "subject": patient_reference(around),
    }
    if visit:
        made["encounter"] = {"reference": "#encounter"}
    if facts.onset_text != UNKNOWN_ONSET:
        made["onsetDateTime"] = facts.onset_text or moment(given.since)
    if given.ended_on:
        made["abatementDateTime"] = moment(given.ended_on)
    if facts.recorded_on:
        made["recordedDate"] = moment(facts.recorded_on)
    if around.doctor:
        made["recorder"] = {"reference": "#practitioner"}
    if facts.note:
        made["note"] = [{"text": text(facts.note, record, "note", "補足")}]
    return made


def _code(given: Diagnosis, name: str, around: Around) -> Resource:
    """病名管理番号 first, as it must be there; then what else is known of the disease."""
    found = around.codes.find(CodeKind.DISEASE, given.code)
    managed = found.of(names.DISEASE_NUMBER) if found else None
    first = coding_of(managed) if managed else coding(names.DISEASE_NUMBER, names.NO_DISEASE_NUMBER, name)
    others = [coding_of(each) for each in (found.codes if found else ()) if each.system in _DISEASE_SYSTEMS]
    if given.code and not any(each["system"] == names.DISEASE_RECEIPT for each in others):
        others.append(coding(names.DISEASE_RECEIPT, given.code, name))
    extensions = [_modifier(each, around) for each in given.modifiers]
    return {**({"extension": extensions} if extensions else {}), "coding": [first, *others], "text": name}


def _modifier(code: str, around: Around) -> Resource:
    found = around.codes.find(CodeKind.MODIFIER, code)
    word = (found.local_name if found else "") or f"修飾語{code}"
    managed = found.of(names.MODIFIER_NUMBER) if found else None
    first = managed or StandardCode(names.MODIFIER_NUMBER, names.NO_MODIFIER_NUMBER, word)
    exchange = found.of(names.MODIFIER_EXCHANGE) if found else None
    receipt = StandardCode(names.MODIFIER_RECEIPT, code, word)
    listed = [coding_of(each) for each in (first, exchange, receipt) if each]
    url = names.POSTFIX if "8000" <= code <= "8999" else names.PREFIX
    return {"url": url, "valueCodeableConcept": concept(listed)}


def read_condition(resource: Resource) -> ConditionFacts:
    """傷病名の読取り — the receipt code when it was sent, else an empty code with the name. Raises :class:`BadInput`."""
    since, onset_text = _onset(resource)
    code = resource.get("code")
    modifiers = tuple(
        found
        for each in dicts(code.get("extension") if type(code) is dict else None)
        if each.get("url") in (names.PREFIX, names.POSTFIX)
        and (found := code_of(each.get("valueCodeableConcept"), names.MODIFIER_RECEIPT))
    )
    ended_on = day_of(resource.get("abatementDateTime"))
    certainty = code_of(resource.get("verificationStatus"), names.CONDITION_CERTAINTY)
    recorded_on = day_of(resource.get("recordedDate"))
    return ConditionFacts(
        id=local_number(resource) or said(resource, "id"),
        diagnosis=Diagnosis(
            code=code_of(code, names.DISEASE_RECEIPT),
            since=since,
            modifiers=modifiers,
            name=said(code, "text"),
            is_main=extension(resource, names.MAIN_DISEASE) is not None,
            is_suspected=certainty in _SUSPECTED_STATUS,
            outcome=_outcome(resource, has_ended=ended_on is not None),
            ended_on=ended_on,
        ),
        flags=read_flags(resource),
        note="\n".join(said(each, "text") for each in dicts(resource.get("note"))),
        recorded_on=recorded_on,
        visit=visit_of(resource),
        onset_text=onset_text,
        withdrawal=Withdrawal(certainty) if certainty in tuple(Withdrawal) else None,
    )


def _onset(resource: Resource) -> tuple[date, str]:
    """病名開始日, and what was said of it when it was no whole day."""
    given = said(resource, "onsetDateTime")
    if found := day_of(given):
        return found, ""
    if _PARTIAL.fullmatch(given) and (first := day_of(f"{given}-01-01"[:10])):
        return first, given
    known = day_of(resource.get("recordedDate")) or day_of(said(resource, "meta", "lastUpdated"))
    if known is None:
        unreadable("Condition", "onsetDateTime", "病名開始日", "日付ではなく、記録日もありません")
    return known, UNKNOWN_ONSET


def _outcome(resource: Resource, *, has_ended: bool) -> Outcome:
    status = resource.get("clinicalStatus")
    word = said(status, "text")
    by_word = next(
        (outcome for outcome, (_, _, said_as) in _STATUS.items() if word and word == said_as), None
    )
    if by_word:
        return by_word
    ended = _ENDED_STATUS.get(code_of(status, names.CONDITION_STATUS))
    return ended if ended and has_ended else Outcome.CONTINUING
