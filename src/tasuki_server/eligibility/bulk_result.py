# SPDX-License-Identifier: Apache-2.0
"""一括照会の結果の組立て — units written one after the other as they are found, the header when they are collected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import msgspec

from tasuki.eligibility.answer import Answer, PersonAnswer
from tasuki.eligibility.answer_writing import answer_message
from tasuki.eligibility.json_text import plain_value
from tasuki.eligibility.message import UTF8
from tasuki.eligibility.xml_text import write_xml
from tasuki_server.eligibility.fast_answer import TAIL, head_xml, person_xml, text_bytes
from tasuki_server.eligibility.message_form import Form
from tasuki_server.platform.engine import Reply

_UNIT, _INNER = " " * 8, " " * 12
_OPEN, _CLOSE = f"{_UNIT}<BulkConfirmUnit>\n", f"{_UNIT}</BulkConfirmUnit>\n"
_EMPTY = f"{_UNIT}<BulkConfirmUnit></BulkConfirmUnit>\n"
_CHUNK = 50


class _Kept(msgspec.Struct):
    fine: int
    units: list[str]


class Pieces:
    """結果の断片 — the unit of each person as text, and how many went well."""

    def __init__(self, fine: int = 0, units: list[str] | None = None) -> None:
        self.fine = fine
        self.units = units or []

    def add(self, persons: Sequence[PersonAnswer], form: Form) -> None:
        """結果の追加 — in order."""
        for person in persons:
            self.fine += person.is_fine
            self.units.append(_unit_json(person) if form.is_json else _unit_xml(person))

    async def add_slowly(self, persons: Sequence[PersonAnswer], form: Form) -> None:
        """結果の追加 — leaving the loop to others in between."""
        for at in range(0, len(persons), _CHUNK):
            self.add(persons[at : at + _CHUNK], form)
            await asyncio.sleep(0)

    def written(self) -> bytes:
        """断片の記録 — as the row keeps them."""
        return msgspec.msgpack.encode(_Kept(self.fine, self.units))

    @classmethod
    def read(cls, data: bytes) -> Pieces:
        """断片の読取 — from the row."""
        kept = msgspec.msgpack.decode(data, type=_Kept)
        return cls(kept.fine, kept.units)


def result_reply(answer: Answer, pieces: Pieces, form: Form) -> Reply:
    """一括照会の結果 — ``answer`` is the head, without persons."""
    total = len(pieces.units)
    counts = (
        ("NumberOfProcessingResult", str(total)),
        ("NumberOfNormalProcessing", str(pieces.fine)),
        ("NumberOfError", str(total - pieces.fine)),
    )
    if form.is_json:
        message = answer_message(answer)
        header = {
            **plain_value(message.header),
            "ReceptionNumber": answer.reception_number,
            **dict(counts),
        }
        body = '{"BulkConfirmUnit":[' + ",".join(pieces.units) + "]}"
        text = json.dumps(header, ensure_ascii=False)
        return Reply(
            200, form.media_type, f'{{"XmlMsg":{{"MessageHeader":{text},"MessageBody":{body}}}}}'.encode()
        )
    text = head_xml(answer, form.encoding, counts) + "".join(pieces.units) + TAIL
    return Reply(200, form.media_type, text_bytes(text, form.encoding))


def _unit_xml(person: PersonAnswer) -> str:
    try:
        inner = person_xml(person, _INNER)
        return f"{_OPEN}{inner}{_CLOSE}" if inner else _EMPTY
    except ValueError:
        return _by_codec(person)


def _by_codec(person: PersonAnswer) -> str:
    """The same unit, cut from what the codec writes."""
    answer = Answer(None, "", "", None, None, "", False, "", "", (person,))
    text = write_xml(answer_message(answer, UTF8, is_bulk=True)).decode()
    return text[text.index(_OPEN) : text.index(_CLOSE) + len(_CLOSE)]


def _unit_json(person: PersonAnswer) -> str:
    answer = Answer(None, "", "", None, None, "", False, "", "", (person,))
    (unit,) = answer_message(answer, is_bulk=True).body.children
    return json.dumps(plain_value(unit), ensure_ascii=False)
