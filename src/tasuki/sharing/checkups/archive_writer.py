# SPDX-License-Identifier: Apache-2.0
"""送付用アーカイブの書出し — 特定健診XML of one sender to one insurer in the ZIP in which they travel.

The schemas (``XSD/``) are the ministry's and not shipped with us, so the folder for them is not made.

Cite: 特定健診・特定保健指導 送付用ファイルアーカイブ仕様説明書; 交換用基本情報ファイル仕様説明書 (ix08_V08.xsd)
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from tasuki.kernel.finding import Finding, Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.cda_writer import INSTITUTION, INSURER
from tasuki.sharing.checkups.conversion import CheckupWire, write_checkup
from tasuki.sharing.checkups.kinds import kind_of
from tasuki.sharing.checkups.messages import refuse
from tasuki.sharing.checkups.values import CheckupKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tasuki.sharing.checkups.values import Checkup

INDEX = "https://www.mhlw.go.jp/stf/seisakunitsuite/bunya/0000161103.html"
# 種別: as in the ministry's template of the index; what its other values mean was not seen.
_INTERACTION = "1"
# 実施区分: 特定健診, or 他の健診結果.
_SPECIFIC, _OTHER = "1", "4"
_SENDER, _RECEIVER = re.compile(r"[0-9]{10}"), re.compile(r"[0-9]{8}")


class WrittenArchive(NamedTuple):
    """書き出した送付用アーカイブ — the file's name, its bytes, and what its XML does not carry of the checkups."""

    name: str
    data: bytes
    lost: tuple[Finding, ...]


def write_archive(checkups: Sequence[Checkup], insurer: str, made_on: date, count: int = 0) -> WrittenArchive:
    """送付用アーカイブの書出し — of checkups by one institution, of one kind of 実施区分; ``count`` is 同日送信回数.

    Raises :class:`BadInput` for a number of the institution or insurer that no file can be named by, for letters XML
    cannot bear, and ``ValueError`` when the checkups do not go into one archive.
    """
    senders = {each.author.number for each in checkups}
    services = {_service(each) for each in checkups}
    if len(senders) != 1 or len(services) != 1:
        raise ValueError("one sender and one 実施区分 to an archive")
    (sender,), (service,) = senders, services
    for number, shape in ((sender, _SENDER), (insurer, _RECEIVER)):
        if not shape.fullmatch(number):
            raise refuse("CHK-A-04", Where(), name=printable(number, 60))
    day = f"{made_on:%Y%m%d}"
    folder = f"{sender}_{insurer}_{day}{count}_{service}"
    stream = io.BytesIO()
    lost: list[Finding] = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        files = [(f"{folder}/ix08_V08.xml", _index(sender, insurer, day, service, len(checkups)))]
        for place, checkup in enumerate(checkups, 1):
            name = f"h{sender}{day}{place:08}.xml"
            written = write_checkup(checkup, CheckupWire.XML, name)
            lost += written.lost
            files.append((f"{folder}/DATA/{name}", written.data))
        for path, data in files:
            # The day of making and nothing finer, so that the same checkups make the same file.
            member = zipfile.ZipInfo(path, (made_on.year, made_on.month, made_on.day, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return WrittenArchive(f"{folder}.zip", stream.getvalue(), tuple(lost))


def _service(checkup: Checkup) -> str:
    return _SPECIFIC if kind_of(checkup.program) is CheckupKind.SPECIFIC else _OTHER


def _index(sender: str, insurer: str, day: str, service: str, count: int) -> bytes:
    """交換用基本情報 — in the order of the schema."""
    root = etree.Element(f"{{{INDEX}}}index", nsmap={None: INDEX})
    etree.SubElement(root, f"{{{INDEX}}}interactionType", code=_INTERACTION)
    etree.SubElement(root, f"{{{INDEX}}}creationTime", value=day)
    for name, kind, number in (("sender", INSTITUTION, sender), ("receiver", INSURER, insurer)):
        part = etree.SubElement(root, f"{{{INDEX}}}{name}")
        etree.SubElement(part, f"{{{INDEX}}}id", root=kind, extension=number)
    etree.SubElement(root, f"{{{INDEX}}}serviceEventType", code=service)
    etree.SubElement(root, f"{{{INDEX}}}totalRecordCount", value=str(count))
    etree.indent(root)
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made
