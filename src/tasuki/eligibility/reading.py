# SPDX-License-Identifier: Apache-2.0
"""電文の読取 — a file of the shared folders or an answer of the WebAPI, told by its first bytes; ZIPs one file a time."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from tasuki.eligibility.checks import check_message
from tasuki.eligibility.json_text import read_json
from tasuki.eligibility.xml_text import MOST_BYTES, read_xml, write_xml
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.eligibility.message import Message

MOST_FILES = 1000
# Of all files of an archive together, unpacked.
MOST_UNPACKED = 8 * MOST_BYTES


def read_message(data: bytes, name: str = "") -> Message:
    """電文の読取 — XML or JSON, with what was found in it. Raises :class:`BadInput` when it is no message."""
    is_json = data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1] == b"{"
    message = read_json(data, name) if is_json else read_xml(data, name)
    return replace(message, findings=check_message(message))


def read_messages(data: bytes, name: str = "") -> Iterator[Message]:
    """電文の逐次読取 — the one message, or each XML of a ZIP in the order of the archive.

    Only one file of the archive is held at a time, and none is unpacked beyond the size of a message, whatever the
    archive says of itself. Raises :class:`BadInput`.
    """
    if not data.startswith(b"PK"):
        yield read_message(data, name)
        return
    # Counted before the list is read: each file of an archive has this mark in it.
    if len(data) > MOST_BYTES or data.count(b"PK\x01\x02") > MOST_FILES:
        _refuse(name, "OQS-F-03", what="ZIPの大きさ", limit=f"{MOST_BYTES}バイト・{MOST_FILES}ファイル")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [each for each in archive.infolist() if each.filename.lower().endswith(".xml")]
            if not entries:
                _refuse(name, "OQS-F-12")
            left = MOST_UNPACKED
            for entry in entries:
                filename = printable(entry.filename, 200)
                inside = f"{name}!{filename}" if name else filename
                with archive.open(entry) as stream:
                    held = stream.read(MOST_BYTES + 1)
                left -= len(held)
                if left < 0:
                    _refuse(name, "OQS-F-03", what="展開後のバイト数", limit=MOST_UNPACKED)
                yield read_message(held, inside)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as bad:
        if isinstance(bad, BadInput):
            raise
        _refuse(name, "OQS-F-11", reason=type(bad).__name__)


def write_zip(messages: Iterable[tuple[str, Message]]) -> bytes:
    """一括結果のZIP — each message as a file of its name; the same messages give the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, message in messages:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), write_xml(message))
    return held.getvalue()


def _refuse(name: str, code: str, **facts: object) -> NoReturn:
    raise BadInput([Finding(code, Severity.BLOCK, Where(name), f"eligibility.read.{code}", facts)])
