# SPDX-License-Identifier: Apache-2.0
"""処理の一覧 — the operations of 電子処方箋管理サービス by interface id, who asks, and what a request's file is called.

Official stems of file names are public for three operations only. The others are called by their interface id here
(``EPS-IF-301req_….xml``), which is no official file name: see docs/reference/unconfirmed.md.

Cite: 電子処方箋管理サービス 外部インターフェイス仕様書 EPS-IF-101〜409 (ids and names as vendors publish them)
"""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Actor(StrEnum):
    """処理の主体 — whose operation it is."""

    CLINIC = "医療機関"
    PHARMACY = "薬局"
    BOTH = "共通"


class Operation(NamedTuple):
    """処理 — request and answer ids, the actor, its official name, the stem of its file name where that is public."""

    request: str
    answer: str
    actor: Actor
    term: str
    stem: str = ""

    @property
    def request_stem(self) -> str:
        """要求ファイル名の頭 — official where known."""
        return f"{self.stem or f'EPS-IF-{self.request}'}req_"

    @property
    def answer_stem(self) -> str:
        """結果ファイル名の頭 — official where known."""
        return f"{self.stem or f'EPS-IF-{self.answer}'}res_"


_C, _P, _B = Actor.CLINIC, Actor.PHARMACY, Actor.BOTH
_LIST = (
    Operation("101", "102", _B, "重複投薬等チェック 事前処理", "EPSsiDMP01"),
    Operation("201", "202", _C, "処方箋情報登録", "EPSsiPIR01"),
    Operation("203", "204", _C, "処方箋取消"),
    Operation("205", "206", _C, "処方箋変更"),
    Operation("207", "208", _C, "処方箋取消UNDO"),
    Operation("209", "210", _C, "処方箋変更UNDO"),
    Operation("211", "212", _C, "処方箋参考情報（控え）取得", "EPSsiPIR06"),
    Operation("213", "214", _C, "調剤結果 一括取得 受付"),
    Operation("215", "216", _C, "調剤結果 一括取得 結果"),
    Operation("217", "218", _C, "処方箋状況・調剤結果 単件取得"),
    Operation("219", "103", _C, "重複投薬等チェック"),
    Operation("220", "221", _C, "処方箋ID検索"),
    Operation("301", "302", _P, "処方箋受付（取得）"),
    Operation("303", "304", _P, "処方箋受付取消"),
    Operation("305", "306", _P, "処方箋回収"),
    Operation("307", "308", _P, "調剤結果登録"),
    Operation("309", "310", _P, "調剤結果取消"),
    Operation("311", "312", _P, "調剤結果変更"),
    Operation("313", "314", _P, "調剤済処方箋 検索"),
    Operation("315", "103", _P, "重複投薬等チェック"),
    Operation("316", "317", _P, "調剤済処方箋 取得"),
    Operation("318", "319", _P, "処方箋回収UNDO"),
    Operation("320", "321", _P, "処方箋ID検索"),
    Operation("322", "323", _P, "調剤結果ID検索"),
    Operation("324", "325", _P, "保存サービス 保管登録"),
    Operation("328", "329", _P, "保存サービス 保管取得"),
    Operation("401", "402", _C, "院内処方等情報登録"),
    Operation("403", "404", _C, "院内処方等情報取消"),
    Operation("405", "406", _C, "院内処方等情報変更"),
    Operation("407", "408", _C, "院内処方等情報ID検索"),
    Operation("409", "103", _C, "院内処方 重複投薬等チェック"),
)
OPERATIONS = MappingProxyType({each.request: each for each in _LIST})
_BY_STEM = {each.stem: each for each in _LIST if each.stem}
_NAME = re.compile(
    r"(?:EPS-IF-(?P<id>\d{3})|(?P<stem>EPSsi[A-Z]{3}\d{2}))req(?:_[^/\\]*)?(?:\.(?:xml|json))?"
)


def read_operation(name: str) -> Operation | None:
    """処理の読取 — from the name of a request's file; None for a name that asks nothing of this service.

    >>> read_operation("EPSsiPIR01req_20261130.xml").term, read_operation("EPS-IF-301req_1").answer
    ('処方箋情報登録', '302')
    >>> read_operation("EPSsiPIR01res_1.xml") is None, read_operation("EPS-IF-999req_1.xml") is None
    (True, True)
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return OPERATIONS.get(found["id"]) if found["id"] else _BY_STEM.get(found["stem"])
