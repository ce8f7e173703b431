# SPDX-License-Identifier: Apache-2.0
"""FHIRPathの構文 — text to a tree of tuples; what it cannot read it refuses, naming the place."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

Tree = tuple[Any, ...]
DEPTH = 60
MOST_CHARACTERS = 20_000

_TOKEN = re.compile(
    r"""\s*(?:(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<date>@T?[0-9][0-9T:.+\-Z]*)
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<quoted>`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")
    |(?P<special>\$this|\$index|\$total)
    |(?P<external>%(?:`[^`]*`|'[^']*'|[A-Za-z_][A-Za-z0-9_\-]*))
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<mark><=|>=|!=|!~|[=~<>+\-*/&|.,()\[\]{}]))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
# From the loosest to the tightest binding.
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("implies",), ("or", "xor"), ("and",), ("in", "contains"), ("=", "~", "!=", "!~"),
    ("<", ">", "<=", ">="), ("|",), ("is", "as"), ("+", "-", "&"), ("*", "/", "div", "mod"),
)  # fmt: skip


class NotReadable(ValueError):
    """FHIRPathの誤り — the expression cannot be read."""


def parse(text: str) -> Tree:
    """構文解析 — raises :class:`NotReadable`.

    Cite: FHIRPath Normative Release (v2.0.0) Grammar

    >>> parse("name.exists()")
    ('call', ('member', ('this',), 'name'), 'exists', ())
    """
    if len(text) > MOST_CHARACTERS:
        raise NotReadable(f"{MOST_CHARACTERS}文字を超えています")
    reader = _Reader(_tokens(text))
    tree = reader.level(0)
    if reader.at < len(reader.tokens):
        raise NotReadable(f"「{reader.tokens[reader.at][1]}」の前が終わっていません")
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        if not text[at:].strip():
            break
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotReadable(f"{at + 1}文字目が読めません")
        at = match.end()
        kind = str(match.lastgroup)
        if kind != "comment":
            found.append((kind, match[kind]))
    return found


def unescape(text: str) -> str:
    """文字列の復元 — of a literal without its quotes."""
    return _ESCAPE.sub(
        lambda one: chr(int(one[1][1:], 16)) if len(one[1]) == 5 else _ESCAPES.get(one[1], one[1]), text
    )


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, mark: str = "") -> str:
        kind, text = self.peek()
        if kind == "end" or (mark and text != mark):
            raise NotReadable(f"「{mark or '式'}」がありません")
        self.at += 1
        return text

    def level(self, number: int) -> Tree:
        if number == 0:
            self.depth += 1
            if self.depth > DEPTH:
                raise NotReadable(f"入れ子が{DEPTH}段を超えています")
        if number == len(_LEVELS):
            return self.unary()
        left = self.level(number + 1)
        while self.peek()[1] in _LEVELS[number] and self.peek()[0] in ("word", "mark"):
            operator = self.take()
            if operator in ("is", "as"):
                left = ("type", left, operator, self.type_name())
            else:
                left = ("binary", operator, left, self.level(number + 1))
        if number == 0:
            self.depth -= 1
        return left

    def type_name(self) -> str:
        if self.peek()[0] not in ("word", "quoted"):
            raise NotReadable("型の名前がありません")
        name = self.take().strip('`"')
        while self.peek()[1] == ".":
            self.take()
            name = self.take().strip('`"')
        return name

    def unary(self) -> Tree:
        if self.peek() in (("mark", "-"), ("mark", "+")):
            sign = self.take()
            inner = self.unary()
            return ("negative", inner) if sign == "-" else inner
        return self.postfix(self.term())

    def postfix(self, tree: Tree) -> Tree:
        while self.peek()[0] == "mark":
            mark = self.peek()[1]
            if mark == ".":
                self.take()
                tree = self.invocation(tree)
            elif mark == "[":
                self.take()
                tree = ("index", tree, self.level(0))
                self.take("]")
            else:
                break
        return tree

    def invocation(self, source: Tree) -> Tree:
        kind, text = self.peek()
        if kind == "special":
            self.take()
            return ("this",) if text == "$this" else ("special", text)
        if kind not in ("word", "quoted"):
            raise NotReadable(f"「{text}」は使えません")
        name = self.take()
        if kind == "quoted":
            return ("member", source, unescape(name[1:-1]))
        if self.peek() != ("mark", "("):
            return ("member", source, name)
        self.take("(")
        if name in ("is", "as", "ofType"):
            told = self.type_name()
            self.take(")")
            return ("type", source, name, told)
        arguments: list[Tree] = []
        while self.peek() != ("mark", ")"):
            arguments.append(self.level(0))
            if self.peek() == ("mark", ","):
                self.take()
        self.take(")")
        return ("call", source, name, tuple(arguments))

    def term(self) -> Tree:
        kind, text = self.peek()
        if kind in ("word", "quoted", "special") and text not in ("true", "false"):
            return self.invocation(("this",))
        self.take()
        if text in ("true", "false"):
            return ("literal", text == "true")
        if kind == "string":
            return ("literal", unescape(text[1:-1]))
        if kind == "number":
            value = Decimal(text) if "." in text else int(text)
            if self.peek()[0] == "string":
                raise NotReadable("単位つきの数は使えません")
            return ("literal", value)
        if kind == "date":
            return ("literal", text.lstrip("@").rstrip("T"))
        if kind == "external":
            return ("external", text[1:].strip("`'"))
        if text == "(":
            inner = self.level(0)
            self.take(")")
            return inner
        if text == "{":
            self.take("}")
            return ("nothing",)
        raise NotReadable(f"「{text}」は使えません")
