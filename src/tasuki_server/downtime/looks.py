# SPDX-License-Identifier: Apache-2.0
"""停止時ビューアの画面 — pages from templates of their own, without settings, database or anything from a network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.template import Context, Engine

from tasuki.kernel.days import age_on
from tasuki.kernel.eras import era_text
from tasuki_server.downtime.files import Cover
from tasuki_server.downtime.viewing import Found, Sitting

TOKYO = ZoneInfo("Asia/Tokyo")
_PAGES = Path(__file__).parent / "pages"
_FAULTS = {
    "card": "開封カードのコードが違います。名前を選び直し、カードのコードを入れてください。",
    "copy": "この写しは壊れているか、この医療機関が作ったものではありません。別の場所の写しを使ってください。",
    "sealed": "このカルテは閲覧が制限されています。読める職員の開封カードで開いてください。開こうとしたことは記録しました。",
    "altered": "このカルテの写しは壊れているか、書き換えられています。表示しません。紙の記録か別の写しを使ってください。",
    "log": "閲覧記録を書き込めないので、表示しません。写しの置き場所に書き込めるか、--log で書き込める場所を指定してください。",
    "nowhere": "そのページはありません。",
    "stranger": "このページは、停止時ビューアを起動した人だけが開けます。端末に表示されたアドレスから開いてください。",
}


class Look:
    """画面の作り手 — every value is text, and escaped."""

    def __init__(self) -> None:
        self._engine = Engine(dirs=[str(_PAGES)], autoescape=True)

    def style(self) -> str:
        """書式."""
        return (_PAGES / "viewer.css").read_text(encoding="utf-8")

    def stranger(self) -> str:
        """知らない相手への答え — nothing of the copy."""
        return self._page("fault.html", {"sentence": _FAULTS["stranger"]})

    def fault(self, why: str) -> str:
        """できない理由の画面."""
        return self._page("fault.html", {"sentence": _FAULTS[why], "has_back": True})

    def opening(self, cover: Cover, why: str = "") -> str:
        """開封の画面 — who may open it, and of which moment it is."""
        values = {"cover": cover, "made_at": _moment(cover), "fault": _FAULTS.get(why, "")}
        return self._page("opening.html", values)

    def search(self, sitting: Sitting, found: Sequence[Found] | None, text: str) -> str:
        """患者の検索の画面."""
        rows = [
            {**each._asdict(), "number": str(each.number), "born": _born(each.born)} for each in found or ()
        ]
        return self._page(
            "search.html", {**_frame(sitting), "rows": rows, "asked": found is not None, "text": text}
        )

    def plan(self, sitting: Sitting) -> str:
        """復旧の順序の画面."""
        return self._page("plan.html", {**_frame(sitting), "steps": sitting.plan})

    def chart(self, sitting: Sitting, chart: dict[str, Any]) -> str:
        """カルテの画面 — head with allergies, then visits, then every other table."""
        born = date.fromisoformat(chart["born"])
        today = sitting.clock().astimezone(TOKYO).date()
        values = {
            **_frame(sitting),
            "chart": {**chart, "number": str(chart["number"])},
            "born": _born(chart["born"]),
            "age": str(age_on(born, today).years) if born <= today else "",
            "first": [each for each in chart["sections"] if each["title"] in ("アレルギー", "病名")],
            "others": [each for each in chart["sections"] if each["title"] not in ("アレルギー", "病名")],
        }
        return self._page("chart.html", values)

    def _page(self, name: str, values: dict[str, Any]) -> str:
        return str(self._engine.get_template(name).render(Context(values, use_l10n=False, use_tz=False)))


def _frame(sitting: Sitting) -> dict[str, Any]:
    age = sitting.age()
    return {
        "cover": sitting.cover,
        "holder": sitting.holder,
        "made_at": _moment(sitting.cover),
        "old": words_of(age.now),
        "old_at_stop": "" if age.at_stop is None else words_of(age.at_stop),
        "is_stale": age.is_stale,
        "is_past": age.is_past,
    }


def _moment(cover: Cover) -> str:
    return f"{cover.made_at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def _born(text: str) -> str:
    return f"{text}（{era_text(date.fromisoformat(text))}）" if text else ""


def words_of(span: timedelta) -> str:
    """間の表記 — minutes and hours.

    >>> words_of(timedelta(seconds=50)), words_of(timedelta(minutes=61))
    ('1分未満', '1時間1分')
    """
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "1分未満"
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    return "".join(f"{n}{unit}" for n, unit in ((days, "日"), (hours, "時間"), (left, "分")) if n)
