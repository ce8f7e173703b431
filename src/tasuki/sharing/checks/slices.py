# SPDX-License-Identifier: Apache-2.0
"""スライスの点検 — which slice each item of a list belongs to, how many of each, and what the slice says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.sharing.checks.discriminators import fixed_text, matcher
from tasuki.sharing.ig.table import Slicing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.delta import Item, Items
    from tasuki.sharing.checks.delta_tree import Node
    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run

BY_URL = Slicing((("value", "url"),))
BY_TYPE = Slicing((("type", "$this"),))


def slicing_check(engine: Engine, node: Node) -> Callable[[Items, Path, Run], None]:
    """スライスの点検 — an item belongs to the first slice whose discriminators it meets.

    Cite: FHIR R4 profiling, slicing
    """
    from tasuki.sharing.checks.delta import item_check

    slicing = node.row.slicing or (
        BY_URL
        if node.name in ("extension", "modifierExtension")
        else BY_TYPE
        if node.name.endswith("[x]")
        else Slicing()
    )
    made: list[tuple[str, Any, Any, int, int | None]] = []
    for name, each in node.slices.items():
        row = each.row
        most = None if row.max in (None, "*") else int(row.max or 0)
        made.append(
            (name, matcher(engine, slicing, each, name), item_check(engine, each), row.min or 0, most)
        )
    is_closed = slicing.rules == "closed"
    is_last_open = slicing.rules == "openAtEnd"
    is_ordered = slicing.is_ordered
    needed = [(name, least) for name, _, _, least, _ in made if least]
    undecided = [name for name, match, _, _, _ in made if match is None]
    chosen = _chooser(engine, slicing, list(node.slices.values()), made)

    def check(items: Items, path: Path, run: Run) -> None:
        counts: dict[str, int] = {}
        last, has_open = -1, False
        for item in items:
            for number, (name, match, act, _, most) in chosen(item):
                if match is not None and match(item, run):
                    counts[name] = count = counts.get(name, 0) + 1
                    if most is not None and count > most:
                        run.block("L-02", item[1], slice=name, most=most)
                    if act is not None:
                        act(item, run)
                    if is_ordered and number < last:
                        run.block("L-04", item[1], slice=name)
                    if is_last_open and has_open:
                        run.block("L-05", item[1], slice=name)
                    last = max(last, number)
                    break
            else:
                has_open = True
                if is_closed and not undecided:
                    run.block("L-03", item[1], slices="・".join(name for name, *_ in made))
        for name, least in needed:
            count = counts.get(name, 0)
            if count < least and name not in undecided:
                run.block("L-01", path, slice=name, least=least, count=count, how=_how(engine, node, name))

    return check


def _chooser(
    engine: Engine, slicing: Slicing, nodes: list[Node], made: list[tuple[str, Any, Any, int, int | None]]
) -> Callable[[Item], list[tuple[int, Any]]]:
    """The slices an item can be of, by the fixed texts they ask for: hundreds of tests have a slice each."""
    paths = [path for kind, path in slicing.discriminators if kind == "value" and path.isalpha()]
    every = list(enumerate(made))
    if len(made) < 4 or not paths:
        return lambda item: every
    texts = [tuple(fixed_text(engine, node, path) for path in paths) for node in nodes]
    index: dict[tuple[str, ...], list[tuple[int, Any]]] = {}
    for text, one in zip(texts, every, strict=True):
        index.setdefault(text, []).append(one)
    # Which of the paths a slice says something of: each such shape is looked up once.
    shapes = sorted({tuple(bool(part) for part in text) for text in texts})

    def chosen(item: Item) -> list[tuple[int, Any]]:
        if type(item[0]) is not dict:
            return every
        there = [item[0].get(path) for path in paths]
        found: list[tuple[int, Any]] = []
        for shape in shapes:
            key = tuple(str(each) if asked else "" for each, asked in zip(there, shape, strict=True))
            found += index.get(key, ())
        return sorted(found, key=_number) if len(shapes) > 1 else found

    return chosen


def _number(numbered: tuple[int, Any]) -> int:
    return numbered[0]


def _how(engine: Engine, node: Node, name: str) -> str:
    """What tells the slice, for the remedy: its fixed and pattern values."""
    found: list[str] = []
    each = node.slices[name]
    for fact in each.row.types or ():
        found.extend(fact.profiles)
    for child in ("system", "code", "url", "display", "coding", "use"):
        inner = each.children.get(child)
        if inner is not None:
            value = inner.row.fixed if inner.row.fixed is not None else inner.row.pattern
            if isinstance(value, str):
                found.append(f"{child} = {value}")
    return "、".join(found[:3]) or name
