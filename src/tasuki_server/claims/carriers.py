# SPDX-License-Identifier: Apache-2.0
"""送信方法 — how a claim file leaves and how results come: the built-in service, a service elsewhere, or by hand.

A carrier is asked outside of any transaction and may be asked again: the submission's id makes it the same.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from tasuki_server.api.own_sender import bound_headers, forget_token
from tasuki_server.settings_table import numbered, text

BASE = "/receiving/v1/"
LARGEST_REFUSAL = 4096
HOUSE, REMOTE, BY_HAND = "house", "remote", "by_hand"
LABELS = {
    HOUSE: "試行環境（内蔵の審査支払機関）",
    REMOTE: "接続先の受付サービス",
    BY_HAND: "ファイル出力（オンライン請求端末）",
}


class NotCarried(Exception):
    """送信失敗 — the wire or the other side failed; asking again is safe."""


class NotWithdrawable(NotCarried):
    """取下げの不受理 — the service will not give the receipt back; asking again gives the same answer."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """送信物 — one file with where it goes."""

    submission: UUID
    payer: str
    kind: str
    claim_month: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """送信元 — the institution as it names itself on the wire."""

    institution: UUID
    prefecture: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """届いた結果 — one result file and what it answers."""

    kind: str
    payer: str
    claim_month: str
    name: str
    submission: str
    data: bytes
    remote: str = ""


class Carrier(Protocol):
    """送信の仲立ち — what every way of sending can do."""

    def deliver(self, parcel: Parcel) -> None:
        """送信 — raises :class:`NotCarried` when it is not known to have arrived."""

    def withdraw(self, submission: UUID, number: int, why: str) -> None:
        """取下げ依頼 — of one receipt of a file; :class:`NotWithdrawable` when it is refused for good."""

    def fetch(self, known: set[str]) -> list[Found]:
        """結果の受取り — what waits, but for what is held already: ``known`` are its names or its SHA-256."""


class Door(Protocol):
    """受付の窓口 — one request and its answer; whatever breaks on the way is an ``OSError`` or an ``HTTPException``."""

    def __call__(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """要求 — gives the status and the body."""


class WireCarrier:
    """受付サービスへの送信 — the same requests whether the service is in this process or elsewhere."""

    def __init__(self, sender: Sender) -> None:
        self._door = door_for(sender)

    def deliver(self, parcel: Parcel) -> None:
        """送信 — see :class:`Carrier`."""
        told = {"payer": parcel.payer, "kind": parcel.kind, "claim_month": parcel.claim_month}
        query = urlencode({**told, "sha256": sha256(parcel.data).hexdigest()})
        self._ask("PUT", f"submissions/{parcel.submission}?{query}", parcel.data)

    def withdraw(self, submission: UUID, number: int, why: str) -> None:
        """取下げ依頼 — see :class:`Carrier`."""
        body = json.dumps({"number": number, "why": why}).encode()
        status, answer = self._knock("POST", f"submissions/{submission}/withdrawals", body)
        if status == 409:
            raise NotWithdrawable(_why_not_withdrawable(answer))
        if status != 200:
            raise NotCarried(why_not(status))

    def fetch(self, known: set[str]) -> list[Found]:
        """結果の受取り — see :class:`Carrier`."""
        return [
            Found(
                each["kind"], each["payer"], each["claim_month"], each["name"], each["submission"],
                self._whole_file(each), each["id"],
            )
            for each in self._waiting()
            if known.isdisjoint((each["id"], each["sha256"]))
        ]  # fmt: skip

    def _waiting(self) -> list[dict[str, Any]]:
        """The list from its beginning without a gap: results say something about those before them."""
        try:
            waiting: list[dict[str, Any]] = json.loads(self._ask("GET", "files", b""))
        except ValueError as cut:
            raise NotCarried(_NOT_WHOLE) from cut
        if [each.get("place", at) for at, each in enumerate(waiting, 1)] != list(range(1, len(waiting) + 1)):
            raise NotCarried(_NOT_WHOLE)
        return waiting

    def _whole_file(self, told: dict[str, Any]) -> bytes:
        data = self._ask("GET", f"files/{told['id']}", b"")
        if sha256(data).hexdigest() != told["sha256"]:
            raise NotCarried(_NOT_WHOLE)
        return data

    def _ask(self, method: str, path: str, body: bytes) -> bytes:
        status, answer = self._knock(method, path, body)
        if status != 200:
            raise NotCarried(why_not(status))
        return answer

    def _knock(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            return self._door(method, path, body)
        except (OSError, HTTPException) as broken:
            raise NotCarried(
                "受付サービスにつながりません。通信を確かめて、もう一度送ってください。"
            ) from broken


def door_for(sender: Sender) -> Door:
    """受付の窓口 — the one this installation is set to."""
    address = text("TASUKI_CLAIMS_SERVICE_URL").rstrip("/")
    return _elsewhere(address, sender) if address else _in_house(sender)


def _in_house(sender: Sender) -> Door:
    """The same door as from outside, without the network; the institution is registered at its first knock."""

    def ask(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        from tasuki_server.receiving.clients import house_token, register_client
        from tasuki_server.receiving.machine import answer

        token = house_token(sender.institution)
        register_client(sender.prefecture, sender.code, sender.name, token)
        parts = urlsplit(path)
        query: Mapping[str, str] = dict(parse_qsl(parts.query))
        reply = answer(method, BASE + parts.path, query, token, body)
        return reply.status, reply.body

    return ask


def _elsewhere(address: str, sender: Sender) -> Door:
    """By the institution's own key; by a token only where one is named for it, for services that take no keys."""
    token = numbered("TASUKI_CLAIMS_SERVICE_TOKEN").get(f"{sender.prefecture}1{sender.code}", "")

    def ask(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        place = BASE + urlsplit(path).path
        for _ in range(2):
            shown = (
                {"Authorization": f"Bearer {token}"}
                if token
                else bound_headers(address, BASE + "token", sender.institution, method, place)
            )
            if not shown:
                # Without a token nothing leaves this house: the answer is the one the other side would give.
                return 401, b""
            status, answer = _once(f"{address}{BASE}{path}", method, body, shown)
            if token or status != 401:
                break
            # Nothing was taken over there: the token may have ended with its key, and a newer one serves.
            forget_token(address, BASE + "token", sender.institution)
        return status, answer

    return ask


def _once(address: str, method: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    request = urllib.request.Request(  # noqa: S310 - the administrator's own address
        address, data=body if method != "GET" else None, method=method, headers=dict(headers)
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
            return reply.status, reply.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(LARGEST_REFUSAL)


_NOT_WHOLE = "受付サービスの応答が途中で切れました。通信を確かめて、もう一度受け取ってください。"
_WHY_NOT = {
    400: "ファイルが途中で欠けたか、受け付けられない要求です（400）。もう一度送ってください。",
    401: "名乗りが受け付けられません（401）。受付サービスに、この医療機関の公開鍵かトークンが登録され、止められていないか確かめてください。",
    404: "受付サービスに、その送信がありません（404）。送信してから依頼してください。",
    409: "受付サービスの状態が変わっています（409）。結果を受け取ってからやり直してください。",
    413: "ファイルが大きすぎて受け付けられません（413）。",
}

_NOT_WITHDRAWABLE = {
    "returned": "すでに返戻されています",
    "withdrawn": "すでに取り下げられています",
    "replaced": "すでに差し替えられています",
    "refused": "受け付けられていないレセプトです",
}


def _why_not_withdrawable(answer: bytes) -> str:
    """The state that the service names, or what it can be; a service may name none, or its answer be cut."""
    try:
        state = str(json.loads(answer)["state"])
    except (ValueError, KeyError, TypeError):
        state = ""
    return _NOT_WITHDRAWABLE.get(state, "返戻や差替えなどで、取り下げられる状態ではありません")


def why_not(status: int) -> str:
    """送信失敗の理由 — what a clerk can do about an answer of the service."""
    return _WHY_NOT.get(
        status, f"受付サービスが処理できませんでした（{status}）。時間をおいて、もう一度送ってください。"
    )


def carrier_name() -> str:
    """送信方法 — the one this installation is set to."""
    return REMOTE if text("TASUKI_CLAIMS_SERVICE_URL") else HOUSE


def carrier_for(name: str, sender: Sender) -> Carrier | None:
    """送信の仲立ち — None for what a person carries to the terminal."""
    return None if name == BY_HAND else WireCarrier(sender)
