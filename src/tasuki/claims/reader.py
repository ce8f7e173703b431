# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの読取 — bytes to receipts, losing nothing and stopping at nothing short of a broken stream.

What a public or old file does differently (LF, no EOF byte, UTF-8, a byte order mark, dates with an
era, unknown or misplaced records) is read and reported. What the records hold is judged elsewhere
(:mod:`tasuki.claims.checks`). DPC, 歯科, 調剤 and 訪問看護 files are read by the same path.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import IO, TYPE_CHECKING

from tasuki.claims import messages as _messages  # noqa: F401
from tasuki.claims.layout import LAYOUTS
from tasuki.claims.receipt import ClaimFile, FileFacts, Receipt
from tasuki.claims.records import Record
from tasuki.kernel.finding import BadInput, Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 18
_LONGEST_LINE = 1 << 20
_EOF = b"\x1a"
_BOM = b"\xef\xbb\xbf"
_BLANK = b"\x1a\r\n\x00 "
_LATIN = re.compile("[\u0080-\u00a6\u00a9-\u00af\u00b2\u00b3\u00b5\u00b7-\u00d6\u00d8-\u00f6\u00f8-\u036f]")
_HEADS = frozenset({"IR", "HI", "UK", "YK", "HM"})
_TRAILERS = frozenset({"GO", "HG"})
# Records of other fee tables, of old editions and of the payers: known, though not laid out here.
_OTHER_IDS = frozenset(
    {
        "NI", "RO", "KH", "HI", "HR", "HG", "UK", "HS", "SS", "YK", "SH", "CZ", "TK", "KI", "ST", "BU", "SB",
        "KK", "SK", "GA", "HH", "GT", "CD", "HM", "IH", "HJ", "JS", "RJ", "KA",
    }
)  # fmt: skip
KNOWN_IDS = frozenset(LAYOUTS) | _OTHER_IDS


def read(data: bytes, name: str = "") -> ClaimFile:
    """請求ファイルの読取 — the whole file as a value.

    Raises :class:`BadInput` only when the bytes are no lines at all (a line over one megabyte).
    """
    reader = ClaimReader(BytesIO(data), name)
    receipts = tuple(reader)
    return ClaimFile(
        reader.before, receipts, reader.after, reader.facts, tuple(reader.findings()), name
    )  # fmt: skip


