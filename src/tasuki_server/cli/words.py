# SPDX-License-Identifier: Apache-2.0
"""コマンドの文言 — Japanese by default, English when LANG asks for it."""

from __future__ import annotations

import os
import sys


class Stop(Exception):
    """中止 — the place we run in is not ready (port, disk, database): said in words, exit code 2."""

    def __init__(self, japanese: str, english: str) -> None:
        self.japanese = japanese
        self.english = english
        super().__init__(english)

    def __str__(self) -> str:
        return say(self.japanese, self.english)


def is_english() -> bool:
    """英語表示 — LC_ALL, LC_MESSAGES and LANG are asked in that order, as programs do."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value.lower().startswith("en")
    return False


def say(japanese: str, english: str) -> str:
    """文言 — the one of two texts that the user reads."""
    return english if is_english() else japanese


def public_key(typed: str, japanese: str, english: str) -> bytes:
    """公開鍵の読取 — 32 bytes from 64 hexadecimal digits; raises :class:`Stop`, in whose words the key is named."""
    try:
        found = bytes.fromhex(typed)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise Stop(
            f"{japanese}は64桁の16進数で指定してください。", f"The {english} is 64 hexadecimal digits."
        )
    return found


class Alarm:
    """警報 — a fault that goes on is told once, and again after it was gone."""

    def __init__(self) -> None:
        self._told = ""

    def tell(self, fault: str, japanese: str, english: str) -> bool:
        """知らせ — whether it was told now; ``fault`` empty: all is well again."""
        is_new = fault not in ("", self._told)
        if is_new:
            progress(japanese, english)
        self._told = fault
        return is_new


def progress(japanese: str, english: str) -> None:
    """進み具合 — one line on stderr."""
    print(say(japanese, english), file=sys.stderr, flush=True)


# What argparse itself says.
ARGPARSE_JAPANESE = {
    "usage: ": "使い方: ",
    "positional arguments": "引数",
    "options": "オプション",
    "subcommands": "操作",
    "show this help message and exit": "この説明を表示して終わる",
    "%(prog)s: error: %(message)s\n": "%(prog)s: %(message)s\n",
    "the following arguments are required: %s": "次の指定が足りません: %s",
    "unrecognized arguments: %s": "分からない指定があります: %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r は選べません（%(choices)s から選んでください）",
    "invalid %(type)s value: %(value)r": "%(value)r は %(type)s として読めません",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "expected one argument": "値が1つ要ります",
    "expected at least one argument": "値が1つ以上要ります",
    "one of the arguments %s is required": "%s のどれかが要ります",
    "not allowed with argument %s": "%s と一緒には指定できません",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s は %(matches)s のどれか分かりません",
}


def argparse_word(text: str) -> str:
    """引数解析の文言 — argparse's own sentence in the user's language."""
    return text if is_english() else ARGPARSE_JAPANESE.get(text, text)
