# SPDX-License-Identifier: Apache-2.0
"""検索条件のSQL — a condition on a resource as SQL on the index, for the resource itself, along a chain and back."""

# ruff: noqa: S608 - tables and numbers of our own; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasuki.sharing.search.implied import numbers_toward
from tasuki.sharing.search.parameters import Parameter
from tasuki.sharing.search.query import (
    Chain,
    CompositeValue,
    Condition,
    Missing,
    Reverse,
    ValueTest,
    Within,
    components_as_parameters,
    is_pair,
)
from tasuki_server.exchange.consent import version_visible
from tasuki_server.exchange.scopes import WHOLE
from tasuki_server.exchange.searching_values import TABLES, concept_sql, of_parameter, updated_sql, value_sql
from tasuki_server.exchange.sight import Looker, institution_sees, sight_of


class Writing:
    """検索文の作成 — collects arguments and gives each table in the statement a name of its own.

    ``given`` are arguments that the statement names itself, from ``$1`` on.
    """

    def __init__(self, looker: Looker, given: Sequence[Any] = ()) -> None:
        self.arguments: list[Any] = list(given)
        self._aliases = 0
        self._places: dict[tuple[str, str], str] = {}
        self._grant = WHOLE
        self._caller = ""
        if looker is not None:
            sight = sight_of(looker)
            self._caller, self._grant = self.argument(sight.caller, "uuid"), sight.grant

    def argument(self, value: Any, kind: str) -> str:
        """引数 — ``$n`` for a value; the same value is given once."""
        key = (kind, repr(value))
        if key not in self._places:
            self.arguments.append(value)
            self._places[key] = f"${len(self.arguments)}::{kind}"
        return self._places[key]

    def alias(self) -> str:
        """別名 — not used before."""
        self._aliases += 1
        return f"x{self._aliases}"

    def seen(self, r: str, letters: str = "s", of: str = "") -> str:
        """見えるリソース — there, not of a patient who denies it to whoever asks, and within the scopes of the token
        for all these ``letters``; ``of`` is its type where that is known."""
        return f"NOT {r}.is_deleted AND {self.visible(r, letters, of)}"

    def visible(self, r: str, letters: str, of: str = "") -> str:
        """見える条件 — the same, of what may have been deleted."""
        if not self._caller:
            return "true"
        bound = self._grant.sql(r, letters, self, of)
        return institution_sees(r, self._caller) + (f" AND {bound}" if bound else "")

    def as_it_was(self, r: str, version: str) -> str:
        """以前の版の見える条件 — of a version of a resource that is seen."""
        return version_visible(r, version, self._caller) if self._caller else "true"

    def condition(self, type_name: str, condition: Condition, r: str) -> str:
        """検索条件 — true for a row ``r`` of the resources of a type."""
        if isinstance(condition, Missing):
            return self._missing(condition, r)
        if isinstance(condition, Chain):
            return self._chain(condition, r)
        if isinstance(condition, Reverse):
            return self._reverse(type_name, condition, r)
        if isinstance(condition, Within):
            return self._within(condition, r)
        return self._test(condition, r)

    def _test(self, test: ValueTest, r: str) -> str:
        parameter = test.parameter
        if parameter.code == "_id":
            ids = [each.code or "" for each in test.values if not each.system]  # type: ignore[union-attr]
            asked = f"{r}.id = ANY({self.argument(ids, 'text[]')})"
            return f"NOT {asked}" if test.modifier == "not" else asked
        if parameter.code == "_lastUpdated":
            made = [updated_sql(each, f"{r}.updated", self.argument) for each in test.values]  # type: ignore[arg-type]
            return f"({' OR '.join(made)})"
        if parameter.kind == "composite":
            return self._composite(test, r)
        x = self.alias()
        asked = " OR ".join(
            value_sql(parameter.kind, test.modifier, each, x, self.argument) for each in test.values
        )
        rows = f"{TABLES[parameter.kind]} {x} WHERE {of_parameter(x, parameter)} AND ({asked})"
        if test.modifier == "not":
            return f"NOT EXISTS (SELECT 1 FROM {rows} AND {x}.key = {r}.key)"
        return f"{r}.key IN (SELECT {x}.key FROM {rows})"

    def _composite(self, test: ValueTest, r: str) -> str:
        return (
            f"{r}.key IN ({' UNION ALL '.join(self._together(test.parameter, each) for each in test.values)})"  # type: ignore[arg-type]
        )

    def _together(self, parameter: Parameter, value: CompositeValue) -> str:
        if is_pair(parameter):
            x = self.alias()
            return f"SELECT {x}.key FROM exchange_pair {x} WHERE {self.pair(parameter, value, x)}"
        names = [self.alias() for _ in value.parts]
        tables, asked = [], []
        for name, part, each in zip(names, components_as_parameters(parameter), value.parts, strict=True):
            tables.append(f"{TABLES[part.kind]} {name}")
            asked.append(f"{name}.param = {part.number}")
            asked.append(value_sql(part.kind, "", each, name, self.argument))
            if name != names[0]:
                asked.append(f"{name}.key = {names[0]}.key AND {name}.item = {names[0]}.item")
        return f"SELECT {names[0]}.key FROM {', '.join(tables)} WHERE {' AND '.join(asked)}"

    def keys(self, test: ValueTest, after: int) -> str:
        """鍵の順 — of the resources that a condition on code and quantity finds, each once, in their order."""
        x = self.alias()
        (value,) = test.values
        asked = self.pair(test.parameter, value, x)  # type: ignore[arg-type]
        later = f" AND {x}.key > {self.argument(after, 'bigint')}" if after else ""
        return f"SELECT DISTINCT {x}.key FROM exchange_pair {x} WHERE {asked}{later} ORDER BY {x}.key"

    def pair(self, parameter: Parameter, value: CompositeValue, x: str) -> str:
        """コードと量の組の条件 — true for a row ``x`` of their table that both parts find."""
        concept, quantity = value.parts
        return (
            of_parameter(x, parameter)
            + f" AND {concept_sql(concept, f'{x}.concept_system', f'{x}.concept', self.argument)}"
            f" AND {value_sql('quantity', '', quantity, x, self.argument)}"
        )

    def _missing(self, missing: Missing, r: str) -> str:
        parameter = missing.parameter
        if parameter.code in ("_id", "_lastUpdated"):
            return "false" if missing.is_missing else "true"
        if parameter.kind == "composite" and not is_pair(parameter):
            parameter = components_as_parameters(parameter)[0]
        x = self.alias()
        table = TABLES.get(parameter.kind, "exchange_pair")
        rows = f"SELECT 1 FROM {table} {x} WHERE {of_parameter(x, parameter)} AND {x}.key = {r}.key"
        return f"{'NOT ' if missing.is_missing else ''}EXISTS ({rows})"

    def _within(self, within: Within, r: str) -> str:
        x, w = self.alias(), self.alias()
        numbers = self.argument(
            [number for each in within.parameters for number in numbers_toward(each, within.type)],
            "smallint[]",
        )
        whose = self.argument(within.id, "text")
        found = (
            f"SELECT {x}.key FROM exchange_reference {x} WHERE {x}.param = ANY({numbers})"
            f" AND {x}.target_id = {whose} AND {x}.target_type = '{within.type}'"
        )
        if within.is_of_itself:
            found += (
                f" UNION ALL SELECT {w}.key FROM exchange_resource {w}"
                f" WHERE {w}.type = '{within.type}' AND {w}.id = {whose}"
            )
        return f"{r}.key IN ({found})"

    def _chain(self, chain: Chain, r: str) -> str:
        made = []
        for target, condition in chain.ways:
            x, t = self.alias(), self.alias()
            made.append(
                f"SELECT {x}.key FROM exchange_reference {x} JOIN exchange_resource {t}"
                f" ON {t}.type = {x}.target_type AND {t}.id = {x}.target_id"
                f" WHERE {of_parameter(x, chain.parameter)} AND {x}.target_type = '{target}'"
                f" AND {t}.type = '{target}' AND {self.seen(t, of=target)} AND {self.condition(target, condition, t)}"
            )
        return f"{r}.key IN ({' UNION ALL '.join(made)})"

    def _reverse(self, type_name: str, reverse: Reverse, r: str) -> str:
        x, s = self.alias(), self.alias()
        return (
            f"{r}.id IN (SELECT {x}.target_id FROM exchange_reference {x} JOIN exchange_resource {s}"
            f" ON {s}.key = {x}.key WHERE {of_parameter(x, reverse.parameter)}"
            f" AND {x}.target_type = '{type_name}' AND {s}.type = '{reverse.source}' AND {self.seen(s, of=reverse.source)}"
            f" AND {self.condition(reverse.source, reverse.condition, s)})"
        )
