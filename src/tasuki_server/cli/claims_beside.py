# SPDX-License-Identifier: Apache-2.0
"""照らす相手の指定 — files beside the claims: earlier months, pharmacies, patients' notes, a check master."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.given_files import read_given
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.claims.content import Content
    from tasuki.claims.content.beside_files import Others
    from tasuki.claims.indications import Indications
    from tasuki.claims.indications.check_master import CheckMaster
    from tasuki.kernel.finding import Finding
    from tasuki.masters.book import Book

CLAIM_NAMES = ("*.UKE", "*.uke", "*.HEN", "*.hen", "*.SAH", "*.sah")
_PHARMACY_NAMES = ("*.CYO", "*.cyo", *CLAIM_NAMES)
_STARTER = "スターターセット"


def add_beside(parser: argparse.ArgumentParser) -> None:
    """引数 — what the checks of content are held against; ``--past`` belongs to the command."""
    parser.add_argument(
        "--pharmacy", metavar="FILE", type=Path, action="append",
        help=say("突合する調剤のファイルまたはフォルダ（何度でも）", "pharmacies' claims (repeatable)"),
    )  # fmt: skip
    parser.add_argument(
        "--patients", metavar="JSON", type=Path, action="append",
        help=say(
            "患者の控え（資格確認の結果と院外処方。`./tasuki schema claim-patients`）またはフォルダ（何度でも）",
            "patients' notes: eligibility and prescriptions (repeatable; schema claim-patients)",
        ),
    )  # fmt: skip
    parser.add_argument(
        "--check-master", metavar="ZIP|CSV", type=Path, action="append",
        help=say("支払基金のチェックマスタのZIPまたは中のCSV（何度でも）", "check master of 支払基金 (repeatable)"),
    )  # fmt: skip


def add_past(parser: argparse.ArgumentParser) -> None:
    """過去の月の引数 — repeatable."""
    parser.add_argument(
        "--past", metavar="DIR", type=Path, action="append",
        help=say("縦覧する過去の月のファイルまたはフォルダ（何度でも）", "past months to look back into (repeatable)"),
    )  # fmt: skip


class Beside:
    """照らす相手 — read once, and given to the claims of each institution."""

    def __init__(self, args: argparse.Namespace, book: Book, *, is_told: bool = True) -> None:
        from tasuki.claims.content.beside_files import Others

        self.book = book
        self.others: Others = Others(
            _claims(args.past, CLAIM_NAMES), _claims(args.pharmacy, _PHARMACY_NAMES), _patients(args.patients)
        )
        self._tables = _tables(args.check_master, is_told=is_told)

    @property
    def masters(self) -> str:
        """マスターの呼び名 — of what codes are looked up in."""
        return (
            say("初期セット", "the starter set") if is_starter(self.book) else say("マスター", "the masters")
        )

    def content(self, institution: str) -> Content:
        """内容点検の前提 — for the claims of an institution, by its code."""
        from tasuki.claims.content.beside_files import content_of

        return content_of(institution, self._tables, self.others, self.book)

    def not_given(self) -> tuple[Finding, ...]:
        """渡されなかったもの — what is not checked for want of it, whatever the receipts hold."""
        from tasuki.claims.content.not_judged import NotJudged

        return NotJudged(self.content(""), self.others, self.masters).told()


def is_starter(book: Book) -> bool:
    """初期セットか — masters that do not hold every code: what they lack is no error of a claim."""
    return any(revision.source.startswith(_STARTER) for revision in book.revisions)


def files_of(places: Iterable[Path], names: tuple[str, ...]) -> list[Path]:
    """ファイルの一覧 — files as they are, folders by the names in them. Raises :class:`Stop` for one that is not there."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found.extend(sorted({path for name in names for path in place.rglob(name)}))
        elif place.exists():
            found.append(place)
        else:
            raise Stop(f"{place} がありません。", f"{place} does not exist.")
    return found


def _claims(places: list[Path] | None, names: tuple[str, ...]) -> Any:
    from tasuki.claims.reader import read

    return (
        None
        if places is None
        else tuple(read(read_given(path), path.name) for path in files_of(places, names))
    )


def _patients(places: list[Path] | None) -> Any:
    from tasuki.claims.content.patients_file import read_patients

    return None if places is None else tuple(
        read_patients(read_given(path), path.name) for path in files_of(places, ("*.json",))
    )  # fmt: skip


def _tables(places: list[Path] | None, *, is_told: bool) -> Indications:
    """The starter's rows, and those of the check master where it is given, with their counts told."""
    from tasuki.claims.indications import read_check_master, starter_indications

    if places is None:
        return starter_indications()
    given = {path.name: read_given(path) for path in files_of(places, ("*.zip", "*.ZIP", "*.csv", "*.CSV"))}
    master = read_check_master(given)
    if is_told:
        _tell(master)
    return starter_indications().joined(master.indications)


def _tell(master: CheckMaster) -> None:
    from tasuki.kernel.messages import sentence

    for finding in master.findings:
        progress(sentence(finding), sentence(finding))
    counts = "、".join(f"{name} {count:,}行" for name, count in sorted(master.counts.items()))
    unused = sum(master.unused.values())
    progress(
        f"チェックマスタ: {counts}（ほか{unused:,}行は点検に使いません）"
        if unused
        else f"チェックマスタ: {counts}",
        f"check master: {counts} ({unused:,} more rows are not judged by)",
    )
