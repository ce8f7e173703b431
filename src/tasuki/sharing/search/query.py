# SPDX-License-Identifier: Apache-2.0
"""検索の式 — what a search asks, read from the address and typed; both evaluators work from this alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from tasuki.sharing.search.moments import Span
from tasuki.sharing.search.parameters import Component, Parameter

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
MOST_COUNT = 1000
USUAL_COUNT = 50


class BadSearch(ValueError):
    """検索の誤り — the search cannot be answered; ``text`` says why in Japanese and what to do instead."""

    def __init__(self, parameter: str, text: str) -> None:
        self.parameter, self.text = parameter, text
        super().__init__(f"検索パラメータ {parameter}: {text}")


class TokenValue(NamedTuple):
    """コードの検索値 — ``system`` None is any and "" is none; ``code`` None is any code of the system."""

    system: str | None
    code: str | None


class OfTypeValue(NamedTuple):
    """識別子種別付きの検索値 — an identifier of a kind (``:of-type``)."""

    system: str
    code: str
    value: str


class ReferenceValue(NamedTuple):
    """参照の検索値 — an id with or without its type, or an address of something elsewhere."""

    type: str
    id: str
    uri: str


class DateValue(NamedTuple):
    """日時の検索値 — ``span`` is what was written, widened already for ``ap``."""

    prefix: str
    span: Span


class NumberValue(NamedTuple):
    """数量の検索値 — ``half`` is half a unit of the last digit written; a plain number has no unit."""

    prefix: str
    number: Decimal
    half: Decimal
    system: str = ""
    code: str = ""


class TextValue(NamedTuple):
    """文字の検索値 — for strings, addresses and the words of codes."""

    text: str


class CompositeValue(NamedTuple):
    """複合検索値 — one value a component."""

    parts: tuple[Any, ...]


Value = TokenValue | OfTypeValue | ReferenceValue | DateValue | NumberValue | TextValue | CompositeValue


class ValueTest(NamedTuple):
    """検索条件 — one parameter; the values are alternatives. ``modifier`` is "" or as R4 names it, a type
    of a reference already told in the values."""

    parameter: Parameter
    modifier: str
    values: tuple[Value, ...]


class Missing(NamedTuple):
    """値の有無 — ``:missing``."""

    parameter: Parameter
    is_missing: bool


class Chain(NamedTuple):
    """連鎖検索 — what the resource refers to must meet a condition of its type: alternatives by type."""

    parameter: Parameter
    ways: tuple[tuple[str, Condition], ...]


class Reverse(NamedTuple):
    """逆連鎖検索 — ``_has``: some resource of ``source`` refers to this one and meets the condition."""

    source: str
    parameter: Parameter
    condition: Condition


class Within(NamedTuple):
    """コンパートメントの条件 — one of these references points at the resource that the compartment is of; or it is that one."""

    type: str
    id: str
    parameters: tuple[Parameter, ...]
    is_of_itself: bool


Condition = ValueTest | Missing | Chain | Reverse | Within


class Sort(NamedTuple):
    """並べ替え — by one parameter."""

    parameter: Parameter
    is_descending: bool


class Include(NamedTuple):
    """同梱 — ``_include`` or, reversed, ``_revinclude``; ``parameter`` None is every reference."""

    is_reverse: bool
    source: str
    parameter: Parameter | None
    target: str
    is_iterated: bool


@dataclass(frozen=True, slots=True)
class Query:
    """検索 — of one type; ``ignored`` are parameters that nobody knows, left out when that was allowed."""

    type: str
    conditions: tuple[Condition, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = USUAL_COUNT
    cursor: str = ""
    total: str = ""
    summary: str = ""
    elements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def is_count_only(self) -> bool:
        """件数だけの検索 — no resource is asked for."""
        return self.summary == "count" or self.count == 0


def components_as_parameters(parameter: Parameter) -> tuple[Parameter, ...]:
    """複合検索の部分 — each as a parameter of its own, with its own number and path."""
    return tuple(_as_parameter(parameter, each) for each in parameter.components)


def is_pair(parameter: Parameter) -> bool:
    """コードと量の組か — a composite that stands in the index as one row with both."""
    return tuple(each.kind for each in parameter.components) == ("token", "quantity")


def _as_parameter(parameter: Parameter, part: Component) -> Parameter:
    return Parameter(
        part.number, parameter.type, parameter.code, part.kind, part.expression, parameter.url,
        part.targets, part.system,
    )  # fmt: skip
