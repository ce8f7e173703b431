# SPDX-License-Identifier: Apache-2.0
"""身体の数字の欄 — weight, kidneys, pregnancy and lactation, which the check of drugs asks for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tasuki.chart.visit import Sex
from tasuki.prescriptions.safety import Body
from tasuki_server.patients.birth_text import read_day

# Name of the field, its words, the least and the most it takes.
BODY_NUMBERS = (
    ("weight_kg", "体重（kg）", Decimal("0.3"), Decimal(300)),
    ("creatinine", "血清クレアチニン（mg/dL）", Decimal("0.1"), Decimal(30)),
    ("egfr", "eGFR（mL/分/1.73㎡）", Decimal(1), Decimal(200)),
    ("ccr", "CCr（mL/分）", Decimal(1), Decimal(250)),
)
KIDNEY_DAY = "腎機能の測定日"
STATES = (("is_pregnant", "妊娠"), ("is_lactating", "授乳"))
STATE_WORDS = {True: "あり", False: "なし"}
# Alerts that say one of these numbers is missing or old.
ASKING = frozenset(("RX-A-18", "RX-A-31", "RX-A-32", "RX-A-33", "RX-A-36"))


class UnreadableBody(ValueError):
    """読めない身体の数字 — says in Japanese which field wants what."""


def read_body(given: Mapping[str, str], today: date) -> Body | None:
    """身体の数字の読取り — None when every field is empty; raises :class:`UnreadableBody`.

    A value of the kidneys without a day was measured today.
    """
    numbers = {name: _number(given, name, text, least, most) for name, text, least, most in BODY_NUMBERS}
    states = {name: {"yes": True, "no": False}.get(given.get(name, "")) for name, _ in STATES}
    body = Body(**numbers, **states, kidney_on=_day(given, today))
    has_kidney = (body.egfr, body.ccr, body.creatinine) != (None, None, None)
    body = replace(body, kidney_on=(body.kidney_on or today) if has_kidney else None)
    return None if body == Body() else body


def body_context(body: Body | None, previous: date | None, sex: Sex, asked: Iterable[str]) -> dict[str, Any]:
    """身体の数字の欄の内容 — stands open when a drug asks for a number or something is kept in it."""
    is_asked = not ASKING.isdisjoint(asked)
    return {
        "is_asked": is_asked,
        "is_open": is_asked or body is not None,
        "previous": previous if body is None else None,
        "numbers": [(name, text, _shown(body, name)) for name, text, *_ in BODY_NUMBERS],
        "kidney_day": KIDNEY_DAY,
        "kidney_on": body.kidney_on if body else None,
        "states": []
        if sex is not Sex.FEMALE
        else [(name, text, {True: "yes", False: "no"}.get(getattr(body, name, None), "")) for name, text in STATES],
    }  # fmt: skip


def body_line(body: Body) -> str:
    """身体の数字の文 — one line, for the signed note and its versions."""
    parts = [f"{text} {_shown(body, name)}" for name, text, *_ in BODY_NUMBERS if _shown(body, name)]
    parts += [f"{KIDNEY_DAY} {body.kidney_on}"] if body.kidney_on else []
    parts += [
        f"{text}{STATE_WORDS[getattr(body, name)]}"
        for name, text in STATES
        if getattr(body, name) is not None
    ]
    return "身体の数字: " + "、".join(parts)


def _shown(body: Body | None, name: str) -> str:
    value = None if body is None else getattr(body, name)
    return "" if value is None else f"{value:f}"


def _number(given: Mapping[str, str], name: str, text: str, least: Decimal, most: Decimal) -> Decimal | None:
    typed = unicodedata.normalize("NFKC", given.get(name, "")).strip()
    if not typed:
        return None
    try:
        found = Decimal(typed) if typed.isascii() and len(typed) <= 8 else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not least <= found <= most or -found.as_tuple().exponent > 2:  # type: ignore[operator]
        raise UnreadableBody(f"「{text}」は{least}から{most}までの数字で入れてください（小数は2桁まで）。")
    return found


def _day(given: Mapping[str, str], today: date) -> date | None:
    typed = given.get("kidney_on", "").strip()
    day = read_day(typed) if typed else None
    if typed and (day is None or day > today):
        raise UnreadableBody(f"「{KIDNEY_DAY}」は受診日までの日付で入れてください（例 2026-06-01、R8.6.1）。")
    return day
