# SPDX-License-Identifier: Apache-2.0
"""資格確認・処方データの読み書き — round trips of made-up messages, and their speed; one JSON line a figure.

``python bench/codecs.py [--size N] [--seed S]`` draws N messages of オンライン資格確認 (in turn UTF-8, Shift_JIS and
JSON) and N documents of the three prescription formats, writes and reads each, and counts those that did not come
back as they were: the value of ``unequal`` must be 0. Peers are ElementTree and csv over the same bytes: they only
split them, while the readers also hold every value against its table.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

from figures import report
from tasuki.eligibility.codes import CODES
from tasuki.eligibility.elements import CONTAINERS, OPEN_CONTAINERS, Element
from tasuki.eligibility.json_text import read_json, write_json
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message, Node
from tasuki.eligibility.reading import read_message
from tasuki.eligibility.xml_text import write_xml
from tasuki.prescriptions.layout import Format
from tasuki.prescriptions.notebook_layout import NOTEBOOK
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.prescriptions.reader import read_prescription, restore
from tasuki.prescriptions.records import Document, Record
from tasuki.prescriptions.service_layout import SERVICE
from tasuki.prescriptions.writer import new_document, write_prescription

_SIGNS = "架空太郎花子アイウｱｲｳ０１AB12-. \u3000～○×<>&\"'"
_FORMATS = (OUTSIDE, SERVICE, NOTEBOOK)


def text(chosen: random.Random) -> str:
    return "".join(chosen.choices(_SIGNS, k=chosen.randrange(12)))


def value(element: Element, chosen: random.Random) -> str:
    if chosen.random() < 0.1:
        return text(chosen)
    match element.kind:
        case "code":
            return chosen.choice(list(CODES[element.codes]))
        case "day":
            return f"{chosen.randrange(1900, 2100)}{chosen.randrange(1, 13):02}{chosen.randrange(1, 29):02}"
        case "time":
            return f"20261130{chosen.randrange(24):02}{chosen.randrange(60):02}00"
        case "insurer":
            return str(chosen.randrange(10**8)).rjust(8)
        case "digits" | "number" | "month":
            return str(chosen.randrange(10**6))
    return text(chosen)


def tree(name: str, chosen: random.Random) -> Node:
    kind = CONTAINERS[name]
    share = chosen.random()
    children = [Node(each.name, value(each, chosen)) for each in kind.elements if chosen.random() < share]
    chosen.shuffle(children)
    for inner in kind.containers if name not in OPEN_CONTAINERS else ():
        if name == "XmlMsg" or chosen.random() < 0.4:
            times = chosen.randrange(1, 3) if CONTAINERS[inner].is_repeated else 1
            children.extend(tree(inner, chosen) for _ in range(times))
    return Node(name, "", tuple(children))


def document(form: Format, chosen: random.Random) -> Document:
    records = []
    for layout in form.layouts.values():
        for _ in range(chosen.randrange(3)):
            items = [
                chosen.choice(field.rule.split("|")) if "|" in field.rule else text(chosen)
                for field in layout.fields
            ]
            records.append(Record(0, (layout.number, *items), form.line_end))
    return new_document(form, records, ("1",) if form is NOTEBOOK else ())


def messages_again(size: int, chosen: random.Random) -> int:
    unequal = 0
    for number in range(size):
        root = tree("XmlMsg", chosen)
        if number % 3 == 2:
            unequal += read_json(write_json(Message(root))).root != root
            continue
        message = Message(root, (UTF8, SHIFT_JIS)[number % 3])
        data = write_xml(message)
        again = read_message(data)
        unequal += (again.root, again.encoding) != (root, message.encoding) or write_xml(again) != data
    return unequal


def documents_again(size: int, chosen: random.Random) -> int:
    unequal = 0
    for number in range(size):
        made = document(_FORMATS[number % 3], chosen)
        data = write_prescription(made)
        again = read_prescription(data)
        same = [one.values for one in again.records] == [one.values for one in made.records]
        unequal += not same or restore(again) != data or again.encoding != made.encoding
    return unequal


def a_second(act: Callable[[bytes], object], inputs: list[bytes]) -> float:
    begun = time.perf_counter()
    for data in inputs:
        act(data)
    return len(inputs) / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2_000, help="messages, and as many documents")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chosen = random.Random(args.seed)
    report("eligibility/unequal", messages_again(args.size, chosen), f"of {args.size}")
    report("prescription/unequal", documents_again(args.size, chosen), f"of {args.size}")
    sample = min(args.size, 2_000)
    data = [write_xml(Message(tree("XmlMsg", chosen))) for _ in range(sample)]
    report("eligibility/read and check", a_second(read_message, data), "messages/s",
           a_second(ElementTree.fromstring, data))  # fmt: skip
    slips = [write_prescription(document(OUTSIDE, chosen)) for _ in range(sample)]
    report("prescription/read and check", a_second(read_prescription, slips), "documents/s",
           a_second(lambda one: list(csv.reader(io.StringIO(one.decode("cp932")))), slips))  # fmt: skip


if __name__ == "__main__":
    main()
