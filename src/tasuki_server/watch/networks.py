# SPDX-License-Identifier: Apache-2.0
"""ネットワークの場所 — the institution's own table of where its addresses are; without a row a place is not known."""

from __future__ import annotations

from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import current_work
from tasuki_server.watch.models import NetworkPlace


def name_network(network: str, place: str) -> None:
    """ネットワークの場所の登録 — a new row; the newest of a network counts."""
    NetworkPlace.objects.create(network=network, place=place, set_by_id=current_work().actor.staff_id)
    record("watch.network", detail={"network": network, "place": place})


def networks() -> list[NetworkPlace]:
    """ネットワークの一覧 — the newest row of each."""
    newest = {each.network: each for each in NetworkPlace.objects.select_related("set_by").order_by("set_at")}
    return sorted(newest.values(), key=lambda each: each.network)
