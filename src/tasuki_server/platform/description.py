# SPDX-License-Identifier: Apache-2.0
"""接続仕様 — the OpenAPI document of the services and their message samples, made from the code and open to everyone."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from tasuki_server.platform.engine import BASE, LARGEST, Reply

DOCUMENT, SAMPLES = "openapi.json", "samples"
_TYPES = {"xml": "application/xml", "json": "application/json"}


def description(place: str) -> Reply | None:
    """接続仕様の応答 — the document, the list of samples or one of them; None for any other place."""
    if place == DOCUMENT:
        return Reply(200, "application/json", _document())
    if place == SAMPLES:
        return Reply(200, "application/json", msgspec.json.encode({"samples": sorted(_samples())}))
    head, _, name = place.partition("/")
    if head != SAMPLES:
        return None
    body = _samples().get(name)
    if body is None:
        return Reply(404, "application/json", b'{"error":"not-found"}')
    return Reply(200, _TYPES[name.rpartition(".")[2]], body)


def openapi_document() -> dict[str, Any]:
    """OpenAPI文書 — every address of every service."""
    from tasuki_server.platform.services import SERVICES

    paths: dict[str, Any] = {}
    for service in SERVICES.values():
        for address, path in service.paths().items():
            paths[BASE + "/".join(filter(None, (service.name, address)))] = path
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "全国医療情報プラットフォーム 試行環境",
            "version": "1",
            "description": (
                "オンライン資格確認等システム・電子処方箋管理サービス・医療情報の交換（FHIR）の試行環境です。実在のサービスではなく、架空の人だけが登録されています。"
                "電文の要素名は公開されている資料により、公開されていないところ（結果コードなど）は TSK で始まる独自のものです。"
                f"要求は{LARGEST // 2**20}MBまで。障害（遅延・切断・エラー・閉局）は運用の画面で設定します。"
            ),
        },
        "security": [{"bound": []}, {"token": []}],
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "医療機関ごとのトークン。./tasuki platform institution add または運用の画面で発行します。ほかの機械からは、設置が期限を決めて認めている間だけ使えます。",
                },
                "bound": {
                    "type": "http",
                    "scheme": "DPoP",
                    "description": "鍵で名乗って得た300秒のトークン（/platform/v1/token）。要求ごとに、得たときの鍵の証明（DPoP 見出し、RFC 9449）を添えます。",
                },
            }
        },
        "paths": paths,
    }


@cache
def _document() -> bytes:
    return msgspec.json.format(msgspec.json.encode(openapi_document()), indent=1)


@cache
def _samples() -> dict[str, bytes]:
    from tasuki_server.platform.services import SERVICES

    return {name: body for service in SERVICES.values() for name, body in service.samples().items()}
