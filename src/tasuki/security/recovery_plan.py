# SPDX-License-Identifier: Apache-2.0
"""復旧計画 — which systems come back in which order, by when and to which point, and what in the plan cannot be.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 11①・18①、サイバー攻撃を想定したBCP策定の確認表（復旧の順序）
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.security import recovery_sentences as _sentences  # noqa: F401  (registers the sentences)

DAY_MINUTES = 24 * 60
# 一年より長い復旧の目標は、目標ではない。
LONGEST_MINUTES = 366 * DAY_MINUTES


class Priority(StrEnum):
    """優先度 — P1: care stops without it; P2: the day's business; P3: can wait."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    @property
    def label(self) -> str:
        """優先度の説明 — as screens and prints show it."""
        return _PRIORITY_LABELS[self]


_PRIORITY_LABELS = {
    Priority.P1: "P1 診療に直結",
    Priority.P2: "P2 当日の業務",
    Priority.P3: "P3 後から戻す",
}


@dataclass(frozen=True, slots=True)
class System:
    """復旧するシステム — what it needs, by when it is back, to which point, who does it and where the paper lies.

    ``needs`` are codes of other systems. ``back_by_minutes`` counts from the decision to recover (目標復旧時間);
    ``to_point`` is the state that is restored, in words (目標復旧時点).
    """

    code: str
    name: str
    priority: Priority
    needs: tuple[str, ...] = ()
    back_by_minutes: int | None = None
    to_point: str = ""
    responsible: str = ""
    paper: str = ""
    act: str = ""


class Step(NamedTuple):
    """復旧の手順 — one system in its place; steps of one ``stage`` need nothing of each other and may go side by side."""

    number: int
    stage: int
    system: System


class Returning(NamedTuple):
    """復帰の順序 — the steps, what could not be put in order, and everything that is wrong with the plan."""

    steps: tuple[Step, ...]
    left: tuple[System, ...]
    conflicts: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """成り立つか — nothing in it blocks."""
        return not any(each.severity is Severity.BLOCK for each in self.conflicts)


def order_of_return(systems: tuple[System, ...]) -> Returning:
    """復帰の順序 — P1 before P2 before P3, and nothing before what it needs.

    Where the two disagree, the need wins and the disagreement is a conflict: a P1 that needs a P3 can only wait for it.
    Among equals the earlier goal goes first, then the code. Systems in a ring, and those that need one, are ``left``.

    >>> login = System("login", "サインイン", Priority.P1, ("database",), 5, "最後の確定")
    >>> database = System("database", "データベース", Priority.P1, (), 5, "最後の確定")
    >>> [step.system.code for step in order_of_return((login, database)).steps]
    ['database', 'login']
    """
    known = {each.code: each for each in systems}
    stages: dict[str, int] = {}
    steps: list[Step] = []
    waiting = sorted(known.values(), key=_urgency)
    while True:
        ready = [each for each in waiting if all(need in stages for need in _known_needs(each, known))]
        if not ready:
            break
        # What an urgent system waits for goes before what is merely ready.
        pulled = _needed_by_the_most_urgent(waiting, known, stages)
        system = next((each for each in ready if each.code in pulled), ready[0])
        stage = 1 + max((stages[need] for need in _known_needs(system, known)), default=0)
        stages[system.code] = stage
        steps.append(Step(len(steps) + 1, stage, system))
        waiting.remove(system)
    return Returning(tuple(steps), tuple(waiting), tuple(_conflicts(systems, known)))


def _urgency(system: System) -> tuple[str, int, str]:
    goal = LONGEST_MINUTES if system.back_by_minutes is None else system.back_by_minutes
    return system.priority.value, goal, system.code


def _known_needs(system: System, known: Mapping[str, System]) -> tuple[str, ...]:
    return tuple(need for need in system.needs if need in known)


def _needed_by_the_most_urgent(
    waiting: list[System], known: Mapping[str, System], stages: Mapping[str, int]
) -> set[str]:
    """The most urgent system that can be reached at all, and everything it still waits for."""
    for system in waiting:
        found = _closure(system.code, known)
        if not any(
            code in _closure(need, known) for code in found for need in _known_needs(known[code], known)
        ):
            return {code for code in found if code not in stages}
    return set()


def _closure(code: str, known: Mapping[str, System]) -> set[str]:
    """A system and all that it needs, near and far."""
    found, ahead = set(), [code]
    while ahead:
        each = ahead.pop()
        if each not in found:
            found.add(each)
            ahead.extend(_known_needs(known[each], known))
    return found


def _conflicts(systems: tuple[System, ...], known: Mapping[str, System]) -> Iterator[Finding]:
    counted: dict[str, int] = {}
    for system in systems:
        counted[system.code] = counted.get(system.code, 0) + 1
    for code in sorted(code for code, count in counted.items() if count > 1):
        yield _found("RP-01", Severity.BLOCK, code, name=known[code].name)
    for system in sorted(systems, key=_urgency):
        yield from _lacking(system)
        for need in system.needs:
            if need not in known:
                yield _found("RP-02", Severity.BLOCK, system.code, name=system.name, need=need)
                continue
            yield from _between(system, known[need])
    for ring in rings(systems):
        names = " → ".join(known[code].name for code in (*ring, ring[0]))
        yield _found("RP-05", Severity.BLOCK, ring[0], ring=names)


