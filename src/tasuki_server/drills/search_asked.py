# SPDX-License-Identifier: Apache-2.0
"""検索演習の検索 — random searches of a made-up store, every kind of parameter, modifier, prefix, chain and order."""

from __future__ import annotations

import random
from typing import Any

from tasuki.sharing.search.matching import values
from tasuki.sharing.search.matching_values import amounts_in, codes_in, texts_in
from tasuki.sharing.search.parameters import Parameter, parameters_of
from tasuki.sharing.search.query import PREFIXES, components_as_parameters
from tasuki_server.drills.search_made_up import (
    LOCAL,
    LOINC,
    MOMENTS,
    NAMES,
    NUMBERS,
    TYPES,
    UCUM,
    URLS,
    Resource,
)

Pairs = list[tuple[str, str]]
_ESCAPES = str.maketrans({"\\": "\\\\", ",": "\\,", "|": "\\|", "$": "\\$"})


class Asker:
    """検索演習の問い手 — asks often for what is there, so that an empty answer is not the usual one."""

    def __init__(self, chance: random.Random, store: list[Resource]) -> None:
        self.chance = chance
        self.by_type: dict[str, list[Resource]] = {}
        for each in store:
            self.by_type.setdefault(each["resourceType"], []).append(each)
        # Parameters whose element some resource has, by type; others are asked now and then.
        self.useful = {
            kind: [each for each in parameters_of(kind) if any(values(each, one) for one in resources)]
            for kind, resources in self.by_type.items()
        }

    def search(self) -> tuple[str, Pairs]:
        """検索 — a type, and the pairs of its address."""
        kind = self.chance.choice(TYPES)
        pairs = [self.condition(kind, 0) for _ in range(self.chance.choice((0, 1, 1, 1, 2, 2, 3)))]
        if self.chance.random() < 0.4:
            pairs.append(
                ("_sort", ",".join(self._order(kind) for _ in range(self.chance.choice((1, 1, 2, 3)))))
            )
        if self.chance.random() < 0.2:
            pairs.append(self._include(kind))
        return kind, pairs

    def condition(self, kind: str, depth: int) -> tuple[str, str]:
        """検索条件 — name and text."""
        draw = self.chance.random()
        if draw < 0.12 and depth < 2:
            made = self._reverse(kind, depth)
            if made:
                return made
        every = [each for each in parameters_of(kind) if each.kind != "special"]
        usual = self.useful.get(kind) or every
        asked = self.chance.choice(usual if self.chance.random() < 0.9 else every)
        if asked.kind == "reference" and draw < 0.5 and depth < 2:
            targets = [each for each in asked.targets if each in TYPES]
            if targets:
                target = self.chance.choice(targets)
                name, text = self.condition(target, depth + 1)
                is_plain = len(asked.targets) == 1 and self.chance.random() < 0.5
                return f"{asked.code}.{name}" if is_plain else f"{asked.code}:{target}.{name}", text
        if self.chance.random() < 0.07:
            return f"{asked.code}:missing", self.chance.choice(("true", "false"))
        return self._asked(kind, asked)

    def _reverse(self, kind: str, depth: int) -> tuple[str, str] | None:
        ways = [
            (source, each)
            for source in TYPES
            for each in parameters_of(source)
            if each.kind == "reference" and kind in each.targets
        ]
        if not ways:
            return None
        source, each = self.chance.choice(ways)
        name, text = self.condition(source, depth + 1)
        return f"_has:{source}:{each.code}:{name}", text

    def _asked(self, kind: str, asked: Parameter) -> tuple[str, str]:
        modifier = self._modifier(asked)
        count = self.chance.choice((1, 1, 1, 2, 3))
        text = ",".join(self._value(kind, asked, modifier) for _ in range(count))
        return f"{asked.code}:{modifier}" if modifier else asked.code, text

    def _modifier(self, asked: Parameter) -> str:
        if self.chance.random() < 0.5:
            return ""
        if asked.code == "_id":
            return self.chance.choice(("", "not"))
        ways = {
            "token": ("", "not", "text", "of-type"), "string": ("exact", "contains"), "uri": ("above", "below"),
            "reference": ("identifier", *(each for each in asked.targets if each in TYPES)),
        }  # fmt: skip
        return self.chance.choice(ways.get(asked.kind, ("",)))

    def _value(self, kind: str, asked: Parameter, modifier: str) -> str:
        there = [one for each in self.by_type.get(kind, ()) for one in values(asked, each)]
        element = self.chance.choice(there) if there and self.chance.random() < 0.7 else None
        if asked.kind == "composite":
            return "$".join(self._part(each, element) for each in components_as_parameters(asked))
        return self._text(asked, modifier, element)

    def _part(self, part: Parameter, element: Any) -> str:
        inside = None
        if isinstance(element, dict):
            from tasuki.sharing.search.matching import _run

            found = _run(part.expression, element, element)
            inside = self.chance.choice(found) if found else None
        return self._text(part, "", inside)

    def _text(self, asked: Parameter, modifier: str, element: Any) -> str:
        if asked.kind == "token":
            return self._token(asked, modifier, element)
        if asked.kind == "reference":
            return self._reference(asked, modifier, element)
        if asked.kind == "date":
            return self.chance.choice(("", *PREFIXES)) + self._moment(element)
        if asked.kind in ("quantity", "number"):
            return self._amount(asked, element)
        if asked.kind == "string":
            text = self.chance.choice(list(texts_in(element)) or list(NAMES))
            if modifier != "exact" and self.chance.random() < 0.5:
                cut = self.chance.randrange(len(text))
                text = text[cut:] if modifier == "contains" else text[: cut + 1]
            return text.translate(_ESCAPES)
        text = element if isinstance(element, str) else self.chance.choice(URLS)
        if modifier:
            text = self.chance.choice((text, text + "/x", text.rpartition("/")[0] or text))
        return text.translate(_ESCAPES)

    def _token(self, asked: Parameter, modifier: str, element: Any) -> str:
        found = list(codes_in(element, asked.system))
        code = self.chance.choice(found) if found else None
        if modifier == "text":
            text = self.chance.choice((code.texts if code else None) or NAMES)
            return text[: self.chance.randrange(len(text)) + 1].translate(_ESCAPES)
        if modifier == "of-type":
            system, kind = self.chance.choice((code.kinds if code else None) or [(LOINC, "1"), (LOCAL, "a")])
            value = code.code if code else "123"
            return "|".join(each.translate(_ESCAPES) for each in (system or LOINC, kind or "1", value or "1"))
        system = (
            code.system if code and self.chance.random() < 0.8 else self.chance.choice((LOINC, LOCAL, ""))
        )
        text = (code.code if code else "") or self.chance.choice(("1", "a", "true", "active"))
        text = text.translate(_ESCAPES)
        return self.chance.choice((text, text, f"{system}|{text}", f"|{text}", f"{system or LOINC}|"))

    def _reference(self, asked: Parameter, modifier: str, element: Any) -> str:
        if modifier == "identifier":
            logical = element.get("identifier") if isinstance(element, dict) else None
            return self._token(asked, "", logical)
        if isinstance(element, str):
            return self.chance.choice((element, element.partition("|")[0])).translate(_ESCAPES)
        text = str(element.get("reference", "")) if element else ""
        text = text.split("/_history/")[0]
        kind, _, name = text.rpartition("/")
        if modifier:
            return name or "missing"
        if not text or "//" in kind or ":" in text:
            return text or f"{self.chance.choice(TYPES)}/missing"
        return self.chance.choice((text, text, name))

    def _moment(self, element: Any) -> str:
        if isinstance(element, str) and self.chance.random() < 0.6:
            return element[: self.chance.choice((4, 7, 10, 40))] if "T" in element else element
        return self.chance.choice(MOMENTS)

    def _amount(self, asked: Parameter, element: Any) -> str:
        found = list(amounts_in(element))
        unit: dict[str, Any] = {}
        number = self.chance.choice(NUMBERS)
        if found:
            amount = self.chance.choice(found)
            told = amount.low if amount.low is not None else amount.high
            number, unit = (str(told) if told is not None else number), amount.unit
        text = self.chance.choice(("", *PREFIXES)) + number
        if asked.kind == "number" or self.chance.random() < 0.4:
            return text
        system = self.chance.choice((unit.get("system", ""), UCUM, ""))
        return f"{text}|{system}|{self.chance.choice((unit.get('code', ''), unit.get('unit', ''), 'mg', ''))}"

    def _order(self, kind: str) -> str:
        every = [each for each in self.useful.get(kind, ()) if each.kind not in ("composite", "special")]
        code = self.chance.choice(every).code if every else "_id"
        return self.chance.choice(("", "-")) + code

    def _include(self, kind: str) -> tuple[str, str]:
        mark = self.chance.choice(("", ":iterate"))
        if self.chance.random() < 0.5:
            ways = [(source, each) for source in TYPES for each in parameters_of(source)
                    if each.kind == "reference" and kind in each.targets]  # fmt: skip
            if ways:
                source, each = self.chance.choice(ways)
                return f"_revinclude{mark}", f"{source}:{each.code}"
        every = [each for each in parameters_of(kind) if each.kind == "reference"]
        if not every or self.chance.random() < 0.2:
            return f"_include{mark}", f"{kind}:*"
        chosen = self.chance.choice(every)
        targets = [each for each in chosen.targets if each in TYPES and self.chance.random() < 0.3]
        return f"_include{mark}", ":".join((kind, chosen.code, *targets[:1]))
