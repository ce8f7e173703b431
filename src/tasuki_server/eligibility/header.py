# SPDX-License-Identifier: Apache-2.0
"""要求のヘッダー — who sends, what is to be echoed, and which day is asked about; and the head of every answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from tasuki.eligibility.answer import Answer, PersonAnswer, Progress
from tasuki.eligibility.message import Message
from tasuki.eligibility.times import JAPAN, read_day
from tasuki_server.eligibility.message_form import XML, Form
from tasuki_server.eligibility.refusals import Refusal, Refused
from tasuki_server.platform.engine import Caller


class Head(NamedTuple):
    """要求のヘッダー — with the time of the request; ``day`` is the day whose qualification is asked."""

    caller: Caller
    at: datetime
    day: date
    file_identifier: str
    form: Form

    def answer(self, *persons: PersonAnswer, is_by_card: bool = False, reception_number: str = "") -> Answer:
        """回答の頭 — over the persons, 正常終了."""
        return Answer(
            Progress.DONE, "", "", self.at, self.day, self.caller.number, is_by_card, self.file_identifier,
            reception_number, persons,
        )  # fmt: skip

    def refusal(self, refusal: Refusal) -> Answer:
        """ファイルの断り — 異常終了 with code and text."""
        refused = replace(self.answer(), progress=Progress.FAILED)
        return replace(refused, error_code=refusal.code, error_message=refusal.text)


def first_head(caller: Caller, at: datetime, form: Form = XML) -> Head:
    """読む前のヘッダー — for what cannot be read at all."""
    return Head(caller, at, at.astimezone(JAPAN).date(), "", form)


def read_head(message: Message, caller: Caller, at: datetime, form: Form) -> Head:
    """ヘッダーの読取 — raises :class:`Refused` for another institution's code or a day to come."""
    today = at.astimezone(JAPAN).date()
    values = {child.name: child.text for child in message.header.children}
    head = Head(caller, at, today, values.get("ArbitraryFileIdentifier", "")[:100], form)
    found = values.get("MedicalInstitutionCode", "")
    if found != caller.number:
        raise Refused("TSKQ003", found=found, expected=caller.number)
    text = values.get("QualificationConfirmationDate", "")
    if text:
        day = read_day(text)
        if day is None:
            raise Refused("TSKQ008", term="資格確認日", text=text)
        if day > today:
            raise Refused("TSKQ009", text=text)
        head = head._replace(day=day)
    return head
