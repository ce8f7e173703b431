# SPDX-License-Identifier: Apache-2.0
"""FHIRのXMLの文言 — Japanese sentences of what a resource in XML can be wrong in, with the remedy."""

from __future__ import annotations

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

SENTENCES = {
    "FHIR-X-01": "XMLとして読めません（{reason}）。UTF-8のFHIRのXMLとして書き出し直してください。",
    "FHIR-X-02": "{what}は受け付けません。除いてください。",
    "FHIR-X-03": "{limit}を超えています。分けてください。",
    "FHIR-X-04": "要素「{name}」はここにありません。つづり・名前空間・置き場所を確かめてください。",
    "FHIR-X-05": "{found}はFHIR R4のリソースではありません。正しいリソース名（名前空間 http://hl7.org/fhir）にしてください。",
    "FHIR-X-06": "要素「{name}」の順番が違います。FHIRの定義の順に並べてください。",
    "FHIR-X-07": "「{value}」は{wanted}として書けません。直してください。",
    "FHIR-X-08": "要素「{name}」は1個だけです。余分を除いてください。",
    "FHIR-X-09": "説明文（div）がXHTMLとして読めません（{reason}）。直してください。",
}
register({f"sharing.{code}": text for code, text in SENTENCES.items()})


def refuse(code: str, where: Where, /, **facts: object) -> BadInput:
    """FHIRのXMLの誤り — the exception of one finding."""
    return BadInput((Finding(code, Severity.BLOCK, where, f"sharing.{code}", facts),))
