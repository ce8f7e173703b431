# SPDX-License-Identifier: Apache-2.0
"""送付用アーカイブ — the ZIP in which many 特定健診XML travel: one folder with an index and a file a person.

Nothing is unpacked to disk; sizes are bounded before anything is read.

Cite: 特定健診・特定保健指導 送付用ファイルアーカイブ仕様説明書; 交換用基本情報ファイル仕様説明書 (ix08_V08.xsd)
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.cda_xml import LIMITS, parse_safely
from tasuki.sharing.checkups.messages import refuse, told

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILES = 20_000
MOST_TOTAL_BYTES = 1024 * 1024 * 1024
_FOLDER = re.compile(r"[0-9]{10}_[0-9]{8}_[0-9]{9}_[1-5]")
_RESULT = re.compile(r"h[0-9]{10}[0-9]{8}[0-9]{8}\.xml")
# What zipfile raises for an archive it cannot read; NotImplementedError is its word for a way of packing it does not know.
_BROKEN = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error)


@dataclass(frozen=True, slots=True)
class CheckupArchive:
    """送付用アーカイブ — its name, the results in it by name, and what is wrong with the whole."""

    folder: str
    data: bytes
    names: tuple[str, ...]
    findings: tuple[Finding, ...]

    def results(self) -> Iterator[tuple[str, bytes]]:
        """健診結果のファイル — one after another, none kept."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            for name in self.names:
                try:
                    with archive.open(name) as stream:
                        # The directory of an archive may say less than there is.
                        yield name, stream.read(LIMITS.bytes + 1)
                except _BROKEN:
                    # Told as a file that is no XML.
                    yield name, b""


def is_archive(data: bytes) -> bool:
    """ZIPか — by its first letters.

    >>> is_archive(b"PK\\x03\\x04"), is_archive(b"<?xml")
    (True, False)
    """
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def open_archive(data: bytes, file: str = "") -> CheckupArchive:
    """送付用アーカイブを開く — Raises :class:`BadInput` for what is no ZIP, is sealed or is too large."""
    where = Where(file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            given = [each for each in archive.infolist() if not each.is_dir()]
            if len(given) > MOST_FILES:
                raise refuse("CHK-X-03", where, limit=f"ファイル{MOST_FILES:,}個")
            if sum(each.file_size for each in given) > MOST_TOTAL_BYTES:
                raise refuse("CHK-X-03", where, limit=f"展開後{MOST_TOTAL_BYTES // 1024 // 1024}MB")
            if any(each.flag_bits & 1 for each in given):
                raise refuse("CHK-A-02", where)
            index = next((each for each in given if each.filename.endswith("ix08_V08.xml")), None)
            count = (
                None
                if index is None
                else _count(archive.open(index).read(LIMITS.bytes + 1), f"{file}:{index.filename}")
            )
    except BadInput:
        raise
    except _BROKEN as wrong:
        raise refuse("CHK-A-01", where, reason=printable(str(wrong), 60)) from wrong
    names = tuple(
        sorted(
            each.filename
            for each in given
            if "/DATA/" in f"/{each.filename}" and _last(each.filename)[:1] == "h"
        )
    )
    folder = next((each.filename.partition("/")[0] for each in given if "/" in each.filename), "")
    return CheckupArchive(folder, data, names, tuple(_findings(folder, names, count, file)))


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _count(data: bytes, file: str) -> str:
    """総ファイル数 as the index says it."""
    for each in parse_safely(data, file):
        if etree.QName(each).localname == "totalRecordCount":
            said: str = each.get("value", "")
            return said
    return ""


def _findings(folder: str, names: tuple[str, ...], count: str | None, file: str) -> Iterator[Finding]:
    where = Where(file)
    if not names:
        yield told("CHK-A-03", where)
    if not _FOLDER.fullmatch(folder):
        yield told("CHK-A-04", where, Severity.CONFIRM, name=printable(folder, 60))
    for name in names:
        if not _RESULT.fullmatch(_last(name)):
            yield told("CHK-A-05", Where(f"{file}:{name}"), Severity.CONFIRM, name=printable(_last(name), 60))
    if count is None:
        yield told("CHK-A-06", where, Severity.CONFIRM)
    elif count != str(len(names)):
        yield told("CHK-A-07", where, Severity.CONFIRM, count=printable(count, 20), found=len(names))
