# SPDX-License-Identifier: Apache-2.0
"""同じ世代のプロセス — what each of them counted, told to the one that is asked for the figures of all.

A process listens on a socket in a folder that only this user enters; nothing is counted twice, and counting costs nothing
beyond what one process has to count.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from tasuki_server.operations.line import own_place, process_count
from tasuki_server.operations.metrics import Figure, figures_here

VARIABLE = "TASUKI_GENERATION_FOLDER"
PATIENCE_SECONDS = 2.0
_FIGURES = msgspec.msgpack.Decoder(list[Figure])


@contextmanager
def meeting_place(processes: int) -> Iterator[None]:
    """集まる場所 — a folder for the sockets, for as long as the generation lives; none for a single process."""
    if processes < 2:
        os.environ.pop(VARIABLE, None)
        yield
        return
    # Short and away from the data: the path of a socket may have a hundred bytes.
    folder = tempfile.mkdtemp(prefix="tasuki-web-")
    os.environ[VARIABLE] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def answer_siblings() -> asyncio.Server | None:
    """応答の用意 — inside a process that serves; None where it is the only one."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return None
    path = _socket_of(folder, own_place())
    # Of the process that stood in this place before.
    path.unlink(missing_ok=True)
    return await asyncio.start_unix_server(_tell, path)


async def figures_of_siblings() -> list[list[Figure]]:
    """ほかのプロセスの数値 — of each that answers in time; one that is being made again is left out."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return []
    others = [place for place in range(process_count()) if place != own_place()]
    told = await asyncio.gather(*(_asked(_socket_of(folder, place)) for place in others))
    return [each for each in told if each is not None]


async def _tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.write(msgspec.msgpack.encode(figures_here()))
        await writer.drain()
        writer.close()


async def _asked(path: Path) -> list[Figure] | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path)
            told = await reader.read()
            writer.close()
            return _FIGURES.decode(told)
    except (OSError, TimeoutError, msgspec.DecodeError):
        return None


def _socket_of(folder: str, place: int) -> Path:
    return Path(folder) / f"{place}.sock"
