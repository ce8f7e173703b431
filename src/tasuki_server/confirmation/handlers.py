# SPDX-License-Identifier: Apache-2.0
"""回答の行き先 — what is done with an answer, by what the request was for; in the transaction that ends the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tasuki.eligibility.answer import read_answer
from tasuki_server.confirmation.bulk import take_bulk_answer, take_reception_number
from tasuki_server.confirmation.consented import take_consented_answer
from tasuki_server.confirmation.information import take_information
from tasuki_server.confirmation.models import AnswerSource, Inquiry, Purpose
from tasuki_server.confirmation.reply import Reply
from tasuki_server.confirmation.take import keep_answer


def _take_check(inquiry: Inquiry, reply: Reply) -> None:
    keep_answer(AnswerSource.NUMBER, reply.file, reply.data, read_answer(reply.messages[0]), inquiry)


def _nothing_more(inquiry: Inquiry, reply: Reply) -> None:
    """The service has noted it; the request's own state says so."""


HANDLERS: Mapping[str, Callable[[Inquiry, Reply], None]] = {
    Purpose.CHECK: _take_check,
    Purpose.REFERENCE: _nothing_more,
    Purpose.BULK_ASK: take_reception_number,
    Purpose.BULK_COLLECT: take_bulk_answer,
    Purpose.VISIT_ASK: take_reception_number,
    Purpose.VISIT_COLLECT: take_consented_answer,
    Purpose.ONLINE_ASK: take_reception_number,
    Purpose.ONLINE_COLLECT: take_consented_answer,
    Purpose.DRUGS: take_information,
    Purpose.CHECKUP: take_information,
}
