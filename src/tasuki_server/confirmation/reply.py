# SPDX-License-Identifier: Apache-2.0
"""照会への回答 — whether bytes are the whole answer to a request of ours, and how it ended.

An answer repeats the identifier of the request. One that does not is none: the request was cut on its way, or the
answer is someone else's. It is not taken, and the request goes again.
"""

from __future__ import annotations

from typing import NamedTuple

from tasuki.eligibility.answer import Progress
from tasuki.eligibility.message import Message
from tasuki.eligibility.reading import read_messages
from tasuki.kernel.finding import BadInput
from tasuki_server.confirmation.models import Inquiry
from tasuki_server.confirmation.take import NotWhole


class Reply(NamedTuple):
    """回答 — the messages of it (a bulk answer may be several), how it ended, and what the service says."""

    progress: Progress
    code: str
    message: str
    messages: tuple[Message, ...]
    data: bytes
    file: str


def read_reply(inquiry: Inquiry, data: bytes) -> Reply:
    """回答の読取 — raises :class:`.take.NotWhole` for what is no answer to this request."""
    file = inquiry.file.replace("req_", "res_", 1)
    try:
        messages = tuple(read_messages(data, file))
    except BadInput as cut:
        raise NotWhole("電文として読めません") from cut
    head = messages[0].header if messages else None
    if head is None or head.value("ArbitraryFileIdentifier") != inquiry.identifier:
        raise NotWhole("この照会への回答ではありません")
    said = head.value("SegmentOfResult")
    # 薬剤情報・特定健診情報 tell 1 in ResultCode where eligibility tells it in SegmentOfResult.
    result = head.value("ResultCode")
    if not said and result:
        said = "1" if result == "1" else "9"
    if said not in ("1", "2", "9"):
        raise NotWhole("処理結果区分がありません")
    code = head.value("ErrorCode") or (result if result not in ("", "1") else "")
    text = head.value("ErrorMessage") or head.value("MessageContents")
    return Reply(Progress(said), code, text, messages, data, file)
