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
ISSUE = "/api/token"
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

SCHEMES = {
    "client": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {
                "tokenUrl": ISSUE,
                "scopes": {"calculate": "算定・試算", "copay": "窓口負担"},
            }
        },
        "description": (
            "接続先は登録した鍵（P-256・ES256）で名乗り（private_key_jwt、RFC 7523）、300秒までのトークンを受け取ります。"
            "要求ごとに Authorization: DPoP と、その要求の証明（DPoP 見出し、RFC 9449）を送ります。証明は一度だけ使えます。"
        ),
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "同じ機械の中からだけ使えるトークン（試用・組込み）。./tasuki api token create で発行します。",
    },
}


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
        "security": [{"client": []}, {"token": []}],
        "paths": {f"{BASE}/{operation.value}": {"post": _operation(operation, of)} for operation in Operation}
        | {f"{BASE}/openapi.json": {"get": _own_description()}, ISSUE: {"post": _token_issue()}},
        "components": {
            "schemas": schemas,
            "securitySchemes": SCHEMES,
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


def _token_issue() -> dict[str, Any]:
    """短期トークンの発行 — OAuth 2.0 client credentials with a key instead of a password."""
    text = {"type": "string"}
    form = {
        "type": "object",
        "required": ["grant_type", "client_assertion_type", "client_assertion"],
        "properties": {
            "grant_type": {"const": "client_credentials"},
            "client_assertion_type": {"const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
            "client_assertion": text | {"description": "private_key_jwt。aud はこの窓口、期限は5分まで"},
            "client_id": text | {"description": "省いてよい。あれば証明の sub と同じもの"},
            "scope": text | {"description": "利用範囲。省くと接続先の範囲のすべて"},
        },
    }
    given = {
        "type": "object",
        "required": ["access_token", "token_type", "expires_in", "scope"],
        "properties": {
            "access_token": text,
            "token_type": {"const": "DPoP"},
            "expires_in": {"type": "integer", "maximum": 300},
            "scope": text,
        },
    }
    refused = {
        "type": "object",
        "required": ["error", "detail"],
        "properties": {"error": text, "detail": text | {"description": "日本語の説明"}},
    }
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    responses: dict[str, Any] = {
        "200": {"description": "短期トークン", "content": {JSON: {"schema": given}}},
        "400": {
            "description": "求めか、所持の証明の誤り",
            "content": {JSON: {"schema": refused}, PROBLEM: problem},
        },
        "401": {"description": "接続先として確かめられない", "content": {JSON: {"schema": refused}}},
    }
    for name in ("insecure", "not-found", "too-large", "wrong-media-type", "too-many"):
        status, title = KINDS[name]
        responses[str(status)] = {"description": title, "content": {PROBLEM: problem}}
    return {
        "operationId": "token",
        "summary": "短期トークンの発行",
        "security": [],
        "parameters": [
            {
                "name": "DPoP",
                "in": "header",
                "required": True,
                "schema": text,
                "description": "この要求の証明（dpop+jwt）。トークンはこの鍵に結び付きます",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": form}},
        },
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
