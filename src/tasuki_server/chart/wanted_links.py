# SPDX-License-Identifier: Apache-2.0
"""記録する所 — from an advised line to the box, field or page where what it waits for is stated."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from tasuki.calculation.sentences import label
from tasuki.calculation.statement import Line
from tasuki.calculation.wanted import Wanted, WantedKind, wanted_of
from tasuki_server.chart.flag_places import AT_RECEPTION


class WantedLink(NamedTuple):
    """記録する所 — the address and its words."""

    address: str
    text: str
    is_facility: bool = False  # only who manages the institution may open it


def wanted_links(line: Line, visit_id: str) -> tuple[WantedLink, ...]:
    """記録する所 — of a line of a visit, one for each fact it waits for."""
    return tuple(_link(each, visit_id) for each in wanted_of(line))


def _link(wanted: Wanted, visit_id: str) -> WantedLink:
    chart = reverse("chart:visit", args=[visit_id]) + "?edit=1"
    match wanted.kind:
        case WantedKind.STANDARD:
            query = urlencode({"text": wanted.name})
            address = f"{reverse('institutions:facility')}?{query}#standard-text"
            return WantedLink(address, "施設基準を確かめる", is_facility=True)
        case WantedKind.START:
            return WantedLink(f"{chart}#orders", "起算日を記録")
        case WantedKind.NUMBER:
            words = "診療時間" if wanted.name == "minutes" else f"「{label(wanted.name)}」"
            return WantedLink(f"{chart}#fact-{wanted.name}", f"{words}を記録")
    if wanted.name in AT_RECEPTION:
        return WantedLink(reverse("reception:change", args=[visit_id]), "受付の内容で確かめる")
    return WantedLink(f"{chart}#flag-{wanted.name}", "カルテの欄で確かめる")
