# SPDX-License-Identifier: Apache-2.0
"""WebAPI連携 — messages over the wire to the services of the platform; an answer comes with the request."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

import msgspec

from tasuki_server.confirmation.gateway import Arrived, NotReached
from tasuki_server.platform import wire as platform_wire


class _Face(msgspec.Struct):
    number: int
    file: str
    message: str


class _Faces(msgspec.Struct):
    faces: list[_Face]


class WireGateway:
    """WebAPI連携 — see the module."""

    def __init__(self, wire: platform_wire.Wire) -> None:
        self._wire = wire

    def send(self, file: str, data: bytes) -> bytes | None:
        """送信 — see :class:`.gateway.Gateway`."""
        return self._asked("POST", f"eligibility/messages?{urlencode({'file': file})}", data)

    def answers(self, wanted: Iterable[str]) -> list[Arrived]:
        """結果の受取り — none: each came with its request."""
        return []

    def faces(self, since: int) -> list[Arrived]:
        """カードリーダーの結果 — a list with a gap, or cut, is not taken beyond it."""
        try:
            told = msgspec.json.decode(self._asked("GET", f"eligibility/faces?since={since}"), type=_Faces)
            found = [Arrived(each.file, each.message.encode(), each.number) for each in told.faces]
        except (msgspec.DecodeError, UnicodeError) as cut:
            raise NotReached("カードリーダーの結果の一覧が途中で切れています") from cut
        whole: list[Arrived] = []
        for each in sorted(found, key=lambda one: one.number):
            if each.number <= since:
                continue
            if each.number != since + len(whole) + 1:
                break
            whole.append(each)
        return whole

    def settle(self, arrived: Arrived) -> None:
        """済み — asking from the next number on says so."""

    def _asked(self, method: str, path: str, body: bytes = b"") -> bytes:
        headers = {"Content-Type": "application/xml; charset=utf-8"} if body else None
        try:
            reply = self._wire(method, path, body, headers)
        except platform_wire.NotReached as broken:
            raise NotReached("オンライン資格確認等システムに接続できません") from broken
        if reply.status == 503:
            raise NotReached("オンライン資格確認等システムは停止中（メンテナンス中）です")
        if reply.status >= 500 or reply.status in (401, 403, 404, 408, 429):
            raise NotReached(f"オンライン資格確認等システムが要求を受け付けません（{reply.status}）")
        return reply.body
