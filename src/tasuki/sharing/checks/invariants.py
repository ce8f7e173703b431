# SPDX-License-Identifier: Apache-2.0
"""不変条件の点検 — the FHIRPath expressions of types and profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Severity
from tasuki.sharing.checks.quick_answers import quick_answer
from tasuki.sharing.fhirpath.compiling import asks_around, compile_expression
from tasuki.sharing.fhirpath.parsing import NotReadable
from tasuki.sharing.fhirpath.values import NotEvaluable, truth
from tasuki.sharing.invariant_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]


def invariant_checks(engine: Engine, numbers: Iterable[int]) -> Iterator[Check]:
    """不変条件の点検 — one function per invariant."""
    for number in numbers:
        yield engine.invariant_check(number)


def invariant_check(key: str, expression: str, *, is_error: bool) -> Check:
    """不変条件の点検 — an expression that cannot be read or evaluated here is told, never passed over.

    Cite: FHIR R4 ElementDefinition.constraint
    """
    why = WORDS.get(key, "")
    code, severity = ("I-01", Severity.BLOCK) if is_error else ("I-02", Severity.CONFIRM)
    if why:
        code = "I-11" if is_error else "I-12"
    try:
        test = compile_expression(expression)
    except NotReadable as wrong:
        reason = str(wrong)

        def unread(value: Any, path: Path, run: Run) -> None:
            run.tell("I-03", Severity.ADVICE, path, key=key, reason=reason)

        return unread

    quick = quick_answer(expression)
    is_asking = asks_around(expression)

    def check(value: Any, path: Path, run: Run) -> None:
        if quick is not None and type(value) is dict and quick(value):
            return
        if is_asking:
            run.asked += 1
        try:
            answer = truth(test([value], run.environment))
        except (NotEvaluable, TypeError, ValueError, AttributeError, ArithmeticError, IndexError) as wrong:
            run.tell("I-03", Severity.ADVICE, path, key=key, reason=str(wrong))
            return
        # Nothing at all is no answer: of what is absent the condition says nothing.
        if answer is False:
            if why:
                run.tell(code, severity, path, key=key, why=why)
            else:
                run.tell(code, severity, path, key=key, expression=expression)

    return check
