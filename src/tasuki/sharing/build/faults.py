# SPDX-License-Identifier: Apache-2.0
"""組立の誤り — facts that cannot be made into what is sent, told in Japanese with the place and the remedy."""

from __future__ import annotations

from typing import NoReturn

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

SENTENCES = {
    "sharing.SHARE-01": "「{value}」は{what}として使えません。{wanted}にしてください。",
    "sharing.SHARE-02": "{what}がありません。入力してください。",
    "sharing.SHARE-03": "{flag}フラグは{what}には付けられません。外してください。",
    "sharing.SHARE-04": "種類の違う情報（{kinds}）が混じっています。一つの送信単位には一種類だけを入れてください。",
    "sharing.SHARE-05": "{what}を読み取れません（{reason}）。送信元に確かめてください。",
    "sharing.SHARE-06": "{table}の{line}行目が読めません（{reason}）。公式のファイルを取り込み直してください。",
}
register(SENTENCES)


def _raise(code: str, record: str, field: str, **facts: object) -> NoReturn:
    raise BadInput(
        [Finding(code, Severity.BLOCK, Where(record=record, field=field), f"sharing.{code}", facts)]
    )


def refuse(record: str, field: str, value: object, what: str, wanted: str) -> NoReturn:
    """使えない値 — a value of a fact that the guide's form does not allow."""
    _raise("SHARE-01", record, field, value=value, what=what, wanted=wanted)


def missing(record: str, field: str, what: str) -> NoReturn:
    """値の不足 — a fact that the guide asks for."""
    _raise("SHARE-02", record, field, what=what)


def wrong_flag(record: str, flag: str, what: str) -> NoReturn:
    """付けられないフラグ — a flag on what may not bear it."""
    _raise("SHARE-03", record, "flags", flag=flag, what=what)


def mixed(kinds: str) -> NoReturn:
    """混在 — more than one kind of information in one unit."""
    _raise("SHARE-04", "", "", kinds=kinds)


def unreadable(record: str, field: str, what: str, reason: str) -> NoReturn:
    """読み取れない受信 — a received resource without what every one of its kind has."""
    _raise("SHARE-05", record, field, what=what, reason=reason)


def bad_table(table: str, line: int, reason: str) -> NoReturn:
    """読めない表 — an official table with a line that is not one."""
    _raise("SHARE-06", table, f"{line}", table=table, line=line, reason=reason)
