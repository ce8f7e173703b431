# SPDX-License-Identifier: Apache-2.0
"""変異 — small faults planted in a module's source one at a time, as a tired programmer would make them.

Text that people read is left alone (docstrings, sentences, what an exception or a log says): a test of the walls does
not judge wording. So are annotations and what is only asked by a type checker.
"""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Iterator
from typing import NamedTuple

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_ONLY_TOLD = frozenset({"log", "logging", "warnings"})


# 判定: what became of a mutant; no test is neither.
KILLED, SURVIVED, TIMED_OUT, NO_TEST = "killed", "survived", "timed_out", "no_test"


class Mutant(NamedTuple):
    """変異体 — one change: where it is, and what became of it; ``code`` runs in the module's place."""

    module: str
    line: int
    change: str
    code: types.CodeType

    @property
    def name(self) -> str:
        """変異体の名前 — for reports."""
        return f"{self.module}:{self.line} {self.change}"


class _Place(NamedTuple):
    """変異の場所 — a node of the tree, and a function that changes its copy."""

    line: int
    before: str
    path: tuple[tuple[str, int | None], ...]
    after: ast.AST


def mutants(module: str, source: str, filename: str) -> Iterator[Mutant]:
    """変異体 — every one of a module, in the order of its lines.

    >>> [each.change for each in mutants("m", "def f(a: int) -> bool:\\n    return a > 1", "m.py")]
    ['return a > 1 → return None', 'a > 1 → a >= 1', '1 → 2']
    """
    tree = ast.parse(source)
    for place in _places(tree, ()):
        changed = copy.deepcopy(tree)
        _put(changed, place.path, place.after)
        ast.fix_missing_locations(changed)
        code = compile(changed, filename, "exec")
        yield Mutant(
            module, place.line, f"{_short(place.before)} → {_short(ast.unparse(place.after)) or 'pass'}", code
        )


def _places(node: ast.AST, path: tuple[tuple[str, int | None], ...]) -> Iterator[_Place]:
    for after in _changes(node):
        yield _Place(getattr(node, "lineno", 0), ast.unparse(node), path, after)
    for name, value in ast.iter_fields(node):
        if _is_left_alone(node, name):
            continue
        if isinstance(value, ast.AST):
            yield from _places(value, (*path, (name, None)))
        elif isinstance(value, list):
            for at, each in enumerate(value):
                if isinstance(each, ast.AST) and not _is_text(each, node):
                    yield from _places(each, (*path, (name, at)))


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may become of one node."""
    match node:
        case ast.Compare(ops=[only]) if type(only) in _SWAPPED:
            yield _with(node, ops=[_SWAPPED[type(only)]()])
        case ast.BoolOp() | ast.BinOp() if type(node.op) in _SWAPPED:
            yield _with(node, op=_SWAPPED[type(node.op)]())
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield inner
        case ast.Constant(value=bool(truth)):
            yield ast.Constant(not truth)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
        case ast.Constant(value=str(text)) if _is_word(text):
            yield ast.Constant(text + "X")
        case ast.Return(value=ast.expr() as value) if not _is_nothing_or_truth(value):
            yield _with(node, value=ast.Constant(None))
        case ast.Expr(value=ast.Call(func=called)) if _root(called) not in _ONLY_TOLD:
            yield ast.Pass()
        case ast.Raise():
            yield ast.Pass()
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call()):
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _with(node: ast.AST, **changed: object) -> ast.AST:
    fresh = copy.copy(node)
    for name, value in changed.items():
        setattr(fresh, name, value)
    return fresh


def _put(tree: ast.AST, path: tuple[tuple[str, int | None], ...], after: ast.AST) -> None:
    node: ast.AST = tree
    for name, at in path[:-1]:
        child = getattr(node, name)
        node = child if at is None else child[at]
    name, at = path[-1]
    if at is None:
        setattr(node, name, after)
    else:
        getattr(node, name)[at] = after


def _is_left_alone(node: ast.AST, field: str) -> bool:
    if field in ("annotation", "returns", "type_comment", "decorator_list", "bases", "type_params"):
        return True
    # What an exception says is read by people; that it is raised is what counts.
    if isinstance(node, ast.Raise):
        return True
    return isinstance(node, ast.Call) and field != "func" and _root(node.func) in _ONLY_TOLD


def _is_text(node: ast.AST, parent: ast.AST) -> bool:
    """A docstring, an import, a name kept or exported, or a block that only a type checker reads."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    # The word a member of an enumeration is kept as, and what a module exports: names, not decisions.
    is_word = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Tuple | ast.List)
    return (is_word and isinstance(parent, ast.ClassDef) and _is_enumeration(parent)) or _is_export(node)


def _is_enumeration(node: ast.ClassDef) -> bool:
    return any(
        _root(base) == "enum" or ast.unparse(base).endswith(("Enum", "Choices")) for base in node.bases
    )


def _is_export(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "__all__" for each in getattr(node, "targets", []))


def _is_word(text: str) -> bool:
    """Whether a string is something the program compares, and not something people read."""
    return bool(text) and text.isascii() and " " not in text


def _is_nothing_or_truth(node: ast.expr) -> bool:
    """Answers that None would say as well, or that are turned round anyway."""
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"