class ClaimReader:
    """逐次読取 — receipts one by one from a binary stream, in bounded memory.

    :attr:`before` is there from the first receipt on. After the iteration :attr:`after`, :attr:`facts`
    and :meth:`findings` are complete.
    """

    def __init__(self, stream: IO[bytes], name: str = "") -> None:
        self.name = name
        self.before: tuple[Record, ...] = ()
        self.after: tuple[Record, ...] = ()
        self.facts = FileFacts()
        self._stream = stream
        self._findings: list[Finding] = []
        self._encoding = ""
        self._has_bom = False
        self._crlf = 0
        self._lf = 0
        self._tail = b""
        self._old_dates = 0

    def __iter__(self) -> Iterator[Receipt]:
        before: list[Record] = []
        current: list[Record] = []
        pending: list[Record] = []  # IR of the next receipt in a 歯科 file
        after: list[Record] = []
        for record in self._records():
            record_id = record.values[0]
            if record_id == "RE":
                if after:
                    self._report("UKE-F-09", Severity.BLOCK, record)
                    (current or before).extend((*pending, *after))
                    pending, after = [], []
                if current:
                    yield Receipt(current)
                else:
                    self.before = tuple(before)
                current = [*pending, record]
                pending = []
            elif after or record_id in _TRAILERS:
                after.append(record)
            elif pending or (record_id == "IR" and before and before[0].values[0] == "UK"):
                pending.append(record)
            elif current:
                current.append(record)
            else:
                before.append(record)
                if record_id not in _HEADS:
                    self._report("UKE-F-08", Severity.BLOCK, record, found=record_id)
        after = [*pending, *after]
        if current:
            yield Receipt(current)
        self.before, self.after = tuple(before), tuple(after)
        self.facts = FileFacts(
            self._encoding or "shift_jis", self._has_bom, self._crlf, self._lf, self._tail
        )  # fmt: skip

    @property
    def encoding(self) -> str:
        """文字コード — as decided by the lines read so far; Shift_JIS until one decides otherwise."""
        return self._encoding or "shift_jis"

    @property
    def has_bom(self) -> bool:
        """BOMの有無 — known from the first bytes on."""
        return self._has_bom

    def take_findings(self) -> tuple[Finding, ...]:
        """読取時の指摘の引渡し — those of the lines read since the last call; the reader forgets them.

        A caller that takes them receipt by receipt stays in bounded memory whatever the file holds.
        """
        taken = tuple(self._findings)
        self._findings.clear()
        return taken

    def findings(self) -> Iterator[Finding]:
        """読取時の指摘 — how the file was written, then what was met line by line."""
        facts = self.facts
        whole = Record(0, b"", ("",))
        if facts.encoding == "utf-8":
            yield self._finding("UKE-F-01", Severity.CONFIRM, whole)
        if facts.has_bom:
            yield self._finding("UKE-F-02", Severity.CONFIRM, whole)
        if facts.lf_count:
            yield self._finding("UKE-F-03", Severity.CONFIRM, whole, lines=facts.lf_count)
        if _EOF not in facts.tail:
            yield self._finding("UKE-F-04", Severity.CONFIRM, whole)
        elif facts.tail != _EOF:
            yield self._finding("UKE-F-05", Severity.CONFIRM, whole, count=len(facts.tail) - 1)
        if self._old_dates:
            yield self._finding("UKE-F-06", Severity.ADVICE, whole, records=self._old_dates)
        yield from self._findings

    def _records(self) -> Iterator[Record]:
        # The one hot loop of the reader: locals, and Record made without its keyword constructor.
        make, decode, known = tuple.__new__, self._decode, KNOWN_IDS
        number = crlf = lf = 0
        for lines in self._chunks():
            for raw in lines:
                number += 1
                if raw.endswith(b"\r\n"):
                    body = raw[:-2]
                    crlf += 1
                elif raw.endswith(b"\n"):
                    body = raw[:-1]
                    lf += 1
                else:
                    body = raw.removesuffix(b"\r")
                text, is_whole = (body.decode("ascii"), True) if body.isascii() else decode(body)
                values = tuple(text.split(","))
                record: Record = make(Record, (number, raw, values))
                record_id = values[0]
                if not is_whole:
                    self._report("UKE-F-07", Severity.BLOCK, record)
                if record_id == "RE" or record_id == "IR":
                    month = record.value(8 if record_id == "IR" else 4)
                    self._old_dates += len(month) == 5 and month.isdigit()
                elif record_id not in known and not record.is_history:
                    self._report("UKE-F-10", Severity.CONFIRM, record, found=record_id[:10])
                yield record
        self._crlf, self._lf = crlf, lf

    def _chunks(self) -> Iterator[list[bytes]]:
        # Bytes that may turn out to be the end of the file wait until a line with content follows.
        held: list[bytes] = []
        for lines in self._split():
            end = len(lines)
            while end and not lines[end - 1].strip(_BLANK):
                end -= 1
            if not end:
                held.extend(lines)
                continue
            given = [*held, *lines[:end]]
            held = lines[end:]
            if end_of_text(given[-1]) < len(given[-1]):
                held.insert(0, given.pop())
            if given:
                yield given
        if held and held[0].strip(_BLANK):
            end = end_of_text(held[0])
            yield [held[0][:end]]
            held[0] = held[0][end:]
        self._tail = b"".join(held)

    def _split(self) -> Iterator[list[bytes]]:
        rest = b""
        # A pipe may give fewer bytes than were asked for.
        while len(rest) < len(_BOM) and (some := self._stream.read(len(_BOM) - len(rest))):
            rest += some
        if rest == _BOM:
            self._has_bom = True
            self._encoding = "utf-8"
            rest = b""
        while chunk := self._stream.read(_CHUNK):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            if len(rest) > _LONGEST_LINE:
                raise BadInput([self._finding("UKE-F-11", Severity.BLOCK, Record(0, b"", ("",)))])
            yield [line + b"\n" for line in lines]
        if rest:
            yield [rest]

    def _decode(self, body: bytes) -> tuple[str, bool]:
        if not self._encoding:
            self._encoding = "utf-8" if is_utf8(body) else "shift_jis"
        return decode_line(body, self._encoding)

    def _report(self, code: str, severity: Severity, record: Record, **facts: object) -> None:
        self._findings.append(self._finding(code, severity, record, **facts))

    def _finding(self, code: str, severity: Severity, record: Record, **facts: object) -> Finding:
        where = Where(self.name, record.line, record.values[0][:10])
        return Finding(code, severity, where, f"claims.read.{code}", facts)


def decode_line(body: bytes, encoding: str) -> tuple[str, bool]:
    """行の復号 — the text of a line, and whether it is one of the file's encoding; another encoding is tried."""
    codecs = ("cp932", "utf-8") if encoding == "shift_jis" else ("utf-8", "cp932")
    try:
        return body.decode(codecs[0]), True
    except UnicodeDecodeError:
        pass
    try:
        return body.decode(codecs[1]), False
    except UnicodeDecodeError:
        return body.decode(codecs[0], errors="replace"), False


def end_of_text(line: bytes) -> int:
    """最終行の終わり — where the end of the file would begin if this line were the last: at its EOF byte among blanks."""
    text = len(line.rstrip(_BLANK))
    at = line.find(_EOF, text)
    return len(line) if at < 0 else at


def is_utf8(body: bytes) -> bool:
    """UTF-8か — of a line that is not plain ASCII.

    >>> is_utf8("架空".encode()), is_utf8("架空".encode("cp932"))
    (True, False)
    """
    # Half-width katakana of Shift_JIS can look like Latin letters of UTF-8; a claim file has none of those.
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not _LATIN.search(text)
