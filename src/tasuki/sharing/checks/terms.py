# SPDX-License-Identifier: Apache-2.0
"""値セットの点検 — whether a code, Coding, CodeableConcept or Quantity holds a code of the bound set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]
    Member = Callable[["str | None", str], "bool | None"]

_OPEN_TEXT = frozenset(
    ("http://hl7.org/fhir/ValueSet/mimetypes", "http://hl7.org/fhir/ValueSet/all-languages")
)


def member_test(engine: Engine, url: str) -> Member:
    """値セットの要素か — by system and code; ``None`` when it cannot be told here."""
    found = engine.value_set(url)
    if found is None or not found.is_known or url in _OPEN_TEXT:
        return lambda system, code: None
    codes = {system: frozenset(listed) for system, listed in found.codes.items()}
    every = frozenset(code for listed in codes.values() for code in listed)
    unlisted = frozenset(found.open)

    def test(system: str | None, code: str) -> bool | None:
        if system is None:
            return True if code in every else None if unlisted else False
        listed = codes.get(system)
        if listed is not None and code in listed:
            return True
        return None if system in unlisted else False

    return test


def known_codes(engine: Engine, strength: str, url: str) -> Callable[[Any], bool] | None:
    """既知のコード — whether a value is a text among the listed codes of a set; ``None`` without a list."""
    found = engine.value_set(url)
    if found is None or not found.is_known or not found.codes:
        return None
    every = frozenset(code for listed in found.codes.values() for code in listed)
    return lambda value: type(value) is str and value in every


def binding_check(engine: Engine, strength: str, url: str) -> Check:
    """束縛の点検 — required codes are an error, extensible ones a question."""
    test = member_test(engine, url)
    is_required = strength == "required"
    code, severity = ("B-01", Severity.BLOCK) if is_required else ("B-02", Severity.CONFIRM)

    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is str:
            answer, shown = test(None, value), value
        elif type(value) is not dict:
            return
        elif "coding" in value:
            answer, shown = _best(test, value["coding"])
        elif "value" in value or "unit" in value:
            if "code" not in value:
                return
            answer, shown = _one(test, value)
        elif "code" in value or "system" in value:
            answer, shown = _one(test, value)
        elif ("text" in value and not is_required) or ("extension" in value and "text" not in value):
            return
        else:
            answer, shown = False, "（コードなし）"
        if answer is False:
            run.tell(code, severity, path, found=shown, value_set=url)
        elif answer is None and is_required:
            run.tell("B-03", Severity.ADVICE, path, found=shown, value_set=url)

    return check


def _one(test: Member, coding: dict[str, Any]) -> tuple[bool | None, str]:
    system, code = coding.get("system"), coding.get("code")
    shown = f"{system or '（体系なし）'}|{code or '（コードなし）'}"
    if type(code) is not str:
        return False, shown
    return (test(system, code) if type(system) is str else False), shown


def _best(test: Member, codings: Any) -> tuple[bool | None, str]:
    shown = ""
    answer: bool | None = False
    for coding in codings if type(codings) is list else ():
        if type(coding) is dict:
            one, text = _one(test, coding)
            if one:
                return True, text
            shown = shown or text
            answer = None if one is None else answer
    return answer, shown or "（コードなし）"


def coding_check(engine: Engine) -> Check:
    """コード体系の点検 — a code that a system kept whole here does not have."""
    systems = engine.code_systems

    def check(value: Any, path: Path, run: Run) -> None:
        system, code = value.get("system"), value.get("code")
        listed = systems.get(system) if type(system) is str else None
        if listed is not None and type(code) is str and code not in listed:
            severity = Severity.BLOCK if system.startswith("http://jpfhir.jp/") else Severity.CONFIRM
            run.tell("B-04", severity, path, code_system=system, found=code)

    return check
