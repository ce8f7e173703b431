# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の試験の道具 — made-up institutions on the wire, prescriptions and dispensings as their records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from tasuki.eligibility.message import Node
from tasuki.eligibility.requests import CardNumber, Sender
from tasuki.eligibility.times import JAPAN
from tasuki.prescriptions.service.dispensing import (
    DispensedContents,
    DispensedDrug,
    DispensedRp,
    dispensing_records,
)

TODAY = datetime.now(JAPAN).date()
CARD = CardNumber("06139463", "架空", "12345", "01")
AMLODIPINE = ("4", "2171022F1010", "アムロジピン錠２．５ｍｇ")
AMLODIPINE_OTHER = ("4", "2171022F3014", "アムロジピンＯＤ錠２．５ｍｇ「別」")
LOXOPROFEN = ("4", "1149019F1560", "ロキソプロフェン錠６０ｍｇ")


def prescription_text(
    number: str,
    *drugs: tuple[str, str, str],
    issued_on: date = TODAY,
    days: int = 28,
    card: CardNumber = CARD,
    extra: tuple[str, ...] = (),
) -> bytes:
    """The records of a prescription (SJ1) of an institution, each drug in an RP of its own."""
    lines = [
        "SJ1",
        f"1,{number[2]},{number[3:]},{number[:2]},試験医院",
        "4,1,,内科",
        "5,,,襷　太郎",
        "11,,架空　花子,ｶｸｳ ﾊﾅｺ",
        "12,2",
        "13,19600606",
        "21,1",
        f"22,{card.insurer_number}",
        f"23,{card.symbol},{card.number},1,{card.branch}",
        f"51,{issued_on:%Y%m%d}",
        *extra,
    ]
    for rp, (kind, code, name) in enumerate(drugs, 1):
        lines += [
            f"101,{rp},1,,{days}",
            f"111,{rp},2,1011000400000000,１日１回朝食後,1",
            f"201,{rp},1,1,{kind},{code},{name},1,1,錠",
        ]
    return ("\n".join(lines) + "\n").encode()


def split_texts(
    number: str, lengths: tuple[int, ...], *drugs: tuple[str, str, str], form: str = "1", **more: object
) -> list[bytes]:
    """The records of each part of a split prescription, as this clinic writes them."""
    whole, count = sum(lengths), len(lengths)
    made = []
    for nth, days in enumerate(lengths, 1):
        text = prescription_text(number, *drugs, days=whole, extra=(f"63,{count},{nth}",), **more).decode()
        for rp in range(1, len(drugs) + 1):
            text = text.replace(
                f"\n101,{rp},1,,{whole}\n", f"\n101,{rp},{form},,{whole}\n102,{rp},{days},{whole}\n"
            )
        made.append(text.encode())
    return made


def dispensing_text(*drugs: tuple[str, str, str], on: date = TODAY, days: int = 28) -> bytes:
    """The records of a dispensing (CJ1)."""
    rps = tuple(
        DispensedRp(
            str(rp),
            "1",
            days,
            "１日１回朝食後",
            "1011000400000000",
            (DispensedDrug(kind, code, name, "1", "錠"),),
        )
        for rp, (kind, code, name) in enumerate(drugs, 1)
    )
    return dispensing_records(
        DispensedContents(
            on, "架空　花子", "ｶｸｳ ﾊﾅｺ", "2", "19600606", "架空薬局", "13", "9990036", "薬剤　薫", "試験医院",
            "襷　太郎", rps,
        )
    )  # fmt: skip


@dataclass
class Institution:
    """One institution on the wire; answers are read."""

    prefecture: str
    fee_table: str
    code: str
    name: str
    id: UUID = field(default_factory=uuid4)

    @property
    def number(self) -> str:
        return f"{self.prefecture}{self.fee_table}{self.code}"

    def wire(self):
        from tasuki_server.platform.wire import Asker, wire_of

        return wire_of(Asker(self.id, self.prefecture, self.code, self.name, self.fee_table))

    def raw(
        self, operation: str, *values: tuple[str, str], key: UUID | None = None, nodes: tuple[Node, ...] = ()
    ):
        from tasuki.eligibility.xml_text import write_xml
        from tasuki.prescriptions.service.messages import request_message
        from tasuki.prescriptions.service.operations import OPERATIONS

        body = write_xml(request_message(Sender(self.number, "T1"), *values, nodes=nodes))
        name = f"{OPERATIONS[operation].request_stem}1.xml"
        headers = {"Idempotency-Key": str(key)} if key else {}
        return self.wire()("POST", f"prescriptions/messages?file={name}", body, headers)

    def ask(self, operation: str, *values: tuple[str, str], key: UUID | None = None):
        from tasuki.eligibility.xml_text import read_xml
        from tasuki.prescriptions.service.messages import read_answer

        reply = self.raw(operation, *values, key=key)
        assert reply.status == 200, reply
        return read_answer(read_xml(reply.body))

    def register(
        self, *drugs: tuple[str, str, str], key: UUID | None = None, issue: str = "2", **more: object
    ):
        from tasuki.prescriptions.service.messages import to_base64

        values = more.pop("values", ())
        data = prescription_text(self.number, *drugs, **more)
        return self.ask("201", ("PrescriptionInfo", to_base64(data)), ("IssueType", issue), *values, key=key)

    def receive(self, code: str, card: CardNumber = CARD):
        from tasuki.prescriptions.service.messages import card_values

        return self.ask("301", ("AccessCode", code), *card_values(card))

    def dispense(
        self,
        prescription: str,
        *drugs: tuple[str, str, str],
        on: date = TODAY,
        message: str = "",
        key: UUID | None = None,
    ):
        from tasuki.prescriptions.service.messages import to_base64

        return self.ask(
            "307",
            ("PrescriptionId", prescription),
            ("DispensingInfo", to_base64(dispensing_text(*drugs, on=on))),
            ("MessageFlg", "2" if message else "1"),
            ("MessageContents", message),
            key=key,
        )


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)
