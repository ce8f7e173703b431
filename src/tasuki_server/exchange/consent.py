# SPDX-License-Identifier: Apache-2.0
"""提供の同意 — what an institution may see of what others wrote: the one predicate that every path asks.

``closed`` (全国): with a live permission of the person for that kind, or addressed to it. ``open`` (地域): unless the
person refuses. In both a Consent that denies hides the person's resources from every institution but their writer,
whichever of the person's Patient resources it names, and 未提供 is its writer's alone.

Fail closed: any denial in an active consent counts, whatever narrower permission stands beside it, and a period that
cannot be read has no end. What is of no kind a person can permit is its writer's alone.

Cite: HL7 FHIR R4 Consent (status, policyRule, provision.type, provision.period)、電子カルテ情報共有サービス（閲覧の同意）
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from tasuki.sharing.build.names import CLINS, FLAGS, LOCAL_LAB
from tasuki.sharing.search.parameters import parameter
from tasuki_server.exchange.moments import first_moment, last_moment
from tasuki_server.exchange.outcome import refuse

_REFUSALS = frozenset(("OPTOUT", "OPTOUTE"))
DEPTH = 20
# 誰のものでもない型: of places, people at work and definitions; named in what may be read.
OF_NOBODY = (
    "CodeSystem", "Endpoint", "HealthcareService", "Location", "Medication", "NamingSystem", "Organization",
    "Practitioner", "PractitionerRole", "Questionnaire", "StructureDefinition", "Substance", "ValueSet",
)  # fmt: skip
INFECTION_SYSTEMS = tuple(
    f"{CLINS}CodeSystem/{edition}/JP_CLINS_ObsLabResult_InfectionLabo_CS" for edition in ("JLAC10", "JLAC11")
)
OPEN = "coalesce((SELECT s.rules->>'policy' FROM records_rules s ORDER BY s.made_at DESC LIMIT 1) = 'open', false)"


class Denied(NamedTuple):
    """提供の拒否 — of one patient, from when until when; None is without bound."""

    patient: str
    since: datetime | None
    until: datetime | None


@lru_cache(maxsize=1000)
def visible(alias: str, caller: str) -> str:
    """見える条件 — SQL over a row of ``exchange_resource`` for the institution in the parameter named."""
    r = alias
    return (
        f"({r}.writer_id = {caller} OR (({OPEN} OR {_opened(r, caller)})"
        f" AND NOT {_denied(r)} AND NOT {_undelivered(r)}))"
    )


def version_visible(alias: str, version: str, caller: str) -> str:
    """版の見える条件 — of a visible resource; what others wrote of a patient is read as it stands now: an earlier version may
    be what was since corrected, flagged 未提供, or of another patient who denies."""
    r = alias
    nobody = ", ".join(f"'{each}'" for each in (*OF_NOBODY, "Patient"))
    return f"({version} = {r}.version OR {r}.writer_id = {caller} OR ({OPEN} AND {r}.type IN ({nobody})))"


def kind_of(alias: str) -> str:
    """記録の種類 — SQL for the kind of a row, as :class:`~tasuki.sharing.permission.RecordKind`; NULL of no kind.

    A laboratory result carries the service's local code: other observations are of no kind.
    """
    r = alias
    return (
        f"CASE {r}.type WHEN 'Condition' THEN 'condition' WHEN 'AllergyIntolerance' THEN 'allergy'"
        " WHEN 'MedicationRequest' THEN 'prescription' WHEN 'Observation' THEN CASE"
        f" WHEN {_coded(r, 'Observation', 'code', INFECTION_SYSTEMS)} THEN 'infection'"
        f" WHEN {_coded(r, 'Observation', 'code', (LOCAL_LAB,))} THEN 'laboratory' END END"
    )


def live(alias: str) -> str:
    """開いている条件 — SQL over a row of ``records_opening``, at this moment."""
    return f"{alias}.since <= now() AND ({alias}.until IS NULL OR {alias}.until > now())"


def denials(person: str) -> str:
    """本人の提供の拒否 — SQL for what follows FROM: a row ``d`` for each denial of the person, under any of their numbers,
    that holds now."""
    return (
        f"(SELECT {person} UNION ALL SELECT {_HELD_KEY} FROM {_registered(person)}) s(person)"
        f" JOIN records_insured j ON j.person = s.person JOIN exchange_denial d ON d.patient = j.patient AND {_NOW}"
    )


_HELD_KEY = "lpad(o.insurer_number, 8, '0') || ':' || o.symbol_key || ':' || o.number_key || ':' || o.branch"
_NOW = "coalesce(d.since, '-infinity') <= now() AND coalesce(d.until, 'infinity') > now()"


def _registered(person: str) -> str:
    """SQL for a row ``o`` for each other number of the same person, as the register of eligibility has it. A number that
    a family shares joins nobody; 後期高齢者医療 insures each person alone, without 枝番."""
    insurer, symbol, number, branch = (f"split_part({person}, ':', {n})" for n in range(1, 5))
    q, o = (f"({each}.branch <> '' OR lpad({each}.insurer_number, 8, '0') LIKE '39%')" for each in "qo")
    return (
        "eligibility_heldqualification q JOIN eligibility_heldqualification o"
        f" ON o.person_id = q.person_id AND o.id <> q.id AND {q} AND {o}"
        f" AND q.insurer_number IN ({insurer}, ltrim({insurer}, '0'), substr({insurer}, 3))"
        f" AND lpad(q.insurer_number, 8, '0') = {insurer} AND q.number_key = {number} AND q.symbol_key = {symbol}"
        f" AND q.branch = {branch}"
    )


def unjoined() -> str:
    """一人と分からない患者 — SQL for a Patient among ``$1`` that is denied and carries insured numbers which the register does
    not know as of one person: what is denied to one of them would hide the other's records too. Numbers of 公費 stand
    beside an insurance, and the register joins none of them."""
    return (
        "SELECT i.patient FROM records_insured i JOIN records_insured j ON j.patient = i.patient AND j.person > i.person"
        " WHERE i.patient = ANY($1::text[]) AND i.person NOT LIKE 'public/%' AND j.person NOT LIKE 'public/%'"
        " AND EXISTS (SELECT 1 FROM exchange_denial d WHERE d.patient = i.patient)"
        f" AND NOT EXISTS (SELECT 1 FROM {_registered('i.person')} WHERE {_HELD_KEY} = j.person) LIMIT 1"
    )


def _denied(r: str) -> str:
    """Where nobody denies, one look at the table settles it for the whole statement."""
    place = f"CASE {r}.type WHEN 'Bundle' THEN 'Bundle/' || {r}.id ELSE {r}.patient END"
    return (
        f"(EXISTS (SELECT 1 FROM exchange_denial d WHERE {_NOW})"
        f" AND (EXISTS (SELECT 1 FROM exchange_denial d WHERE d.patient = {r}.patient AND {_NOW})"
        " OR EXISTS (SELECT 1 FROM records_insured i JOIN records_insured j ON j.person = i.person"
        f" JOIN exchange_denial d ON d.patient = j.patient WHERE i.patient = {place} AND {_NOW})"
        f" OR EXISTS (SELECT 1 FROM records_insured i, LATERAL (SELECT {_HELD_KEY} AS person"
        f" FROM {_registered('i.person')}) o JOIN records_insured j ON j.person = o.person"
        f" JOIN exchange_denial d ON d.patient = j.patient WHERE i.patient = {place} AND {_NOW})))"
    )


def _undelivered(r: str) -> str:
    tag = parameter("Condition", "_tag")
    assert tag is not None
    return (
        f"({r}.type = 'Condition' AND EXISTS (SELECT 1 FROM exchange_token t WHERE t.key = {r}.key"
        f" AND t.param = {tag.number} AND t.system = '{FLAGS}' AND t.code = 'UNDELIVERED'))"
    )


def _opened(r: str, caller: str) -> str:
    number = (
        "(SELECT c.prefecture || c.fee_table || c.code FROM platform_connectedinstitution c"
        f" WHERE c.id = {caller})"
    )
    nobody = ", ".join(f"'{each}'" for each in OF_NOBODY)
    return (
        f"(({r}.patient IS NULL AND {r}.type IN ({nobody}))"
        f" OR ({r}.type IN ('Bundle', 'Communication') AND EXISTS (SELECT 1 FROM records_opening o"
        f" WHERE o.document = {r}.type || '/' || {r}.id AND o.institution = {number} AND {live('o')}))"
        f" OR ({r}.type IN ('AllergyIntolerance', 'Condition', 'MedicationRequest', 'Observation', 'Patient')"
        " AND EXISTS (SELECT 1 FROM records_insured i JOIN records_opening o ON o.person = i.person"
        f" WHERE i.patient = {r}.patient AND o.document = '' AND o.institution = {number} AND {live('o')}"
        f" AND ({r}.type = 'Patient' OR (o.kind = {kind_of(r)} AND {is_its_writers(r)})))))"
    )


def is_its_writers(r: str) -> str:
    """患者も同じ登録者か — whoever writes a Patient says who it is; of what others wrote about it, that opens nothing."""
    return (
        f"EXISTS (SELECT 1 FROM exchange_resource w WHERE w.type = 'Patient' AND w.id = {r}.patient"
        f" AND w.writer_id = {r}.writer_id)"
    )


def _coded(r: str, type_name: str, code: str, systems: tuple[str, ...]) -> str:
    found = parameter(type_name, code)
    assert found is not None
    named = ", ".join(f"'{each}'" for each in systems)
    return (
        f"EXISTS (SELECT 1 FROM exchange_token t WHERE t.key = {r}.key AND t.param = {found.number}"
        f" AND t.system IN ({named}))"
    )


def denial_of(consent: dict[str, Any], patient: str | None) -> Denied | None:
    """同意からの拒否 — None when it denies nothing. Raises when it denies and says not whose data."""
    if consent.get("status") != "active" or not (_opts_out(consent) or _denies(consent.get("provision"))):
        return None
    if patient is None:
        raise refuse("consent")
    period = (consent.get("provision") or {}).get("period") or {}
    return Denied(patient, first_moment(period.get("start")), last_moment(period.get("end")))


def _opts_out(consent: dict[str, Any]) -> bool:
    rule = consent.get("policyRule")
    codes = rule.get("coding", ()) if isinstance(rule, dict) else ()
    return any(isinstance(each, dict) and each.get("code") in _REFUSALS for each in codes)


def _denies(provision: Any, depth: int = 0) -> bool:
    if not isinstance(provision, dict):
        return False
    if provision.get("type") == "deny" or depth > DEPTH:
        return True
    return any(_denies(each, depth + 1) for each in provision.get("provision", ()))
