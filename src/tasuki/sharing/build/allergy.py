# SPDX-License-Identifier: Apache-2.0
"""アレルギー等 — JP_AllergyIntolerance_eCS for 薬剤アレルギー等 and その他アレルギー等, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.sharing.build import names
from tasuki.sharing.build.codes import CodeKind, StandardCode
from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, Criticality, Flag, Withdrawal
from tasuki.sharing.build.flags import flag_tags, read_flags
from tasuki.sharing.build.parts import (
    Resource,
    code_of,
    coding,
    coding_of,
    codings,
    concept,
    day_of,
    department_extension,
    dicts,
    institution_extension,
    local_number,
    meta,
    moment,
    patient_reference,
    resource_number,
    said,
    text,
)
from tasuki.sharing.build.visits import contained_visit, visit_of

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around
    from tasuki.sharing.build.codes import CodeMap

# Where no standard code is known: the dummy of the kind, with the words of the chart.
DUMMIES = {
    AllergenKind.DRUG: StandardCode(names.DRUG_ALLERGEN, "D9M000000000", "医薬品ダミーコード"),
    AllergenKind.FOOD: StandardCode(names.FOOD_ALLERGEN, "D9F000000000", "食品ダミーコード"),
    AllergenKind.OTHER: StandardCode(names.OTHER_ALLERGEN, "D9N000000000", "非食品・非医薬品ダミーコード"),
}
_BY_PREFIX = {
    "J9F": names.FOOD_ALLERGEN,
    "J9N": names.OTHER_ALLERGEN,
    "YCM": names.DRUG_ALLERGEN,
    "GCM": names.INGREDIENT_ALLERGEN,
}
ALLERGEN_SYSTEMS = tuple(_BY_PREFIX.values())


def allergen_code(facts: AllergyFacts, codes: CodeMap) -> StandardCode | None:
    """アレルゲンの標準コード — its own, the map's, or YCM with the drug's YJ code; None when there is none.

    Cite: JP-CLINS 1.10.0 JP_AllergyIntolerance_VS; J-FAGY 2025-04-01
    """
    code = facts.code
    if not code:
        return None
    mapped = codes.find(CodeKind.ALLERGEN, code)
    for system in ALLERGEN_SYSTEMS if mapped else ():
        if found := mapped and mapped.of(system):
            return found
    if len(code) in (12, 15) and code[:3] in _BY_PREFIX:
        return StandardCode(_BY_PREFIX[code[:3]], code, facts.substance.strip())
    if facts.kind is AllergenKind.DRUG:
        drug = codes.standard(CodeKind.DRUG, code, names.YJ)
        yj = drug.code if drug else code
        if len(yj) == 12 and not yj.startswith("D9") and yj.isascii() and yj.isalnum():
            return StandardCode(
                names.DRUG_ALLERGEN, f"YCM{yj}", drug.display if drug else facts.substance.strip()
            )
    return None


def build_allergy(facts: AllergyFacts, around: Around) -> Resource:
    """アレルギー等の組立 — JP_AllergyIntolerance_eCS."""
    record = f"AllergyIntolerance {facts.id}"
    substance = text(facts.substance, record, "substance", "アレルギーの原因物質")
    code = allergen_code(facts, around.codes) or DUMMIES[facts.kind]
    visit = facts.visit or around.visit
    department = (visit and visit.department) or around.department
    state = ("active", "Active") if facts.is_active else ("resolved", "Resolved")
    status = concept([coding(names.ALLERGY_STATUS, *state)])
    certainty = ("confirmed", "Confirmed")
    if facts.withdrawal:
        certainty = (facts.withdrawal.value, facts.withdrawal.value.replace("-", " ").title())
    made: Resource = {
        "resourceType": "AllergyIntolerance",
        "meta": meta(
            around, names.ALLERGY, flag_tags(facts.flags, (Flag.LONG_KEEPING,), record, "アレルギー等")
        ),
        **({"contained": [contained_visit(visit, around)]} if visit else {}),
        "extension": [institution_extension(around), department_extension(department)],
        "identifier": [resource_number(around, "AllergyIntolerance", facts.id)],
        **({} if facts.withdrawal is Withdrawal.ERROR else {"clinicalStatus": status}),
        "verificationStatus": concept([coding(names.ALLERGY_CERTAINTY, *certainty)]),
        "type": "intolerance" if facts.is_intolerance else "allergy",
        "category": [facts.kind.value],
    }
    if facts.criticality:
        made["criticality"] = facts.criticality.value
    made["code"] = concept([coding_of(code)], substance)
    made["patient"] = patient_reference(around)
    if visit:
        made["encounter"] = {"reference": "#encounter"}
    if facts.noted_on:
        made["recordedDate"] = moment(facts.noted_on)
    if facts.note:
        made["note"] = [{"text": text(facts.note, record, "note", "補足")}]
    if facts.reaction:
        reaction = text(facts.reaction, record, "reaction", "アレルギーの症状")
        made["reaction"] = [{"manifestation": [concept((), reaction)]}]
    return made


def read_allergy(resource: Resource) -> AllergyFacts:
    """アレルギー等の読取り — ``code`` is the allergen code as received, empty for a dummy."""
    listed = codings(resource.get("code"))
    first = next((each for each in listed if each.get("system") in ALLERGEN_SYSTEMS), (listed or [{}])[0])
    certainty = code_of(resource.get("verificationStatus"), names.ALLERGY_CERTAINTY)
    code = said(first, "code")
    category = resource.get("category")
    kinds = [each for each in category if each in tuple(AllergenKind)] if type(category) is list else []
    kind = AllergenKind(kinds[0]) if kinds else _kind_of(said(first, "system"))
    critical = said(resource, "criticality")
    reactions = [
        said(each, "text") or next((said(one, "display") for one in codings(each)), "")
        for reaction in dicts(resource.get("reaction"))
        for each in dicts(reaction.get("manifestation"))
    ]
    status = code_of(resource.get("clinicalStatus"), names.ALLERGY_STATUS)
    return AllergyFacts(
        id=local_number(resource) or said(resource, "id"),
        kind=kind,
        substance=said(resource, "code", "text") or said(first, "display"),
        code="" if code in {each.code for each in DUMMIES.values()} else code,
        criticality=Criticality(critical) if critical in tuple(Criticality) else None,
        reaction="、".join(each for each in reactions if each),
        noted_on=day_of(resource.get("recordedDate")),
        is_intolerance=said(resource, "type") == "intolerance",
        is_active=status in ("active", "") and certainty not in tuple(Withdrawal),
        flags=read_flags(resource),
        note="\n".join(said(each, "text") for each in dicts(resource.get("note"))),
        visit=visit_of(resource),
        withdrawal=Withdrawal(certainty) if certainty in tuple(Withdrawal) else None,
    )


def _kind_of(system: str) -> AllergenKind:
    if system in (names.DRUG_ALLERGEN, names.INGREDIENT_ALLERGEN):
        return AllergenKind.DRUG
    return AllergenKind.FOOD if system == names.FOOD_ALLERGEN else AllergenKind.OTHER
