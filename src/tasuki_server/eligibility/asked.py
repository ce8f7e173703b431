# SPDX-License-Identifier: Apache-2.0
"""照会条件の読取 — what a request asks for, item by item; what cannot be taken is told about this one person only."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tasuki.eligibility.message import Node
from tasuki.eligibility.times import read_day
from tasuki.kernel.printable import printable
from tasuki_server.eligibility.keys import card_key
from tasuki_server.eligibility.refusals import Refusal, refuse

_LONGEST = {
    "InsuredCardSymbol": ("被保険者証記号", 20),
    "InsuredIdentificationNumber": ("被保険者証番号", 20),
    "InsuredBranchNumber": ("枝番", 2),
    "ReferenceNumber": ("照会番号", 50),
    "ArbitraryIdentifier": ("任意の識別子", 100),
}


class AskedCard(NamedTuple):
    """照会された番号 — insurer without blanks, and the keys of symbol and number."""

    insurer: str
    symbol: str
    number: str
    branch: str


class Asked(NamedTuple):
    """照会条件 — of one person; ``node`` goes back as it came."""

    card: AskedCard
    born: date
    is_limit_asked: bool
    own_identifier: str
    node: Node


def read_asked(node: Node) -> Asked | Refusal:
    """照会条件の読取 — of one ``QualificationConfirmSearchInfo``."""
    card = read_card(node)
    if isinstance(card, Refusal):
        return card
    text = node.value("Birthdate")
    if not text:
        return refuse("TSKP001", term="生年月日")
    born = read_day(text)
    if born is None:
        return refuse("TSKP002", term="生年月日", text=text)
    flag = node.value("LimitApplicationCertificateRelatedConsFlg")
    if flag not in ("", "0", "1"):
        return refuse("TSKP002", term="限度額適用認定証 提供同意", text=flag)
    return Asked(card, born, flag == "1", node.value("ArbitraryIdentifier"), node)


def read_card(
    node: Node,
    symbol: str = "InsuredCardSymbol",
    number: str = "InsuredIdentificationNumber",
    branch: str = "InsuredBranchNumber",
) -> AskedCard | Refusal:
    """照会された番号の読取 — under the names that a message has for them."""
    values = {child.name: child.text for child in node.children}
    insurer = values.get("InsurerNumber", "").strip(" ")
    if not insurer:
        return refuse("TSKP001", term="保険者番号")
    if not (insurer.isascii() and insurer.isdecimal() and len(insurer) in (6, 8)):
        return refuse("TSKP002", term="保険者番号", text=insurer)
    found = values.get(number, "")
    if not found:
        return refuse("TSKP001", term="被保険者証番号")
    for name, (term, limit) in _LONGEST.items():
        text = values.get(name, "")
        if len(text) > limit:
            return refuse("TSKP002", term=term, text=text)
    branch_text = values.get(branch, "")
    # 枝番 has two digits; one that was written with one is the same.
    if branch_text.isascii() and branch_text.isdecimal():
        branch_text = branch_text.zfill(2)
    key, symbol_key = card_key(found), card_key(values.get(symbol, ""))
    if not key:
        return refuse("TSKP002", term="被保険者証番号", text=found)
    for term, each in (("被保険者証番号", key), ("被保険者証記号", symbol_key), ("枝番", branch_text)):
        # A control character or half a surrogate is no part of a number, and no table takes it.
        if not each.isprintable():
            return refuse("TSKP002", term=term, text=printable(each))
    return AskedCard(insurer, symbol_key, key, branch_text)
