# SPDX-License-Identifier: Apache-2.0
"""並べ替えと同梱の素朴な評価 — the order of what was found and what comes with it, read from the resources."""

from __future__ import annotations

from typing import Any

from tasuki.sharing.search.matching import Resource, Store, values
from tasuki.sharing.search.matching_values import amounts_in, codes_in, moments_in, simple, texts_in
from tasuki.sharing.search.parameters import Parameter, is_resource_type, parameters_of
from tasuki.sharing.search.query import Include, Query, Sort


def in_order(query: Query, found: list[Resource], store: Store) -> list[Resource]:
    """並べ替え — absent values last both ways; what is equal stays as written, or turned about with the first term."""
    place = {id(each): at for at, each in enumerate(store.resources)}
    made = sorted(found, key=lambda each: place[id(each)])
    if query.sort and query.sort[0].is_descending:
        made.reverse()
    for each in reversed(query.sort):
        made = _by(each, made)
    return made


def _by(sort: Sort, found: list[Resource]) -> list[Resource]:
    have, lack = [], []
    for each in found:
        value = _value(sort, each)
        if value is None:
            lack.append(each)
        else:
            have.append((value, each))
    choose = sorted(have, key=lambda pair: pair[0], reverse=sort.is_descending)
    return [each for _, each in choose] + lack


def _value(sort: Sort, resource: Resource) -> Any:
    every = [
        one for each in values(sort.parameter, resource)
        for one in _values(sort.parameter, each, is_descending=sort.is_descending)
    ]  # fmt: skip
    if not every:
        return None
    return max(every) if sort.is_descending else min(every)


def _values(parameter: Parameter, element: Any, *, is_descending: bool) -> list[Any]:
    kind = parameter.kind
    if kind == "token":
        return [each.code for each in codes_in(element, "")]
    if kind == "date":
        return [each[is_descending] for each in moments_in(element)]
    if kind in ("quantity", "number"):
        ends = [each.high if is_descending else each.low for each in amounts_in(element)]
        return [each for each in ends if each is not None]
    if kind == "string":
        return [simple(each) for each in texts_in(element)]
    if kind == "reference":
        return _ids(element)
    return [element]


def _ids(element: Any) -> list[str]:
    """The id of what is here or might be; "" for a reference of another form."""
    if isinstance(element, str):
        return [""]
    if "resourceType" in element:
        return [element.get("id", "")]
    text = element.get("reference", "").split("/_history/")[0]
    kind, _, name = text.rpartition("/")
    if is_resource_type(kind):
        return [name]
    return [""] if text or element.get("identifier") or element.get("display") else []


def included(query: Query, found: list[Resource], store: Store) -> list[Resource]:
    """同梱 — by walking; what was found itself is not told twice."""
    have = {id(each) for each in found}
    made: list[Resource] = []
    new, wanted = found, query.includes
    while new and wanted:
        brought: list[Resource] = []
        for include in wanted:
            for each in _brought(include, new, store):
                if id(each) not in have:
                    have.add(id(each))
                    brought.append(each)
        made += brought
        new, wanted = brought, tuple(each for each in wanted if each.is_iterated)
    return made


def _brought(include: Include, new: list[Resource], store: Store) -> list[Resource]:
    every = [each for each in parameters_of(include.source) if each.kind == "reference"]
    asked = [include.parameter] if include.parameter else every
    if include.is_reverse:
        return [
            each
            for each in store.resources
            if each["resourceType"] == include.source
            and any(
                target is not None and any(target is one for one in new) and _is_target(include, target)
                for parameter in asked
                for target in map(store.target, values(parameter, each))
            )
        ]
    return [
        target
        for each in new
        if each["resourceType"] == include.source
        for parameter in asked
        for target in map(store.target, values(parameter, each))
        if target is not None and _is_target(include, target)
    ]


def _is_target(include: Include, target: Resource) -> bool:
    return include.target in ("", target["resourceType"])
