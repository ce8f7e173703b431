# SPDX-License-Identifier: Apache-2.0
"""マスターの文言 — the Japanese sentences of the findings of importers, store and tables."""

from __future__ import annotations

import re

from tasuki.kernel.messages import register

_EXPECTED = (
    (re.compile(r"^date$"), "年月日（8桁）"),
    (re.compile(r"^number$"), "数値"),
    (re.compile(r"^digits$"), "数字"),
    (re.compile(r"^present$"), "必須の値"),
    (re.compile(r"^change kind$"), "変更区分（0・1・2・3・5・9）"),
    (re.compile(r"^points kind$"), "点数識別"),
    (re.compile(r"^inclusion unit$"), "包括単位"),
    (re.compile(r"^unit code$"), "算定単位コード"),
    (re.compile(r"^code of (\d+)$"), r"\1桁のコード"),
    (re.compile(r"^up to (\d+) digits$"), r"\1桁以内の数字"),
    (re.compile(r"^(.+) columns$"), r"\1項目"),
    (re.compile(r" or "), "か"),
)


def expectation(expected: str) -> str:
    """期待される形 — what a column asks for, in Japanese.

    >>> expectation("code of 9"), expectation("40 or 42 columns")
    ('9桁のコード', '40か42項目')
    """
    for pattern, text in _EXPECTED:
        expected = pattern.sub(text, expected)
    return expected


register(
    {
        "masters.broken-archive": "圧縮ファイルが壊れているか途中で切れています（{reason}）。もう一度入手してください。",
        "masters.encoding": "文字コードを読み取れません（{reason}）。Shift_JIS（CP932）または UTF-8 のファイルを指定してください。",
        "masters.quoting": "引用符の対応が取れず、項目に分けられません（{reason}）。",
        "masters.field": "「{value}」は{expected}ではありません。この行は取り込みませんでした。",
        "masters.columns": "項目数が{value}です（{expected}の様式）。この行は取り込みませんでした。",
        "masters.no-base": "コード {code} の変更・廃止ですが、元の行が取込み済みの全件ファイルにありません。全件ファイルも取り込んでください。",
        "masters.vanished": "新しい全件ファイルにないため、{until} で終了としました。",
        "masters.store-broken": "取込み済みマスターが壊れています。masters import をもう一度行ってください。",
        "masters.store-version": "取込み済みマスターは別の版の襷が作ったものです。masters import をもう一度行ってください。",
        "masters.unreadable": "ファイルを開けません（{reason}）。",
        "masters.duplicate": "同じ内容のファイルを取込み済みです。",
        "masters.empty": "空のファイルです。",
        "masters.unrecognised": "マスターの様式ではありません。",
        "masters.which-exclusion": "背反テーブルですが、1〜4のどれかがファイル名から分かりません（03-1〜03-4 を名前に含めてください）。",
        "masters.point-list": "点数一覧に列 {missing} がありません（code、points_r8、evidence が必要です）。",
        "masters.comment-link-form": "コメント関連テーブルの30項目の様式は意味を確認できていないため取り込みません。",
    }
)
