# SPDX-License-Identifier: Apache-2.0
"""健診結果 — one person's checkup as a value, the same whether it came from 特定健診XML or as 健診結果報告書 in FHIR.

What only one of the two wires has stands here too (a doctor's name in kanji, the day a specimen was taken): a reader
keeps what it reads, and the other writer says what it could not carry.

Cite: 特定健診情報ファイル仕様説明書 V08; 健診結果報告書 HL7 FHIR 記述仕様 1.5.0
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

ITEM_SYSTEM = "1.2.392.200119.6.1005"


class CheckupKind(StrEnum):
    """健診の種別 — the five kinds that 健診結果報告書 is for."""

    SPECIFIC = "特定健診"
    ELDERLY = "後期高齢者健診"
    EMPLOYER = "事業主健診"
    SCHOOL_STAFF = "学校職員健診"
    OTHER = "その他の健診"


class Sex(StrEnum):
    """男女区分 — by the code of 1.2.392.200119.6.1104."""

    MALE = "1"
    FEMALE = "2"


class Absence(StrEnum):
    """結果のない理由 — 未実施 (negationInd) and 測定不可能 (nullFlavor NI)."""

    NONE = ""
    NOT_DONE = "未実施"
    NOT_MEASURABLE = "測定不可能"


class Relation(StrEnum):
    """一連検査グループの関係 — COMP is a result of the group, RSON the reason why it was done."""

    COMPONENT = "COMP"
    REASON = "RSON"


@dataclass(frozen=True, slots=True)
class PersonName:
    """氏名 — whole, and in its parts where they are told apart."""

    text: str
    family: str = ""
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckupDoctor:
    """健診の医師 — who made the report or a judgement in it, in kanji and in kana where known."""

    name: PersonName
    kana: PersonName | None = None


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """施設の受診者番号 — a number of some other list, with the list's own URI."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class InsuredNumber:
    """被保険者番号 — 保険者番号・記号・番号・枝番 as given; what is not known is empty."""

    insurer: str = ""
    symbol: str = ""
    number: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Examinee:
    """受診者 — who was examined."""

    kana: PersonName | None
    sex: Sex
    born_on: date
    insured: InsuredNumber = InsuredNumber()
    postal_code: str = ""
    address: str = ""
    kanji: PersonName | None = None
    telephone: str = ""
    numbers: tuple[PersonNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckupInstitution:
    """健診機関 — number of ten digits, name, where it is."""

    number: str
    name: str
    postal_code: str = ""
    address: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class CheckupTicket:
    """受診券 — the insurer's voucher of this checkup (kind 1) or of 保健指導 (kind 2)."""

    number: str
    valid_until: date | None = None
    kind: str = "1"
    insurer: str = ""
    valid_since: date | None = None


@dataclass(frozen=True, slots=True)
class CheckupInsurance:
    """保険情報 — what a report in FHIR says of the insurance besides the number."""

    category: str
    relationship: str
    insured: InsuredNumber = InsuredNumber()
    member_id: str = ""
    relationship_name: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    """測定値 — a number with its unit, UCUM as on the wire and as shown."""

    number: Decimal
    unit: str = ""
    shown_unit: str = ""


@dataclass(frozen=True, slots=True)
class ChosenValue:
    """選択値 — a code of a list (OID); ordinal ones are CO on the wire."""

    code: str
    system: str
    name: str = ""
    is_ordinal: bool = False


@dataclass(frozen=True, slots=True)
class NormalRange:
    """基準値 — the lower and the upper end, either may be missing; its unit may be left to the result's."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    shown_unit: str = ""


@dataclass(frozen=True, slots=True)
class CheckupItem:
    """健診項目の結果 — one line: a value, or why there is none.

    ``beyond`` is ``H`` or ``L`` when the value lies outside what can be entered (以上・以下); ``judgement`` is 結果解釈
    (H, L, N); ``taken`` is the day of collection where it is another than that of the checkup.
    """

    code: str
    name: str = ""
    value: MeasuredValue | ChosenValue | str | None = None
    absence: Absence = Absence.NONE
    beyond: str = ""
    judgement: str = ""
    method: str = ""
    method_name: str = ""
    normal: NormalRange | None = None
    recorder: str = ""
    taken: str = ""
    specimen: str = ""
    note: str = ""
    absence_reason: str = ""
    system: str = ITEM_SYSTEM


@dataclass(frozen=True, slots=True)
class GroupMember:
    """一連検査の項目 — a result within its group."""

    relation: Relation
    item: CheckupItem


@dataclass(frozen=True, slots=True)
class CheckupGroup:
    """一連検査グループ — results that belong together, with the reason why they were taken."""

    members: tuple[GroupMember, ...]
    code: str = ""
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckupSection:
    """健診結果セクション — results under one code; ``text`` is what a person reads, a line each.

    ``layout`` keeps the text as it stood in XML where it is more than a list of lines.
    """

    code: str
    title: str = ""
    text: tuple[str, ...] = ()
    layout: str = ""
    entries: tuple[CheckupItem | CheckupGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportNumbers:
    """報告書の番号と日時 — what a document in FHIR bears and XML does not.

    ``event_since`` and ``event_until`` are given where the document names other days than those of the checkup.
    """

    bundle: str = ""
    document: str = ""
    version: str = "1.0"
    title: str = ""
    made_at: datetime | None = None
    event_since: date | None = None
    event_until: date | None = None


@dataclass(frozen=True, slots=True)
class Checkup:
    """健診結果 — one checkup of one person.

    ``report`` is 報告区分 and ``program`` プログラム種別; ``author`` made the report, ``performer`` did the checkup,
    ``custodian`` answers for the report where that is said.
    """

    report: str
    program: str
    issued_on: date
    held_on: date
    examinee: Examinee
    author: CheckupInstitution
    performer: CheckupInstitution
    sections: tuple[CheckupSection, ...]
    ticket: CheckupTicket | None = None
    insurance: CheckupInsurance | None = None
    insurer_name: str = ""
    custodian: CheckupInstitution | None = None
    doctors: tuple[CheckupDoctor, ...] = ()
    ended_on: date | None = None
    visit_style: str = ""
    numbers: ReportNumbers = field(default_factory=ReportNumbers)

    def items(self) -> tuple[CheckupItem, ...]:
        """健診項目 — all of them in order, those in groups too."""
        found: list[CheckupItem] = []
        for section in self.sections:
            for entry in section.entries:
                if isinstance(entry, CheckupGroup):
                    found.extend(member.item for member in entry.members)
                else:
                    found.append(entry)
        return tuple(found)
