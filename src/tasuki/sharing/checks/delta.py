# SPDX-License-Identifier: Apache-2.0
"""プロファイルの点検 — what a profile says beyond its type, compiled to one function that visits only those elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.sharing.checks.invariants import invariant_checks
from tasuki.sharing.checks.primitives import NAMES
from tasuki.sharing.checks.references import target_check
from tasuki.sharing.checks.slices import slicing_check
from tasuki.sharing.checks.terms import binding_check
from tasuki.sharing.checks.values import contains, shown
from tasuki.sharing.fhirpath.values import CHOICES, capital, equal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.delta_tree import Node
    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run
    from tasuki.sharing.ig.table import Row

    Check = Callable[[Any, Path, Run], None]


# A value (``None`` for a primitive of which only extensions are told), its place, and its type where it is of a choice.
Item = tuple[Any, Any, str]
Items = list[Item]
ItemsCheck = "Callable[[Items, Path, Run], None]"
_TYPE_OF_SUFFIX = {each: each for each in CHOICES} | {capital(name): name for name in NAMES}


def delta_check(engine: Engine, root: Node, *, is_remembering: bool = False) -> Check:
    """プロファイルの点検 — of a resource or a value of a data type; each member that may come again is remembered."""
    inner = children_check(engine, root, is_remembering=is_remembering)
    checks = tuple(invariant_checks(engine, root.row.invariants))

    def check(value: Any, path: Path, run: Run) -> None:
        inner(value, path, run)
        for each in checks:
            each(value, path, run)

    return check


def children_check(engine: Engine, node: Node, *, is_remembering: bool = False) -> Check:
    """子要素の点検 — of the children that are there and of those that must be; the rest costs nothing."""
    found: dict[str, tuple[str, Any, Any, Any, Any]] = {}
    needed: list[tuple[str, frozenset[str], Any]] = []
    for name, child in node.children.items():
        act, label = items_check(engine, child, is_remembering=is_remembering), "." + name
        keys = _keys(name)
        single, get = single_check(engine, child, is_remembering=is_remembering), getter(name)
        # Of a choice the getter looks at the members beside it.
        is_alone = is_remembering and not name.endswith("[x]")
        whole = engine.memory.of(_member(name, single, act)) if is_alone else None
        for key in keys:
            found[key] = found["_" + key] = (label, single, get, act, whole)
        if _is_needed(child):
            needed.append((label, frozenset(one for key in keys for one in (key, "_" + key)), act))
    lookup = found.get

    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is not dict:
            return
        for key, there in value.items():
            one = lookup(key)
            if one is None:
                continue
            label, single, get, act, whole = one
            if key[0] == "_":
                if key[1:] not in value:
                    act(get(value, path), (path, label), run)
            elif whole is not None and (type(there) is dict or type(there) is list):
                whole(there, (path, label), run)
            elif single is not None and type(there) is not list:
                single((there, (path, label), ""), run)
            else:
                act(get(value, path), (path, label), run)
        for label, keys, act in needed:
            if keys.isdisjoint(value):
                act([], (path, label), run)

    return check


def _member(name: str, single: Callable[[Item, Run], None] | None, act: Any) -> Check:
    """One member alone: a list, or an object."""

    def check(there: Any, at: Path, run: Run) -> None:
        if single is not None and type(there) is not list:
            single((there, at, ""), run)
        else:
            act(_items({name: there}, name, at[0], ""), at, run)

    return check


def _keys(name: str) -> list[str]:
    """The JSON names of an element: of a choice, one for every type."""
    if not name.endswith("[x]"):
        return [name]
    return [name[:-3] + suffix for suffix in sorted(_TYPE_OF_SUFFIX)]


def single_check(
    engine: Engine, node: Node, *, is_remembering: bool = False
) -> Callable[[Item, Run], None] | None:
    """一つの値の点検 — for an element that is there once and not sliced, where counting says nothing."""
    if node.slices or (node.row.min or 0) > 1 or node.row.max == "0" or node.name.endswith("[x]"):
        return None
    return item_check(engine, node, is_remembering=is_remembering) or _nothing


def _nothing(item: Item, run: Run) -> None:
    """A profile that only counts."""


def _is_needed(node: Node) -> bool:
    return bool(node.row.min) or any(each.row.min for each in node.slices.values())


def getter(name: str) -> Callable[[dict[str, Any], Path], Items]:
    """値の取出し — the items of a child, with their places; of a choice whichever type is there."""
    if not name.endswith("[x]"):
        return lambda value, path: _items(value, name, path, "")
    start = name[:-3]
    size = len(start)

    def choice(value: dict[str, Any], path: Path) -> Items:
        for key in value:
            plain = key[1:] if key[:1] == "_" else key
            if plain.startswith(start):
                code = _TYPE_OF_SUFFIX.get(plain[size:])
                if code is not None:
                    return _items(value, plain, path, code)
        return []

    return choice


def _items(value: dict[str, Any], key: str, path: Path, code: str) -> Items:
    there = value.get(key)
    at = (path, "." + key)
    if there is None:
        partners = value.get("_" + key)
        if type(partners) is dict:
            return [(None, at, code)]
        if type(partners) is list:
            return [
                (None, (at, f"[{number}]"), code) for number, each in enumerate(partners) if each is not None
            ]
        return []
    if type(there) is list:
        return [(each, (at, f"[{number}]"), code) for number, each in enumerate(there)]
    return [(there, at, code)]


def items_check(
    engine: Engine, node: Node, *, is_remembering: bool = False
) -> Callable[[Items, Path, Run], None]:
    """要素の点検 — how many there are, each of them, and their slices."""
    row = node.row
    least, most = row.min or 0, None if row.max in (None, "*") else int(row.max or 0)
    each_check = item_check(engine, node, is_remembering=is_remembering)
    slicing = slicing_check(engine, node) if node.slices else None

    def check(items: Items, path: Path, run: Run) -> None:
        count = len(items)
        if count < least:
            run.block("C-01", path, least=least, count=count)
        if most is not None and count > most:
            if most == 0:
                run.block("C-03", path)
            else:
                run.block("C-02", path, most=most, count=count)
        if each_check is not None:
            for item in items:
                each_check(item, run)
        if slicing is not None:
            slicing(items, path, run)

    return check


def item_check(
    engine: Engine, node: Node, *, is_remembering: bool = False
) -> Callable[[Item, Run], None] | None:
    """値の点検 — of one item: type, value, binding, reference, invariants, children."""
    row = node.row
    checks: list[Check] = [*value_checks(engine, row)]
    if node.children:
        checks.append(children_check(engine, node, is_remembering=is_remembering))
    allowed = frozenset(each.code for each in row.types) if row.types and node.name.endswith("[x]") else None
    wanted = "・".join(sorted(allowed or ()))
    made = tuple(checks)
    if not made and allowed is None:
        return None

    def check(item: Item, run: Run) -> None:
        if allowed is not None and item[2] and item[2] not in allowed:
            run.block("T-01", item[1], found=item[2], wanted=wanted)
            return
        if item[0] is None:
            if row.fixed is not None or row.pattern is not None:
                run.block(
                    "V-01",
                    item[1],
                    wanted=shown(row.fixed if row.fixed is not None else row.pattern),
                    found="値なし",
                )
            return
        for each in made:
            each(item[0], item[1], run)

    return check


def value_checks(engine: Engine, row: Row) -> list[Check]:
    """値の点検 — fixed value, pattern, length, range, binding, invariants, profiles of the type, targets."""
    found: list[Check] = []
    if row.fixed is not None:
        found.append(_fixed(row.fixed))
    if row.pattern is not None:
        found.append(_pattern(row.pattern))
    if row.max_length is not None:
        found.append(_length(row.max_length))
    if row.least is not None or row.most is not None:
        found.append(_range(row.least, row.most))
    if row.binding is not None:
        found.append(binding_check(engine, *row.binding))
    found.extend(invariant_checks(engine, row.invariants))
    for fact in row.types or ():
        if fact.profiles and fact.code != "Extension":
            found.append(_profiles(engine, fact.code, fact.profiles, len(row.types or ()) > 1))
        if fact.targets and fact.code == "Reference":
            found.append(target_check(engine, fact.targets, is_base=False))
    return found


def _fixed(wanted: Any) -> Check:
    def check(value: Any, path: Path, run: Run) -> None:
        if not equal(value, wanted):
            run.block("V-01", path, wanted=shown(wanted), found=shown(value))

    return check


def _pattern(wanted: Any) -> Check:
    def check(value: Any, path: Path, run: Run) -> None:
        if not contains(value, wanted):
            run.block("V-02", path, wanted=shown(wanted), found=shown(value))

    return check


def _length(most: int) -> Check:
    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is str and len(value) > most:
            run.block("V-03", path, most=most, length=len(value))

    return check


def _range(least: Any, most: Any) -> Check:
    def check(value: Any, path: Path, run: Run) -> None:
        try:
            is_inside = (least is None or value >= least) and (most is None or value <= most)
        except TypeError:
            return
        if not is_inside:
            run.block("V-04", path, found=shown(value), least=shown(least), most=shown(most))

    return check


def _profiles(engine: Engine, code: str, profiles: tuple[str, ...], is_one_of_types: bool) -> Check:
    is_resource = code in engine.resource_types

    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is not dict:
            return
        if is_resource and value.get("resourceType") != code and code not in ("Resource", "DomainResource"):
            if not is_one_of_types:
                run.block("T-01", path, found=str(value.get("resourceType")), wanted=code)
            return
        if len(profiles) == 1:
            engine.apply(value, profiles[0], path, run)
        elif not any(engine.conforms(value, url, run) for url in profiles):
            run.block("P-03", path, profiles="・".join(profiles))

    return check
