# SPDX-License-Identifier: Apache-2.0
"""構造の点検 — a resource or data type as FHIR itself defines it, compiled to one function per type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.sharing.checks.contexts import context_check
from tasuki.sharing.checks.elements import Element, read_elements
from tasuki.sharing.checks.extensions import extension_check
from tasuki.sharing.checks.invariants import invariant_checks
from tasuki.sharing.checks.narrative import narrative_check
from tasuki.sharing.checks.primitives import NAMES, kind_of, primitive_check, quick_test
from tasuki.sharing.checks.references import reference_check, target_check
from tasuki.sharing.checks.terms import binding_check, coding_check, known_codes
from tasuki.sharing.fhirpath.values import capital

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run
    from tasuki.sharing.ig.table import Profile

    Check = Callable[[Any, Path, Run], None]
    Member = Callable[[Any, Path, Run, dict[str, Any]], None]

_MARKS = frozenset(("resourceType", "fhir_comments"))


def type_check(engine: Engine, profile: Profile) -> Check:
    """型の点検 — structure, base cardinality, base bindings and the invariants of one type."""
    elements = read_elements(profile.rows)
    checks: list[Check] = list(invariant_checks(engine, elements[profile.type].row.invariants))
    if profile.type == "Coding":
        checks.append(coding_check(engine))
    elif profile.type == "Extension":
        checks.append(extension_check(engine))
    elif profile.type == "Reference":
        checks.append(reference_check())
    is_resource = profile.kind == "resource"
    return _object_check(engine, profile.type, elements, tuple(checks), is_resource)


def _object_check(
    engine: Engine, path: str, elements: dict[str, Element], checks: tuple[Check, ...], is_resource: bool
) -> Check:
    members: dict[str, Member] = {}
    fine: dict[str, Callable[[Any], bool]] = {}
    required: list[tuple[str, frozenset[str]]] = []
    choices: list[tuple[str, frozenset[str]]] = []
    for element in elements[path].children:
        if element.is_choice:
            name = element.name[:-3]
            keys = tuple(name + capital(code) for code in element.codes)
            choices.append((name, with_partners(keys)))
            for key, code in zip(keys, element.codes, strict=True):
                _add_member(engine, members, key, element, code, elements)
                _add_fine(engine, fine, key, element, code)
            if element.row.min:
                required.append((element.name, with_partners(keys)))
        else:
            _add_member(
                engine, members, element.name, element, element.codes[0] if element.codes else "", elements
            )
            _add_fine(engine, fine, element.name, element, element.codes[0] if element.codes else "")
            if element.row.min:
                required.append((element.name, with_partners((element.name,))))
    for name in ("extension", "modifierExtension"):
        if name in members:
            members[name] = _both(members[name], context_check(engine, path))
    if is_resource and engine.is_remembered(path):
        for element in elements[path].children:
            if not element.is_choice and element.codes and element.codes[0] not in NAMES:
                members[element.name] = _remembered(engine, members[element.name])
    labelled = {key: (member, "." + key, fine.get(key)) for key, member in members.items()}
    get = labelled.get

    def check(value: Any, at: Path, run: Run) -> None:
        if type(value) is not dict:
            run.block("S-03", at, found=kind_of(value), wanted="オブジェクト { … }")
            return
        is_bare = True
        for key, inner in value.items():
            member = get(key)
            if member is not None:
                act, label, is_fine = member
                if is_fine is None or not is_fine(inner):
                    act(inner, (at, label), run, value)
                if key != "id":
                    is_bare = False
            elif key not in _MARKS or (key == "resourceType" and not is_resource):
                run.block("S-02", (at, "." + key), name=key)
                is_bare = False
        if is_bare and not is_resource:
            run.block("S-06", at, found="中身のないオブジェクト")
        for name, keys in required:
            if keys.isdisjoint(value):
                run.block("C-01", (at, "." + name), least=1, count=0)
        for name, possible in choices:
            there = possible.intersection(value)
            if len(there) > 1 and len(plain := {key.lstrip("_") for key in there}) > 1:
                run.block("S-09", (at, "." + name + "[x]"), found="・".join(sorted(plain)))
        for each in checks:
            each(value, at, run)

    return check


def _add_fine(
    engine: Engine, fine: dict[str, Callable[[Any], bool]], key: str, element: Element, code: str
) -> None:
    """A quick look at single primitives: most are right, and then nothing else is asked of them."""
    row = element.row
    if row.is_list or row.invariants or row.content_of:
        return
    if row.binding is None:
        test = quick_test(code)
    else:
        test = known_codes(engine, *row.binding) if code == "code" else None
    if test is not None:
        fine[key] = test


def with_partners(keys: Iterable[str]) -> frozenset[str]:
    """項目名 — each with the name its extensions are kept under."""
    return frozenset(name for key in keys for name in (key, "_" + key))


def _add_member(
    engine: Engine,
    members: dict[str, Member],
    key: str,
    element: Element,
    code: str,
    elements: dict[str, Element],
) -> None:
    check = _item_check(engine, element, code, elements)
    is_primitive = code in NAMES
    members[key] = _list_member(check, key, is_primitive) if element.row.is_list else _single_member(check)
    if is_primitive and code != "xhtml":
        members["_" + key] = _partner_member(
            engine, key, context_check(engine, element.row.id, code), is_list=element.row.is_list
        )


def _both(member: Member, check: Check) -> Member:
    def both(value: Any, path: Path, run: Run, holder: dict[str, Any]) -> None:
        member(value, path, run, holder)
        check(value, path, run)

    return both


def _remembered(engine: Engine, member: Member) -> Member:
    """Of a member that is no primitive: what stands beside it in its holder says nothing of it."""
    whole = engine.memory.of(lambda value, path, run: member(value, path, run, {}))
    return lambda value, path, run, holder: whole(value, path, run)


def _single_member(check: Check) -> Member:
    def member(value: Any, path: Path, run: Run, holder: dict[str, Any]) -> None:
        if type(value) is list:
            run.block("S-05", path)
        elif value is None:
            run.block("S-06", path, found="null")
        else:
            check(value, path, run)

    return member


def _list_member(check: Check, key: str, is_primitive: bool) -> Member:
    partner = "_" + key

    def member(value: Any, path: Path, run: Run, holder: dict[str, Any]) -> None:
        if type(value) is not list:
            run.block("S-04", path, found=kind_of(value))
            return
        if not value:
            run.block("S-06", path, found="空の配列")
        for number, each in enumerate(value):
            if each is None:
                if not (is_primitive and _has_partner(holder.get(partner), number)):
                    run.block("S-06", (path, f"[{number}]"), found="null")
            else:
                check(each, (path, f"[{number}]"), run)

    return member


def _has_partner(partners: Any, number: int) -> bool:
    return type(partners) is list and len(partners) > number and type(partners[number]) is dict


def _partner_member(engine: Engine, key: str, contexts: Check, *, is_list: bool) -> Member:
    """What stands beside a primitive: its id and extensions."""

    def one(value: Any, path: Path, run: Run) -> None:
        if type(value) is not dict:
            run.block("S-10", path, name=key)
            return
        for name, inner in value.items():
            if name == "extension" and type(inner) is list and inner:
                for number, each in enumerate(inner):
                    engine.types["Extension"](each, (path, f".extension[{number}]"), run)
                contexts(inner, (path, ".extension"), run)
            elif not (name == "id" and type(inner) is str) and name != "fhir_comments":
                run.block("S-10", (path, "." + name), name=key)
        if not value:
            run.block("S-06", path, found="中身のないオブジェクト")

    def member(value: Any, path: Path, run: Run, holder: dict[str, Any]) -> None:
        if not is_list:
            one(value, path, run)
            return
        if type(value) is not list:
            run.block("S-04", path, found=kind_of(value))
            return
        beside = holder.get(key)
        if type(beside) is list and len(beside) != len(value):
            run.block("S-10", path, name=key)
        for number, each in enumerate(value):
            if each is not None:
                one(each, (path, f"[{number}]"), run)
            elif not (type(beside) is list and len(beside) > number and beside[number] is not None):
                run.block("S-06", (path, f"[{number}]"), found="null")

    return member


def _item_check(engine: Engine, element: Element, code: str, elements: dict[str, Element]) -> Check:
    row = element.row
    checks: list[Check] = []
    if row.content_of:
        checks.append(_later(engine, elements, row.content_of))
    elif element.children:
        checks.append(
            _object_check(
                engine, row.id, elements, tuple(invariant_checks(engine, row.invariants)), is_resource=False
            )
        )
    elif code == "xhtml":
        checks.append(narrative_check)
    elif code in NAMES:
        checks.append(primitive_check(code))
    elif code in ("Resource", "DomainResource"):
        checks.append(_resource_inside)
    elif code:
        types = engine.types
        checks.append(lambda value, path, run: types[code](value, path, run))
    if row.binding is not None and code in _BOUND:
        checks.append(binding_check(engine, *row.binding))
    if code == "Reference" and row.types:
        targets = next((each.targets for each in row.types if each.code == code), ())
        if targets:
            checks.append(target_check(engine, targets, is_base=True))
    if not element.children and row.invariants:
        checks.extend(invariant_checks(engine, row.invariants))
    whole = checks[0] if len(checks) == 1 else _in_turn(tuple(checks))
    return engine.memory.of(whole) if code in _REPEATED and not element.children else whole


_REPEATED = frozenset(("CodeableConcept", "Coding", "Extension", "Identifier", "Timing"))
_BOUND = frozenset(
    ("code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Age", "Duration", "canonical")
)


def _in_turn(checks: Iterable[Check]) -> Check:
    checks = tuple(checks)

    def check(value: Any, path: Path, run: Run) -> None:
        for each in checks:
            each(value, path, run)

    return check


def _resource_inside(value: Any, path: Path, run: Run) -> None:
    run.engine.resource_inside(value, path, run)


def _later(engine: Engine, elements: dict[str, Element], path: str) -> Check:
    """The children of another element, which may hold this one: made when first met."""
    made: list[Check] = []

    def check(value: Any, at: Path, run: Run) -> None:
        if not made:
            other = elements[path].row
            made.append(
                _object_check(
                    engine,
                    path,
                    elements,
                    tuple(invariant_checks(engine, other.invariants)),
                    is_resource=False,
                )
            )
        made[0](value, at, run)

    return check
