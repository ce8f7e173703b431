# SPDX-License-Identifier: Apache-2.0
"""検索演習のリソース — made-up stores: few values of each kind, so that what is asked is often there and often not."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

LOINC, LOCAL, UCUM = "http://loinc.org", "urn:oid:1.2.392.100495.20", "http://unitsofmeasure.org"
NAMES = (
    "架空",
    "カクウ",
    "ｶｸｳ",
    "かくう",
    "髙橋",
    "高橋",
    "襷",
    "架空 花子",
    "100%_\\様",
    "A,B|C$D",
    "Tasuki",
)
MOMENTS = (
    "2026", "2025", "2026-02", "2026-03", "2026-02-28", "2024-02-29", "2026-03-01", "2026-03-01T10:30:00+09:00",
    "2026-03-01T01:30:00Z", "2026-03-01T10:30:00.123+09:00", "2026-12-31T23:59:59Z", "1900-01-01", "2026-03-01T10:30+09:00",
)  # fmt: skip
NUMBERS = ("5", "5.4", "5.40", "5.39", "5.45", "100", "99.5", "100.5", "-3", "0", "0.001", "1000000", "6")
UNITS = (
    {"system": UCUM, "code": "mg", "unit": "mg"}, {"system": UCUM, "code": "g", "unit": "グラム"}, {"unit": "mg"}, {},
)  # fmt: skip
URLS = (
    "http://a.jp/fhir/ValueSet/1", "http://a.jp/fhir/ValueSet", "http://a.jp/fhir", "http://a.jp/fhir/ValueSet/10",
    "urn:oid:1.2.3", "http://b.jp/%_x",
)  # fmt: skip
TYPES = (
    "Patient", "Organization", "Practitioner", "Observation", "Condition", "Encounter", "MedicationRequest",
    "Coverage", "RiskAssessment", "ChargeItem", "ValueSet", "Provenance", "Group", "Questionnaire", "DiagnosticReport",
)  # fmt: skip
Resource = dict[str, Any]


class Maker:
    """検索演習の作り手 — the same seed makes the same store."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.ids: dict[str, list[str]] = {}

    def store(self, size: int) -> list[Resource]:
        """検索演習の保管 — resources that refer to each other, to others elsewhere and to nothing."""
        kinds = [self.chance.choice(TYPES) for _ in range(size)]
        for at, kind in enumerate(kinds):
            self.ids.setdefault(kind, []).append(f"{kind[:3].lower()}{at}")
        counted: dict[str, int] = {}
        made = []
        for kind in kinds:
            at = counted[kind] = counted.get(kind, -1) + 1
            resource: Resource = {"resourceType": kind, "id": self.ids[kind][at]}
            if self.some(0.4):
                resource["meta"] = self.meta()
            for name, make in ELEMENTS[kind].items():
                if self.some(0.65):
                    value = make(self)
                    if value is not None:
                        resource[name] = value
            made.append(resource)
        return made

    def some(self, share: float) -> bool:
        """偶然 — true in this share of cases."""
        return self.chance.random() < share

    def one(self, *values: Any) -> Any:
        """一つ選ぶ — any of them."""
        return self.chance.choice(values)

    def many(self, make: Callable[[], Any]) -> list[Any]:
        """一つ以上 — one or two."""
        return [make() for _ in range(self.one(1, 1, 2))]

    def meta(self) -> Resource:
        """メタ情報 — with a tag or a profile."""
        found: Resource = {}
        if self.some(0.6):
            found["tag"] = self.many(self.coding)
        if self.some(0.6):
            found["profile"] = [self.one(*URLS)]
        if self.some(0.3):
            found["source"] = self.one(*URLS)
        return found

    def coding(self) -> Resource:
        """コーディング — sometimes without its system or its display."""
        found = {"system": self.one(LOINC, LOCAL), "code": self.one("1", "2", "a", "A", "x,y|z$")}
        if self.some(0.2):
            del found["system"]
        if self.some(0.5):
            found["display"] = self.one(*NAMES)
        return found

    def concept(self) -> Resource:
        """コード化概念 — codings, words or both."""
        found: Resource = {}
        if self.some(0.85):
            found["coding"] = self.many(self.coding)
        if not found or self.some(0.3):
            found["text"] = self.one(*NAMES)
        return found

    def identifier(self) -> Resource:
        """識別子 — with a kind sometimes."""
        found: Resource = {"value": self.one("1", "123", "９９", "x|y")}
        if self.some(0.8):
            found["system"] = self.one(LOINC, LOCAL)
        if self.some(0.4):
            found["type"] = self.concept()
        return found

    def reference(self, *kinds: str) -> Resource:
        """参照 — to what is here, to what is not, elsewhere, by number only, or in words."""
        kind = self.one(*kinds)
        here = self.ids.get(kind)
        draw = self.chance.random()
        if draw < 0.7 and here:
            text = f"{kind}/{self.one(*here)}"
            return {"reference": text + ("/_history/1" if self.some(0.1) else "")}
        if draw < 0.75:
            return {"reference": f"{kind}/missing"}
        if draw < 0.82:
            return {"reference": f"https://elsewhere.jp/fhir/{kind}/{self.one('1', '2')}"}
        if draw < 0.86:
            return {"reference": "urn:uuid:0a0a0a0a-0000-4000-8000-000000000001"}
        if draw < 0.95:
            found: Resource = {"identifier": self.identifier()}
            if self.some(0.6):
                found["type"] = kind
            return found
        return {"display": self.one(*NAMES)}

    def period(self) -> Resource:
        """期間 — open at either end sometimes."""
        first, last = sorted((self.one(*MOMENTS), self.one(*MOMENTS)), key=lambda text: text[:10])
        found = {}
        if self.some(0.85):
            found["start"] = first
        if not found or self.some(0.7):
            found["end"] = last
        if found.get("start", "")[:4] == found.get("end", "")[:4]:
            # The end of 2026-02-28 is before the end of 2026: keep what begins before it ends.
            found.pop("end" if len(found) > 1 else "", None)
        return found

    def quantity(self) -> Resource:
        """量 — sometimes only a bound."""
        found = {"value": float(self.one(*NUMBERS)), **self.one(*UNITS)}
        if self.some(0.15):
            found["comparator"] = self.one("<", "<=", ">", ">=")
        return found

    def range(self) -> Resource:
        """範囲 — open at either end sometimes."""
        least, most = sorted((float(self.one(*NUMBERS)), float(self.one(*NUMBERS))))
        unit = self.one(*UNITS)
        found = {"low": {"value": least, **unit}, "high": {"value": most, **unit}}
        if self.some(0.3):
            del found[self.one("low", "high")]
        return found

    def name(self) -> Resource:
        """氏名 — of a person."""
        found: Resource = {"family": self.one(*NAMES), "given": self.many(lambda: self.one(*NAMES))}
        if self.some(0.3):
            found["text"] = self.one(*NAMES)
        return found

    def address(self) -> Resource:
        """住所 — some of its parts."""
        found: Resource = {"city": self.one("架空市", "ｶｸｳ市"), "line": [self.one(*NAMES)]}
        if self.some(0.5):
            found["postalCode"] = self.one("100-0001", "１００")
        return found

    def telecom(self) -> Resource:
        """連絡先 — telephone or mail."""
        return {"system": self.one("phone", "email"), "value": self.one("03-0000-0000", "a@example.jp")}

    def component(self) -> Resource:
        """検査値の部分 — a code and a value of it."""
        found: Resource = {"code": self.concept()}
        key, make = self.one(("valueQuantity", self.quantity), ("valueCodeableConcept", self.concept))
        found[key] = make()
        return found

    def context(self) -> Resource:
        """利用場面 — a code and a value of some kind."""
        key, make = self.one(
            ("valueQuantity", self.quantity),
            ("valueRange", self.range),
            ("valueCodeableConcept", self.concept),
        )
        return {"code": self.coding(), key: make()}


