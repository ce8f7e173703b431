# SPDX-License-Identifier: Apache-2.0
"""オンライン資格確認等システムの窓口 — which message goes to whom, and answers that refuse in the shape of a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import UUID

from django.utils import timezone

from tasuki.eligibility.file_names import FileName, read_file_name
from tasuki.eligibility.message import Message
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.kernel.printable import printable
from tasuki_server.eligibility.bulk import collect_job, read_body, take_job
from tasuki_server.eligibility.disaster import read_sought, seek_person
from tasuki_server.eligibility.faces import waiting_faces
from tasuki_server.eligibility.fast_answer import answer_reply
from tasuki_server.eligibility.fast_request import read_usual
from tasuki_server.eligibility.header import Head, first_head, read_head
from tasuki_server.eligibility.message_form import XML, Form
from tasuki_server.eligibility.openapi import paths
from tasuki_server.eligibility.reader import read_shown, show_card
from tasuki_server.eligibility.reference_numbers import register_one
from tasuki_server.eligibility.refusals import Refusal, Refused, refuse
from tasuki_server.eligibility.samples import samples
from tasuki_server.eligibility.single import confirm_one
from tasuki_server.eligibility.viewing import view_checkups, view_drugs
from tasuki_server.platform.engine import Call, Caller, Reply, Service, refusal
from tasuki_server.platform.models import GIVES_NO_CARE

Answering = Callable[[Call, Message, Head], Awaitable[Reply]]
Stepping = Callable[[Call, Message, Head, FileName], Awaitable[Reply]]
ANSWERING: Mapping[str, Answering] = {
    "OQSsiquc": confirm_one,
    "OQSsiimm": register_one,
    "YZKsiquc": view_drugs,
    "TKKsiquc": view_checkups,
}
BULK = frozenset(("OQSmuquc", "OQSmuimm", "OQSmutic", "OQSmuhvq", "OQSmuonq"))
STEPS: Mapping[int, Stepping] = {1: take_job, 2: collect_job}


async def handle(call: Call) -> Reply:
    """要求の振分け — see the module."""
    if call.caller.fee_table in GIVES_NO_CARE:
        return refusal(403, "not-an-institution")
    match (call.method, call.parts):
        case ("POST", ("messages",)):
            return await _message(call)
        case ("POST", ("cards",)):
            return await _card(call)
        case ("POST", ("people",)):
            return await _sought(call)
        case ("GET", ("faces",)):
            return await waiting_faces(call)
        case (_, ("messages",) | ("cards",) | ("people",) | ("faces",)):
            return refusal(405, "method")
    return refusal(404, "not-found")


async def _message(call: Call) -> Reply:
    at = timezone.now()
    is_json = call.body.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1] == b"{"
    head = first_head(call.caller, at, Form(is_json=is_json))
    try:
        named = _named(call.query.get("file", ""))
        message = read_usual(call.body) or await read_body(call.body, is_json=is_json)
        head = head._replace(form=Form(message.encoding, is_json))
        head = read_head(message, call.caller, at, head.form)
        if named.kind.is_bulk:
            return await STEPS[named.step](call, message, head, named)
        return await ANSWERING[named.kind.prefix](call, message, head)
    except Refused as refused:
        return answer_reply(head.refusal(refused.refusal), head.form)
    except BadInput as wrong:
        told = refuse("TSKQ001", reason=sentence(wrong.findings[0]))
        return answer_reply(head.refusal(told), head.form)


def _named(text: str) -> FileName:
    name = text if text.lower().endswith((".xml", ".zip")) else f"{text}.xml"
    found = read_file_name(name)
    is_known = found is not None and not found.is_answer
    if found is None or not is_known or not (found.kind.prefix in ANSWERING or _is_step(found)):
        raise Refused("TSKQ002", name=printable(text))
    return found


def _is_step(named: FileName) -> bool:
    return named.kind.prefix in BULK and named.step in STEPS


async def _sought(call: Call) -> Reply:
    is_json = "json" in call.headers.get("accept", "")
    head = first_head(call.caller, timezone.now(), Form(is_json=is_json))
    sought = read_sought(call.body)
    if isinstance(sought, str):
        return answer_reply(head.refusal(refuse("TSKQ001", reason=printable(sought))), head.form)
    return await seek_person(call, sought, head)


async def _card(call: Call) -> Reply:
    is_json = "json" in call.headers.get("accept", "")
    head = first_head(call.caller, timezone.now(), Form(is_json=is_json))
    shown = read_shown(call.body)
    if isinstance(shown, str):
        return answer_reply(head.refusal(refuse("TSKQ001", reason=printable(shown))), head.form)
    return await show_card(call, shown, head)


def refuse_message(status: int, code: str, text: str, form: Form = XML) -> Reply:
    """断りの電文 — of the engine: an error that was ordered, 閉局, or our own fault."""
    if code == "our-fault":
        told = refuse("TSKQ021")
    else:
        told = Refusal("TSKQ020" if code in ("", "maintenance") else code, text)
    nobody = Caller(UUID(int=0), "", "", "")
    return answer_reply(first_head(nobody, timezone.now()).refusal(told), form)._replace(status=status)


SERVICE = Service(
    "eligibility",
    {"messages": "client", "cards": "client", "people": "client", "faces": "client"},
    handle,
    refuse_message,
    paths,
    samples,
    partial(refuse_message, form=Form(is_json=True)),
)
