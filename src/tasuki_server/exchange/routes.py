# SPDX-License-Identifier: Apache-2.0
"""交換のアドレス — the one table of interactions: requests are routed by it and the CapabilityStatement is made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tasuki_server.exchange import acting, conditional, operations
from tasuki_server.exchange.access_search import read_access, search_accesses
from tasuki_server.exchange.app_point import KEYS, OPENID_CONFIGURATION, REVOKE
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.capabilities import capabilities
from tasuki_server.exchange.exported import export_file
from tasuki_server.exchange.exporting import (
    export_all,
    export_group,
    export_patients,
    export_status,
    export_stop,
)
from tasuki_server.exchange.histories import history
from tasuki_server.exchange.searches import search, search_all, search_all_within, search_within
from tasuki_server.exchange.token_point import CONFIGURATION, TOKEN
from tasuki_server.exchange.transactions import take_bundle
from tasuki_server.platform.engine import Reply

Act = Callable[[Asked], Awaitable[Reply]]


class Route(NamedTuple):
    """交換のアドレス — a method, the shape of the path, and who answers. ``code`` is FHIR's of the interaction.

    Shapes: T a type of resource, I an identifier, V a version; anything else stands as it is.
    """

    method: str
    shape: tuple[str, ...]
    code: str
    act: Act
    term: str
    # 要る範囲: letters of a scope of the type in the address; more may be needed by what is asked.
    needs: str = ""

    @property
    def is_of_system(self) -> bool:
        """全体の操作か — of the whole and of no type."""
        return "T" not in self.shape


class Operation(NamedTuple):
    """FHIRの操作 — its name, the types it is of (none: every type) and where it is defined; of the whole where it says so."""

    name: str
    types: tuple[str, ...]
    definition: str
    is_of_system: bool = False


_HL7 = "http://hl7.org/fhir/OperationDefinition/"
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"
OPERATIONS = (
    Operation("validate", (), f"{_HL7}Resource-validate"),
    Operation("everything", ("Patient",), f"{_HL7}Patient-everything"),
    Operation("document", ("Composition",), f"{_HL7}Composition-document"),
    Operation("lastn", ("Observation",), f"{_HL7}Observation-lastn"),
    Operation("export", ("Patient",), f"{_BULK}patient-export"),
    Operation("export", ("Group",), f"{_BULK}group-export"),
    Operation("export", (), f"{_BULK}export", is_of_system=True),
)
ROUTES = (
    Route("GET", ("metadata",), "capabilities", capabilities, "能力の宣言"),
    Route("GET", ("AuditEvent",), "search-type", search_accesses, "監査記録の検索", "s"),
    Route("GET", ("AuditEvent", "I"), "read", read_access, "監査記録の読取り", "r"),
    Route("POST", ("T", "$validate"), "operation", operations.validate, "点検"),
    Route("POST", ("T", "I", "$validate"), "operation", operations.validate, "点検", "r"),
    Route("GET", ("T", "I", "$validate"), "operation", operations.validate, "点検", "r"),
    Route("GET", ("Patient", "I", "$everything"), "operation", operations.everything, "患者の一切", "r"),
    Route("POST", ("Patient", "I", "$everything"), "operation", operations.everything, "患者の一切", "r"),
    Route("GET", ("Composition", "I", "$document"), "operation", operations.document, "文書", "r"),
    Route("POST", ("Composition", "I", "$document"), "operation", operations.document, "文書", "r"),
    Route("GET", ("Observation", "$lastn"), "operation", operations.lastn, "最新の結果", "s"),
    Route("POST", ("Observation", "$lastn"), "operation", operations.lastn, "最新の結果", "s"),
    Route("GET", ("$export",), "operation", export_all, "全体の一括出力"),
    Route("POST", ("$export",), "operation", export_all, "全体の一括出力（Parameters）"),
    Route("GET", ("Patient", "$export"), "operation", export_patients, "患者の一括出力"),
    Route("POST", ("Patient", "$export"), "operation", export_patients, "患者の一括出力（Parameters）"),
    Route("GET", ("Group", "I", "$export"), "operation", export_group, "集団の一括出力", "r"),
    Route("POST", ("Group", "I", "$export"), "operation", export_group, "集団の一括出力（Parameters）", "r"),
    Route("GET", ("$export", "I"), "operation", export_status, "一括出力の状態"),
    Route("DELETE", ("$export", "I"), "operation", export_stop, "一括出力の取消し"),
    Route("GET", ("$export", "I", "V"), "operation", export_file, "一括出力のファイル"),
    Route("POST", (), "transaction", take_bundle, "トランザクションとバッチ"),
    Route("GET", ("_history",), "history-system", history, "全体の履歴"),
    Route("GET", (), "search-system", search_all, "型をまたぐ検索"),
    Route("POST", ("_search",), "search-system", search_all, "型をまたぐ検索（フォーム）"),
    Route("GET", ("T",), "search-type", search, "検索", "s"),
    Route("POST", ("T", "_search"), "search-type", search, "検索（フォーム）", "s"),
    Route("GET", ("Patient", "I", "*"), "search-type", search_all_within, "患者のコンパートメントの検索"),
    Route(
        "POST",
        ("Patient", "I", "*", "_search"),
        "search-type",
        search_all_within,
        "患者のコンパートメントの検索（フォーム）",
    ),
    Route(
        "GET", ("Patient", "I", "T"), "search-type", search_within, "患者のコンパートメントの型の検索", "s"
    ),
    Route(
        "POST",
        ("Patient", "I", "T", "_search"),
        "search-type",
        search_within,
        "患者のコンパートメントの型の検索（フォーム）",
        "s",
    ),
    Route("GET", ("T", "_history"), "history-type", history, "種類の履歴", "s"),
    Route("POST", ("T",), "create", conditional.create, "作成", "c"),
    Route("PUT", ("T",), "update", conditional.update_if, "条件付きの更新", "us"),
    Route("DELETE", ("T",), "delete", conditional.delete_if, "条件付きの削除", "ds"),
    Route("PATCH", ("T",), "patch", conditional.patch_if, "条件付きの修正", "us"),
    Route("GET", ("T", "I"), "read", acting.read, "読取り", "r"),
    Route("PUT", ("T", "I"), "update", acting.update, "更新", "u"),
    Route("PATCH", ("T", "I"), "patch", conditional.patch, "修正", "u"),
    Route("DELETE", ("T", "I"), "delete", acting.delete, "削除", "d"),
    Route("GET", ("T", "I", "_history"), "history-instance", history, "リソースの履歴", "r"),
    Route("GET", ("T", "I", "_history", "V"), "vread", acting.vread, "版の読取り", "r"),
)


# 条件: parameters of the address that every type has; those of its own are in the CapabilityStatement.
_QUERIES = {
    "read": ("_summary", "_elements"),
    "vread": ("_summary", "_elements"),
    "search-type": ("_count", "_sort", "_total", "_summary", "_elements", "_include", "_revinclude"),
    "history-instance": ("_count", "_since", "_at"),
    "history-type": ("_count", "_since", "_at"),
    "history-system": ("_count", "_since", "_at"),
}
_SCHEMAS = {"T": "[A-Z][A-Za-z]{2,49}", "I": "[A-Za-z0-9\\-.]{1,64}", "V": "[1-9][0-9]{0,8}"}
_PATCH = {"application/json-patch+json": {"schema": {"type": "array", "items": {"type": "object"}}}}
_RESOURCE = {
    "application/fhir+json": {
        "schema": {
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": {"type": "string"}},
        }
    }
}


def paths() -> dict[str, dict[str, object]]:
    """接続仕様 — the addresses as the OpenAPI document names them, made of the same table."""
    names = {"T": "{type}", "I": "{id}", "V": "{version}"}
    made: dict[str, dict[str, object]] = {}
    for route in ROUTES:
        address = "/".join(names.get(each, each) for each in route.shape)
        made.setdefault(address, {})[route.method.lower()] = _described(route, names)
    made[CONFIGURATION] = {"get": _plain("SMARTの設定（誰にでも）")}
    made[OPENID_CONFIGURATION] = {"get": _plain("OpenIDの設定（誰にでも）")}
    made[KEYS] = {"get": _plain("IDトークンを確かめる公開鍵（誰にでも）")}
    made[TOKEN] = {
        "post": _plain(
            "接続プログラムと連携アプリのトークンの発行（SMART Backend Services、SMART App Launch）",
            is_form=True,
        )
    }
    made[REVOKE] = {"post": _plain("連携アプリのトークンの取消し（RFC 7009）", is_form=True)}
    return made


def _described(route: Route, names: dict[str, str]) -> dict[str, object]:
    parameters: list[dict[str, object]] = [
        {
            "name": name[1:-1],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{_SCHEMAS[each]}$"},
        }
        for each, name in names.items()
        if each in route.shape
    ]
    parameters += [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in _QUERIES.get(route.code, ())
    ]
    parameters.append(
        {"name": "_format", "in": "query", "schema": {"type": "string", "enum": ["json", "xml"]}}
    )
    described: dict[str, object] = {
        "summary": f"{route.term}（{route.code}）",
        "parameters": parameters,
        "responses": {
            "default": {
                "description": "FHIRリソースか、断りの OperationOutcome",
                "content": {"application/fhir+json": {"schema": {"type": "object"}}},
            }
        },
    }
    if "_search" in route.shape:
        form = {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
        described["requestBody"] = {"content": {"application/x-www-form-urlencoded": form}}
    elif route.method in ("POST", "PUT", "PATCH"):
        described["requestBody"] = {
            "required": True,
            "content": _PATCH if route.method == "PATCH" else _RESOURCE,
        }
    return described


def _plain(summary: str, *, is_form: bool = False) -> dict[str, object]:
    form = {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
    body = {"requestBody": {"content": {"application/x-www-form-urlencoded": form}}} if is_form else {}
    return {
        "summary": summary,
        **body,
        "security": [],
        "responses": {
            "default": {
                "description": "JSON",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    }
