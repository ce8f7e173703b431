# SPDX-License-Identifier: Apache-2.0
"""検索の素朴な評価 — every resource looked at, one by one, straight from the words of the standard.

It shares with the index the table of parameters, the expressions and the reading of searches, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tasuki.sharing.fhirpath import Environment, compile_expression
from tasuki.sharing.search.matching_values import (
    amounts_in,
    codes_in,
    date_meets,
    moments_in,
    simple,
    texts_in,
)
from tasuki.sharing.search.parameters import Parameter, is_resource_type
from tasuki.sharing.search.query import (
    Chain,
    Condition,
    Missing,
    OfTypeValue,
    Query,
    ReferenceValue,
    Reverse,
    TextValue,
    TokenValue,
    ValueTest,
    Within,
    components_as_parameters,
)

Resource = dict[str, Any]


class Store:
    """素朴な保管 — resources in the order they were written, found by walking."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = list(resources)
        self.by_address = {f"{each['resourceType']}/{each['id']}": each for each in self.resources}

    def target(self, reference: Any) -> Resource | None:
        """参照先 — of a relative reference, whatever version it names."""
        text = reference.get("reference", "") if isinstance(reference, dict) else ""
        return self.by_address.get(text.split("/_history/")[0])


def matches(query: Query, resource: Resource, store: Store) -> bool:
    """検索の照合 — whether a resource is found: every condition must hold."""
    return resource["resourceType"] == query.type and all(
        holds(each, resource, store) for each in query.conditions
    )


def holds(condition: Condition, resource: Resource, store: Store) -> bool:
    """条件の照合 — of one condition on one resource."""
    if isinstance(condition, Missing):
        found = any(is_value(condition.parameter, each) for each in values(condition.parameter, resource))
        return found is not condition.is_missing
    if isinstance(condition, Chain):
        targets = [store.target(each) for each in values(condition.parameter, resource)]
        return any(
            target is not None and target["resourceType"] == kind and holds(inner, target, store)
            for target in targets
            for kind, inner in condition.ways
        )
    if isinstance(condition, Reverse):
        return any(
            each["resourceType"] == condition.source
            and any(store.target(one) is resource for one in values(condition.parameter, each))
            and holds(condition.condition, each, store)
            for each in store.resources
        )
    if isinstance(condition, Within):
        if condition.is_of_itself and (resource["resourceType"], resource["id"]) == condition[:2]:
            return True
        whose = ReferenceValue(condition.type, condition.id, "")
        return any(
            _meets_reference(each, whose)
            for one in condition.parameters
            if one.type == resource["resourceType"]
            for each in values(one, resource)
        )
    return _test(condition, resource)


def _test(test: ValueTest, resource: Resource) -> bool:
    found = values(test.parameter, resource)
    if test.parameter.kind == "composite":
        parts = components_as_parameters(test.parameter)
        return any(
            all(
                any(meets(part, "", element, one) for element in _run(part.expression, each, resource))
                for part, one in zip(parts, asked.parts, strict=True)  # type: ignore[union-attr]
            )
            for each in found
            for asked in test.values
        )
    answer = any(meets(test.parameter, test.modifier, each, asked) for each in found for asked in test.values)
    return not answer if test.modifier == "not" else answer


def values(parameter: Parameter, resource: Resource) -> list[Any]:
    """検索の対象 — the elements that a parameter looks at."""
    return _run(parameter.expression, resource, resource)


def _run(expression: str, focus: Any, resource: Resource) -> list[Any]:
    def behind(reference: Any) -> Resource | None:
        text = reference.get("reference", "") if isinstance(reference, dict) else str(reference)
        if text.startswith("#"):
            inside = [each for each in resource.get("contained", []) if each.get("id") == text[1:]]
            return {"resourceType": inside[0]["resourceType"]} if inside else None
        parts = text.split("/_history/")[0].split("/")
        kind = parts[-2] if len(parts) > 1 and is_resource_type(parts[-2]) else ""
        kind = kind or (reference.get("type", "") if isinstance(reference, dict) else "")
        return {"resourceType": kind} if kind else None

    return compile_expression(expression)([focus], Environment(resource, resolve=behind))


def meets(parameter: Parameter, modifier: str, element: Any, asked: Any) -> bool:
    """値の照合 — of one element and one value of the search."""
    kind = parameter.kind
    if kind == "token":
        return _meets_token(parameter, modifier, element, asked)
    if kind == "reference":
        return _meets_reference(element, asked)
    if kind == "date":
        return any(date_meets(each, asked) for each in moments_in(element))
    if kind in ("quantity", "number"):
        return any(each.meets(asked) for each in amounts_in(element))
    if kind == "string":
        return any(_meets_text(modifier, each, asked.text) for each in texts_in(element))
    return isinstance(element, str) and _meets_uri(modifier, element, asked.text)


def _meets_token(parameter: Parameter, modifier: str, element: Any, asked: Any) -> bool:
    for code in codes_in(element, parameter.system):
        if isinstance(asked, TextValue):
            if any(simple(each).startswith(simple(asked.text)) for each in code.texts):
                return True
        elif isinstance(asked, OfTypeValue):
            if (asked.system, asked.code) in code.kinds and code.code == asked.value:
                return True
        elif code.meets(asked):
            return True
    return False


def _meets_reference(element: Any, asked: ReferenceValue | TokenValue) -> bool:
    if isinstance(asked, TokenValue):
        logical = element.get("identifier", {}) if isinstance(element, dict) else {}
        return any(each.meets(asked) for each in codes_in(logical, "")) if logical.get("value") else False
    if isinstance(element, str):
        return not asked.type and asked.uri in (element, element.split("|")[0]) and bool(asked.uri)
    if "resourceType" in element:
        own = (element["resourceType"], element.get("id", ""))
        return own[1] == asked.id and asked.type in ("", own[0])
    text = element.get("reference", "").split("/_history/")[0]
    kind, _, name = text.rpartition("/")
    if asked.uri:
        told = text.split("/")[-2] if text.count("/") else element.get("type", "")
        return element.get("reference", "") == asked.uri and asked.type in ("", told)
    if kind and not is_resource_type(kind):
        return False
    return bool(kind) and name == asked.id and asked.type in ("", kind)


def _meets_text(modifier: str, text: str, asked: str) -> bool:
    if modifier == "exact":
        return text == asked
    if modifier == "contains":
        return simple(asked) in simple(text)
    return simple(text).startswith(simple(asked))


def _meets_uri(modifier: str, text: str, asked: str) -> bool:
    if modifier == "below":
        return text.startswith(asked)
    if modifier == "above":
        # Our address lies at or above the asked one when that goes on with a path of its own.
        above = text.rstrip("/")
        return text == asked or ("://" in above and asked.startswith(f"{above}/"))
    return text == asked


def is_value(parameter: Parameter, element: Any) -> bool:
    """値か — whether there is anything in an element that a search could look at."""
    kind = parameter.kind
    if kind == "composite":
        return all(
            any(is_value(part, one) for one in _run(part.expression, element, element))
            for part in components_as_parameters(parameter)
        )
    if kind == "token":
        return any(True for _ in codes_in(element, ""))
    if kind == "reference":
        return isinstance(element, str) or bool(
            element.get("resourceType")
            or element.get("reference")
            or element.get("identifier")
            or element.get("display")
        )
    if kind == "date":
        return any(True for _ in moments_in(element))
    if kind in ("quantity", "number"):
        return any(True for _ in amounts_in(element))
    if kind == "string":
        return any(True for _ in texts_in(element))
    return bool(element)
