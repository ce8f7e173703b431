# SPDX-License-Identifier: Apache-2.0
"""地方公費の制度ファイル — programmes of prefectures and municipalities, one line each, that anyone can extend.

Tab-separated UTF-8 with a header. Steps are words a clerk can write: ``free``, ``visit 500``, ``day 600 x2``,
``department-day 200``, ``first 500 x4``, ``month 3000``, ``percent 10``, ``share 1/2 up``, ``public 10000``,
``in-kind 21000``, ``in-kind high-cost``, ``refund``; several are joined by `` / ``. ``?`` says that the amount is not
known: the programme exists, and whoever holds such a card is refused until its amount is entered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from tasuki.calculation.copayment.local_programmes import (
    PATTERNS,
    AgeBoundary,
    AgeRange,
    Free,
    InKindUnder,
    InsurerGroup,
    LocalRule,
    MonthCap,
    Occasion,
    OccasionCap,
    PercentOfCost,
    ProgrammePaysUpTo,
    RefundOnly,
    ShareOfRemainder,
    ShareRounding,
    Step,
)
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = (
    "id", "prefecture", "law_code", "name", "steps", "ages", "insurers", "since", "until", "receipt",
    "confirmed_on", "cite", "note",
)  # fmt: skip
NEEDED = 5
UNKNOWN = "?"
LISTED_CITE = "地方公費の公開一覧（時点不明、2025年9月以前）"
_OCCASIONS = {
    "visit": Occasion.VISIT, "day": Occasion.DAY, "department-day": Occasion.DEPARTMENT_DAY, "first": Occasion.DAY,
}  # fmt: skip
_OCCASION = re.compile(r"(visit|day|department-day|first) (\d{1,6})(?: x(\d{1,2}))?")
_YEN = re.compile(r"(month|public|in-kind) (\d{1,7})")
_SHARE = re.compile(r"share ([1-9]\d?)/([1-9]\d?) (up|down|half_up)")
_PERCENT = re.compile(r"percent (\d{1,3})")
_AGES = re.compile(r"(\d{1,3})-(\d{0,3})(?: (birthday|next_month|school_year))?")
_PREFECTURES = frozenset(f"{number:02}" for number in range(1, 48))
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,39}")

register(
    {
        "copay.local_file.text": "UTF-8のタブ区切りで保存してください。",
        "copay.local_file.columns": "見出しは {expected} の順に並べてください（今は {found}）。",
        "copay.local_file.value": "「{value}」は使えません。{expected}。",
        "copay.local_file.twice": "id「{id}」が同じ期間に二度あります。",
    }
)


def read_local_rules(data: bytes, file: str = "") -> tuple[LocalRule, ...]:
    """制度ファイルの読取り — every line as a rule.

    Raises :class:`BadInput` with every fault, each with its line and column.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as wrong:
        raise BadInput([_finding("COPAY-040", "copay.local_file.text", file, 0, "")]) from wrong
    header = tuple(lines[0].split("\t")) if lines else ()
    if header != COLUMNS[: len(header)] or len(header) < NEEDED:
        given = {"expected": " ".join(COLUMNS), "found": " ".join(header)[:80]}
        raise BadInput([_finding("COPAY-041", "copay.local_file.columns", file, 1, "", **given)])
    findings: list[Finding] = []
    rules: list[LocalRule] = []
    seen: dict[str, list[LocalRule]] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [unicodedata.normalize("NFKC", cell).strip() for cell in line.split("\t")]
        faults = _Faults(findings, file, number)
        if len(cells) > len(header):
            faults.add("", cells[len(header)], "見出しより列が多い")
            continue
        rule = _rule([*cells, *[""] * (len(COLUMNS) - len(cells))], faults)
        if rule is None:
            continue
        if any(_overlap(rule, other) for other in seen.get(rule.id, ())):
            findings.append(_finding("COPAY-043", "copay.local_file.twice", file, number, "id", id=rule.id))
            continue
        seen.setdefault(rule.id, []).append(rule)
        rules.append(rule)
    if findings:
        raise BadInput(findings)
    return tuple(rules)


