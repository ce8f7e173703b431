# SPDX-License-Identifier: Apache-2.0
"""チェックマスタ — the computer-check master of 支払基金, from its ZIP or its CSV files to rows.

Its files are CSV of cp932 with a header line. What a row says is kept, what it cancels is left out. A row that
cannot be read is named with file, row and column, and the others are read.

Cite: 社会保険診療報酬支払基金 コンピュータチェックに関する公開（チェックマスタ）
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from decimal import Decimal, InvalidOperation
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.indications.rows import (
    NO_DISEASE,
    ActIndication,
    Contraindication,
    DoseGroup,
    DrugIndication,
    ForbiddenPair,
    Indications,
    LongUse,
    ReviewCase,
)
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

register(
    {
        "claims.check_master.UKE-K-01": "{column}列目「{text}」は{expected}ではありません。この行は使いません。配布元のファイルを確かめてください。",
        "claims.check_master.UKE-K-02": "列数が{found}です。{count}列以上でなければなりません。この行は使いません。",
        "claims.check_master.UKE-K-03": "チェックマスタのファイルがありません。配布されたZIP、または中のCSVを指定してください。",
        "claims.check_master.UKE-K-04": "シフトJIS（cp932）として読めません。配布されたままのファイルを指定してください。",
        "claims.check_master.UKE-K-05": "ZIPとして読めません。もう一度入手してください。",
    }
)
# 取消区分: rows no longer used.
_CANCELLED = frozenset({"1", "9"})
# 種別 whose rows carry an amount of a day.
_DOSE_KINDS = frozenset({"1", "2"})
_MOST_FINDINGS = 1000
_NO_AGE_END = 999
# 最大投与量 and 最長投与日数 that set no end.
_NO_DOSE_END, _NO_DAYS_END, _NO_GROUP_END = Decimal("99999.99999"), 999, Decimal(99_999_999)
_SUMMED = frozenset({"2", "3"})  # チェック対象フラグ of 投与量グループ: the sum of the group
UNUSED = object()


class CheckMaster(NamedTuple):
    """チェックマスタの内容 — the rows, how many each file gave, and the rows that could not be read.

    ``unused`` counts the rows of each file that are in force and are not judged by.
    """

    indications: Indications
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]
    unused: Mapping[str, int]


class _BadCell(ValueError):
    def __init__(self, column: int, text: str, expected: str) -> None:
        self.column, self.text, self.expected = column, text, expected
        super().__init__(f"column {column}: {text!r} is not {expected}")


def read_check_master(files: Mapping[str, bytes]) -> CheckMaster:
    """チェックマスタの読取り — from a ZIP as published, or from its CSV files, by name.

    Of 漫然投与グループ only rows without a disease and without a factor are judged by, of 投与量グループ only those
    whose flag asks for the sum: what the others mean was not seen. Files of other kinds are left alone. Raises :class:`BadInput` when there is no file to read, or one is no cp932 text.
    """
    texts = dict(_texts(files))
    found: dict[str, list[object]] = {kind: [] for kind in _KINDS}
    counts: dict[str, int] = {}
    findings: list[Finding] = []
    unused: Counter[str] = Counter()
    for name, text in texts.items():
        kind = _kind_of(name)
        made = list(_rows(name, text, kind, findings))
        rows = [row for row in made if row is not UNUSED]
        found[kind] += rows
        counts[name] = len(rows)
        if len(rows) < len(made):
            unused[name] = len(made) - len(rows)
    return CheckMaster(
        Indications(
            found["IY_Tekio"],  # type: ignore[arg-type]
            found["IY_ShobyoKinki"],  # type: ignore[arg-type]
            found["IY_HeiyoKinki"],  # type: ignore[arg-type]
            found["SI_Shobyo"],  # type: ignore[arg-type]
            groups=found["IY_Toyoryou"],  # type: ignore[arg-type]
            long_uses=found["IY_Manzen"],  # type: ignore[arg-type]
            cases=found["CC_JIREI"],  # type: ignore[arg-type]
        ),
        counts,
        tuple(findings[:_MOST_FINDINGS]),
        dict(unused),
    )


def _texts(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    members: dict[str, bytes] = {}
    for name, data in files.items():
        if not data.startswith(b"PK\x03\x04"):
            members[name] = data
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members.update({each: archive.read(each) for each in archive.namelist()})
        except (zipfile.BadZipFile, RuntimeError) as trouble:
            raise _refused("UKE-K-05", name) from trouble
    wanted = {name: data for name, data in members.items() if _kind_of(name)}
    if not wanted:
        raise _refused("UKE-K-03", next(iter(files), ""))
    for name, data in wanted.items():
        try:
            yield name, data.decode("cp932")
        except UnicodeDecodeError as trouble:
            raise _refused("UKE-K-04", name) from trouble


def _kind_of(name: str) -> str:
    """The kind of a file by its own name: the ZIP and its folders are named for the cases too."""
    own = name.rpartition("/")[2]
    return next((each for each in _KINDS if each in own and own.lower().endswith(".csv")), "")


def _refused(code: str, name: str) -> BadInput:
    return BadInput([Finding(code, Severity.BLOCK, Where(name), f"claims.check_master.{code}")])


def _rows(name: str, text: str, kind: str, findings: list[Finding]) -> Iterator[object]:
    width, make = _KINDS[kind]
    for number, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        if number == 1 or not cells:
            continue
        where = Where(name, number, kind)
        if len(cells) < width:
            findings.append(_finding("UKE-K-02", where, found=len(cells), count=width))
            continue
        try:
            made = make(cells, f"チェックマスタ {kind} {number}行")
        except _BadCell as bad:
            place = Where(name, number, kind, str(bad.column))
            facts = {"column": bad.column, "text": bad.text, "expected": bad.expected}
            findings.append(_finding("UKE-K-01", place, **facts))
            continue
        if made is not None:
            yield made


def _finding(code: str, where: Where, **facts: object) -> Finding:
    return Finding(code, Severity.CONFIRM, where, f"claims.check_master.{code}", facts)


def _drug_indication(cells: list[str], source: str) -> DrugIndication | None:
    if cells[22] in _CANCELLED:
        return None
    has_dose, most, days = cells[7] in _DOSE_KINDS, _amount(cells, 12), _whole(cells, 14)
    return DrugIndication(
        drug=_code(cells, 0, 9),
        disease=_code(cells, 1, 7),
        sex=_sex(cells, 4),
        age_from=_whole(cells, 5) or 0,
        age_to=_age_end(cells, 6),
        most_a_day=most if has_dose and most and most < _NO_DOSE_END else None,
        most_days=days if days and days < _NO_DAYS_END else None,
        is_adjustable=cells[20] not in ("", "0"),
        source=source,
    )


def _contraindication(cells: list[str], source: str) -> Contraindication | None:
    if cells[6] in _CANCELLED:
        return None
    return Contraindication(drug=_code(cells, 0, 9), disease=_code(cells, 1, 7), source=source)


def _pair(cells: list[str], source: str) -> ForbiddenPair | None:
    if cells[8] in _CANCELLED:
        return None
    drug, other = _code(cells, 0, 9), _code(cells, 1, 9)
    return ForbiddenPair(drug=min(drug, other), other=max(drug, other), source=source)


def _act_indication(cells: list[str], source: str) -> ActIndication | None:
    if cells[11] in _CANCELLED:
        return None
    return ActIndication(
        act=_code(cells, 0, 9),
        disease=_code(cells, 1, 7),
        sex=_sex(cells, 6),
        age_from=_whole(cells, 7) or 0,
        age_to=_age_end(cells, 8),
        setting=cells[9] if cells[9] in ("1", "2") else "0",
        is_suspicion_enough=cells[10] == "1",
        source=source,
    )


def _dose_group(cells: list[str], source: str) -> object:
    if cells[11] in _CANCELLED:
        return None
    strength, most = _amount(cells, 8), _amount(cells, 10)
    group, has_end = cells[3].strip(), most is not None and 0 < most < _NO_GROUP_END
    if cells[9] not in _SUMMED or not group or not strength or not has_end or most is None:
        return UNUSED
    return DoseGroup(
        drug=_code(cells, 0, 9),
        group=group,
        disease=_code(cells, 4, 7),
        sex=_sex(cells, 5),
        age_from=_whole(cells, 6) or 0,
        age_to=_age_end(cells, 7),
        strength=strength,
        most_a_day=most,
        source=source,
    )


def _long_use(cells: list[str], source: str) -> object:
    if cells[9] in _CANCELLED:
        return None
    days, reset, group = _whole(cells, 6), _whole(cells, 7), cells[2].strip()
    factor = _amount(cells, 8)
    if _code(cells, 3, 7) not in NO_DISEASE or factor not in (None, 0, 1) or not days or not group:
        return UNUSED
    return LongUse(
        drug=_code(cells, 0, 9), group=group, most_days=days, reset_days=reset or 0, source=source
    )  # fmt: skip


def _case(cells: list[str], source: str) -> ReviewCase | None:
    if cells[14] in _CANCELLED or not cells[0].strip() or not cells[12].strip():
        return None
    return ReviewCase(
        code=cells[0].strip(), case_code=cells[12].strip(), viewpoint=cells[3], content=cells[4]
    )


def _code(cells: list[str], at: int, length: int) -> str:
    text = cells[at].strip()
    if len(text) != length or not text.isascii() or not text.isdigit():
        raise _BadCell(at + 1, cells[at], f"{length}桁のコード")
    return intern(text)  # a million rows name some ten thousand codes


def _sex(cells: list[str], at: int) -> str:
    if cells[at] not in ("", "0", "1", "2", "3", "9"):
        raise _BadCell(at + 1, cells[at], "性別の区分")
    return cells[at] if cells[at] in ("1", "2") else "0"


def _whole(cells: list[str], at: int) -> int | None:
    text = cells[at].strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise _BadCell(at + 1, cells[at], "整数")
    return int(text)


def _age_end(cells: list[str], at: int) -> int | None:
    age = _whole(cells, at)
    return None if age is None or age in (0, _NO_AGE_END) else age


def _amount(cells: list[str], at: int) -> Decimal | None:
    text = cells[at].strip()
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise _BadCell(at + 1, cells[at], "数量")
    return found


_KINDS: dict[str, tuple[int, Callable[[list[str], str], object]]] = {
    "IY_Tekio": (24, _drug_indication),
    "IY_ShobyoKinki": (8, _contraindication),
    "IY_HeiyoKinki": (10, _pair),
    "SI_Shobyo": (13, _act_indication),
    "IY_Toyoryou": (13, _dose_group),
    "IY_Manzen": (11, _long_use),
    "CC_JIREI": (20, _case),
}
