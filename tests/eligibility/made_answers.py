# SPDX-License-Identifier: Apache-2.0
"""Made-up messages: every container of the table with every element, and trees that hypothesis draws."""

from __future__ import annotations

from hypothesis import strategies as st

from tasuki.eligibility.codes import CODES
from tasuki.eligibility.elements import CONTAINERS, OPEN_CONTAINERS, Element
from tasuki.eligibility.message import Node

PLAIN = {
    "day": "20261130",
    "time": "20261130083000",
    "month": "202611",
    "number": "20000",
    "insurer": "  138057",
    "base64": "QUJD",
    "text": "架空",
}


def plain_value(element: Element) -> str:
    """A value that the element may hold."""
    if element.kind == "code":
        return next(iter(CODES[element.codes]))
    if element.kind == "digits":
        return "1" * element.limit
    return PLAIN[element.kind]


def full(name: str) -> Node:
    """A container with everything in it."""
    kind = CONTAINERS[name]
    return Node(
        name,
        "",
        (
            *(Node(each.name, plain_value(each)) for each in kind.elements),
            *(full(each) for each in kind.containers),
        ),
    )


def full_message() -> Node:
    """Every element of the table, once."""
    return full("XmlMsg")


_SIMPLE = st.text(st.sampled_from("架空太郎アｱ０1A<>&\"' \u3000\t\r\n～－髙"), max_size=12)


def texts(element: Element) -> st.SearchStrategy[str]:
    """Texts of an element: what it may hold, and anything else."""
    return st.one_of(st.just(plain_value(element)), _SIMPLE)


@st.composite
def containers(draw: st.DrawFn, name: str) -> Node:
    """A container with some of its elements, in any order, and parts that may stand repeatedly."""
    kind = CONTAINERS[name]
    children = (
        [
            Node(each.name, draw(texts(each)))
            for each in draw(st.lists(st.sampled_from(kind.elements), max_size=6, unique=True))
        ]
        if kind.elements
        else []
    )
    if name not in OPEN_CONTAINERS and kind.containers:
        chosen = draw(st.lists(st.sampled_from(kind.containers), max_size=2, unique=True))
        if name == "XmlMsg":
            chosen = list(kind.containers)
        for inner in chosen:
            times = draw(st.integers(1, 2)) if CONTAINERS[inner].is_repeated else 1
            children.extend(draw(containers(inner)) for _ in range(times))
    return Node(name, "", tuple(children))
