# SPDX-License-Identifier: Apache-2.0
"""薬局の入力 — reading a reception and a dispensing from a form; what is wrong is told beside the form."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_date

from tasuki.eligibility.requests import CardNumber
from tasuki.prescriptions.service.dispensing import DispensedDrug, DispensedRp
from tasuki_server.institutions.ids import new_id
from tasuki_server.pharmacy.reading import DrugChoice

_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,5})?")
_CODE = re.compile(r"[0-9]{16}")


class Reception(NamedTuple):
    """受付の入力 — the number and the card, or what is wrong with them."""

    code: str
    card: CardNumber
    key: UUID
    wrong: tuple[str, ...] = ()


class DispensingForm(NamedTuple):
    """調剤の入力 — what was given, when, and what the prescriber is to know; or what is wrong with it."""

    rps: tuple[DispensedRp, ...]
    dispensed_on: date
    message: str
    key: UUID
    wrong: tuple[str, ...] = ()


def read_reception(post: QueryDict) -> Reception:
    """受付の読取り — typed, or all of it in one line as the 控え's QR code has it.

    The line is 保険者番号, 記号, 番号, 枝番, 生年月日, 引換番号.
    """
    line = post.get("line", "").strip()
    wrong: list[str] = []
    items = [post.get(name, "").strip() for name in ("insurer", "symbol", "number", "branch", "code")]
    if line:
        parts = [each.strip() for each in line.split(",")]
        if len(parts) == 6:
            items = [*parts[:4], parts[5]]
        elif _CODE.fullmatch(line):
            items[4] = line
        else:
            wrong.append(
                "二次元コードの内容が控えのものではありません。引換番号と保険の番号を入力してください。"
            )
    insurer, symbol, number, branch, code = items
    code = "".join(code.replace("-", "").split())
    if not wrong and not _CODE.fullmatch(code):
        wrong.append("引換番号は16桁の数字です。控えまたは処方箋の番号を確かめてください。")
    if not wrong and (not insurer or not number):
        wrong.append("保険者番号と被保険者証の番号を入力してください。")
    card = CardNumber(insurer[:14], symbol[:40], number[:40], branch[:2])
    return Reception(code, card, read_key(post), tuple(wrong))


def read_dispensing(post: QueryDict, view: dict[str, Any], today: date) -> DispensingForm:
    """調剤の読取り — one field a drug, named by its RP and order."""
    wrong: list[str] = []
    rps = []
    for rp in view["rps"]:
        quantity = post.get(f"quantity-{rp['rp']}", "").strip()
        if not quantity.isascii() or not quantity.isdecimal() or not 1 <= int(quantity) <= 999:
            wrong.append(f"RP{rp['rp']} の調剤数量は1から999の整数です（現在「{quantity[:10]}」）。")
            quantity = "1"
        drugs = tuple(_drug(post, rp["rp"], drug, wrong) for drug in rp["drugs"])
        rps.append(
            DispensedRp(rp["rp"], rp["dosage_form"], int(quantity), rp["usage"], rp["usage_code"], drugs)
        )
    on = _day(post.get("dispensed_on", ""))
    if on is None or on > today:
        wrong.append("調剤年月日は今日までの日付です。")
    return DispensingForm(
        tuple(rps), on or today, post.get("message", "").strip()[:1000], read_key(post), tuple(wrong)
    )


def _drug(post: QueryDict, rp: str, drug: dict[str, Any], wrong: list[str]) -> DispensedDrug:
    place = f"{rp}-{drug['order']}"
    amount = post.get(f"amount-{place}", "").strip()
    if not _AMOUNT.fullmatch(amount):
        wrong.append(f"RP{rp}の{drug['order']}番目 {drug['name']} の量は数字です（現在「{amount[:12]}」）。")
        amount = drug["amount"] or "1"
    said = post.get(f"drug-{place}", "")
    chosen: DrugChoice | None = next((each for each in drug["choices"] if each.value == said), None)
    if chosen is None:
        wrong.append(f"RP{rp}の{drug['order']}番目 {drug['name']} に調剤する薬を選んでください。")
        chosen = drug["choices"][0]
    note = post.get(f"note-{place}", "").strip()[:100]
    if chosen.code != drug["code"] and not note:
        note = f"「{drug['name']}」から変更"
    # 一般名の種別 (7) と、種別のないものは、名称だけの記録になる。
    kind = chosen.code_kind if chosen.code_kind in ("2", "3", "4", "6") and chosen.code else "1"
    return DispensedDrug(kind, chosen.code if kind != "1" else "", chosen.name, amount, drug["unit"], note)


def with_typed(view: dict[str, Any], post: QueryDict) -> dict[str, Any]:
    """入力の保持 — what was typed stands in the form again."""
    rps = []
    for rp in view["rps"]:
        drugs = []
        for drug in rp["drugs"]:
            place = f"{rp['rp']}-{drug['order']}"
            drugs.append(
                drug
                | {
                    "given_amount": post.get(f"amount-{place}", ""),
                    "chosen": post.get(f"drug-{place}", ""),
                    "note": post.get(f"note-{place}", ""),
                }
            )
        rps.append(rp | {"given_quantity": post.get(f"quantity-{rp['rp']}", ""), "drugs": drugs})
    return view | {"rps": rps}


def read_key(post: QueryDict) -> UUID:
    """画面の鍵 — made with the form; a form without one gets its own."""
    try:
        return UUID(post.get("key", ""))
    except ValueError:
        return new_id()


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
