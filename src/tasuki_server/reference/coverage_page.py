# SPDX-License-Identifier: Apache-2.0
"""算定範囲の資料 — the catalogue of 区分番号 as Markdown, counts by chapter at its head."""

from __future__ import annotations

from collections import Counter, defaultdict

from tasuki.calculation.rule import all_rules
from tasuki_server.reference.case_index import CaseNote, case_index, distinct_questions
from tasuki_server.reference.coverage import Coverage, Status, coverage

PARTS = {
    "A": "初・再診料、短期滞在手術等基本料",
    "B": "医学管理等",
    "C": "在宅医療",
    "D": "検査",
    "E": "画像診断",
    "F": "投薬",
    "G": "注射",
    "H": "リハビリテーション",
    "I": "精神科専門療法",
    "J": "処置",
    "K": "手術",
    "L": "麻酔",
    "M": "放射線治療",
    "N": "病理診断",
    "O": "その他",
    "": "全体（通則・表）",
}
HEAD = (
    "令和8年6月1日の医科点数表の区分番号ごとに、外来で算定できる範囲を、スターターセットの本・登録されたルール・"
    "読める事例から作っています。人は書き換えません。",
    "",
    "- **表**: マスターと電子点数表の行だけで算定できる。**表とルール**: 注・通知のルールも加わる。",
    "- **一部**: 注のうち、表にもルールにも答えがないものがある（その注の番号と、欠けているもの）。",
    "- **まだ**: 令和8年度のコードか点数が確認できない。**入院**: 外来では算定しない。",
    "- 注の判定は機械によります。その区分の行に回数・背反・包括・施設基準・加算の行があるか、その注を根拠とするルールがあるかを見ます。"
    "表の行が注のすべてを言い尽くしているとは限りません。「…の患者に対して行った」という対象は、オーダーする人が決めるものとして数えません。",
    "- 公式の令和8年度マスターを取り込むと「点数が確認できない」はなくなります。",
)


def coverage_lines() -> list[str]:
    """算定範囲 — the head, the counts by chapter, then every section."""
    found = coverage()
    by_chapter: dict[str, list[Coverage]] = defaultdict(list)
    for each in found:
        by_chapter[each.section.chapter].append(each)
    lines = [*HEAD, "", *_counts(by_chapter, case_index())]
    for letter in sorted(by_chapter):
        lines += ["", f"## {letter} {PARTS[letter]}", "", *_sections(by_chapter[letter])]
    return lines


def _counts(by_chapter: dict[str, list[Coverage]], cases: tuple[CaseNote, ...]) -> list[str]:
    rules = Counter(_chapter_of(rule_id) for rule_id in {rule.id for rule in all_rules()})
    of_cases = Counter(case.chapter for case in cases)
    questions = Counter(case.chapter for case in cases if case.question)
    names = [status.value for status in Status]
    lines = [
        "| 部 | 区分番号 | " + " | ".join(names) + " | ルール | 事例 | うち疑義解釈 |",
        "|---|---|" + "---|" * len(names) + "---|---|---|",
    ]
    total: Counter[str] = Counter()
    for letter, title in PARTS.items():
        sections = by_chapter.get(letter, [])
        status = Counter(each.status.value for each in sections)
        row = {"n": len(sections), **{name: status[name] for name in names}}
        row |= {"rules": rules[letter], "cases": of_cases[letter], "qa": questions[letter]}
        total.update(row)
        lines.append(f"| {letter} {title} | " + " | ".join(str(n) for n in row.values()) + " |")
    order = ("n", *names, "rules", "cases", "qa")
    return [
        *lines,
        "| **計** | " + " | ".join(f"**{total[key]}**" for key in order) + " |",
        "",
        f"疑義解釈の問（その・日・問の相異なるもの）: {len(distinct_questions(cases))}。事例の出典から数えています。",
    ]


def _chapter_of(rule_id: str) -> str:
    owner = rule_id.partition("/")[0]
    return owner[:1] if owner[:1] in PARTS and owner[1:2].isdigit() else ""


def _sections(found: list[Coverage]) -> list[str]:
    lines = ["| 区分 | 名称 | 範囲 | コード | ルール | 足りないもの |", "|---|---|---|---|---|---|"]
    wards: dict[str, list[str]] = defaultdict(list)
    for each in found:
        if each.status is Status.WARD:
            wards[each.missing[0]].append(each.section.code)
            continue
        rules = " ".join(f"`{rule_id}`" for rule_id in each.rules)
        missing = "、".join(each.missing)
        lines.append(
            f"| {each.section.code} | {each.section.title} | {each.status.value} | {each.acts} | {rules} | {missing} |"
        )
    for reason, codes in wards.items():
        lines += ["", f"入院（{reason}）: {len(codes)} — {', '.join(codes)}"]
    return lines
