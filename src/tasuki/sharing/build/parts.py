# SPDX-License-Identifier: Apache-2.0
"""共通部品 — the small pieces that every resource is made of, and how they are read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tasuki.sharing.build import names
from tasuki.sharing.build.faults import missing, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.sharing.build.around import Around, DepartmentFacts
    from tasuki.sharing.build.codes import StandardCode

Resource = dict[str, Any]
MOST = Decimal(10) ** 15  # no number of a chart is larger
JAPAN = timezone(timedelta(hours=9))
# Half-width kana and what no text of FHIR may hold.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]+")
_WRITER = msgspec.json.Encoder(decimal_format="number")


def to_json(resource: Resource) -> bytes:
    """JSONの書出し — numbers as they were entered, members in the order of building."""
    return _WRITER.encode(resource)


def text(value: str, record: str, field: str, what: str) -> str:
    """本文 — trimmed, half-width kana made full; what is empty or has control characters is refused.

    Cite: JP-CLINS 1.10.0 文字の規則
    """
    plain = fit(value, record, field, what)
    if not plain:
        missing(record, field, what)
    return plain


def fit(value: str, record: str, field: str, what: str) -> str:
    """使える文字 — the same, where nothing may be said.

    >>> fit(" ﾊﾞﾅﾅ ", "", "", "")
    'バナナ'
    """
    plain = value.strip().replace("\r\n", "\n")
    plain = _HALF_WIDTH_KANA.sub(lambda run: unicodedata.normalize("NFKC", run[0]), plain)
    if _UNFIT.search(plain):
        refuse(record, field, _UNFIT.sub("□", plain), what, "制御文字のない文字")
    return plain


def moment(value: date | datetime) -> str:
    """日時 — a day alone, or an instant with seconds and +09:00.

    >>> moment(date(2026, 4, 1))
    '2026-04-01'
    """
    if isinstance(value, datetime):
        return value.astimezone(JAPAN).isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return value.isoformat()


def instant(value: datetime) -> str:
    """瞬間 — with milliseconds and +09:00."""
    return value.astimezone(JAPAN).isoformat(timespec="milliseconds")


def read_moment(value: object) -> date | datetime | None:
    """日時の読取り — None for what is no whole day or instant (FHIR also allows a year, or a month)."""
    if type(value) is not str:
        return None
    try:
        if "T" in value:
            found = datetime.fromisoformat(value)
            return found.astimezone(JAPAN) if found.tzinfo else None
        return date.fromisoformat(value)
    except (ValueError, OverflowError):
        return None


def day_of(value: object) -> date | None:
    """日の読取り — the day in Japan of a date or an instant; ``None`` for a year or a month alone.

    >>> day_of("2026-11-30T23:00:00Z"), day_of("2026-11-30"), day_of("2026")
    (datetime.date(2026, 12, 1), datetime.date(2026, 11, 30), None)
    """
    found = read_moment(value)
    return found.date() if isinstance(found, datetime) else found


def meta(around: Around, profile: str, tags: Iterable[Resource] = ()) -> Resource:
    """メタ情報 — the moment, the profile, and the flags when there are any."""
    made: Resource = {"lastUpdated": instant(around.sent_at), "profile": [profile]}
    kept = list(tags)
    return {**made, "tag": kept} if kept else made


def coding(system: str, code: str, display: str = "") -> Resource:
    """コード — system, code and display of a Coding."""
    return {"system": system, "code": code, **({"display": display} if display else {})}


def coding_of(code: StandardCode) -> Resource:
    """標準コードのコード — a Coding of a standard code."""
    return coding(*code)


def concept(codes: Iterable[Resource], words: str = "") -> Resource:
    """コードと本文 — a CodeableConcept; empty members are left out."""
    kept = list(codes)
    return {**({"coding": kept} if kept else {}), **({"text": words} if words else {})}


def resource_number(around: Around, kind: str, id: str) -> Resource:
    """リソース一意識別ID — the identifier of a resource. Raises :class:`BadInput` without a number."""
    if not id:
        missing(kind, "id", "リソースの番号")
    return {"system": names.RESOURCE_NUMBER, "value": around.resource_number(kind, id)}


def institution_extension(around: Around) -> Resource:
    """医療機関番号の拡張 — of the sender."""
    return {
        "url": names.INSTITUTION_EXTENSION,
        "valueIdentifier": {"system": names.INSTITUTION_NUMBER, "value": around.institution.number},
    }


def department_extension(department: DepartmentFacts) -> Resource:
    """診療科の拡張 — code and name as displayed."""
    code = coding(names.DEPARTMENT, department.code, department.name)
    return {"url": names.DEPARTMENT_EXTENSION, "valueCodeableConcept": concept([code], department.name)}


def patient_reference(around: Around) -> Resource:
    """患者への参照 — by the address in the same Bundle."""
    return {"reference": around.patient_url, "type": "Patient"}


def dicts(value: Any) -> Iterator[Resource]:
    """要素の列 — the objects of a list, whatever came."""
    for each in value if type(value) is list else ():
        if type(each) is dict:
            yield each


def said(value: Any, *path: str) -> str:
    """文字の読取り — a text inside objects, empty when any part is not there."""
    for name in path:
        value = value.get(name) if type(value) is dict else None
    return value if type(value) is str else ""


def number(value: Any) -> Decimal | None:
    """数の読取り — exact; None for what is no number."""
    if type(value) is float:
        value = Decimal(repr(value))
    found = Decimal(value) if type(value) in (int, Decimal) else None
    return found if found is not None and found.is_finite() and abs(found) < MOST else None


def codings(value: Any) -> list[Resource]:
    """コードの読取り — of a CodeableConcept."""
    return list(dicts(value.get("coding") if type(value) is dict else None))


def code_of(value: Any, system: str) -> str:
    """体系別のコードの読取り — of a CodeableConcept, empty when there is none."""
    return next((said(each, "code") for each in codings(value) if each.get("system") == system), "")


def identifier(value: Any, system: str) -> str:
    """識別子の読取り — of a resource, in one system."""
    found = dicts(value.get("identifier") if type(value) is dict else None)
    return next((said(each, "value") for each in found if each.get("system") == system), "")


def extension(value: Any, url: str) -> Resource | None:
    """拡張の読取り — the first of a URL."""
    found = dicts(value.get("extension") if type(value) is dict else None)
    return next((each for each in found if each.get("url") == url), None)


def local_number(resource: Resource) -> str:
    """元の番号 — the last part of the resource's number."""
    return identifier(resource, names.RESOURCE_NUMBER).rpartition("^")[2]
