# SPDX-License-Identifier: Apache-2.0
"""点検できなかったこと — what the checks of content were silent about because nothing was there to hold it against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.codes import UNCODED_DISEASE
from tasuki.claims.content.medicines import drug_row
from tasuki.claims.records import IY, SI
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from tasuki.claims.content.beside_files import Others
    from tasuki.claims.content.given import Content
    from tasuki.claims.receipt import Receipt

register(
    {
        "claims.not_judged.UKE-G-01": "過去の月のレセプトがないため、縦覧（月をまたぐ回数、初診の間隔、転帰の記録漏れ）は点検していません。過去の月のファイルを渡すと点検します。",
        "claims.not_judged.UKE-G-02": "調剤レセプトがないため、突合は点検していません。調剤のファイルを渡すと点検します。",
        "claims.not_judged.UKE-G-03": "患者の控えがないため、資格と処方どおりの調剤は点検していません。資格確認の結果と院外処方の控えを渡すと点検します。",
        "claims.not_judged.UKE-G-04": "医薬品{count}種類のうち{missing}種類、診療行為{acts}種類のうち{missing_acts}種類は適応の表に行がないため、適応・用量・禁忌を点検していません。チェックマスタを渡すと表を加えられます。",
        "claims.not_judged.UKE-G-05": "傷病名{count}種類のうち{missing}種類は{masters}にないか、コードがありません。性別・年齢・対象疾患・適応を照らしていません。",
        "claims.not_judged.UKE-G-06": "診療行為・医薬品{count}種類のうち{missing}種類は{masters}にありません。判断料・処方料・回数などを照らしていません。",
        "claims.not_judged.UKE-G-07": "適応の表がないため、適応は点検していません。",
    }
)
_NOT_GIVEN = ("UKE-G-01", "UKE-G-02", "UKE-G-03")


class NotJudged:
    """点検できなかったこと — gathered receipt by receipt, told when all have been seen."""

    def __init__(self, content: Content, others: Others, masters: str) -> None:
        self._content = content
        self._others = others
        self._masters = masters
        self._diseases: set[str] = set()
        self._drugs: set[str] = set()
        self._acts: set[str] = set()

    def see(self, receipt: Receipt) -> None:
        """一件の見方 — the codes that it holds."""
        self._diseases.update(one.disease_code for one in receipt.diseases)
        for line in receipt.lines:
            if isinstance(line, IY):
                self._drugs.add(line.code)
            elif isinstance(line, SI):
                self._acts.add(line.code)

    def told(self) -> tuple[Finding, ...]:
        """点検できなかったことの一覧 — one piece of advice for each reason that applies."""
        found: list[tuple[str, dict[str, object]]] = []
        given = (self._others.past, self._others.pharmacies, self._others.patients)
        found += [(code, {}) for code, files in zip(_NOT_GIVEN, given, strict=True) if files is None]
        found += self._by_tables()
        book = self._content.book
        if book is not None:
            absent = {code for code in self._diseases if code == UNCODED_DISEASE or code not in book.diseases}
            items = self._drugs | self._acts
            unknown = {code for code in items if code not in book.drugs and code not in book.acts}
            for code, all_codes, missing in (
                ("UKE-G-05", self._diseases, absent),
                ("UKE-G-06", items, unknown),
            ):
                if missing:
                    facts = {"count": len(all_codes), "missing": len(missing), "masters": self._masters}
                    found.append((code, dict(facts)))
        return tuple(
            Finding(code, Severity.ADVICE, Where(), f"claims.not_judged.{code}", facts)
            for code, facts in found
        )

    def _by_tables(self) -> list[tuple[str, dict[str, object]]]:
        tables, book = self._content.indications, self._content.book
        if tables is None:
            return [("UKE-G-07", {})]
        drugs = {code for code in self._drugs if not tables.of_drug(code, drug_row(book, code))}
        acts = {code for code in self._acts if not tables.of_act(code)}
        if not drugs and not acts:
            return []
        facts = {
            "count": len(self._drugs), "missing": len(drugs), "acts": len(self._acts), "missing_acts": len(acts)
        }  # fmt: skip
        return [("UKE-G-04", dict(facts))]
