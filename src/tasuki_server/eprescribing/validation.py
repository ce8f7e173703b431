# SPDX-License-Identifier: Apache-2.0
"""送信前の点検 — what the service would refuse, said in the clinic's words beside the drug it concerns."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.contents import CodeKind, PrescriptionContents
from tasuki.prescriptions.record_making import service_records
from tasuki.prescriptions.service import rules


class Fault(TypedDict):
    """不備 — the sentence, and the drug it concerns: ``rp`` and ``drug`` count from 1, 0 where it is of the whole."""

    rp: int
    drug: int
    text: str


def faults_of(contents: PrescriptionContents, day: date) -> list[Fault]:
    """送信前の不備 — everything that is found, in the order of the prescription; none, and it may be sent."""
    found = [*_of_the_whole(contents), *_of_drugs(contents, day)]
    try:
        made = service_records(contents)
    except BadInput as bad:
        known = {each["text"] for each in found}
        found += [_fault(sentence(each)) for each in bad.findings if sentence(each) not in known]
    else:
        found += [
            _fault(sentence(each)) for each in made.document.findings if each.severity is Severity.BLOCK
        ]
    return found


def _of_the_whole(contents: PrescriptionContents) -> list[Fault]:
    cover, found = contents.cover, []
    if not cover.insurer_number or not cover.number:
        found.append(_fault("保険者番号・被保険者番号がありません。患者の保険の画面で入れてください。"))
    if not contents.patient.kana.strip():
        found.append(_fault("患者のカナ氏名がありません。患者の画面で入れてください。"))
    if contents.refill_count:
        most = rules.number_on(rules.REFILL_ROUNDS, contents.issued_on)
        if not 2 <= contents.refill_count <= most:
            found.append(
                _fault(
                    f"リフィルの総使用回数は2回から{most}回までです（{contents.refill_count}回になっています）。"
                )
            )
    if contents.split_count:
        most = rules.number_on(rules.SPLIT_PARTS, contents.issued_on)
        if not 2 <= contents.split_count <= most:
            found.append(_fault(f"分割は2回から{most}回までです（{contents.split_count}回になっています）。"))
    return found


def _of_drugs(contents: PrescriptionContents, day: date) -> list[Fault]:
    found = []
    for rp, each in enumerate(contents.rps, 1):
        if not each.usage.strip():
            found.append(_fault("用法がありません。オーダの欄で用法を入れてください。", rp))
        for nth, drug in enumerate(each.drugs, 1):
            if drug.amount is None or drug.amount <= 0:
                found.append(_fault(f"{drug.name}: 量がないか0です。", rp, nth))
            if not drug.unit:
                found.append(
                    _fault(f"{drug.name}: 単位がありません。マスターの取込みを確かめてください。", rp, nth)
                )
            if day in rules.CODES_NEEDED and (drug.code_kind is CodeKind.NONE or not drug.code):
                kind = "一般名コード" if drug.code_kind is CodeKind.GENERIC else "薬品コード"
                found.append(
                    _fault(f"{drug.name}: {kind}がありません。マスターの取込みを確かめてください。", rp, nth)
                )
    return found


def _fault(text: str, rp: int = 0, drug: int = 0) -> Fault:
    return Fault(rp=rp, drug=drug, text=text)
