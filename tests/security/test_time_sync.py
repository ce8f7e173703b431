# SPDX-License-Identifier: Apache-2.0
"""時刻同期 — what is an answer and what is not, and a keeper that tells what is off by more than a second."""

from __future__ import annotations

import random
import socket
import threading
import time

import pytest

from tasuki.security.time_sync import BadTime, answer_time, read_time, time_request

AT = 1_800_000_000.25


def test_the_era_after_2036_is_read_by_the_clock_that_asks():
    late = 2_100_000_000.5
    asked = time_request(late)
    assert read_time(answer_time(asked, late, late), late, late).seconds == 0.0
    before = time_request(AT)
    assert abs(read_time(answer_time(before, AT - 3, AT - 3), AT, AT).seconds - 3) < 1e-6


@pytest.mark.parametrize(
    "harm",
    [
        lambda packet: packet[:47],
        lambda packet: bytes([packet[0] & ~7 | 3]) + packet[1:],
        lambda packet: bytes([packet[0] | 0xC0]) + packet[1:],
        lambda packet: packet[:1] + b"\0" + packet[2:],
        lambda packet: packet[:1] + b"\x10" + packet[2:],
        lambda packet: packet[:24] + bytes(8) + packet[32:],
    ],
    ids=["short", "no server", "unsynchronised", "kiss of death", "stratum 16", "another request"],
)
def test_what_is_no_answer_is_refused(harm):
    packet = answer_time(time_request(AT), AT, AT)
    read_time(packet, AT, AT)
    with pytest.raises(BadTime):
        read_time(harm(packet), AT, AT)


def test_the_drill_of_clocks_tells_those_that_are_off_and_no_other():
    from tasuki_server.drills.time_drill import watched_clocks

    counts, faults = watched_clocks(random.Random(3), 60)
    assert faults == [] and counts["told"] > 10 and counts["silent"] > 5 and counts["leaps"] > 5


def test_the_keeper_asks_a_real_server_once_a_minute_and_tells_the_same_once(monkeypatch):
    from tasuki_server.cli import clock_keeper, words

    told, noted, off = [], [], [5.0]
    monkeypatch.setattr(words, "progress", lambda text, _english: told.append(text))
    monkeypatch.setattr(clock_keeper, "note_skew", noted.append)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer():
            while True:
                try:
                    packet, whence = server.recvfrom(64)
                except OSError:
                    return
                now = time.time() - off[0]
                server.sendto(answer_time(packet, now, now), whence)

        threading.Thread(target=answer, daemon=True).start()
        monkeypatch.setenv("TASUKI_TIME_SERVER", f"127.0.0.1:{server.getsockname()[1]}")
        keeper = clock_keeper.ClockKeeper()
        start = time.monotonic()
        assert "+5.0秒" in keeper.keep(start)[0]
        assert keeper.keep(start + 1) == []
        off[0] = 0.0
        assert not [each for each in keeper.keep(start + 60) if "時刻サーバ" in each]
    assert len(noted) >= 1 and "時計が合っていません" in told[0]
    silent = clock_keeper.ClockKeeper(exchange=lambda packet: b"")
    assert silent.keep(0.0) == ["時刻サーバから正しい応答がありません。"]
    before = len(told)
    silent._last = None
    silent.keep(60.0)
    assert len(told) == before
