# SPDX-License-Identifier: Apache-2.0
"""点検の機関 — tables of constraints, compiled when first needed, and applied to resources."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Severity
from tasuki.sharing.checks.bundle import inner_bundle
from tasuki.sharing.checks.contained import contained_check
from tasuki.sharing.checks.delta import delta_check
from tasuki.sharing.checks.delta_tree import Node, placed, rows_of, tree_of
from tasuki.sharing.checks.invariants import invariant_check
from tasuki.sharing.checks.later_items import add_later_items, corrected
from tasuki.sharing.checks.primitives import kind_of
from tasuki.sharing.checks.remembering import Memory
from tasuki.sharing.checks.service_rules import LATER_FORMS, SERVICE_RULES
from tasuki.sharing.checks.structure import type_check
from tasuki.sharing.checks.surroundings import claims, enter, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasuki.sharing.checks.run import Path, Run
    from tasuki.sharing.ig.table import Profile, Table, ValueSet

    Check = Callable[[Any, Path, Run], None]


class _Types(dict[str, "Check"]):
    """Checks of types, compiled at first use: types hold each other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __missing__(self, name: str) -> Check:
        made = type_check(self._engine, self._engine.type_profiles[name])
        self[name] = made
        return made


class Engine:
    """点検の機関 — of definitions with one URL in several tables, the first table's counts; but an extension
    of a resource is judged as the guide of that resource's profile defines it, where that guide does.
    """

    def __init__(self, tables: Iterable[Table]) -> None:
        self.profiles: dict[str, Profile] = {}
        self.code_systems: dict[str, frozenset[str]] = {}
        self._value_sets: dict[str, ValueSet] = {}
        self._invariants: list[tuple[str, str, bool]] = []
        self._home: dict[str, int] = {}
        self._elsewhere: dict[tuple[int, str], Profile] = {}
        for number, table in enumerate(tables):
            start = len(self._invariants)
            self._invariants.extend((each.key, each.expression, each.is_error) for each in table.invariants)
            for given in table.profiles:
                profile = placed(corrected(given), start)
                if profile.url not in self.profiles:
                    self.profiles[profile.url] = profile
                    self._home[profile.url] = number
                elif profile != self.profiles[profile.url]:
                    self._elsewhere[number, profile.url] = profile
            for url, each in table.value_sets.items():
                if url not in self._value_sets or (each.is_known and not self._value_sets[url].is_known):
                    self._value_sets[url] = each
            for url, codes in table.code_systems.items():
                self.code_systems[url] = self.code_systems.get(url, frozenset()) | frozenset(codes)
        add_later_items(self.code_systems, self._value_sets)
        self.type_profiles = {each.type: each for each in self.profiles.values() if each.is_type}
        self.resource_types = frozenset(
            each.type
            for each in self.type_profiles.values()
            if each.kind == "resource" and not each.is_abstract
        )
        self.types = _Types(self)
        self.memory = Memory()
        self._deltas: dict[str, Check] = {}
        self._making: set[str] = set()
        self._lock = RLock()
        self._trees: dict[str, Node] = {}
        self._texts: dict[tuple[str, ...], frozenset[str]] = {}
        self._named: dict[str, frozenset[str]] = {}
        self._scoped: dict[tuple[int, str], Check] = {}
        self._checks: dict[int, Check] = {}
        self._tries: dict[str, Check] = {}
        self._contained = self.memory.of(
            lambda value, path, run: self.resource(value, path, run, is_contained=True)
        )

    def find(self, url: str) -> Profile | None:
        """プロファイル — by URL."""
        return self.profiles.get(url)

    def value_set(self, url: str) -> ValueSet | None:
        """値セット — by URL."""
        return self._value_sets.get(url)

    def invariant_check(self, number: int) -> Check:
        """不変条件 — compiled once."""
        if number not in self._checks:
            key, expression, is_error = self._invariants[number]
            if key in LATER_FORMS:
                expression = f"({expression}) or ({LATER_FORMS[key]})"
            self._checks[number] = invariant_check(key, expression, is_error=is_error)
        return self._checks[number]

    def type_of(self, url: str) -> str:
        """プロファイルの型 — empty when unknown."""
        found = self.profiles.get(url)
        return found.type if found is not None else ""

    def is_base(self, url: str) -> bool:
        """型そのものか — not a profile on it, or not known here."""
        found = self.profiles.get(url)
        return found is None or found.is_type

    def is_remembered(self, type_name: str) -> bool:
        """覚える型か — one whose members come again: a domain resource, not a Bundle, which holds all of what was sent."""
        found = self.type_profiles.get(type_name)
        return found is not None and any(row.id == f"{type_name}.contained" for row in found.rows)

    def is_extension(self, url: str) -> bool:
        """拡張の定義か."""
        found = self.profiles.get(url)
        return found is not None and found.kind == "extension"

    def names_extension(self, resource: dict[str, Any], url: str) -> bool:
        """プロファイルが挙げる拡張か — of the profiles a resource claims."""
        for claimed in claims(resource):
            plain = claimed.partition("|")[0]
            if plain not in self.profiles:
                continue
            if plain not in self._named:
                self._named[plain] = frozenset(
                    profile
                    for row in rows_of(self.profiles[plain], self.find)
                    for fact in row.types or ()
                    for profile in fact.profiles
                )
            if url in self._named[plain]:
                return True
        return False

    def tree(self, url: str) -> Node:
        """プロファイルの木 — made once."""
        if url not in self._trees:
            profile = self.find(url)
            self._trees[url] = tree_of(rows_of(profile, self.find) if profile and not profile.is_type else ())
        return self._trees[url]

    def slice_texts(self, url: str, path: tuple[str, ...], name: str) -> frozenset[str]:
        """スライスの固定値 — the texts that the slices of an element fix for one of its members."""
        key = (url, *path, name)
        if key not in self._texts:
            node: Node | None = self.tree(url)
            for part in path:
                node = node.children.get(part) if node is not None else None
            rows = [
                each.children[name].row
                for each in (node.slices.values() if node else ())
                if name in each.children
            ]
            self._texts[key] = frozenset(row.fixed for row in rows if isinstance(row.fixed, str))
        return self._texts[key]

    def type_nodes(self, node: Node) -> list[Node]:
        """型のプロファイルの木 — of the profiles a slice's type names."""
        return [
            self.tree(url) for fact in node.row.types or () for url in fact.profiles if url in self.profiles
        ]

    def delta(self, url: str) -> Check | None:
        """プロファイルの点検 — ``None`` when the URL is not known or names a type. Compiled once, by one thread."""
        if url in self._deltas:
            return self._deltas[url]
        profile = self.profiles.get(url)
        if profile is None or profile.is_type:
            return None
        with self._lock:
            if url in self._making:
                # A profile may hold itself, deep inside: it is then met again when it is made.
                return lambda value, path, run: self._deltas[url](value, path, run)
            elif url not in self._deltas:
                self._making.add(url)
                self._deltas[url] = delta_check(
                    self, self.tree(url), is_remembering=self.is_remembered(profile.type)
                )
            return self._deltas[url]

    def scoped_delta(self, url: str, scope: int) -> Check | None:
        """拡張の定義 — as the guide ``scope`` has it, else as it stands first."""
        key = (scope, url)
        if key in self._elsewhere and key not in self._scoped:
            self._scoped[key] = delta_check(self, tree_of(rows_of(self._elsewhere[key], self.find)))
        return self._scoped.get(key) or self.delta(url)

    def apply(self, value: dict[str, Any], url: str, path: Path, run: Run) -> None:
        """プロファイルの適用 — once for a value and profile; for a resource with its own surroundings."""
        check = self.delta(url)
        if check is None:
            return
        if "resourceType" not in value:
            check(value, path, run)
            return
        key = (id(value), url)
        if key in run.done:
            run.asked += 1
            return
        run.done.add(key)
        kept = enter(run, value)
        try:
            check(value, path, run)
        finally:
            leave(run, kept)

    def conforms(self, value: dict[str, Any], url: str, run: Run) -> bool:
        """適合 — whether a resource meets what a profile adds to its type; asked once each."""
        profile = self.profiles.get(url)
        if profile is None:
            return True
        if profile.type != value.get("resourceType", profile.type):
            return False
        if profile.is_type:
            return True
        key = (id(value), url)
        if key in run.tried:
            run.asked += 1
        else:
            run.tried[key] = True
            if url not in self._tries:
                self._tries[url] = self.memory.of(lambda value, path, run: self.apply(value, url, path, run))
            check = self._tries[url]
            run.tried[key] = run.holds(lambda: check(value, (None, ""), run))
        return run.tried[key]

    def claims_or_conforms(self, value: dict[str, Any], url: str, run: Run) -> bool:
        """名乗りか適合 — a resource that claims a profile belongs to its slice even when it breaks it."""
        profile = self.profiles.get(url)
        if profile is None or profile.type != value.get("resourceType", profile.type):
            return False
        meta = value.get("meta")
        claimed = meta.get("profile") if type(meta) is dict else None
        if type(claimed) is list and any(
            type(each) is str and self._is_from(each.partition("|")[0], url) for each in claimed
        ):
            return True
        return self.conforms(value, url, run)

    def _is_from(self, url: str, ancestor: str) -> bool:
        for _ in range(20):
            if url == ancestor:
                return True
            profile = self.profiles.get(url)
            if profile is None:
                return False
            url = profile.parent
        return False

    def resource_inside(self, value: Any, path: Path, run: Run) -> None:
        """内側のリソース — contained, in a Bundle entry, or a parameter."""
        if type(value) is dict and value.get("resourceType") == "Bundle":
            run.asked += 1
            if run.bundle is not None:
                inner_bundle(value, path, run, self.resource)
                return
        if path[1].startswith("[") and path[0][1] == ".contained":
            self._contained(value, path, run)
        else:
            self.resource(value, path, run)

    def resource(
        self, value: Any, path: Path, run: Run, *, is_contained: bool = False, profiles: tuple[str, ...] = ()
    ) -> None:
        """リソースの点検 — by its type, then by the profiles it claims and those asked for."""
        if type(value) is not dict:
            run.block("S-03", path, found=kind_of(value), wanted="リソース { … }")
            return
        kind = value.get("resourceType")
        if type(kind) is not str or kind not in self.resource_types:
            run.block("S-01", path, found=str(kind) if kind is not None else "なし")
            return
        kept = enter(run, value, is_contained=is_contained)
        scope, claimed = run.scope, claims(value)
        homes = [self._home[plain] for url in claimed if (plain := url.partition("|")[0]) in self._home]
        run.scope = homes[0] if homes else scope
        try:
            self.types[kind](value, path, run)
            if "contained" in value or is_contained:
                contained_check(value, path, run, is_contained=is_contained)
            for number, url in enumerate(claimed):
                self._claimed(value, kind, url, ((path, f".meta.profile[{number}]")), path, run)
            for url in profiles:
                if url in self.profiles:
                    self._claimed(value, kind, url, path, path, run)
                else:
                    run.block("P-04", path, profile=url)
        finally:
            run.scope = scope
            leave(run, kept)

    def _claimed(
        self, value: dict[str, Any], kind: str, url: str, told_at: Path, path: Path, run: Run
    ) -> None:
        plain = url.partition("|")[0]
        profile = self.profiles.get(plain)
        if profile is None:
            run.tell("P-01", Severity.ADVICE, told_at, profile=url)
        elif profile.type != kind and not profile.is_abstract:
            run.block("P-02", told_at, profile=url, wanted=profile.type, found=kind)
        else:
            self.apply(value, plain, path, run)
            if plain in SERVICE_RULES:
                SERVICE_RULES[plain](value, path, run)
