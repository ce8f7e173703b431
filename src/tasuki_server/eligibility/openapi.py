# SPDX-License-Identifier: Apache-2.0
"""接続仕様（資格確認） — the addresses of this service as the OpenAPI document describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tasuki.eligibility.file_names import FILE_KINDS
from tasuki_server.eligibility.consents import KINDS, TERMS
from tasuki_server.eligibility.disaster import PersonSought
from tasuki_server.eligibility.reader import CardShown
from tasuki_server.eligibility.refusals import TEXTS
from tasuki_server.eligibility.samples import samples

_REFUSED = {
    "400": {"description": "要求の形の誤り（JSON）"},
    "401": {"description": "トークンがない、知られていない、または止められている（JSON）"},
    "405": {"description": "この方法では使えないアドレス（JSON）"},
    "413": {"description": "大きすぎる要求（JSON）"},
    "500": {"description": "サービスの側の誤り（電文、異常終了 TSKQ021）"},
    "503": {"description": "閉局中（電文、異常終了 TSKQ020）"},
}


def paths() -> Mapping[str, Any]:
    """接続仕様 — by address below the service."""
    return {
        "messages": {"post": _messages()},
        "cards": {"post": _cards()},
        "people": {"post": _people()},
        "faces": {"get": _faces()},
    }


def _messages() -> dict[str, Any]:
    kinds = "、".join(
        f"{each.prefix}（{each.term}）" for each in FILE_KINDS if not each.prefix.startswith("EPS")
    )
    codes = "\n".join(f"- {code}: {text}" for code, text in TEXTS.items())
    sample = {name: body for name, body in samples().items() if name.endswith("_valid.xml")}
    return {
        "summary": "電文の照会",
        "description": (
            f"ファイル名の種類で要求を見分けます: {kinds}。応答は要求と同じ形（XMLのUTF-8かShift_JIS、またはJSON）です。"
            "Shift_JISにない文字は●になります。一括は01reqで受付番号を受け取り、02reqで結果を受け取ります（処理中は"
            "SegmentOfResultが2）。電文の見本は /platform/v1/samples にあります。\n\n処理結果コード（公開されていないため独自）:\n"
            + codes
        ),
        "parameters": [
            _query("file", "要求のファイル名（OQSsiquc01req_….xml など）", is_required=True),
            _query("zip", "1なら一括の結果をZIPで返す（02reqだけ）"),
        ],
        "requestBody": {"required": True, "content": _contents(samples()["OQSsiquc01req_utf8.xml"])},
        "responses": {
            "200": {
                "description": "結果の電文。断った要求も電文で返す（SegmentOfResult 9、または一人についてProcessingResultStatus 2）。",
                "content": {**_contents(*sample.values()), "application/zip": {}},
            },
            **_REFUSED,
        },
    }


def _cards() -> dict[str, Any]:
    terms = "、".join(f"{kind}（{TERMS.get(kind, kind)}）" for kind in KINDS)
    return {
        "summary": "カードの提示（顔認証付きカードリーダーの代わり）",
        "description": f"同意は24時間（訪問・オンラインは取消まで）有効です。同意の種類: {terms}。結果は faces にも並びます。",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _schema(CardShown)}}},
        "responses": {"200": {"description": "faceフォルダに入るのと同じ結果の電文", "content": _contents()}, **_REFUSED},
    }  # fmt: skip


def _people() -> dict[str, Any]:
    return {
        "summary": "災害時の検索（災害時モードのときだけ）",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _schema(PersonSought)}}},
        "responses": {"200": {"description": "結果の電文", "content": _contents()}, **_REFUSED},
    }


def _faces() -> dict[str, Any]:
    face = {
        "type": "object",
        "properties": {
            "number": {"type": "integer"},
            "file": {"type": "string"},
            "at": {"type": "string", "format": "date-time"},
            "message": {"type": "string", "description": "電文（XML）"},
        },
    }
    listed = {
        "type": "object",
        "properties": {"last": {"type": "integer"}, "faces": {"type": "array", "items": face}},
    }
    return {
        "summary": "カードリーダーの結果の受取り",
        "description": "since までの結果を受け取ったことになり、その本文は消えます。番号は医療機関ごとに欠番がありません。",
        "parameters": [_query("since", "受け取った最後の番号（はじめは0）")],
        "responses": {"200": {"description": "待っている結果", "content": {"application/json": {"schema": listed}}}, **_REFUSED},
    }  # fmt: skip


def _query(name: str, text: str, *, is_required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": is_required, "description": text, "schema": {"type": "string"}}  # fmt: skip


def _contents(*examples: bytes) -> dict[str, Any]:
    xml: dict[str, Any] = {"schema": {"type": "string"}}
    if examples:
        xml["example"] = examples[0].decode()
    return {"application/xml": xml, "application/json": {"schema": {"type": "object"}}}


def _schema(kind: type) -> dict[str, Any]:
    (made,), found = msgspec.json.schema_components((kind,), "#/$defs/{name}")
    return {**found[kind.__name__]} if made else {}
