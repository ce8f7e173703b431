# SPDX-License-Identifier: Apache-2.0
"""サービスの一覧 — what stands below ``/platform/v1/``; a service that comes later is one line here."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tasuki_server.eligibility.service import SERVICE as ELIGIBILITY
from tasuki_server.exchange.service import SERVICE as EXCHANGE
from tasuki_server.platform.engine import Call, Reply, Service, refusal
from tasuki_server.prescriptions.service import SERVICE as PRESCRIPTIONS
from tasuki_server.records.service import SERVICE as RECORDS


async def _status(call: Call) -> Reply:
    """接続の確認 — who the token says one is, and what can be asked here."""
    if call.method != "GET" or call.parts:
        return refusal(404, "not-found")
    told = {
        "institution": call.caller.number,
        "name": call.caller.name,
        "services": [name for name in SERVICES if name != STATUS.name],
    }
    return Reply(200, "application/json", msgspec.json.encode(told))


STATUS = Service("status", {"": "client"}, _status, lambda status, error, _: refusal(status, error))
SERVICES: Mapping[str, Service] = {
    each.name: each for each in (STATUS, ELIGIBILITY, PRESCRIPTIONS, EXCHANGE, RECORDS)
}
# 申告: every address is for the institution whose token it is.
ADDRESSES: Mapping[str, str] = {
    "/".join(filter(None, (service.name, address))): action
    for service in SERVICES.values()
    for address, action in service.addresses.items()
} | {"openapi.json": "public", "samples": "public"}
