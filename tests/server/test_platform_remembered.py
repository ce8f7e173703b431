# SPDX-License-Identifier: Apache-2.0
"""控えた答え — asked once while many wait, for a second from the question on; failures are told and not kept."""

from __future__ import annotations

import asyncio

import pytest

from tasuki_server.platform.remembered import MOST, SECONDS, Remembered


class _Told:
    """Something to ask, which counts and answers when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.let = asyncio.Event()
        self.now = 0.0
        self.fails = False

    async def __call__(self, key: str) -> str:
        self.asked.append(key)
        await self.let.wait()
        if self.fails:
            raise ConnectionError(key)
        return f"{key}{len(self.asked)}"

    def remembered(self) -> Remembered[str, str]:
        return Remembered(self, clock=lambda: self.now)


def test_many_who_wait_ask_once():
    async def play() -> None:
        told = _Told()
        of = told.remembered().of
        waiting = [asyncio.ensure_future(of("a")) for _ in range(20)]
        await asyncio.sleep(0)
        told.let.set()
        assert await asyncio.gather(*waiting) == ["a1"] * 20
        assert await of("b") == "b2"
        assert await of("a") == "a1"
        assert told.asked == ["a", "b"]

    asyncio.run(play())


def test_the_second_begins_with_the_question():
    async def play() -> None:
        told = _Told()
        of = told.remembered().of
        first = asyncio.ensure_future(of("a"))
        await asyncio.sleep(0)
        told.now = SECONDS - 0.01
        told.let.set()
        assert await first == "a1"
        assert await of("a") == "a1"
        told.now = SECONDS
        assert await of("a") == "a2"

    asyncio.run(play())


def test_a_failure_is_told_to_everyone_who_waits_and_asked_again():
    async def play() -> None:
        told = _Told()
        told.fails = True
        of = told.remembered().of
        waiting = [asyncio.ensure_future(of("a")) for _ in range(3)]
        await asyncio.sleep(0)
        told.let.set()
        failed = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in failed] == [ConnectionError] * 3
        told.fails = False
        assert await of("a") == "a2"

    asyncio.run(play())


def test_whoever_leaves_takes_no_answer_along():
    async def play() -> None:
        told = _Told()
        of = told.remembered().of
        leaving, staying = (asyncio.ensure_future(of("a")) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        told.let.set()
        assert await staying == "a1"
        with pytest.raises(asyncio.CancelledError):
            await leaving

    asyncio.run(play())


def test_what_is_kept_has_a_bound():
    async def play() -> None:
        told = _Told()
        told.let.set()
        remembered = told.remembered()
        for each in range(MOST + 5):
            await remembered.of(str(each))
        assert len(remembered._known) <= MOST

    asyncio.run(play())
