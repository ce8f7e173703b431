# SPDX-License-Identifier: Apache-2.0
"""同じ世代のプロセス — what each of them counted, told to the one that is asked for the figures of all.

A process listens on a socket in a folder that only this user enters; nothing is counted twice, and counting costs nothing
beyond what one process has to count. What each told last lies beside its socket: one that is too busy to answer counts with
that, whoever is asked, for a counter that seems to go down is taken for one that began anew. What a process that ended had
counted is gone.
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
# ソケットの見分け: of the process that made it, for the next one in its place makes one anew.
_Mark = tuple[int, int]
_TOLD = msgspec.msgpack.Decoder(tuple[_Mark, list[Figure]])


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
    """ほかのプロセスの数値 — of each that lives, as it told last where it is silent; one that is being made again is left out."""
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
        mark = _mark_of(path)
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                told = await reader.read()
            finally:
                writer.close()
        figures = _FIGURES.decode(told)
    except (TimeoutError, BlockingIOError):
        # It lives: nothing else holds the socket, or so many wait at it that no more may.
        return _told_last(path)
    except (OSError, msgspec.DecodeError):
        return None
    _keep(path, mark, figures)
    return figures


def _keep(path: Path, mark: _Mark, figures: list[Figure]) -> None:
    """Whole or not at all: another process may be keeping and reading it as well."""
    made = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        made.write_bytes(msgspec.msgpack.encode((mark, figures)))
        made.replace(path.with_suffix(".told"))


def _told_last(path: Path) -> list[Figure] | None:
    try:
        mark, figures = _TOLD.decode(path.with_suffix(".told").read_bytes())
        return figures if mark == _mark_of(path) else None
    except (OSError, msgspec.DecodeError):
        return None


def _mark_of(path: Path) -> _Mark:
    found = path.stat()
    return found.st_ino, found.st_ctime_ns


def _socket_of(folder: str, place: int) -> Path:
    return Path(folder) / f"{place}.sock"
