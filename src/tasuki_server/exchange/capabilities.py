# SPDX-License-Identifier: Apache-2.0
"""能力の宣言（CapabilityStatement） — made of the table of routes and of search parameters, so that it says what is true.

Cite: HL7 FHIR R4 CapabilityStatement
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tasuki.sharing.search import parameters_of
from tasuki.sharing.search.parameters import search_table
from tasuki_server.exchange.acting import NOT_STORABLE
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import instant, write_value
from tasuki_server.exchange.forms import FORMATS
from tasuki_server.exchange.outcome import FHIR_JSON
from tasuki_server.platform.engine import Reply

_ON_TYPE = (
    "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type",
)  # fmt: skip
_SMART = {
    "coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}
    ]
}
SECURITY = (
    "接続機関のトークン（Authorization: Bearer …）、または接続プログラムの鍵による短期のトークン"
    "（SMART Backend Services、.well-known/smart-configuration）。利用範囲は system/型.cruds?条件。"
)
SUBSCRIPTIONS = (
    "rest-hook だけです。criteria は 型?条件（並べ替え・同梱なし）、payload は application/fhir+json（PUT 通知先/型/識別子）か、"
    "なし（本文のない POST）。登録すると本文のない POST を送り、2xx なら active にします。届かないときは間をあけて送り直し、"
    "あきらめると error にします。見出しの値は保存した Subscription には出しません。書いた機関だけが読めます。"
)
SEARCH_ACROSS = "型をまたぐ検索には必ず書きます。条件はどの型にもあるものだけ、並べ替えは _id と _lastUpdated だけで、同梱はありません。"
# 患者コンパートメント: Patient/識別子/型 and Patient/識別子/*.
COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition/patient"
_ONLY_READ = frozenset(("read", "search-type"))


async def capabilities(asked: Asked) -> Reply:
    """能力の宣言の応答 — open to every connected institution."""
    asked.note()
    head = {
        "date": instant(asked.at),
        "implementation": {"description": "襷 医療情報の交換（試行環境）", "url": asked.base},
    }
    return Reply(200, FHIR_JSON, write_value(_statement() | head))


@cache
def _statement() -> dict[str, Any]:
    from tasuki_server.exchange.routes import OPERATIONS, ROUTES

    codes, shapes = {route.code for route in ROUTES}, {route.shape for route in ROUTES}
    # 一つのアドレス: a Bundle posted there is either of the two.
    both = ["transaction", "batch"] if "transaction" in codes else []
    system = both + [each for each in ("history-system", "search-system") if each in codes]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": list(FORMATS),
        "patchFormat": ["application/json-patch+json", *FORMATS],
        "rest": [
            {
                "mode": "server",
                "security": {"service": [_SMART], "description": SECURITY},
                "resource": [
                    _resource(name, codes) for name in sorted(search_table().shapes) if _is_kept(name)
                ],
                "interaction": [{"code": code} for code in system],
                "searchParam": [{"name": "_type", "type": "special", "documentation": SEARCH_ACROSS}],
                "operation": [
                    {"name": each.name, "definition": each.definition}
                    for each in OPERATIONS
                    if each.is_of_system
                ],
                "compartment": [COMPARTMENT] if ("Patient", "I", "*") in shapes else [],
            }
        ],
    }


def _is_kept(type_name: str) -> bool:
    return type_name == "AuditEvent" or type_name not in NOT_STORABLE


def _resource(type_name: str, codes: set[str]) -> dict[str, Any]:
    from tasuki_server.exchange.access_search import PARAMETERS as ACCESS_PARAMETERS

    is_ours = type_name == "AuditEvent"
    interactions = [code for code in _ON_TYPE if code in codes and (not is_ours or code in _ONLY_READ)]
    made: dict[str, Any] = {
        "type": type_name,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{type_name}",
        "interaction": [{"code": code} for code in interactions],
    }
    if is_ours:
        made["searchParam"] = [{"name": name, "type": kind} for name, kind in ACCESS_PARAMETERS.items()]
        return made
    given = parameters_of(type_name)
    made |= {
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical"],
        "searchInclude": [f"{type_name}:{each.code}" for each in given if each.kind == "reference"],
        "searchParam": [{"name": each.code, "type": each.kind} for each in given],
    }
    made["operation"] = _operations(type_name)
    if type_name == "Subscription":
        made["documentation"] = SUBSCRIPTIONS
    # Empty lists are no JSON of FHIR.
    return {name: each for name, each in made.items() if each != []}


def _operations(of: str) -> list[dict[str, str]]:
    from tasuki_server.exchange.routes import OPERATIONS

    found = [each for each in OPERATIONS if of in each.types or not (each.types or each.is_of_system)]
    return [{"name": each.name, "definition": each.definition} for each in found]