def _lacking(system: System) -> Iterator[Finding]:
    """Without "by when" and "to which point" it is no plan."""
    if system.back_by_minutes is None:
        yield _found("RP-06", Severity.BLOCK, system.code, name=system.name)
    elif not 0 < system.back_by_minutes <= LONGEST_MINUTES:
        yield _found("RP-07", Severity.BLOCK, system.code, name=system.name, minutes=system.back_by_minutes)
    if not system.to_point.strip():
        yield _found("RP-08", Severity.BLOCK, system.code, name=system.name)
    if not system.responsible.strip():
        yield _found("RP-09", Severity.CONFIRM, system.code, name=system.name)
    if not system.paper.strip():
        yield _found("RP-10", Severity.CONFIRM, system.code, name=system.name)


def _between(system: System, need: System) -> Iterator[Finding]:
    facts = {
        "name": system.name,
        "priority": system.priority.value,
        "need": need.name,
        "need_priority": need.priority.value,
    }
    if need.priority.value > system.priority.value:
        yield _found("RP-03", Severity.BLOCK, system.code, **facts)
    if (
        system.back_by_minutes is not None
        and need.back_by_minutes is not None
        and need.back_by_minutes > system.back_by_minutes
    ):
        facts |= {
            "goal": minutes_text(system.back_by_minutes),
            "need_goal": minutes_text(need.back_by_minutes),
        }
        yield _found("RP-04", Severity.BLOCK, system.code, **facts)


def rings(systems: tuple[System, ...]) -> tuple[tuple[str, ...], ...]:
    """循環 — each group of systems that wait for each other, once, as a walk from its first code.

    >>> plan = (System("a", "A", Priority.P1, ("b",)), System("b", "B", Priority.P1, ("a",)))
    >>> rings(plan)
    (('a', 'b'),)
    """
    known = {each.code: each for each in systems}
    told: set[str] = set()
    found = []
    for code in sorted(known):
        walk = _walk_back(code, known)
        if walk and not told & set(walk):
            told |= _closure(code, known) & {each for each in known if code in _closure(each, known)}
            found.append(walk)
    return tuple(found)


def _walk_back(start: str, known: Mapping[str, System]) -> tuple[str, ...]:
    """A shortest walk along the needs from a system back to itself; empty if there is none."""
    ahead: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ahead:
        walk = ahead.pop(0)
        for need in _known_needs(known[walk[-1]], known):
            if need == start:
                return walk
            if need not in seen:
                seen.add(need)
                ahead.append((*walk, need))
    return ()


def _found(code: str, severity: Severity, record: str, **facts: object) -> Finding:
    return Finding(code, severity, Where(record=record), f"security.recovery.{code}", facts)


def minutes_text(minutes: int) -> str:
    """時間の表記 — minutes, hours or days, whichever is whole.

    >>> minutes_text(5), minutes_text(240), minutes_text(1440), minutes_text(90)
    ('5分', '4時間', '1日', '1時間30分')
    """
    days, rest = divmod(minutes, DAY_MINUTES)
    hours, left = divmod(rest, 60)
    parts = ((days, "日"), (hours, "時間"), (left, "分"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0分"


def read_plan(content: bytes, file: str = "") -> tuple[System, ...]:
    """復旧計画の読込 — TOML, one ``[[systems]]`` each. Raises :class:`BadInput` naming what cannot be read."""
    try:
        given = tomllib.loads(content.decode("utf-8"))
        rows = given["systems"]
        if not isinstance(rows, list) or not rows:
            raise TypeError("systems")
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput([_unreadable(file, 0, str(error))]) from error
    systems, faults = [], []
    for number, row in enumerate(rows, start=1):
        try:
            systems.append(_system(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            faults.append(_unreadable(file, number, str(error)))
    if faults:
        raise BadInput(faults)
    return tuple(systems)


def _unreadable(file: str, number: int, why: str) -> Finding:
    where = Where(file=file, record=f"systems {number}" if number else "")
    return Finding("RP-11", Severity.BLOCK, where, "security.recovery.RP-11", {"why": why})


_MEMBERS = ("code", "name", "priority", "needs", "back_by_minutes", "to_point", "responsible", "paper", "act")
_TEXTS = ("to_point", "responsible", "paper", "act")


def _system(row: Mapping[str, Any]) -> System:
    unknown = sorted(set(row) - set(_MEMBERS))
    if unknown:
        raise ValueError(", ".join(unknown))
    texts = {name: row.get(name, "") for name in _TEXTS}
    minutes, needs = row.get("back_by_minutes"), row.get("needs", [])
    if not isinstance(needs, list) or not all(isinstance(each, str) for each in (*needs, *texts.values())):
        raise TypeError("needs, texts")
    if minutes is not None and (not isinstance(minutes, int) or isinstance(minutes, bool)):
        raise TypeError("back_by_minutes")
    if not str(row["code"]).strip() or not str(row["name"]).strip():
        raise ValueError("code, name")
    return System(
        str(row["code"]), str(row["name"]), Priority(row["priority"]), tuple(needs), minutes, **texts
    )


def write_plan(systems: tuple[System, ...]) -> bytes:
    """復旧計画の書出し — TOML that :func:`read_plan` reads back as it was."""
    return "\n".join("\n".join(_lines(each)) + "\n" for each in systems).encode()


def _lines(system: System) -> Iterator[str]:
    yield "[[systems]]"
    yield f"code = {_quoted(system.code)}"
    yield f"name = {_quoted(system.name)}"
    yield f"priority = {_quoted(system.priority.value)}"
    yield f"needs = [{', '.join(map(_quoted, system.needs))}]"
    if system.back_by_minutes is not None:
        yield f"back_by_minutes = {system.back_by_minutes}"
    for name in _TEXTS:
        yield f"{name} = {_quoted(getattr(system, name))}"


def _quoted(text: str) -> str:
    """A basic string of TOML: everything that may not stand in one is escaped."""
    special = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return (
        '"'
        + "".join(special.get(c, f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)
        + '"'
    )
