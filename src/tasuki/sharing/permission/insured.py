# SPDX-License-Identifier: Apache-2.0
"""被保険者個人識別子の照合形 — one text for one insured person, however the parts were written."""

from __future__ import annotations

import unicodedata

from tasuki.sharing.build.names import INSURED, PUBLIC_PAYER

# Strokes and blanks that stand between the digits of a symbol on paper.
_LEFT_OUT = {ord(each): None for each in " 　-‐‑‒–—―ー－・･.,"}
_PARTS = 4
# 公費の受給者: each person has a number of their own.
_PUBLIC = "public/"
_LATE_ELDERLY = "39"
_INSURER_DIGITS = 8


def insured_key(value: str, system: str = INSURED) -> str:
    """被保険者個人識別子の照合形 — "" for what is none: another system, or not four parts.

    Cite: JP-CLINS JP_Insurance_memberID（保険者番号8桁:記号:番号:枝番2桁）、JP_PublicPayer_memberID

    >>> insured_key("138057:１２－３:１８７:5")
    '00138057:123:187:05'
    >>> insured_key("12138057::1234567:", PUBLIC_PAYER)
    'public/12138057::1234567:'
    >>> insured_key("187")
    ''
    """
    parts = [_plain(each) for each in value.split(":")]
    if system not in (INSURED, PUBLIC_PAYER) or len(parts) != _PARTS:
        return ""
    insurer, symbol, number, branch = parts
    if not (insurer.isascii() and insurer.isdecimal() and len(insurer) <= _INSURER_DIGITS) or not number:
        return ""
    filled = (insurer.rjust(_INSURER_DIGITS, "0"), symbol, number, branch.rjust(2, "0") if branch else "")
    return (_PUBLIC if system == PUBLIC_PAYER else "") + ":".join(filled)


def is_of_one_person(key: str) -> bool:
    """一人を指すか — without the branch number a family shares the number, so no permission can rest on it.

    後期高齢者医療 (法別番号39) insures each person alone, under a number of their own and without 枝番.

    Cite: 高齢者の医療の確保に関する法律 第50条

    >>> is_of_one_person("00138057:123:187:"), is_of_one_person("00138057:123:187:05")
    (False, True)
    >>> is_of_one_person("39131234::00000187:")
    True
    """
    parts = key.split(":")
    return len(parts) == _PARTS and (bool(parts[3]) or key.startswith((_PUBLIC, _LATE_ELDERLY)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_LEFT_OUT)
