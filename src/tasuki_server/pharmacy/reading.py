# SPDX-License-Identifier: Apache-2.0
"""処方箋の読取り — the records inside a received document as a pharmacist reads them, with what may be given instead."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.documents import read_registration_document
from tasuki.prescriptions.item_checks import read_day
from tasuki.prescriptions.orders import DrugOrder, rp_orders
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.records import Document
from tasuki_server.masters_source import current_book

_FORMS = {"1": "内服", "2": "頓服", "3": "外用", "4": "内服滴剤", "5": "注射", "6": "医療材料", "9": "その他"}
_UNITS = {"1": "日分", "4": "日分", "2": "回分"}
_BARS = {
    "3": "変更不可",
    "4": "剤形変更不可",
    "5": "規格変更不可",
    "6": "剤形・規格変更不可",
    "8": "先発希望",
}
_NO_CHANGE = frozenset(("3", "8"))
_CLAIM, _GENERIC = "2", "7"
_RESIDUAL = {"1": "残薬があれば疑義照会の上で調剤", "2": "残薬があれば減量の上で情報提供"}
MOST_CHOICES = 30


class DrugChoice(NamedTuple):
    """調剤する薬の候補 — code kind and code together, and the name."""

    value: str
    name: str

    @property
    def code_kind(self) -> str:
        """薬品コード種別 — before the colon."""
        return self.value.partition(":")[0]

    @property
    def code(self) -> str:
        """薬品コード — after the colon."""
        return self.value.partition(":")[2]


def records_of(data: bytes) -> Document:
    """処方データ — inside the document, or as it came. Raises :class:`BadInput`."""
    if data.lstrip()[:1] == b"<":
        return read_registration_document(data).prescription
    return read_prescription(data)


def prescription_view(data: bytes) -> dict[str, Any]:
    """処方箋の表示 — patient, institution, RPs with their drugs and choices; ``broken`` when it cannot be read."""
    try:
        document = records_of(data)
    except BadInput as bad:
        return {"broken": str(bad), "rps": []}
    value = document.value
    return {
        "clinic": value("1", "institution_name"),
        "department": value("4", "department_name"),
        "doctor": value("5", "doctor_name"),
        "telephone": value("3", "telephone"),
        "patient": value("11", "patient_name") or value("11", "patient_kana"),
        "kana": value("11", "patient_kana"),
        "sex": value("12", "sex"),
        "born": read_day(value("13", "born_on")),
        "born_text": value("13", "born_on"),
        "share": value("24", "share_percent"),
        "residual": _RESIDUAL.get(value("62", "residual_action"), ""),
        "split": (value("63", "split_nth"), value("63", "split_count"))
        if value("63", "split_count")
        else None,
        "remarks": [document.item(each, "text") for each in document.of("81")],
        "sent": [document.item(each, "text") for each in document.of("301")],
        "rps": [
            {
                "rp": rp.rp,
                "form": _FORMS.get(rp.dosage_form, ""),
                "dosage_form": rp.dosage_form,
                "quantity": rp.given_quantity,
                "whole": rp.quantity if rp.split_quantity is not None else None,
                "unit": _UNITS.get(rp.dosage_form, "調剤"),
                "usage": rp.usage_name,
                "usage_code": rp.usage_code,
                "notes": rp.notes,
                "drugs": [_drug(document, drug) for drug in rp.drugs],
            }
            for rp in rp_orders(document)
        ],
    }


def _drug(document: Document, drug: DrugOrder) -> dict[str, Any]:
    beside = [
        (document.item(each, "kind"), document.item(each, "text"))
        for each in drug.beside
        if each.number == "281"
    ]
    kinds = {kind for kind, _ in beside}
    choices = [] if kinds & _NO_CHANGE else list(choices_of(drug.code_kind, drug.code))
    own = DrugChoice(f"{drug.code_kind}:{drug.code}", drug.name)
    # 一般名処方: what is given is a product, never the general name itself.
    if drug.code_kind != _GENERIC or not choices:
        choices = [own, *(each for each in choices if each.code != drug.code)]
    return {
        "order": drug.order,
        "name": drug.name,
        "code_kind": drug.code_kind,
        "code": drug.code,
        "amount": f"{drug.amount:f}" if drug.amount is not None else "",
        "unit": drug.unit,
        "bars": [_BARS[kind] for kind in sorted(kinds & _BARS.keys())],
        "notes": [text for kind, text in beside if kind not in _BARS],
        "is_generic": drug.code_kind == _GENERIC,
        "choices": choices[:MOST_CHOICES],
    }


def choices_of(code_kind: str, code: str) -> tuple[DrugChoice, ...]:
    """変更できる薬 — of the same ingredient, route, form and strength (first nine characters of the code)."""
    head = code
    if code_kind == _CLAIM:
        head = next(
            (row.price_list_code for row in current_book().drugs.get(code, ()) if row.price_list_code), ""
        )
    return _by_head(id(current_book())).get(head[:9], ()) if len(head) >= 9 else ()


@lru_cache(maxsize=1)
def _by_head(_book: int) -> dict[str, tuple[DrugChoice, ...]]:
    found: dict[str, dict[str, DrugChoice]] = {}
    for code, rows in current_book().drugs.items():
        newest = rows[0]
        if len(newest.price_list_code) >= 9:
            found.setdefault(newest.price_list_code[:9], {})[code] = DrugChoice(
                f"{_CLAIM}:{code}", newest.name
            )
    return {head: tuple(sorted(each.values(), key=lambda one: one.name)) for head, each in found.items()}
