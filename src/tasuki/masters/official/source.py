# SPDX-License-Identifier: Apache-2.0
"""原本 — official files as bytes: gz, zip and tar.gz unpacked, text decoded, lines split into fields.

Zip member names of the official files are CP932; the text is CP932 with CRLF, UTF-8 is taken too.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.finding import Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFUSED = "euc_jp"
# What Python makes of the five bytes that Shift_JIS does not assign.
_UNASSIGNED = frozenset("\x80\xa0\uf8f1\uf8f2\uf8f3")
_LARGEST = 1 << 30  # A master is a few megabytes; anything past this is not one.


@dataclass(frozen=True, slots=True)
class Source:
    """原本ファイル — one file out of its wrapping, with the hash of the file it came in."""

    name: str
    data: bytes = field(repr=False)
    sha256: str


class Record(NamedTuple):
    """レコード — the fields of one line."""

    line: int
    fields: list[str]


def unpack(name: str, data: bytes, sha256: str = "") -> Iterator[Source | Finding]:
    """展開 — every file inside a gz, zip or tar.gz, or the file itself; a broken wrapping is a finding."""
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    try:
        if data[:2] == b"\x1f\x8b":
            inner = gzip.GzipFile(fileobj=io.BytesIO(data)).read(_LARGEST)
            yield from unpack(name.removesuffix(".gz").removesuffix(".tgz"), inner, sha256)
        elif data[:4] == b"PK\x03\x04" and not _is_workbook(data):
            with zipfile.ZipFile(io.BytesIO(data), metadata_encoding="cp932") as archive:
                for info in sorted(archive.infolist(), key=lambda i: i.filename):
                    if not info.is_dir():
                        member = archive.open(info).read(_LARGEST)
                        yield from unpack(f"{name}/{info.filename}", member, sha256)
        elif data[257:262] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                for entry in sorted(tar.getmembers(), key=lambda m: m.name):
                    content = tar.extractfile(entry)
                    if content is not None:
                        yield from unpack(f"{name}/{entry.name}", content.read(_LARGEST), sha256)
        else:
            yield Source(name, data, sha256)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, UnicodeDecodeError) as error:
        yield Finding(
            "masters.broken-archive",
            Severity.BLOCK,
            Where(file=name),
            "masters.broken-archive",
            {"reason": str(error) or type(error).__name__},
        )


def _is_workbook(data: bytes) -> bool:
    """表計算か — an xlsx is a zip with a known member."""
    return b"[Content_Types].xml" in data[:4096] or b"xl/workbook.xml" in data


def is_workbook(data: bytes) -> bool:
    """表計算か — whether the bytes are an xlsx file."""
    return data[:4] == b"PK\x03\x04" and _is_workbook(data)


def records(source: Source) -> tuple[list[Record], list[Finding]]:
    """行の読取り — every line as fields; a line that cannot be read is a finding and nothing else is lost."""
    found: list[Record] = []
    bad: list[Finding] = []
    encoding = encoding_of(source.data)
    if encoding == _REFUSED:
        return [], [_bad_line(source.name, 0, "masters.encoding", "EUC-JP")]
    for number, raw in enumerate(source.data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        raw = raw.removesuffix(b"\r")
        if not raw or raw == b"\x1a":
            continue
        try:
            found.append(Record(number, _split(_decoded(raw, encoding))))
        except UnicodeDecodeError as error:
            bad.append(_bad_line(source.name, number, "masters.encoding", f"{error.start + 1}文字目"))
        except csv.Error as error:
            bad.append(_bad_line(source.name, number, "masters.quoting", str(error)))
    return found, bad


def _decoded(raw: bytes, encoding: str) -> str:
    text = raw.decode(encoding)
    if encoding == "utf-8" or _UNASSIGNED.isdisjoint(text):
        return text
    at = min(text.index(char) for char in _UNASSIGNED if char in text)
    raise UnicodeDecodeError(encoding, raw, at, at + 1, "unassigned")


def encoding_of(data: bytes) -> str:
    """文字コード — UTF-8 when the bytes are valid UTF-8, else CP932 as the official files are.

    EUC-JP is told apart because CP932 would take most of it for half-width kana without an error.
    """
    for encoding in ("utf-8", _REFUSED):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "cp932"


def _split(text: str) -> list[str]:
    if text[0] == '"' and text[-1] == '"':
        fields = text[1:-1].split('","')
        if not any('"' in part for part in fields):
            return fields
    return next(csv.reader([text], strict=True))


def _bad_line(file: str, line: int, code: str, reason: str) -> Finding:
    return Finding(code, Severity.BLOCK, Where(file=file, line=line), code, {"reason": reason})
