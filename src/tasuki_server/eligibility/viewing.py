# SPDX-License-Identifier: Apache-2.0
"""薬剤情報・診療情報・特定健診情報の閲覧 — YZKsiquc and TKKsiquc: while insured, within the consent, each view on record.

Names inside a period (which institution, which day) are not public: ours are in docs/reference/unconfirmed.md.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from tasuki.eligibility.elements import CONSENTS
from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.times import JAPAN, day_text, read_day, time_text
from tasuki_server.eligibility.asked import read_card
from tasuki_server.eligibility.confirm import rows_by_number
from tasuki_server.eligibility.consents import consents_of
from tasuki_server.eligibility.disaster import is_disaster
from tasuki_server.eligibility.emergencies import Emergency, has_right, read_emergency
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.eligibility.header import Head
from tasuki_server.eligibility.held import Held
from tasuki_server.eligibility.message_form import message_reply
from tasuki_server.eligibility.refusals import Refusal, Refused, refuse
from tasuki_server.eligibility.states import matching
from tasuki_server.platform.engine import Call, Reply

CHECKUPS, DRUGS, ACTS, OPERATIONS = (name for name, _ in CONSENTS[:4])
TERMS = dict(CONSENTS)
# 閲覧できる期間: five years of receipts and checkups.
YEARS_BACK = 5

_DRUGS = """
    SELECT source, day, institution_number, institution_name, is_inpatient, prescription_id,
      code, name, ingredient, quantity, unit, usage, times, instruction, treatment_class
    FROM eligibility_drugrecord WHERE person_id = $1 AND day BETWEEN $2 AND $3
    ORDER BY source, day DESC, institution_number, prescription_id, id
"""
_ACTS = """
    SELECT day, institution_number, institution_name, is_operation, code, name, times
    FROM eligibility_treatmentrecord WHERE person_id = $1 AND day BETWEEN $2 AND $3
      AND (($4 AND NOT is_operation) OR ($5 AND is_operation)) ORDER BY day DESC, institution_number, id
"""
_CHECKUPS = """
    SELECT day, code, name, data_type, value, unit, oid, value_name
    FROM eligibility_checkuprecord WHERE person_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day DESC, id
