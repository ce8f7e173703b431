# SPDX-License-Identifier: Apache-2.0
"""基本型 — the form of every primitive of FHIR R4 in JSON."""

from __future__ import annotations

import calendar
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]

# Cite: FHIR R4 datatypes, primitive types. Rewritten where the published pattern takes exponential time.
_DAY = r"(?:[0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_FULL = rf"{_DAY}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
PATTERNS: dict[str, tuple[str, str]] = {
    "date": (rf"{_DAY}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?", "2026-04-01 の形の日付"),
    "dateTime": (
        rf"{_DAY}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01])(?:T{_TIME}{_ZONE})?)?)?",
        "2026-04-01T09:00:00+09:00 の形の日時（時刻には秒と時差が要ります）",
    ),
    "instant": (rf"{_FULL}T{_TIME}{_ZONE}", "2026-04-01T09:00:00.000+09:00 の形の日時"),
    "time": (_TIME, "09:00:00 の形の時刻"),
    "code": (r"[^\s]+(?: [^\s]+)*", "前後に空白のないコード"),
    "id": (r"[A-Za-z0-9\-.]{1,64}", "64文字以内の英数字・「-」・「.」"),
    "oid": (r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+", "urn:oid: で始まるOID"),
    "uuid": (
        r"urn:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        "urn:uuid: で始まるUUID",
    ),
    "uri": (r"\S+", "空白を含まないURI"),
    "url": (r"\S+", "空白を含まないURL"),
    "canonical": (r"\S+", "空白を含まないURL"),
    "base64Binary": (r"(?:[A-Za-z0-9+/=]|\s)*", "BASE64"),
}
_TEXTS = ("string", "markdown", "xhtml")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LIMITS = {"integer": (-(2**31), 2**31 - 1), "unsignedInt": (0, 2**31 - 1), "positiveInt": (1, 2**31 - 1)}
MOST_CHARACTERS = 1_048_576
NAMES = frozenset((*PATTERNS, *_TEXTS, *_LIMITS, "boolean", "decimal"))
_FULL_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_UUID = re.compile(PATTERNS["uuid"][0])
_OID = re.compile(PATTERNS["oid"][0])


def kind_of(value: Any) -> str:
    """JSONの種類 — in Japanese."""
    if value is None:
        return "null"
    names = {bool: "真偽値", str: "文字列", dict: "オブジェクト", list: "配列"}
    return names.get(type(value), "数値")


def primitive_check(name: str) -> Check:
    """基本型の点検 — of a type by its name."""
    if name == "boolean":
        return _boolean
    if name == "decimal":
        return _decimal
    if name in _LIMITS:
        return _integer(name, *_LIMITS[name])
    if name in _TEXTS:
        return _text
    return _patterned(name, *PATTERNS[name])


def quick_test(name: str) -> Callable[[Any], bool] | None:
    """速い点検 — true of most values that are right; the rest, right or wrong, is left to the full check."""
    if name in ("string", "markdown"):
        return lambda value: (
            type(value) is str and value != "" and value.isprintable() and not value.isspace()
        )
    if name in ("uri", "url", "canonical"):
        return lambda value: (
            type(value) is str and value.startswith("http") and value.isprintable() and " " not in value
        )
    if name in ("code", "id"):
        test = re.compile(PATTERNS[name][0]).fullmatch
        return lambda value: type(value) is str and test(value) is not None
    return None


def _boolean(value: Any, path: Path, run: Run) -> None:
    if type(value) is not bool:
        run.block("S-07", path, found=kind_of(value), wanted="真偽値（true・false、引用符なし）")


def _decimal(value: Any, path: Path, run: Run) -> None:
    if type(value) is not int and type(value) is not Decimal and type(value) is not float:
        run.block("S-07", path, found=kind_of(value), wanted="数値（引用符なし）")


def _integer(name: str, low: int, high: int) -> Check:
    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is not int:
            run.block(
                "S-07",
                path,
                found="小数" if type(value) is Decimal else kind_of(value),
                wanted="整数（引用符なし）",
            )
        elif not low <= value <= high:
            run.block("S-08", path, value=str(value), wanted=f"{low}以上{high}以下の整数")

    return check


def _text(value: Any, path: Path, run: Run) -> None:
    if type(value) is not str:
        run.block("S-07", path, found=kind_of(value), wanted="文字列")
    elif not value or value.isspace():
        run.block("S-06", path, found="空白だけの文字列" if value else "空の文字列")
    elif len(value) > MOST_CHARACTERS:
        run.block("S-08", path, value=value[:40] + "…", wanted=f"{MOST_CHARACTERS}文字以内の文字列")
    elif not value.isprintable() and _CONTROL.search(value):
        run.block("S-08", path, value=ascii(value[:40]), wanted="制御文字のない文字列")


def _patterned(name: str, pattern: str, wanted: str) -> Check:
    test = re.compile(pattern).fullmatch
    has_day = name in ("date", "dateTime", "instant")
    is_uri = name in ("uri", "url", "canonical")
    is_base64 = name == "base64Binary"

    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is not str:
            run.block("S-07", path, found=kind_of(value), wanted="文字列")
        elif not value:
            run.block("S-06", path, found="空の文字列")
        elif test(value) is None:
            run.block("S-08", path, value=_shown(value), wanted=wanted)
        elif has_day:
            day = _FULL_DAY.match(value)
            if (
                day
                and int(day[3]) > 28
                and int(day[3]) > calendar.monthrange(int(day[1]) or 4, int(day[2]))[1]
            ):
                run.block("S-08", path, value=_shown(value), wanted="暦にある日付")
        elif is_uri and value.startswith("urn:"):
            if (value.startswith("urn:uuid:") and not _UUID.fullmatch(value)) or (
                value.startswith("urn:oid:") and not _OID.fullmatch(value)
            ):
                run.block("S-08", path, value=_shown(value), wanted="正しい urn:uuid・urn:oid")
        elif is_base64 and len("".join(value.split())) % 4:
            run.block("S-08", path, value=_shown(value), wanted=wanted)

    return check


def _shown(value: str) -> str:
    return value if len(value) <= 80 else value[:80] + "…"
