# SPDX-License-Identifier: Apache-2.0
"""レセプトの文字表示 — one receipt as text a clerk can read in a terminal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tasuki.claims.codes import SECTIONS, WHOLE_SECTIONS
from tasuki.claims.receipt_type import parse_type, type_name
from tasuki.claims.view.receipt_view import UNKNOWN_DAY
from tasuki.kernel.eras import era_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def receipt_text(view: dict[str, Any]) -> str:
    """レセプトの文字表示 — from :func:`~tasuki.claims.view.receipt_view.receipt_view`.

    Head, payers, diseases, then the lines by 診療識別 with points times count.
    """
    return "\n".join((*_head(view), *_payers(view), *_diseases(view), *_units(view), *_narratives(view)))


def _head(view: dict[str, Any]) -> Iterator[str]:
    kind = parse_type(view["receipt_type"])
    patient = view["patient"]
    name = type_name(kind) if kind is not None else "種別不明"
    month = date.fromisoformat(view["month"])
    sex = "女" if patient["sex"] == "female" else "男"
    shown = "診療年月不明" if month == UNKNOWN_DAY else f"{era_text(month).removesuffix('1日')}診療"
    yield f"■ {view['number']}  {shown}  {view['receipt_type']} {name}"
    yield f"  {patient['name']}（{sex} {_day(patient['born'])}生）  患者番号 {patient['id']}"
    if view["special_notes"]:
        yield f"  特記事項 {' '.join(view['special_notes'])}"


def _payers(view: dict[str, Any]) -> Iterator[str]:
    payer = view["insurer"]
    if payer is not None:
        member = "・".join(part for part in (payer["symbol"], payer["number"]) if part)
        share = "" if payer["burden_yen"] is None else f"  負担 {payer['burden_yen']:,}円"
        yield (
            f"  保険 {payer['insurer_number']}  {member}  {payer['days']}日  {payer['points']:,}点{share}"
        )  # fmt: skip
    for nth, one in enumerate(view["programmes"], 1):
        share = "" if one["burden_yen"] is None else f"  負担 {one['burden_yen']:,}円"
        yield (
            f"  公{'①②③④'[nth - 1] if nth <= 4 else nth} {one['payer_number']}  {one['recipient_number']}"
            f"  {one['days']}日  {one['points']:,}点{share}"
        )


def _diseases(view: dict[str, Any]) -> Iterator[str]:
    for nth, one in enumerate(view["diseases"], 1):
        main = "（主）" if one["is_main"] else ""
        outcome = f"  {one['outcome']}" if one["outcome"] else ""
        yield f"  病{nth} {one['name']}{main}  {_day(one['since'])}{outcome}"


def _units(view: dict[str, Any]) -> Iterator[str]:
    section = ""
    for unit in view["units"]:
        if unit["section"] != section:
            section = unit["section"]
            title = "" if section in WHOLE_SECTIONS else SECTIONS.get(section, "")
            yield f"  [{section}] {title}".rstrip()
        for at, item in enumerate(unit["items"]):
            amount = item.get("amount", "")
            text = f"    {'*' if at == 0 and 'points' in unit else ' '} {item['name']}  {amount}".rstrip()
            if at == len(unit["items"]) - 1 and "points" in unit:
                text += f"  … {unit['points']:,}×{unit['count']}"
            yield text


def _narratives(view: dict[str, Any]) -> Iterator[str]:
    for text in view["narratives"]:
        yield f"  詳記 {text}"


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return "日付不明" if day == UNKNOWN_DAY else era_text(day)