"""


class Wanted(NamedTuple):
    """閲覧の要求 — whose, which kinds of information, and the days."""

    card: Any
    kinds: tuple[str, ...]
    since: date
    until: date
    emergency: Emergency | None = None


async def view_drugs(call: Call, message: Message, head: Head) -> Reply:
    """薬剤情報・診療情報の閲覧 — drugs, acts and operations, each under its own consent. Raises :class:`Refused`."""
    wanted = _wanted(message, head, (DRUGS, ACTS, OPERATIONS))
    async with call.pool.acquire() as connection, connection.transaction():
        found = await _opened(connection, head, wanted)
        await _note(connection, head, "drugs", found, wanted.emergency)
        if isinstance(found.refusal, Refusal) or found.held is None:
            return _refused(head, found.refusal)
        drugs, acts = [], []
        if DRUGS in found.kinds:
            drugs = await connection.fetch(_DRUGS, found.held.person, wanted.since, wanted.until)
        if found.kinds & {ACTS, OPERATIONS}:
            acts = await connection.fetch(
                _ACTS, found.held.person, wanted.since, wanted.until, ACTS in found.kinds, OPERATIONS in found.kinds
            )  # fmt: skip
    held = found.held
    who = _node(
        "QuaInf", ("Name", held.name), ("KanaName", held.kana), ("Birth", day_text(held.born)), ("AdmGendCode", held.sex)
    )  # fmt: skip
    return message_reply(_message(head, who, (*_periods(drugs), *_act_periods(acts))), head.form)


async def view_checkups(call: Call, message: Message, head: Head) -> Reply:
    """特定健診情報の閲覧 — each checkup with its items. Raises :class:`Refused`."""
    wanted = _wanted(message, head, (CHECKUPS,))
    async with call.pool.acquire() as connection, connection.transaction():
        found = await _opened(connection, head, wanted)
        await _note(connection, head, "checkups", found, wanted.emergency)
        if isinstance(found.refusal, Refusal) or found.held is None:
            return _refused(head, found.refusal)
        rows = await connection.fetch(_CHECKUPS, found.held.person, wanted.since, wanted.until)
    held = found.held
    who = _node(
        "QualificationsInfo", ("Name", held.name), ("KanasName", held.kana), ("Birthday", day_text(held.born)),
        ("AdministrativeGenderCode", held.sex),
    )  # fmt: skip
    names = ("ItemCode", "ItemName", "DataType", "DataValue", "Unit", "Oid", "DataValueName")
    checkups = []
    for day, items in groupby(rows, key=lambda row: row[0]):
        infos = tuple(
            _node("HealthCheckupResultAndQuestionInfo", *zip(names, row[1:], strict=True)) for row in items
        )
        checkups.append(
            Node(
                "SpecificHealthCheckupInfo",
                "",
                (
                    Node("EffectiveTime", day_text(day)),
                    Node("HealthCheckupResultAndQuestionInfos", "", infos),
                ),
            )
        )
    return message_reply(_message(head, who, tuple(checkups)), head.form)


class _Opened(NamedTuple):
    held: Held | None
    kinds: frozenset[str]
    refusal: Refusal | None


async def _opened(connection: asyncpg.Connection, head: Head, wanted: Wanted) -> _Opened:
    """Only someone found, insured today, who lets this institution see; in a disaster the consent may be missing."""
    if wanted.emergency is not None and not await has_right(connection, head.caller.id):
        return _Opened(None, frozenset(), refuse("TSKP013"))
    if isinstance(wanted.card, Refusal):
        return _Opened(None, frozenset(), wanted.card)
    (rows,) = await rows_by_number(connection, [(wanted.card, head.caller.id)])
    own = matching(rows, wanted.card.symbol, wanted.card.branch)
    if len({each.person for each in own}) != 1:
        return _Opened(None, frozenset(), refuse("TSKP012"))
    today = head.at.astimezone(JAPAN).date()
    held = next((each for each in own if each.is_valid(today)), None)
    if held is None:
        return _Opened(own[0], frozenset(), refuse("TSKP009"))
    if held.service_stopped_at is not None:
        return _Opened(held, frozenset(), refuse("TSKP003"))
    if wanted.emergency is not None or await is_disaster(connection):
        return _Opened(held, frozenset(wanted.kinds), None)
    given = await consents_of(connection, head.caller.id, held.person, head.at)
    opened = frozenset(
        kind
        for kind in wanted.kinds
        if any(kind in each.kinds and head.at <= each.until(head.at) for each in given)
    )
    return _Opened(held, opened, None if opened else _closed(wanted.kinds, given))


def _closed(kinds: tuple[str, ...], given: list[Any]) -> Refusal:
    """Never given, or given and past its end."""
    for each in given:
        for kind in kinds:
            if kind in each.kinds and each.until_at is not None:
                until: datetime = each.until_at.astimezone(JAPAN)
                return refuse("TSKP011", until=f"{until:%Y-%m-%d %H:%M}", term=TERMS[kind])
    return refuse("TSKP010", term="・".join(TERMS[kind] for kind in kinds))


async def _note(
    connection: asyncpg.Connection, head: Head, what: str, found: _Opened, emergency: Emergency | None
) -> None:
    operation, detail = f"view-{what}", "{}"
    if emergency is not None:
        operation, detail = f"emergency-{what}", emergency.detail
    outcome = found.refusal.code if found.refusal else "1"
    person: UUID | None = found.held.person if found.held else None
    await write_events(connection, [Event(head.at, head.caller.id, operation, person, outcome, detail)])


def _wanted(message: Message, head: Head, kinds: tuple[str, ...]) -> Wanted:
    category = message.body.value("FileCategory")
    if "pdf" in category.lower():
        raise Refused("TSKQ012", text=category)
    card = read_card(
        message.header, "InsuranceCardSymbol", "InsuredPersonIdentificationNumber", "BranchNumber"
    )
    today = head.at.astimezone(JAPAN).date()
    least = today - timedelta(days=366 * YEARS_BACK)
    days = []
    for name, term, usual in (("StartDate", "開始日", least), ("EndDate", "終了日", today)):
        text = message.body.value(name)
        day = read_day(text) if text else usual
        if day is None:
            raise Refused("TSKQ008", term=term, text=text)
        days.append(day)
    return Wanted(card, kinds, max(days[0], least), days[1], read_emergency(message))


def _message(head: Head, who: Node, parts: tuple[Node, ...]) -> Message:
    header = _node("MessageHeader", *_head_items(head), ("SegmentOfResult", "1"), ("ResultCode", "1"))
    header = header._replace(children=(*header.children, who))
    return Message(Node("XmlMsg", "", (header, Node("MessageBody", "", parts))), head.form.encoding)


def _refused(head: Head, refusal: Refusal | None) -> Reply:
    told = refusal or refuse("TSKP012")
    header = _node(
        "MessageHeader", *_head_items(head), ("SegmentOfResult", "9"), ("ErrorCode", told.code),
        ("ErrorMessage", told.text), ("ResultCode", "9"), ("MessageContents", told.text),
    )  # fmt: skip
    root = Node("XmlMsg", "", (header, Node("MessageBody")))
    return message_reply(Message(root, head.form.encoding), head.form)


def _head_items(head: Head) -> tuple[tuple[str, str], ...]:
    return (
        ("ProcessExecutionTime", time_text(head.at)),
        ("MedicalInstitutionCode", head.caller.number),
        ("ArbitraryFileIdentifier", head.file_identifier),
        ("CharacterCodeIdentifier", "1" if head.form.encoding == "Shift_JIS" else "0"),
    )


# 期間の要素名: of receipts without a prefix, of dispensing and of prescriptions each with its own.
_SHAPES = {
    "MeTrMonthInf": ("", "", "MeTrDiHNm", "MeTrMonth", "DiDate"),
    "CzDiInf": ("Cz", "CzDiMonthInf", "CzMeTrDiHNm", "CzDiMonth", "CzDiDate"),
    "ShPrInf": ("Sh", "ShPrMonthInf", "ShPrHNm", "ShPrMonth", "ShPrDate"),
}
_DRUG_NAMES = ("DrugC", "DrugN", "IngreN", "Qua1", "Unit", "UsageN", "Times", "SpInst", "MeTrIdCl")


def _periods(rows: list[Any]) -> list[Node]:
    """One day at one institution, nested as clients in public read it: month, then day, then drugs."""
    made = []
    for (source, day, number, name, is_inpatient, prescription), drugs in groupby(
        rows, key=lambda row: tuple(row[:6])
    ):
        prefix, month_name, place, month, day_name = _SHAPES[source]
        names = [f"{prefix}{each}" for each in _DRUG_NAMES]
        infos = tuple(_node(f"{prefix}DrugInf", *zip(names, row[6:], strict=True)) for row in drugs)
        dated = _node(day_name, (day_name, day_text(day)), ("PrescriptionId", prescription))
        one = Node(f"{day_name}Inf", "", (*dated.children, Node(f"{prefix}DrugInfs", "", infos)))
        items = _node(
            source, (place, name), ("MedicalInstitutionCode", number), (month, f"{day:%Y%m}"),
            (f"{prefix}InOut", "1" if is_inpatient else "2"),
        )  # fmt: skip
        inner = (*items.children, Node(f"{day_name}Infs", "", (one,)))
        made.append(Node(source, "", (Node(month_name, "", inner),) if month_name else inner))
    return made


def _act_periods(rows: list[Any]) -> list[Node]:
    made = []
    for (day, number, name), acts in groupby(rows, key=lambda row: tuple(row[:3])):
        infos = tuple(
            _node("MeTrInf", ("MeTrC", row[4]), ("MeTrN", row[5]), ("Times", row[6]), ("Operation", "1" if row[3] else ""))
            for row in acts
        )  # fmt: skip
        items = _node(
            "MeTrMonthInf", ("MeTrDiHNm", name), ("MedicalInstitutionCode", number), ("MeTrMonth", f"{day:%Y%m}"),
            ("InOut", "2"), ("DiDate", day_text(day)),
        )  # fmt: skip
        made.append(items._replace(children=(*items.children, Node("MeTrInfs", "", infos))))
    return made


def _node(name: str, *values: tuple[str, str]) -> Node:
    return Node(name, "", tuple(Node(key, text) for key, text in values if text))
