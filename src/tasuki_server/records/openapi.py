# SPDX-License-Identifier: Apache-2.0
"""接続仕様（電子カルテ情報共有） — made of the table of addresses and the messages themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from tasuki_server.platform.models import FeeTable
from tasuki_server.records.addresses import ADDRESSES, FHIR_BUNDLE, Address
from tasuki_server.records.refusals import KINDS

_TEXTS = {
    "since": "この日時から（その時を含む）。前の応答の next をそのまま入れると続きを返します",
    "box": "in（届いた文書）か out（送った文書）",
    "state": "状態で絞る",
    "kind": "種類（コンマ区切り）。なければ6情報のすべて",
    "insured": "被保険者個人識別子（保険者番号8桁:記号:番号:枝番2桁）。同じ人の番号は繰り返して入れる",
    "public": "公費の識別子（公費負担者番号8桁::受給者番号7桁:）",
    "insurer": "保険者番号（保険者の接続だけ）",
}
_OUTCOME = {"application/fhir+json": {"schema": {"type": "object"}}}


@cache
def paths() -> Mapping[str, Any]:
    """接続仕様 — by address below the service."""
    made: dict[str, dict[str, Any]] = {}
    for each in ADDRESSES:
        address = "/".join("{id}" if part == "I" else part for part in each.shape)
        made.setdefault(address, {})[each.method.lower()] = _operation(each)
    return made


def _operation(address: Address) -> dict[str, Any]:
    callers = "・".join(FeeTable(each).label for each in sorted(address.callers))
    told: dict[str, Any] = {
        "summary": address.term,
        "description": f"使える接続: {callers}。",
        "responses": {
            "200": {
                "description": "結果",
                "content": {"application/json": {"schema": _schema(address.gives)}},
            },
            "default": {"description": "断りの OperationOutcome。\n\n" + _refusals(), "content": _OUTCOME},
        },
    }
    if "I" in address.shape:
        told["parameters"] = [_parameter("id", "path", "識別子")]
    if address.query:
        told["parameters"] = [_parameter(name, "query", _TEXTS[name]) for name in address.query]
    if address.takes is not None:
        content: dict[str, Any] = {FHIR_BUNDLE: {"schema": {"type": "object"}}}
        if address.takes != FHIR_BUNDLE:
            content = {"application/json": {"schema": _schema(address.takes)}}
        told["requestBody"] = {"required": True, "content": content}
    return told


@cache
def _refusals() -> str:
    return "\n".join(f"- {kind}（{each.status}）: {each.text}" for kind, each in KINDS.items())


def _parameter(name: str, where: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": text,
        "schema": {"type": "string"},
    }


def _schema(kind: Any) -> dict[str, Any]:
    """The schema whole, without references: each address is read by itself."""
    (made,), found = msgspec.json.schema_components((kind,), ref_template="#{name}", schema_hook=_raw)
    told: dict[str, Any] = _inlined(made, {f"#{name}": each for name, each in found.items()})
    return told


def _raw(kind: type) -> dict[str, Any]:
    """FHIRのリソース — as it is."""
    return {"type": "object"}


def _inlined(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        if "$ref" in value:
            return _inlined(known[value["$ref"]], known)
        return {name: _inlined(each, known) for name, each in value.items() if name != "title"}
    return [_inlined(each, known) for each in value] if isinstance(value, list) else value
