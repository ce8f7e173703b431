# SPDX-License-Identifier: Apache-2.0
"""訓練の利用者 — many people at once over real connections, each with a session, reading, writing and searching.

A browser keeps its connection, and asks a page again when a kept connection was closed before a word was said
(RFC 9110 9.2.2); what was written is never sent twice. Everything else that is no good answer is a failure.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote, urlencode

from tasuki_server.drills.people import CHROME

PATIENCE_SECONDS = 30.0
# So many desks do so many acts before anything is counted.
WARMING = 4
READ, WRITE, SEARCH = "read", "write", "search"
# 閲覧7割、記載2割、検索1割 (DRILLS R8).
_STAMP = re.compile(rb'name="text_stamp" value="(\d+)"')
MIX = {READ: 70, WRITE: 20, SEARCH: 10}


class Desk(NamedTuple):
    """訓練の席 — a person's cookies, the visits and names they work with, and each visit's stamp as the open page has it."""

    cookies: dict[str, str]
    visits: Sequence[str]
    names: Sequence[str]
    stamps: dict[str, str]


class Answer(NamedTuple):
    """答え — of one request."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Tally:
    """集計 — seconds of every good answer by kind, what failed, and what was asked again."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {each: [] for each in MIX})
    failures: list[str] = field(default_factory=list)
    asked_again: int = 0

    @property
    def count(self) -> int:
        """要求の数 — good and bad."""
        return sum(map(len, self.seconds.values())) + len(self.failures)

    def percentile(self, hundredth: int) -> float:
        """百分位 — of all good answers, in seconds; 0 without any."""
        every = sorted(each for kind in self.seconds.values() for each in kind)
        return every[min(len(every) - 1, len(every) * hundredth // 100)] if every else 0.0


class Closed(ConnectionError):
    """閉じた接続 — before the first byte of an answer."""


class Browser:
    """訓練のブラウザー — one connection of one person, opened again when it was closed."""

    def __init__(self, port: int, desk: Desk, tally: Tally, chosen: random.Random) -> None:
        self._port = port
        self._desk = desk
        self._tally = tally
        self._chosen = chosen
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def act(self, mix: Mapping[str, int] = MIX) -> None:
        """一つの操作 — of a kind drawn by the mix."""
        kind = self._chosen.choices(list(mix), list(mix.values()))[0]
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                fault = await self._done(kind)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            fault = type(error).__name__
            self.close()
        if fault:
            self._tally.failures.append(f"{kind}: {fault}")
        else:
            self._tally.seconds[kind].append(time.perf_counter() - begun)

    async def _done(self, kind: str) -> str:
        visit = self._chosen.choice(self._desk.visits)
        if kind == READ:
            answer = await self.ask("GET", f"/chart/{visit}/")
            self._keep_stamp(visit, answer)
            good = answer.status == HTTPStatus.OK and visit.encode() in answer.body
        elif kind == SEARCH:
            name = self._chosen.choice(self._desk.names)
            answer = await self.ask("GET", f"/patients/?q={quote(name)}")
            good = answer.status == HTTPStatus.OK and name.encode() in answer.body
        else:
            answer = await self._write(visit)
            good = answer.status == HTTPStatus.OK
        return "" if good else f"{answer.status}"

    async def _write(self, visit: str) -> Answer:
        form = {
            "subjective": f"訓練の記載 {self._chosen.randrange(10**9)}",
            "objective": "", "assessment": "", "plan": "",
            "text_stamp": self._desk.stamps.get(visit, "1"),
        }  # fmt: skip
        answer = await self.ask("POST", f"/chart/{visit}/save/", urlencode(form).encode())
        self._keep_stamp(visit, answer)
        return answer

    def _keep_stamp(self, visit: str, answer: Answer) -> None:
        """As the open page carries it to the next saving."""
        found = _STAMP.search(answer.body)
        if found:
            self._desk.stamps[visit] = found[1].decode()

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        """要求 — over the kept connection, or a new one."""
        is_kept = self._streams is not None and not self._streams[0].at_eof()
        try:
            return await self._asked(method, path, body)
        except Closed:
            self.close()
            if not is_kept or method != "GET":
                raise
            self._tally.asked_again += 1
            return await self._asked(method, path, body)

    async def _asked(self, method: str, path: str, body: bytes) -> Answer:
        if self._streams is not None and self._streams[0].at_eof():
            # The server said goodbye while nobody spoke: a browser sees that before it asks.
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            f"User-Agent: {CHROME}",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self._desk.cookies.items()),
        ]
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
                f"X-CSRFToken: {self._desk.cookies['csrftoken']}",
                "HX-Request: true",
            ]
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise
            raise Closed from error
        except ConnectionError as error:
            raise Closed from error
        return await self._read(reader, head)

    async def _read(self, reader: asyncio.StreamReader, head: bytes) -> Answer:
        first, *rest = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in rest:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = value
            if name == "set-cookie":
                cookie, _, kept = value.partition(";")[0].partition("=")
                self._desk.cookies[cookie] = kept
        body = await _body_of(reader, headers)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(first.split(" ")[1]), headers, body)

    def close(self) -> None:
        """接続を閉じる — the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _body_of(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    pieces = []
    while size := int(await reader.readline(), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(pieces)


class Pace(NamedTuple):
    """歩調 — mean seconds of thinking between two requests, what is done how often, and when all of it ends."""

    think_seconds: float
    mix: Mapping[str, int]
    is_over: Callable[[Tally], bool]


async def crowd(port: int, desks: Sequence[Desk], pace: Pace, tally: Tally, seed: int) -> None:
    """大勢の利用 — every desk at its own pace until it is over."""
    await asyncio.gather(
        *(
            _sit(
                Browser(port, desk, tally, drawn(f"{seed}:{place}")),
                pace,
                tally,
                drawn(f"{seed}:pace:{place}"),
            )
            for place, desk in enumerate(desks)
        )
    )


def drawn(seed: str) -> random.Random:
    """偶然 — that a seed repeats."""
    return random.Random(seed)  # noqa: S311 - a made-up person's choices


async def _sit(browser: Browser, pace: Pace, tally: Tally, chosen: random.Random) -> None:
    # Nobody begins at the same moment.
    await _think(chosen.random() * pace.think_seconds, pace, tally)
    while not pace.is_over(tally):
        await browser.act(pace.mix)
        if pace.think_seconds:
            seconds = min(chosen.expovariate(1 / pace.think_seconds), 3 * pace.think_seconds)
            await _think(seconds, pace, tally)
    browser.close()


async def _think(seconds: float, pace: Pace, tally: Tally) -> None:
    """Thinking ends when all is over."""
    while seconds > 0 and not pace.is_over(tally):
        await asyncio.sleep(min(seconds, 1.0))
        seconds -= 1.0


async def sit_down(port: int, desks: Sequence[Desk], seed: int) -> None:
    """着席 — each opens a first page, by which its session and its device become known.

    The first desks also do what everyone will do, so that the server has loaded what it needs.
    """
    for place, desk in enumerate(desks):
        browser = Browser(port, desk, Tally(), drawn(f"{seed}:seat:{place}"))
        answer = await browser.ask("GET", "/")
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"a desk could not sit down: {answer.status}")
        if place < WARMING:
            for _ in range(WARMING):
                await browser.act()
        browser.close()
