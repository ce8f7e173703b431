# SPDX-License-Identifier: Apache-2.0
"""値セットの展開 — the codes a value set lists, as far as the packages tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.sharing.ig.table import ValueSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A list longer than this is a master of its own (diseases, drugs, tests), kept elsewhere and checked there.
MOST_CODES = 1_500
# Packages carry pieces of these and call them complete; the real ones are far larger.
NEVER_WHOLE = frozenset(("http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"))


class Terminology:
    """用語 — value sets and code systems by URL, those of the packages and those already known."""

    def __init__(
        self,
        known_sets: Mapping[str, ValueSet] | None = None,
        known_systems: Mapping[str, tuple[str, ...]] | None = None,
        most_codes: int = MOST_CODES,
    ) -> None:
        self.most_codes = most_codes
        self.sets: dict[str, Mapping[str, Any]] = {}
        self.systems: dict[str, Mapping[str, Any]] = {}
        self._known_sets = dict(known_sets or {})
        self._known_systems = dict(known_systems or {})

    def add(self, resource: Mapping[str, Any]) -> None:
        """追加 — a ValueSet or CodeSystem."""
        kept = self.sets if resource["resourceType"] == "ValueSet" else self.systems
        kept[str(resource["url"])] = resource

    def system_codes(self, url: str) -> tuple[str, ...] | None:
        """コード体系の全コード — ``None`` when not complete here or too long to keep."""
        given = self.systems.get(url)
        if given is None:
            return self._known_systems.get(url)
        if given.get("content") != "complete" or url in NEVER_WHOLE:
            return None
        codes = tuple(str(each["code"]) for each, _ in _concepts(given))
        return codes if 0 < len(codes) <= self.most_codes else None

    def small_systems(self) -> dict[str, tuple[str, ...]]:
        """短いコード体系 — every complete one of the packages that is short enough to keep."""
        found = {url: self.system_codes(url) for url in sorted(self.systems)}
        return {url: codes for url, codes in found.items() if codes is not None}

    def expand(self, url: str, inside: tuple[str, ...] = ()) -> ValueSet:
        """値セットの展開 — by system; a system whose codes cannot be listed is open."""
        given = self.sets.get(url)
        if given is None:
            return self._known_sets.get(url, ValueSet(is_known=False))
        if url in inside:
            return ValueSet()
        codes: dict[str, dict[str, None]] = {}
        unlisted: dict[str, None] = {}
        compose = given.get("compose") or {}
        for part in compose.get("include", ()):
            if not self._include(part, codes, unlisted, (*inside, url)):
                return ValueSet(is_known=False)
        for part in compose.get("exclude", ()):
            taken: dict[str, dict[str, None]] = {}
            self._include(part, taken, {}, (*inside, url))
            for system, gone in taken.items():
                for code in gone:
                    codes.get(system, {}).pop(code, None)
        if not compose.get("include"):
            return ValueSet(is_known=False)
        long = [system for system, listed in codes.items() if len(listed) > self.most_codes]
        unlisted |= dict.fromkeys(long)
        kept = {system: tuple(listed) for system, listed in sorted(codes.items()) if system not in unlisted}
        return ValueSet(kept, tuple(sorted(unlisted)))

    def _include(
        self,
        part: Mapping[str, Any],
        codes: dict[str, dict[str, None]],
        unlisted: dict[str, None],
        inside: tuple[str, ...],
    ) -> bool:
        system = str(part.get("system", ""))
        for other in part.get("valueSet", ()):
            inner = self.expand(str(other).partition("|")[0], inside)
            if not inner.is_known:
                return False
            for name, listed in inner.codes.items():
                if not system or name == system:
                    codes.setdefault(name, {}).update(dict.fromkeys(listed))
            unlisted.update(dict.fromkeys(inner.open))
        if not system:
            return True
        if part.get("concept"):
            codes.setdefault(system, {}).update((str(each["code"]), None) for each in part["concept"])
            return True
        listed_here = self.system_codes(system)
        if part.get("valueSet"):
            return True
        if listed_here is None:
            unlisted[system] = None
            return True
        for filtered in part.get("filter", ()):
            chosen = self._filtered(system, filtered)
            if chosen is None:
                unlisted[system] = None
                return True
            listed_here = tuple(code for code in listed_here if code in chosen)
        codes.setdefault(system, {}).update(dict.fromkeys(listed_here))
        return True

    def _filtered(self, system: str, given: Mapping[str, Any]) -> frozenset[str] | None:
        if given.get("property") != "concept" or given.get("op") not in ("is-a", "descendent-of", "is-not-a"):
            return None
        if system not in self.systems:
            return None
        root = str(given["value"])
        below = {str(each["code"]) for each, above in _concepts(self.systems[system]) if root in above}
        if given["op"] == "is-not-a":
            every = {str(each["code"]) for each, _ in _concepts(self.systems[system])}
            return frozenset(every - below - {root})
        return frozenset(below | {root}) if given["op"] == "is-a" else frozenset(below)


def _concepts(system: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], frozenset[str]]]:
    """Each concept with the codes above it, by nesting and by its parent property."""
    parents: dict[str, set[str]] = {}
    order: list[Mapping[str, Any]] = []
    waiting = [(each, "") for each in reversed(system.get("concept", ()))]
    while waiting:
        concept, above = waiting.pop()
        code = str(concept["code"])
        order.append(concept)
        parents.setdefault(code, set())
        if above:
            parents[code].add(above)
        for told in concept.get("property", ()):
            if told.get("code") in ("subsumedBy", "parent") and "valueCode" in told:
                parents[code].add(str(told["valueCode"]))
        waiting.extend((each, code) for each in reversed(concept.get("concept", ())))
    for concept in order:
        found: set[str] = set()
        todo = list(parents[str(concept["code"])])
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo.extend(parents.get(one, ()))
        yield concept, frozenset(found)
