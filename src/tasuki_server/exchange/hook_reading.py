# SPDX-License-Identifier: Apache-2.0
"""Subscriptionの読取り — what a subscription asks, refused when it cannot be done; its headers leave the resource.

What a header holds opens somebody's door: the resource is kept and served with a mask in its place. Whoever writes a
Subscription only asks; that it is active is said by this side, after the endpoint has answered.

Cite: HL7 FHIR R4 Subscription (status, criteria, channel), subscription.html 2.46.7 (rest-hook)
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tasuki.sharing.search import is_resource_type
from tasuki_server.exchange.conditions import need_for, parsed
from tasuki_server.exchange.hook_addresses import read_endpoint
from tasuki_server.exchange.moments import last_moment
from tasuki_server.exchange.outcome import FHIR_JSON, refuse
from tasuki_server.exchange.sight import Sight

MASK = "********"
MOST_HEADERS, LONGEST_HEADER = 10, 2000
UNTOLD = frozenset(("AuditEvent", "OperationOutcome", "Parameters", "Subscription"))
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
# 通信そのものの見出し: ours to write.
_OURS = frozenset(
    ("host", "content-length", "content-type", "transfer-encoding", "connection", "te", "trailer", "upgrade")
)


class HookWish(NamedTuple):
    """通知の申込み — ``headers`` None keeps those that are there."""

    type: str
    criteria: str
    base: str
    endpoint: str
    payload: str
    headers: tuple[tuple[str, str], ...] | None
    is_off: bool
    ends_at: datetime | None


def read_hook(value: dict[str, Any], sight: Sight, base: str) -> tuple[dict[str, Any], HookWish]:
    """申込みの読取り — the resource as it is kept, and what is asked. Raises what cannot be done."""
    is_off = value.get("status") == "off"
    channel = value.get("channel") or {}
    if channel.get("type") != "rest-hook":
        raise refuse(
            "hook",
            "Subscription.channel.type",
            found=channel.get("type", ""),
            wanted="rest-hook にしてください。",
        )
    endpoint = str(channel.get("endpoint", ""))
    try:
        read_endpoint(endpoint)
    except ValueError as wrong:
        raise refuse(
            "hook",
            "Subscription.channel.endpoint",
            found=wrong,
            wanted="届け先の https のアドレスにしてください。",
        ) from wrong
    payload = channel.get("payload", "")
    if payload not in ("", "application/json", FHIR_JSON):
        raise refuse(
            "hook",
            "Subscription.channel.payload",
            found=payload,
            wanted=f"{FHIR_JSON} にするか、除いてください。",
        )
    criteria = str(value.get("criteria", ""))
    type_name = _read_criteria(criteria, sight, base)
    kept, headers = _read_headers(channel.get("header") or [])
    ends = value.get("end")
    made = {name: each for name, each in value.items() if name != "error"}
    made |= {
        "status": "off" if is_off else "requested",
        "channel": {**channel, **({"header": kept} if kept else {})},
    }
    wish = HookWish(
        type_name, criteria, base, endpoint, payload, headers, is_off, last_moment(ends) if ends else None
    )
    return made, wish


def criteria_query(criteria: str, base: str) -> Any:
    """条件の検索 — as :func:`read_hook` accepted it."""
    type_name, _, asked = criteria.partition("?")
    return parsed(type_name, parse_qsl(asked), base)


def _read_criteria(criteria: str, sight: Sight, base: str) -> str:
    type_name, _, asked = criteria.partition("?")
    if not is_resource_type(type_name) or type_name in UNTOLD:
        raise refuse("hook", "Subscription.criteria", found=criteria, wanted="型?条件 の検索にしてください。")
    query = criteria_query(criteria, base)
    pairs = parse_qsl(asked, keep_blank_values=True)
    if len(query.conditions) != len(pairs) or any("\0" in part for pair in pairs for part in pair):
        raise refuse("hook", "Subscription.criteria", found=criteria, wanted="検索の条件だけにしてください。")
    sight.need(type_name, "rs")
    need_for(sight, query)
    return type_name


def _read_headers(lines: list[str]) -> tuple[list[str], tuple[tuple[str, str], ...] | None]:
    given = []
    for line in lines:
        name, colon, value = line.partition(":")
        value = value.strip()
        is_fine = colon and _NAME.fullmatch(name) and _VALUE.fullmatch(value) and name.lower() not in _OURS
        if not is_fine or len(line) > LONGEST_HEADER or len(lines) > MOST_HEADERS:
            raise refuse(
                "hook", "Subscription.channel.header", found=name[:40],
                wanted=f"「名前: 値」の形で、{MOST_HEADERS}個までにしてください。",
            )  # fmt: skip
        given.append((name, value))
    masked = [value == MASK for _, value in given]
    if any(masked) and not all(masked):
        raise refuse(
            "hook", "Subscription.channel.header", found=MASK,
            wanted="見出しを変えるときは、すべての値を書き直してください。",
        )  # fmt: skip
    kept = [f"{name}: {MASK}" for name, _ in given]
    return kept, None if any(masked) else tuple(given)