def write_local_rules(rules: Iterable[LocalRule]) -> bytes:
    """制度ファイルの書出し — rules as the file that reads back to them."""
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(_cells(rule)).rstrip("\t") for rule in rules]
    return ("\n".join(lines) + "\n").encode()


@cache
def listed_rules() -> tuple[LocalRule, ...]:
    """都道府県の制度一覧 — the programmes that ship with the project, none of them confirmed."""
    data = files("tasuki.calculation.copayment").joinpath("local_programmes.tsv").read_bytes()
    return read_local_rules(data, "local_programmes.tsv")


@cache
def known_rules() -> Mapping[str, LocalRule]:
    """既知の規則 — the patterns and the listed programmes by their ids."""
    return MappingProxyType({rule.id: rule for rule in (*PATTERNS, *listed_rules())})


def with_own_rules(own: Iterable[LocalRule]) -> Mapping[str, LocalRule]:
    """自院の規則 — known rules with those of the institution's file over them."""
    return MappingProxyType({**known_rules(), **{rule.id: rule for rule in own}})


class _Faults:
    """Faults of one line."""

    def __init__(self, findings: list[Finding], file: str, line: int) -> None:
        self.findings, self.file, self.line, self.count = findings, file, line, 0

    def add(self, column: str, value: str, expected: str) -> None:
        given = {"value": value[:40], "expected": expected}
        self.findings.append(
            _finding("COPAY-042", "copay.local_file.value", self.file, self.line, column, **given)
        )
        self.count += 1


def _rule(cells: Sequence[str], faults: _Faults) -> LocalRule | None:
    at = dict(zip(COLUMNS, cells, strict=False))
    if not _ID.fullmatch(at["id"]):
        faults.add("id", at["id"], "英数字と-_.で40文字まで")
    if at["prefecture"] and at["prefecture"] not in _PREFECTURES:
        faults.add("prefecture", at["prefecture"], "都道府県番号01〜47")
    if at["law_code"] and not re.fullmatch("[0-9]{2}", at["law_code"]):
        faults.add("law_code", at["law_code"], "法別番号2桁")
    if not at["name"] or len(at["name"]) > 60:
        faults.add("name", at["name"], "制度の名称を60文字まで")
    if at["receipt"] not in ("", "on", "apart"):
        faults.add("receipt", at["receipt"], "on（併用）か apart（別請求）")
    validity = _validity(at, faults)
    confirmed = _day(at["confirmed_on"], "confirmed_on", faults)
    steps = _steps(at["steps"], faults)
    ages, insurers = _ages(at["ages"], faults), _insurers(at["insurers"], faults)
    if confirmed is not None and not at["cite"]:
        faults.add("cite", "", "確かめた要綱の名を書く")
    if faults.count:
        return None
    return LocalRule(
        id=at["id"],
        name=at["name"],
        steps=steps,
        cite=at["cite"] or LISTED_CITE,
        validity=validity,
        prefecture=at["prefecture"],
        insurers=insurers,
        ages=ages,
        is_on_receipt=at["receipt"] != "apart",
        law_code=at["law_code"],
        is_confirmed=confirmed is not None,
        confirmed_on=confirmed,
        note=at["note"],
    )


def _steps(text: str, faults: _Faults) -> tuple[Step, ...]:
    if text == UNKNOWN:
        return ()
    found: list[Step] = []
    for part in text.split("/ ") if text else [""]:
        step = _step(part.strip().removesuffix("/").strip())
        if step is None:
            faults.add(
                "steps",
                part.strip(),
                "free、visit 500 x4、day 600 x2、department-day 200、first 500 x4、month 3000、percent 10、"
                "share 1/2 up、public 10000、in-kind 21000、refund のように書く（不明は ?）",
            )
        else:
            found.append(step)
    return tuple(found)


