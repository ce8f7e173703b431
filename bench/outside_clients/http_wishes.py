# SPDX-License-Identifier: Apache-2.0
"""望みの言い方 — what rows of the table may wish for in an answer."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from email.utils import parsedate_to_datetime
from typing import Any

from outside_clients.http_table import Answer, Wish, filled


def status(*codes: int) -> Wish:
    """状態 — one of these."""
    return Wish(" or ".join(map(str, codes)), lambda answer, _: answer.status in codes)


def header(name: str, pattern: str = ".+") -> Wish:
    """ヘッダ — there, and of this form; ``{names}`` in it are what was kept."""

    def met(answer: Answer, kept: dict[str, str]) -> bool:
        return re.fullmatch(filled(pattern, kept), answer.headers.get(name, "")) is not None

    return Wish(f"{name} like {pattern}" if pattern != ".+" else name, met)


def no_body() -> Wish:
    """本文なし — not a byte."""
    return Wish("no body", lambda answer, _: answer.body == b"")


def dated() -> Wish:
    """最終更新 — Last-Modified is a date of HTTP."""
    return Wish(
        "Last-Modified", lambda answer, _: bool(parsedate_to_datetime(answer.headers["last-modified"]))
    )


def holds(path: str, wanted: Any) -> Wish:
    """本文の値 — at this place; ``{names}`` are what was kept."""

    def met(answer: Answer, kept: dict[str, str]) -> bool:
        value = filled(wanted, kept) if isinstance(wanted, str) else wanted
        found = answer.at(path)
        return bool(found == value) and type(found) is type(value)

    return Wish(f"{path} = {wanted}", met)


def has(path: str) -> Wish:
    """本文にある — something stands at this place."""
    return Wish(f"{path} is there", lambda answer, _: answer.at(path) not in (None, "", [], {}))


def lacks(path: str) -> Wish:
    """本文にない — nothing stands at this place."""
    return Wish(f"no {path}", lambda answer, _: answer.value is not None and answer.at(path) is None)


def counts(path: str, wanted: int) -> Wish:
    """本文の数 — a list of so many."""
    return Wish(f"{wanted} at {path}", lambda answer, _: len(answer.at(path) or []) == wanted)


def outcome() -> Wish:
    """処理結果 — an OperationOutcome whose issue has a severity and a code."""

    def met(answer: Answer, _: dict[str, str]) -> bool:
        issues = answer.at("issue")
        return (
            answer.at("resourceType") == "OperationOutcome"
            and bool(issues)
            and all(
                each["severity"] in ("fatal", "error", "warning", "information") and each["code"]
                for each in issues
            )
        )

    return Wish("OperationOutcome", met)


def json_form() -> Wish:
    """FHIRのJSON — the media type and UTF-8."""
    return Wish(
        "application/fhir+json",
        lambda answer, _: (
            answer.headers["content-type"].startswith("application/fhir+json") and answer.value is not None
        ),
    )


def xml_form(root: str) -> Wish:
    """FHIRのXML — the media type, and this element first."""
    return Wish(
        f"application/fhir+xml, <{root}>",
        lambda answer, _: (
            answer.headers["content-type"].startswith("application/fhir+xml")
            and ET.fromstring(answer.body).tag == "{http://hl7.org/fhir}" + root
        ),
    )


def link(relation: str, pattern: str = ".+") -> Wish:
    """頁のリンク — of this relation, of this form."""

    def met(answer: Answer, kept: dict[str, str]) -> bool:
        urls = [each["url"] for each in answer.at("link") or [] if each["relation"] == relation]
        return len(urls) == 1 and re.fullmatch(filled(pattern, kept), urls[0]) is not None

    return Wish(f"link {relation}", met)


def each_entry(words: str, test: Any) -> Wish:
    """どのエントリも — there is one at least."""
    return Wish(words, lambda answer, _: bool(answer.at("entry")) and all(map(test, answer.at("entry"))))


def entries(words: str, test: Any) -> Wish:
    """エントリの並び — of the Bundle as a list."""
    return Wish(words, lambda answer, _: bool(test(answer.at("entry") or [])))