def _some(make: str) -> Callable[[Maker], Any]:
    return lambda maker: maker.many(getattr(maker, make))


def _of(make: str) -> Callable[[Maker], Any]:
    return lambda maker: getattr(maker, make)()


def _to(*kinds: str) -> Callable[[Maker], Any]:
    return lambda maker: maker.reference(*kinds)


def _all_to(*kinds: str) -> Callable[[Maker], Any]:
    return lambda maker: maker.many(lambda: maker.reference(*kinds))


def _any(*values: Any) -> Callable[[Maker], Any]:
    return lambda maker: maker.one(*values)


_MOMENT, _DAY = _any(*MOMENTS), _any(*(each for each in MOMENTS if "T" not in each))
_STATUS = _any("active", "completed", "draft")
_SUBJECT = _to("Patient", "Patient", "Patient", "Group")
_NUMBER = _any(*(float(each) for each in NUMBERS))
ELEMENTS: dict[str, dict[str, Callable[[Maker], Any]]] = {
    "Patient": {
        "identifier": _some("identifier"), "name": _some("name"), "gender": _any("male", "female"), "birthDate": _DAY,
        "active": _any(True, False), "telecom": _some("telecom"), "address": _some("address"),
        "managingOrganization": _to("Organization"), "generalPractitioner": _all_to("Practitioner", "Organization"),
        "deceasedBoolean": _any(True, False, None, None),
        "link": lambda maker: [{"other": maker.reference("Patient"), "type": "seealso"}],
    },
    "Organization": {
        "identifier": _some("identifier"), "name": _any(*NAMES), "alias": lambda maker: maker.many(lambda: maker.one(*NAMES)),
        "partOf": _to("Organization"), "type": _some("concept"), "address": _some("address"),
    },
    "Practitioner": {"identifier": _some("identifier"), "name": _some("name"), "telecom": _some("telecom")},
    "Observation": {
        "identifier": _some("identifier"), "status": _any("final", "preliminary"), "code": _of("concept"),
        "category": _some("concept"), "subject": _SUBJECT, "encounter": _to("Encounter"), "effectiveDateTime": _MOMENT,
        "performer": _all_to("Practitioner", "Organization"), "valueQuantity": _of("quantity"),
        "component": _some("component"), "hasMember": _all_to("Observation"), "interpretation": _some("concept"),
    },
    "Condition": {
        "stage": lambda maker: [{"summary": maker.concept()}], "bodySite": _some("concept"),
        "code": _of("concept"), "clinicalStatus": _of("concept"), "subject": _SUBJECT, "onsetPeriod": _of("period"),
        "recordedDate": _MOMENT, "encounter": _to("Encounter"), "abatementString": _any(*NAMES),
    },
    "Encounter": {
        "identifier": _some("identifier"), "status": _any("finished", "planned"), "class": _of("coding"), "subject": _SUBJECT,
        "period": _of("period"), "length": _of("quantity"), "serviceProvider": _to("Organization"),
        "participant": lambda maker: [{"individual": maker.reference("Practitioner")}],
    },
    "MedicationRequest": {
        "identifier": _some("identifier"), "status": _STATUS, "intent": _any("order", "plan"), "authoredOn": _MOMENT,
        "medicationCodeableConcept": _of("concept"), "subject": _SUBJECT, "requester": _to("Practitioner"),
        "dosageInstruction": lambda maker: [{"timing": {
            "event": maker.many(lambda: maker.one(*MOMENTS)), "repeat": {"boundsPeriod": maker.period()},
        }}],
    },
    "Coverage": {
        "identifier": _some("identifier"), "status": _STATUS, "beneficiary": _to("Patient"), "payor": _all_to("Organization"),
        "type": _of("concept"), "dependent": _any(*NAMES),
        "class": lambda maker: [{"type": maker.concept(), "value": maker.one(*NAMES)}],
    },
    "RiskAssessment": {
        "subject": _SUBJECT, "occurrenceDateTime": _MOMENT,
        "prediction": lambda maker: [maker.one({"probabilityDecimal": float(maker.one(*NUMBERS))}, {"probabilityRange": maker.range()})],
    },
    "ChargeItem": {
        "code": _of("concept"), "subject": _SUBJECT, "factorOverride": _NUMBER, "quantity": _of("quantity"),
        "priceOverride": lambda maker: {"value": float(maker.one(*NUMBERS)), "currency": "JPY"}, "enteredDate": _MOMENT,
        "occurrencePeriod": _of("period"),
    },
    "ValueSet": {
        "url": _any(*URLS), "identifier": _some("identifier"), "version": _any("1", "2"), "name": _any(*NAMES),
        "title": _any(*NAMES), "status": _STATUS, "date": _MOMENT, "description": _any(*NAMES), "useContext": _some("context"),
    },
    "Provenance": {
        "target": _all_to("Observation", "Patient", "Condition"), "recorded": _any(*(each for each in MOMENTS if "T" in each)),
        "agent": lambda maker: [{"who": maker.reference("Practitioner", "Organization"), "type": maker.concept()}],
    },
    "Group": {
        "identifier": _some("identifier"), "code": _of("concept"),
        "member": lambda maker: maker.many(lambda: {"entity": maker.reference("Patient", "Practitioner")}),
        "characteristic": lambda maker: maker.many(lambda: {
            "code": maker.concept(), **maker.one({"valueCodeableConcept": maker.concept()}, {"valueBoolean": maker.one(True, False)}),
        }),
    },
    "Questionnaire": {
        "url": _any(*URLS), "name": _any(*NAMES), "status": _STATUS, "subjectType": _any(["Patient"], ["Group"]),
        "derivedFrom": lambda maker: [maker.one(*URLS) + maker.one("", "|1", "|2")], "effectivePeriod": _of("period"),
    },
    "DiagnosticReport": {
        "status": _any("final", "partial"), "code": _of("concept"), "subject": _SUBJECT, "result": _all_to("Observation"),
        "effectivePeriod": _of("period"), "issued": _any(*(each for each in MOMENTS if "T" in each)),
        "encounter": _to("Encounter"), "performer": _all_to("Practitioner", "Organization"),
    },
}  # fmt: skip
