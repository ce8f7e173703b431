# SPDX-License-Identifier: Apache-2.0
"""負担事案の形の誤り — what the decoder says of a case file, in words a clerk reads."""

from __future__ import annotations

import re

from tasuki.kernel.finding import Finding, Severity, Where


def case_finding(code: str, field: str, file: str, **pairs: object) -> Finding:
    """負担事案の指摘 — one fault of a case file, by the path of its member."""
    return Finding(code, Severity.BLOCK, Where(file=file, field=field), code.lower(), pairs)


# What the decoder says, in words a clerk reads; the first group is filled in.
_SHAPES: tuple[tuple[str, str], ...] = (
    (r"Object missing required field `(.+?)`", "必要な項目 {0} がない"),
    (r"Object contains unknown field `(.+?)`", "知らない項目 {0} がある"),
    (r"Invalid enum value (.+?)(?: - |$)", "選べない値 {0}"),
    (r"Invalid RFC3339 encoded date", "日付（YYYY-MM-DD）として正しくない"),
    (r"Expected `(.+?)`, got `.+?`", "{0} を入力する"),
    (r"Expected `(.+?)` matching regex .+?(?: - |$)", "書き方が正しくない（YYYY-MM）"),
    (r"Expected `int` >= (\d+)", "{0}以上の整数を入力する"),
    (r"Expected `int` <= (\d+)", "{0}以下の整数を入力する"),
    (r"Expected `array` of length >= 1", "一つ以上入力する"),
    (r"Expected `(.+?)`(?: - |$)", "{0} を入力する"),
    (r"Invalid value (.+?)(?: - |$)", "選べない値 {0}"),
)


def shape_finding(message: str, file: str) -> Finding:
    """形の誤り — the decoder's message as a finding that names the member."""
    place = re.search(r" - at `\$\.?(.*?)`", message)
    detail = message.split(" - at ")[0]
    for pattern, japanese in _SHAPES:
        found = re.search(pattern, message)
        if found:
            detail = japanese.format(*found.groups())
            break
    return case_finding("COPAY-030", place.group(1) if place else "", file, detail=detail)
