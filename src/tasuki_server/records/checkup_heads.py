# SPDX-License-Identifier: Apache-2.0
"""健診結果の見出し — what a list of reports shows and looks for, taken out of a Bundle that was checked already."""

from __future__ import annotations

from typing import Any, NamedTuple

from tasuki.kernel.kana import search_key
from tasuki.sharing.checkups.fhir_names import NAME_KIND
from tasuki.sharing.checkups.kinds import kind_of

_LONGEST, _LONGEST_WORDS = 100, 220
KANJI, KANA = "IDE", "SYL"


class CheckupHead(NamedTuple):
    """健診結果の見出し — the kind of checkup and the examinee's names; empty where the report has none.

    ``words`` are the names as a search looks for them.
    """

    kind: str = ""
    name: str = ""
    kana: str = ""
    words: str = ""


def head_of(bundle: dict[str, Any]) -> CheckupHead:
    """健診結果の見出し — of a report.

    >>> head_of({"entry": []})
    CheckupHead(kind='', name='', kana='', words=' ')
    """
    resources = [each["resource"] for each in bundle["entry"]]
    head = next((each for each in resources if each["resourceType"] == "Composition"), {})
    patient = next((each for each in resources if each["resourceType"] == "Patient"), {})
    # Of two of a kind the first counts, as when the report is read.
    names = {_representation(each): _text(each)[:_LONGEST] for each in reversed(patient.get("name", []))}
    name, kana = names.get(KANJI, ""), names.get(KANA, "")
    return CheckupHead(_kind(head), name, kana, f"{search_key(name)} {search_key(kana)}"[:_LONGEST_WORDS])


def _kind(head: dict[str, Any]) -> str:
    codes = [
        coding.get("code", "")
        for event in head.get("event", [])
        for concept in event.get("code", [])
        for coding in concept.get("coding", [])
    ]
    return kind_of(codes[0]).value if codes else ""


def _representation(name: dict[str, Any]) -> str:
    found = (each.get("valueCode") for each in name.get("extension", []) if each.get("url") == NAME_KIND)
    # A name of no kind counts as kanji, as when the report is read.
    return next((each for each in found if each), KANJI)


def _text(name: dict[str, Any]) -> str:
    # An element that is only said to be absent is a null in its list.
    parts = [name.get("family"), *name.get("given", [])]
    return name.get("text") or "　".join([each for each in parts if each])
