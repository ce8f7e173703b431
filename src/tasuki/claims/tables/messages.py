# SPDX-License-Identifier: Apache-2.0
"""電子点数表の指摘 — public codes, Japanese sentences and citations of what the table checks find.

A doubtful finding (特例条件, no day recorded, the time of day unknown, a move between wards) advises; the others ask for confirmation.
"""

from __future__ import annotations

from typing import NamedTuple

from tasuki.calculation.apply_exclusions import CITES
from tasuki.calculation.apply_inclusions import CITE as INCLUSION_CITE
from tasuki.calculation.apply_limits import CITE as LIMIT_CITE
from tasuki.kernel.messages import register
from tasuki.masters.rows import Window


class TableCheck(NamedTuple):
    """電子点数表の点検項目 — its public code, title, sentence and citation."""

    code: str
    title: str
    sentence: str
    cite: str

    @property
    def message_key(self) -> str:
        """文の鍵 — where its sentence is registered."""
        return f"claims.tables.{self.code}"


_PAIR = "{day}の「{act_name}」（{act}）は{partner_day}の「{partner_name}」（{partner}）と{what}算定できません（表の行 {source}）。{advice}"
_LIMIT = (
    "{day}の「{act_name}」（{act}）は{unit}{most}回までのところ{count}回です（表の行 {source}）。{advice}"
)

_WARD = "{day}の「{act_name}」（{act}）は、同じ日の「{partner_name}」（{partner}）{partner_more}の加算として入院基本料テーブルにありません。この加算を認めるのは別のグループ（表の行 {source}{source_more}）です。{advice}"
WARD_CITE = "電子点数表 入院基本料テーブル（04）、補助マスターテーブル（01）入院基本料識別"


def _pair(code: str, title: str, what: str, cite: str) -> TableCheck:
    return TableCheck(code, title, _PAIR.replace("{what}", what), cite)


# (kind, win) of found.sql → what is told.
TABLE_CHECKS: dict[tuple[int, int], TableCheck] = {
    (1, 1): _pair("UKE-T-11", "背反（1日につき）", "同じ日に", CITES[Window.DAY]),
    (1, 2): _pair("UKE-T-12", "背反（同一月内）", "同じ月に", CITES[Window.MONTH]),
    (1, 3): _pair("UKE-T-13", "背反（同時）", "同時に", CITES[Window.SAME_TIME]),
    (1, 4): _pair("UKE-T-14", "背反（1週間につき）", "1週間のうちに", CITES[Window.WEEK]),
    (2, 1): _pair("UKE-T-21", "包括（1日につき）", "同じ日には包括され、別に", INCLUSION_CITE),
    (2, 2): _pair("UKE-T-22", "包括（同一月内）", "同じ月には包括され、別に", INCLUSION_CITE),
    (2, 3): _pair("UKE-T-23", "包括（同時）", "同時には包括され、別に", INCLUSION_CITE),
    (2, 5): _pair("UKE-T-25", "包括（手術前1週間）", "手術前1週間は包括され、別に", INCLUSION_CITE),
    (2, 6): _pair("UKE-T-26", "包括（1手術につき）", "1手術に包括され、別に", INCLUSION_CITE),
    (3, 1): TableCheck("UKE-T-31", "算定回数（日）", _LIMIT, LIMIT_CITE),
    (3, 4): TableCheck("UKE-T-32", "算定回数（月・複数月・年）", _LIMIT, LIMIT_CITE),
    (3, 2): TableCheck("UKE-T-33", "算定回数（週）", _LIMIT, LIMIT_CITE),
    (3, 3): TableCheck("UKE-T-34", "算定回数（2週）", _LIMIT, LIMIT_CITE),
    (3, 5): TableCheck("UKE-T-36", "算定回数（年度）", _LIMIT, LIMIT_CITE),
    (3, 6): TableCheck("UKE-T-37", "算定回数（患者当り・初回・1疾患当り）", _LIMIT, LIMIT_CITE),
    (3, 8): TableCheck("UKE-T-38", "算定回数（算定日の記録なし）", _LIMIT, LIMIT_CITE),
    (4, 1): TableCheck("UKE-T-41", "入院基本料の加算（対象外）", _WARD, WARD_CITE),
    (4, 2): _pair("UKE-T-42", "入院基本料の加算（同じ加算識別）", "同じ日に", WARD_CITE),
}

ADVICE = {
    0: "算定内容を確かめてください。",
    1: "特例条件・算定日・実施時刻・傷病により算定できる場合があります。記録を確かめてください。",
}
MOVED = "転棟した日は、転棟の前後それぞれの病棟で算定できる場合があります。記録を確かめてください。"

register({check.message_key: check.sentence for check in TABLE_CHECKS.values()})
