# SPDX-License-Identifier: Apache-2.0
"""情報共有サービスの規則 — what 電子カルテ情報共有サービス asks beyond the profiles of JP-CLINS 1.5.2.

Later guides (1.6.0 to 1.10.0) state these rules; the table built in is older, so each is a question, not an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Severity
from tasuki.sharing.lab_items import item_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[dict[str, Any], Path, Run], None]

_CLINS = "http://jpfhir.jp/fhir/clins/"
_LOCAL = _CLINS + "CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS"
_FLAGS = _CLINS + "CodeSystem/JP_ehrshrs_indication"
_LAB = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS"
_SHARED_LISTS = ("_CoreLabo_CS", "_InfectionLabo_CS")
_MEMBER = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
_PUBLIC_PAYER = "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID"
_ENCOUNTER = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Encounter"
# What an invariant of the table accepts since JP-CLINS 1.10.0 as well: the insured of 生活保護 (R1012, R1013), and the
# encounter by its profile of JP-CLINS (R9013C, R9013O).
LATER_FORMS = {
    # A unit with the patient alone takes back what was sent under its number (guide); bundle_rules asks about it.
    "mustHaveOneMoreResources-with-designatedResourceType": (
        "entry.count() = 1 and entry.first().resource.is(Patient)"
    ),
    "valid-system-insurance-patientIdentifier": (
        f"identifier.where(system = '{_MEMBER}' or system = '{_PUBLIC_PAYER}').count() = 1"
    ),
    "valid-value-insurance-patientIdentifier": (
        f"identifier.where(system = '{_MEMBER}').empty() and identifier.where(system = '{_PUBLIC_PAYER}')"
        ".value.matches('^[0-9]{8}::[^:^\\\\s^\u3000]{7}:$')"
    ),
    "condition-needs-contained-of-Encounter": (
        "entry.select(resource as Condition)"
        f".all(contained.meta.profile.where($this.startsWith('{_ENCOUNTER}')).exists())"
    ),
    "observation-needs-contained-of-Encounter": (
        "entry.select(resource as Observation)"
        f".all(contained.meta.profile.where($this.startsWith('{_ENCOUNTER}')).exists())"
    ),
}


def _ask(run: Run, code: str, path: Path, **facts: object) -> None:
    run.tell(code, Severity.CONFIRM, path, **facts)


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    for each in value if type(value) is list else ():
        if type(each) is dict:
            yield each


def _codings(value: dict[str, Any]) -> list[dict[str, Any]]:
    code = value.get("code")
    return list(_dicts(code.get("coding"))) if type(code) is dict else []


def _has_long_keeping(value: dict[str, Any]) -> bool:
    meta = value.get("meta")
    tags = meta.get("tag") if type(meta) is dict else None
    return any(each.get("system") == _FLAGS and each.get("code") == "LTS" for each in _dicts(tags))


def lab_rules(value: dict[str, Any], path: Path, run: Run) -> None:
    """検査の規則 — local code, shared names, units of the reference range, 長期保存 for infections only.

    Cite: JP-CLINS 1.10.0 R6022, R6031, referenceRangeLowUnits-isSameAs-resultValueUnits
    """
    codings = _codings(value)
    if not any(each.get("system") == _LOCAL for each in codings):
        _ask(run, "K-01", (path, ".code.coding"))
    for number, each in enumerate(codings):
        system, display = each.get("system"), each.get("display")
        if type(system) is str and system.startswith(_CLINS) and system.endswith(_SHARED_LISTS):
            known = run.engine.slice_texts(_LAB, ("code", "coding"), "display")
            if known and str(display) not in known and item_named(str(display)) is None:
                _ask(
                    run, "K-02", (path, f".code.coding[{number}].display"), display=str(display or "（なし）")
                )
    if _has_long_keeping(value) and not any(
        str(each.get("system")).endswith(_SHARED_LISTS[1]) for each in codings
    ):
        _ask(run, "K-03", (path, ".meta.tag"))
    result = value.get("valueQuantity")
    if type(result) is not dict:
        return
    for number, one in enumerate(_dicts(value.get("referenceRange"))):
        for side in ("low", "high"):
            limit = one.get(side)
            if type(limit) is dict and any(
                name in limit and limit[name] != result.get(name) for name in ("unit", "code")
            ):
                _ask(run, "K-04", (path, f".referenceRange[{number}].{side}"), unit=str(result.get("unit")))


def allergy_rules(value: dict[str, Any], path: Path, run: Run) -> None:
    """アレルギーの規則 — of the flags only 長期保存.

    Cite: JP-CLINS 1.10.0 R70010
    """
    meta = value.get("meta")
    for number, each in enumerate(_dicts(meta.get("tag") if type(meta) is dict else None)):
        if each.get("system") == _FLAGS and each.get("code") != "LTS":
            _ask(run, "K-05", (path, f".meta.tag[{number}]"), flag=str(each.get("code")))


def bundle_rules(value: dict[str, Any], path: Path, run: Run) -> None:
    """送信単位の規則 — what each information needs when it is sent.

    Cite: JP-CLINS 1.10.0 R6021, R6081, R9016C, R9016O, R9017O, R9019O
    """
    entries = list(_dicts(value.get("entry")))
    if len(entries) == 1:
        _ask(run, "K-10", (path, ".entry"))
    for number, entry in enumerate(entries):
        resource = entry.get("resource")
        kind = resource.get("resourceType") if type(resource) is dict else None
        at = (path, f".entry[{number}].resource")
        if type(resource) is not dict or kind not in ("Condition", "Observation"):
            continue
        if "encounter" not in resource:
            _ask(run, "K-06", (at, ".encounter"))
        if kind == "Observation":
            if "performer" not in resource:
                _ask(run, "K-07", (at, ".performer"))
            if "hasMember" in resource:
                _ask(run, "K-08", (at, ".hasMember"))
            if not any(
                each.get("resourceType") == "Practitioner" for each in _dicts(resource.get("contained"))
            ):
                _ask(run, "K-09", (at, ".contained"))


SERVICE_RULES: dict[str, Check] = {
    _LAB: lab_rules,
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_AllergyIntolerance_eCS": allergy_rules,
    _CLINS + "StructureDefinition/JP_Bundle_CLINS": bundle_rules,
}