def _step(text: str) -> Step | None:
    fixed: dict[str, Step] = {
        "free": Free(), "refund": RefundOnly(), "in-kind high-cost": InKindUnder(None, ends_at_high_cost=True),
    }  # fmt: skip
    if text in fixed:
        return fixed[text]
    if match := _OCCASION.fullmatch(text):
        word, most_yen, times = match.groups()
        most = int(times) if times else None
        return OccasionCap(int(most_yen), _OCCASIONS[word], most, first_visits_only=word == "first")
    if match := _YEN.fullmatch(text):
        yen = int(match[2])
        made: dict[str, Step] = {
            "month": MonthCap(yen), "public": ProgrammePaysUpTo(yen), "in-kind": InKindUnder(yen),
        }  # fmt: skip
        return made[match[1]]
    if match := _SHARE.fullmatch(text):
        share = Fraction(int(match[1]), int(match[2]))
        return ShareOfRemainder(share, ShareRounding(match[3])) if share <= 1 else None
    if (match := _PERCENT.fullmatch(text)) and int(match[1]) <= 100:
        return PercentOfCost(int(match[1]))
    return None


def steps_text(steps: Sequence[Step]) -> str:
    """段の文 — the steps as the file writes them; ``?`` for none.

    >>> steps_text((OccasionCap(500, times_per_month=4), MonthCap(2000)))
    'visit 500 x4 / month 2000'
    """
    return " / ".join(_step_text(step) for step in steps) if steps else UNKNOWN


def _step_text(step: Step) -> str:
    match step:
        case Free():
            return "free"
        case RefundOnly():
            return "refund"
        case PercentOfCost(percent=percent):
            return f"percent {percent}"
        case ShareOfRemainder(share=share, rounding=rounding):
            return f"share {share.numerator}/{share.denominator} {rounding.value}"
        case MonthCap(yen=yen):
            return f"month {yen}"
        case ProgrammePaysUpTo(yen=yen):
            return f"public {yen}"
        case InKindUnder(yen=yen):
            return "in-kind high-cost" if yen is None else f"in-kind {yen}"
        case OccasionCap():
            word = "first" if step.first_visits_only else step.occasion.value.replace("_", "-")
            times = f" x{step.times_per_month}" if step.times_per_month else ""
            return f"{word} {step.yen}{times}"


def _ages(text: str, faults: _Faults) -> AgeRange | None:
    if not text:
        return None
    match = _AGES.fullmatch(text)
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        faults.add("ages", text, "0-18 school_year（18歳の年度末まで）のように年齢の範囲と区切りを書く")
        return None
    return AgeRange(
        int(match[1]), int(match[2]) if match[2] else None, AgeBoundary(match[3] or AgeBoundary.BIRTHDAY)
    )


def _insurers(text: str, faults: _Faults) -> frozenset[InsurerGroup] | None:
    if not text:
        return None
    known = {group.value: group for group in InsurerGroup}
    words = [word.strip() for word in text.split(",")]
    if any(word not in known for word in words):
        faults.add("insurers", text, f"{'・'.join(known)}をコンマで並べる")
        return None
    return frozenset(known[word] for word in words)


def _validity(at: Mapping[str, str], faults: _Faults) -> Validity | None:
    since, until = _day(at["since"], "since", faults), _day(at["until"], "until", faults)
    if since is None:
        if at["until"] and not at["since"]:
            faults.add("since", "", "終了日があるなら開始日も書く")
        return None
    if until is not None and until < since:
        faults.add("until", at["until"], "終了日は開始日以後")
        return None
    return Validity(since, until)


def _day(text: str, column: str, faults: _Faults) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.add(column, text, "日付は YYYY-MM-DD")
        return None


def _cells(rule: LocalRule) -> list[str]:
    ages = rule.ages
    validity = rule.validity
    return [
        rule.id, rule.prefecture, rule.law_code, rule.name, steps_text(rule.steps),
        "" if ages is None else f"{ages.since_years}-{'' if ages.until_years is None else ages.until_years} {ages.boundary.value}",
        "" if rule.insurers is None else ",".join(sorted(rule.insurers)),
        validity.since.isoformat() if validity else "",
        validity.until.isoformat() if validity and validity.until else "",
        "" if rule.is_on_receipt else "apart",
        rule.confirmed_on.isoformat() if rule.confirmed_on else "",
        "" if rule.cite == LISTED_CITE else rule.cite,
        rule.note,
    ]  # fmt: skip


def _overlap(one: LocalRule, other: LocalRule) -> bool:
    return one.validity is None or other.validity is None or one.validity.overlaps(other.validity)


def _finding(code: str, key: str, file: str, line: int, field: str, /, **given: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(file=file, line=line, field=field), key, given)
