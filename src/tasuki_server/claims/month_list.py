# SPDX-License-Identifier: Apache-2.0
"""レセプト一覧 — the receipts of a making by patient or by rule, narrowed, sorted and searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tasuki.kernel.kana import search_key
from tasuki_server.claims.decisions import Standing
from tasuki_server.claims.models import BuiltClaim

SEVERITIES = (("block", "提出不可", "✕"), ("confirm", "要確認", "？"), ("advice", "参考", "ｉ"))
SORTS = (
    ("", "ファイルの順"),
    ("points", "点数の高い順"),
    ("findings", "指摘の多い順"),
    ("number", "患者番号順"),
)
_ORDERS: dict[str, Callable[[BuiltClaim], Any]] = {
    "points": lambda each: (-each.points, each.patient.number),
    "findings": lambda each: (-len(each.findings), each.patient.number),
    "number": lambda each: each.patient.number,
}
# 開いている指摘 only: what nobody accepted or muted.
OPEN = "open"
LIST_KEYS = ("show", "q", "sort", "payer")


def listed(
    claims: Sequence[BuiltClaim], wanted: Mapping[str, str], standing: Standing
) -> list[dict[str, Any]]:
    """患者別の一覧 — a row for each receipt that is asked for."""
    shown, payer = wanted.get("show", ""), wanted.get("payer", "")
    found = [
        each
        for each in claims
        if _is_shown(each, shown, standing)
        and (not payer or each.payer == payer)
        and _is_meant(each, wanted.get("q", ""))
    ]
    order = _ORDERS.get(wanted.get("sort", ""))
    if order is not None:
        found.sort(key=order)
    return [_row(each, standing) for each in found]


def rules_of(
    claims: Sequence[BuiltClaim], standing: Standing, wanted: Mapping[str, str]
) -> list[dict[str, Any]]:
    """点検項目別の一覧 — each code with its receipts, the heaviest first, then the most frequent."""
    found: dict[str, dict[str, Any]] = {}
    for claim in claims:
        if not _is_meant(claim, wanted.get("q", "")):
            continue
        for each in claim.findings:
            if wanted.get("show") in ("block", "confirm", "advice") and each["severity"] != wanted["show"]:
                continue
            rule = found.setdefault(
                each["code"],
                {"code": each["code"], "severity": each["severity"], "example": each["message"], "hits": []},
            )
            rule["hits"].append((claim, each, standing.of(claim.patient_id, each)))
    weight = {key: place for place, (key, _, _) in enumerate(SEVERITIES)}
    signs = {key: (label, sign) for key, label, sign in SEVERITIES}
    for rule in found.values():
        rule["label"], rule["sign"] = signs[rule["severity"]]
        rule["open"] = sum(decision is None for _, _, decision in rule["hits"])
        rule["muted"] = standing.muted.get(rule["code"])
    return sorted(
        found.values(), key=lambda rule: (weight[rule["severity"]], -len(rule["hits"]), rule["code"])
    )


def list_query(wanted: Mapping[str, str]) -> str:
    """一覧の絞り込み — what of an address belongs to the list, as the rest of an address."""
    return urlencode({key: wanted[key] for key in LIST_KEYS if wanted.get(key)})


def _row(claim: BuiltClaim, standing: Standing) -> dict[str, Any]:
    marks = []
    for key, label, sign in SEVERITIES:
        mine = claim.found(key)
        asking = [each for each in mine if standing.of(claim.patient_id, each) is None]
        if mine:
            marks.append((key, sign, label, len(asking), len(mine) - len(asking)))
    return {"claim": claim, "marks": marks}


def _is_shown(claim: BuiltClaim, shown: str, standing: Standing) -> bool:
    if shown == OPEN:
        return claim.is_left_out or bool(standing.open_confirms(claim))
    return not shown or bool(claim.found(shown))


def _is_meant(claim: BuiltClaim, text: str) -> bool:
    wanted = text.strip()
    if not wanted:
        return True
    if wanted.isdecimal():
        return str(claim.patient.number) == wanted
    key = search_key(wanted)
    codes = any(wanted.upper() in each["code"] for each in claim.findings)
    named = key in claim.patient.kana_key or key in claim.patient.name_key
    return codes or (named and not claim.patient.is_hidden)
