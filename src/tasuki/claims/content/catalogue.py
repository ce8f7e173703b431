# SPDX-License-Identifier: Apache-2.0
"""内容点検の項目 — every check of content: its public code, class, source and Japanese sentence.

Codes are ``UKE-<letter>-<two digits>``: D diseases, I indications, P pharmacies, N not billed, E eligibility, H months before.
"""

from __future__ import annotations

from typing import NamedTuple

from tasuki.kernel.finding import Severity
from tasuki.kernel.messages import register

CLASSES = {"D": "傷病名", "I": "適応", "P": "突合", "N": "算定漏れ", "E": "資格", "H": "縦覧"}


class ContentCheck(NamedTuple):
    """内容点検の項目 — one check: its code, class, severity, source, sentence and where its cases are."""

    code: str
    severity: Severity
    source: str
    sentence: str

    @property
    def public_code(self) -> str:
        """指摘コード — as findings carry it."""
        return f"UKE-{self.code[0]}-{self.code[1:]}"

    @property
    def asp_class(self) -> str:
        """分類 — the class of the check, in Japanese."""
        return CLASSES[self.code[0]]

    @property
    def message_key(self) -> str:
        """文言キー — of its sentence."""
        return f"claims.content.{self.public_code}"

    @property
    def case(self) -> str:
        """事例 — the file of readable cases that holds one that fires and one that does not."""
        return "tests/cases/claims/content_checks_2026_06.yaml"


_GUIDE = "保険診療の理解のために（厚生労働省保険局医療課医療指導監査室）傷病名"
_LAYOUT = "記録条件仕様（医科用）傷病名レコード"
_CHECK_MASTER = "支払基金 コンピュータチェックに関する公開（チェックマスタ）・表の行の出典"
_CROSS = "支払基金 突合点検（平成24年3月審査分から）"
_ALONG = "支払基金 縦覧点検（平成24年3月審査分から）"
_ONLINE = "オンライン資格確認 資格情報"
_WHERE_FROM = "（{source}）"
_A, _C = Severity.ADVICE, Severity.CONFIRM

_ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    ("D01", _A, _GUIDE, "「{name}」の疑いが{since}から{months}か月以上続いています。診断が決まったときは病名を改め、否定されたときは転帰を記録してください。"),
    ("D02", _A, _GUIDE, "「{name}」が{since}から{months}か月以上続いています。急性期を過ぎたときは転帰を記録するか、病名を改めてください。"),
    ("D03", _A, f"{_LAYOUT} 傷病名コード", "コードのない病名「{name}」が{since}から{months}か月以上続いています。マスターにある病名に改めてください。"),
    ("D04", _A, _LAYOUT, "「{name}」が同じ修飾語で重なっています。一方に転帰を記録してください。"),
    ("D05", _A, _GUIDE, "「{name}」とその疑いが並んでいます。診断が決まったときは疑いの病名に転帰を記録してください。"),
    ("D06", _A, f"{_LAYOUT} 主傷病", "傷病名が{count}件ありますが、主傷病がありません。主たる傷病名を指定してください。"),
    ("D07", _C, "医科点数表 B000 注1", "「{name}」がありますが、厚生労働大臣が定める疾患の確定した病名がありません。病名を確かめてください。"),
    ("D08", _A, "医科点数表 B000 注1", "「{name}」の対象の病名は「{disease}」ですが、主傷病になっていません。主病を確かめてください。"),
    ("D09", _A, "ICD-10 内容例示表（性に固有の器官・状態の章）", "「{name}」は{sex}の患者にない病名です。病名と性別を確かめてください。"),
    ("D10", _A, "母子保健法 第6条", "「{name}」の開始日が生後{age}です。病名と開始日を確かめてください。"),
    ("D11", _A, "医科点数表 A001 再診料", "{day}日に再診がありますが、その日より前に始まった傷病名がありません。開始日と、続いている病名を確かめてください。"),
    ("D12", _A, f"{_LAYOUT} 転帰区分", "前月に続いていた「{name}」（{since}開始）が今月はありません。終わったときは転帰を記録してください。"),
    ("D13", _A, "記載要領 別表Ⅰ E002 撮影部位", "撮影部位は{part}の{side}ですが、{part}の病名は{other}だけです。左右を確かめてください。"),
    ("I01", _A, _CHECK_MASTER, "「{name}」（{text}）に適応のある傷病名がありません。病名もれでないか確かめてください。{source}"),
    ("I02", _A, _CHECK_MASTER, "「{name}」（{text}）に合う傷病名がありません。病名もれでないか確かめてください。{source}"),
    ("I03", _A, _CHECK_MASTER, "「{name}」（{text}）に合うのは「{disease}」の疑いだけです。投薬には確定した病名が要ります。{source}"),
    ("I04", _A, _CHECK_MASTER, "「{name}」（{text}）に合うのは「{disease}」の疑いだけです。確定した病名でないか確かめてください。{source}"),
    ("I05", _A, _CHECK_MASTER, "「{name}」（{text}）の1日量{amount}が{most}を超えています。用量を確かめ、必要なら理由を記載してください。{source}"),
    ("I06", _A, _CHECK_MASTER, "「{name}」（{text}）の日数{count}日が{most}日を超えています。日数を確かめてください。{source}"),
    ("I07", _A, _CHECK_MASTER, "「{name}」（{text}）は「{disease}」の患者に禁忌です。病名と処方を確かめてください。{source}"),
    ("I08", _A, _CHECK_MASTER, "「{name}」（{text}）は「{other}」と併用禁忌です。処方を確かめてください。{source}"),
    ("I09", _A, _CHECK_MASTER, "「{name}」（{text}）は表に、この性別・年齢の行がありません。患者と処方を確かめてください。{source}"),
    ("I10", _A, _CHECK_MASTER, "「{name}」（{text}）は表に、この性別・年齢・入外の行がありません。患者と算定を確かめてください。{source}"),
    ("I11", _A, _CHECK_MASTER, "「{name}」（{text}）の{day}の投与より後に、合う病名が{since}から始まっています。開始日を確かめてください。{source}"),
    ("I12", _A, _CHECK_MASTER, "「{name}」（{text}）の{day}の算定より後に、合う病名が{since}から始まっています。開始日を確かめてください。{source}"),
    ("I13", _A, f"{_CHECK_MASTER} 投与量グループ", "「{name}」は同じ成分（{group}）で、合わせた1日量{amount}が{most}を超えています。用量を確かめてください。{source}"),
    ("P01", _A, _CROSS, "調剤された「{name}」（{text}、処方日{day}）が処方にありません。処方箋の控えと照らしてください。"),
    ("P02", _A, _CROSS, "調剤された「{name}」（{text}）の日数・回数{found}が処方の{expected}と違います。処方箋の控えと照らしてください。"),
    ("P03", _A, _CROSS, "調剤された「{name}」（{text}）の量{found}が処方の{expected}と違います。処方箋の控えと照らしてください。"),
    ("P04", _A, _CROSS, "院外で調剤された「{name}」（{text}）に適応のある傷病名が医科のレセプトにありません。病名もれでないか確かめてください。{source}"),
    ("P05", _A, _CROSS, "院外で調剤された「{name}」（{text}）に合うのは「{disease}」の疑いだけです。確定した病名が要ります。{source}"),
    ("P06", _A, _CROSS, "院外で調剤された「{name}」（{text}）の1日量{amount}が{most}を超えています。用量を確かめてください。{source}"),
    ("P07", _A, _CROSS, "院外で調剤された「{name}」（{text}）の日数{count}日が{most}日を超えています。日数を確かめてください。{source}"),
    ("P08", _A, _CROSS, "院外で調剤された「{name}」（{text}）は「{disease}」の患者に禁忌です。病名と処方を確かめてください。{source}"),
    ("P09", _A, _CROSS, "院外で調剤された「{name}」（{text}）は「{other}」と併用禁忌です。処方を確かめてください。{source}"),
    ("P10", _A, _CROSS, "院外で調剤された「{name}」（{text}）は表に、この性別・年齢の行がありません。患者と処方を確かめてください。{source}"),
    ("P11", _A, _CROSS, "院外で調剤された「{name}」（{text}）の{day}の処方より後に、合う病名が{since}から始まっています。開始日を確かめてください。{source}"),
    ("P12", _A, f"{_CROSS}・{_CHECK_MASTER} 投与量グループ", "院外の薬を含む「{name}」は同じ成分（{group}）で、合わせた1日量{amount}が{most}を超えています。用量を確かめてください。{source}"),
    ("N01", _A, "再算定（点数表の規則）", "{day}に「{name}」{points}点を算定できるかもしれません。{why}"),
    ("N02", _A, "医科点数表 D026 検体検査判断料", "「{name}」（{text}）がありますが、その区分の判断料がありません。算定漏れでないか確かめてください。"),
    ("N03", _A, "医科点数表 第1章 基本診療料", "初診・再診・医学管理・在宅のどれもありません。基本診療料の算定漏れでないか確かめてください。"),
    ("N04", _A, "医科点数表 F100 処方料", "院内の投薬がありますが処方料がありません。算定漏れでないか確かめてください。"),
    ("N05", _A, "医科点数表 F000 調剤料", "院内の投薬がありますが調剤料がありません。算定漏れでないか確かめてください。"),
    ("E01", _C, _ONLINE, "保険の資格は{until}までで、{day}の受診にはありません。新しい保険証の資格を確かめてください。"),
    ("E02", _C, _ONLINE, "保険の資格は{since}からで、{day}の受診にはありません。受診日の資格を確かめてください。"),
    ("E03", _C, _ONLINE, "レセプトの保険者番号は{found}ですが、受診日の資格は保険者番号{expected}です。番号・記号・番号を確かめてください。"),
    ("E04", _C, _ONLINE, "月の途中で資格が変わり、{days}の受診にはこの保険の資格がありません。レセプトを分けてください。"),
    ("E05", _C, _ONLINE, "負担割合が{found}%になりますが、資格では{expected}%です。給付割合を確かめてください。"),
    ("E06", _C, _ONLINE, "レセプト種別は{found}ですが、資格の負担割合は{expected}%です。種別を確かめてください。"),
    ("E07", _C, f"{_ONLINE}・記録条件仕様（医科用）別表9", "特記事項「{text}」が資格の所得区分「{expected}」と合いません。区分を確かめてください。"),
    ("E08", _C, _ONLINE, "公費{text}の資格が{days}の受診にありません。受給者証の期間を確かめてください。"),
    ("H01", _C, f"{_ALONG}・医科電子点数表 05", "「{name}」（{text}）は{unit}{most}回までのところ、{last}の算定と合わせて{day}で{count}回です。算定を確かめてください。"),
    ("H02", _A, f"{_ALONG}・医科電子点数表 05（特例条件・初回・患者当たり）", "「{name}」（{text}）は{unit}{most}回の目安に対し、{last}の算定と合わせて{day}で{count}回です。条件を確かめてください。"),
    ("H03", _A, "医科点数表 A000 通知 (14)", "{day}に初診料がありますが、前の受診{last}から1か月たたず、続いている病名があります。再診でないか確かめてください。"),
    ("H04", _A, f"{_ALONG}・{_CHECK_MASTER} 漫然投与グループ", "「{name}」（{text}、{group}）が{since}から{count}日続いています（目安{most}日）。続ける理由を確かめ、必要なら記載してください。{source}"),
)  # fmt: skip

CONTENT_CATALOGUE: dict[str, ContentCheck] = {
    row[0]: ContentCheck(row[0], row[1], row[2], row[3].replace("{source}", _WHERE_FROM)) for row in _ROWS
}
register({check.message_key: check.sentence for check in CONTENT_CATALOGUE.values()})
