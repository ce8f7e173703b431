# SPDX-License-Identifier: Apache-2.0
"""OpenAPI文書 — the service described for machines, made from the types that read and write it."""

from __future__ import annotations

from typing import Any

import msgspec

from tasuki.calculation.copayment.case_file import CaseWire
from tasuki.calculation.service import JSON, KINDS, PROBLEM, Operation
from tasuki.calculation.trace_wire import MonthTrace, Problem, StatementTrace
from tasuki.calculation.visit_wire import VisitRequest

BASE = "/api/calculation/v1"
TOKEN = "/api/token"
VERSION = "1.0.0"
SUMMARIES = {
    Operation.CALCULATE: (
        "算定",
        "受診ファイルから点数と理由を返します。institution を省くと、トークンの医療機関の診療時間・施設基準で計算します。",
    ),
    Operation.SIMULATE: (
        "試算",
        "保存していない受診の算定です。calculate と同じ関数で、同じ答えを返します。",
    ),
    Operation.COPAY: ("窓口負担", "一人のひと月の受診から、公費・高額療養費を含む窓口負担と理由を返します。"),
}
SHAPES = {
    Operation.CALCULATE: (VisitRequest, StatementTrace),
    Operation.SIMULATE: (VisitRequest, StatementTrace),
    Operation.COPAY: (CaseWire, MonthTrace),
}
# What may be answered to a request of a known address; 404 and 405 are about addresses not described here.
REFUSALS = (
    "unreadable",
    "unauthorized",
    "wrong-scope",
    "too-large",
    "wrong-media-type",
    "unusable",
    "too-many",
)


def openapi_document() -> dict[str, Any]:
    """OpenAPI文書 — version 3.1 of the description of the service."""
    types: list[type] = sorted(
        {each for pair in SHAPES.values() for each in pair} | {Problem}, key=_full_name
    )
    references, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    of = dict(zip(types, references, strict=True))
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "襷 共通算定モジュール / Tasuki fee calculation",
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": (
                "医科外来の点数と窓口負担を、根拠とともに計算します。送られた内容は保存も記録もしません。"
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {f"{BASE}/{operation.value}": {"post": _operation(operation, of)} for operation in Operation}
        | {f"{BASE}/openapi.json": {"get": _own_description()}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "医療機関の管理画面か ./tasuki api token create で発行する接続トークン",
                }
            },
        },
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _operation(operation: Operation, of: dict[type, dict[str, Any]]) -> dict[str, Any]:
    asked, told = SHAPES[operation]
    summary, description = SUMMARIES[operation]
    responses: dict[str, Any] = {
        "200": {"description": summary, "content": {JSON: {"schema": of[told]}}},
    }
    for name in REFUSALS:
        status, title = KINDS[name]
        responses[str(status)] = {"description": title, "content": {PROBLEM: {"schema": of[Problem]}}}
    return {
        "operationId": operation.value,
        "summary": summary,
        "description": description,
        "requestBody": {"required": True, "content": {JSON: {"schema": of[asked]}}},
        "responses": responses,
    }


def _own_description() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "この文書",
        "security": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1", "content": {JSON: {"schema": {"type": "object"}}}}
        },
    }


def _full_name(shape: type) -> str:
    return f"{shape.__module__}.{shape.__qualname__}"
