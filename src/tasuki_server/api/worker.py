# SPDX-License-Identifier: Apache-2.0
"""算定の作業者 — one process that calculates and knows nothing else: no database, no key, no log of what it is asked.

Started by :mod:`tasuki_server.api.workers` with one end of a socket pair; it ends when the other end is gone.
"""

from __future__ import annotations

import os
import socket
import sys
import traceback
from functools import lru_cache

import msgspec

from tasuki.calculation.service import Operation, answer, problem
from tasuki.kernel.finding import BadInput
from tasuki_server.api.frames import Question, Reply, framed, read_frame, unpack_institution
from tasuki_server.api.warming import warm
from tasuki_server.masters_source import current_book
from tasuki_server.steady_heap import keep_heap_still

_institution = lru_cache(maxsize=256)(unpack_institution)


def main(descriptor: int) -> None:
    """作業 — answers one question after another."""
    warm(current_book())
    keep_heap_still()
    decoder = msgspec.msgpack.Decoder(Question)
    with socket.socket(fileno=descriptor) as connection:
        connection.sendall(framed(Reply(0, "", b"")))
        while (frame := read_frame(connection)) is not None:
            connection.sendall(framed(_reply(decoder.decode(frame))))


def _reply(question: Question) -> Reply:
    try:
        found = answer(
            Operation(question.operation), question.body, current_book(), _institution(question.own)
        )
    except BadInput:
        # The masters, not the question: a store that another version wrote, or that is broken.
        _note_fault("the masters cannot be read")
        found = problem("our-fault", "取り込まれているマスターを読めません。管理者に知らせてください。")
    except Exception as fault:  # noqa: BLE001 - the last door: whatever it is, the asker gets an answer
        frames = traceback.extract_tb(fault.__traceback__)[-6:]
        places = " < ".join(f"{each.filename.rsplit('/', 1)[-1]}:{each.lineno}" for each in reversed(frames))
        _note_fault(f"{type(fault).__name__} at {places}")
        found = problem("our-fault")
    return Reply(found.status, found.media_type, found.body)


def _note_fault(text: str) -> None:
    # Kind and place only: the message of an exception may quote what was sent.
    sys.stderr.write(f"tasuki.api worker {os.getpid()}: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
