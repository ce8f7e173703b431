# SPDX-License-Identifier: Apache-2.0
"""検索の読取り — the pairs of an address become a query; what is not supported is refused, with the reason."""

from __future__ import annotations

from datetime import datetime

from tasuki.sharing.search.parameters import Parameter, is_resource_type, parameter, parameters_of
from tasuki.sharing.search.query import (
    MOST_COUNT,
    USUAL_COUNT,
    BadSearch,
    Chain,
    Condition,
    Include,
    Missing,
    Query,
    Reverse,
    Sort,
    ValueTest,
)
from tasuki.sharing.search.reading import Reader

MOST_CONDITIONS = 30
DEEPEST_CHAIN = 4
MOST_WAYS = 12
MODIFIERS: dict[str, tuple[str, ...]] = {
    "token": ("not", "text", "of-type"), "reference": ("identifier",), "string": ("exact", "contains"),
    "uri": ("above", "below"), "date": (), "number": (), "quantity": (), "composite": (),
}  # fmt: skip
_TERMINOLOGY = "用語サーバがないため使えません。コードを , で並べて書いてください。"
REFUSED_MODIFIERS = {
    ("token", "in"): _TERMINOLOGY, ("token", "not-in"): _TERMINOLOGY, ("token", "above"): _TERMINOLOGY,
    ("token", "below"): _TERMINOLOGY,
    ("reference", "above"): "階層の検索は使えません。", ("reference", "below"): "階層の検索は使えません。",
}  # fmt: skip
REFUSED = {
    "_text": "本文の全文検索は使えません。項目の検索パラメータを使ってください。",
    "_content": "全文検索は使えません。項目の検索パラメータを使ってください。",
    "_filter": "_filter は使えません。検索パラメータの組合せで書いてください。",
    "_query": "名前付きの検索はありません。",
    "_list": "_list は使えません。_has:List:item:_id=… と書いてください。",
    "_type": "型の検索には書けません。型をまたぐときは、型のないアドレスに _type を付けて検索してください。",
    "_containedType": "包含リソースは検索の対象にしません。",
    "near": "距離の検索は使えません。address などで検索してください。",
}
# Said of the answer's form: whoever answers reads them.
_OF_THE_ANSWER = ("_format", "_pretty")
_TOTALS = ("none", "estimate", "accurate")
_SUMMARIES = ("true", "text", "data", "count", "false")


def parse(
    type_name: str,
    pairs: list[tuple[str, str]],
    *,
    is_lenient: bool = False,
    base: str = "",
    count: int | None = None,
    now: datetime | None = None,
) -> Query:
    """検索の読取り — raises :class:`BadSearch`. Unknown parameters are errors unless ``is_lenient``, which is
    what ``Prefer: handling=lenient`` asks. ``base`` is our own address, ``now`` what ``ap`` is measured from.

    Cite: FHIR R4 Search 3.1.1

    >>> parse("Patient", [("birthdate", "ge2000"), ("_count", "5")]).count
    5
    """
    if not is_resource_type(type_name):
        raise BadSearch("_type", f"型 {type_name} はFHIR R4にありません。")
    return _Parsing(type_name, is_lenient, Reader(base, now)).run(pairs, count)


class _Parsing:
    def __init__(self, type_name: str, is_lenient: bool, reader: Reader) -> None:
        self.type, self.is_lenient, self.reader = type_name, is_lenient, reader

    def run(self, pairs: list[tuple[str, str]], count: int | None) -> Query:
        conditions: list[Condition] = []
        sort: list[Sort] = []
        includes: list[Include] = []
        ignored: list[str] = []
        said: dict[str, str] = {}
        for name, text in pairs:
            code = name.partition(":")[0]
            if name in _OF_THE_ANSWER:
                continue
            if name == "_sort":
                sort.extend(_sort(self.type, each) for each in text.split(","))
            elif code in ("_include", "_revinclude"):
                includes.append(_include(self.type, name, text))
            elif name in ("_count", "_total", "_summary", "_elements", "_cursor", "_contained"):
                if name in said:
                    raise BadSearch(name, "2回書かれています。一つにしてください。")
                said[name] = text
            else:
                self._add(conditions, ignored, name, text)
        if len(conditions) > MOST_CONDITIONS:
            raise BadSearch(self.type, f"条件は{MOST_CONDITIONS}個までです。")
        if said.get("_contained", "false") != "false":
            raise BadSearch("_contained", "包含リソースは検索の対象にしません。")
        summary = _one_of("_summary", said.get("_summary", "false"), _SUMMARIES)
        elements = tuple(each.strip() for each in said.get("_elements", "").split(",") if each.strip())
        if elements and summary != "false":
            raise BadSearch("_elements", "_summary と一緒には使えません。")
        return Query(
            self.type, tuple(conditions), tuple(sort),
            count if count is not None else _count(said.get("_count", str(USUAL_COUNT))),
            said.get("_cursor", ""),
            _one_of("_total", said["_total"], _TOTALS) if "_total" in said else "",
            "" if summary == "false" else summary, elements, tuple(includes), tuple(ignored),
        )  # fmt: skip

    def _add(self, conditions: list[Condition], ignored: list[str], name: str, text: str) -> None:
        try:
            conditions.append(self.condition(self.type, name, text, name, 0))
        except _Unknown as unknown:
            if not self.is_lenient:
                raise BadSearch(unknown.parameter, unknown.text) from None
            ignored.append(name)

    def condition(self, type_name: str, key: str, text: str, name: str, depth: int) -> Condition:
        if depth > DEEPEST_CHAIN:
            raise BadSearch(name, f"連鎖は{DEEPEST_CHAIN}段までです。")
        if key.startswith("_has:"):
            return self._reverse(type_name, key, text, name, depth)
        head, dot, tail = key.partition(".")
        if dot:
            return self._chain(type_name, head, tail, text, name, depth)
        code, _, modifier = key.partition(":")
        found = _known(type_name, code, name)
        if modifier == "missing":
            if text not in ("true", "false"):
                raise BadSearch(name, "true か false を書いてください。")
            return Missing(found, text == "true")
        _check_modifier(found, modifier, name)
        values = self.reader.values(found, modifier, name, text)
        return ValueTest(found, "" if is_resource_type(modifier) else modifier, values)

    def _reverse(self, type_name: str, key: str, text: str, name: str, depth: int) -> Condition:
        parts = key.split(":", 3)
        if len(parts) < 4:
            raise BadSearch(name, "_has:型:参照の検索パラメータ:検索パラメータ の形で書いてください。")
        _, source, code, tail = parts
        if not is_resource_type(source):
            raise BadSearch(name, f"型 {source} はFHIR R4にありません。")
        found = _reference(source, code, name)
        if found.targets and type_name not in found.targets:
            raise BadSearch(name, f"{source} の {code} は {type_name} を指しません。")
        return Reverse(source, found, self.condition(source, tail, text, name, depth + 1))

    def _chain(self, type_name: str, head: str, tail: str, text: str, name: str, depth: int) -> Condition:
        code, _, wanted = head.partition(":")
        found = _reference(type_name, code, name)
        targets = found.targets or tuple(each for each in (wanted,) if each)
        if wanted:
            if not is_resource_type(wanted) or wanted not in targets:
                raise BadSearch(name, f"{code} は型 {wanted} を指しません。")
            targets = (wanted,)
        ways: list[tuple[str, Condition]] = []
        wrong: BadSearch | None = None
        for target in targets:
            try:
                ways.append((target, self.condition(target, tail, text, name, depth + 1)))
            except BadSearch as told:
                wrong = told
        if not ways:
            raise wrong or BadSearch(name, "指す先の型が分かりません。")
        if len(ways) > MOST_WAYS:
            raise BadSearch(
                name, f"指す先の型が多すぎます。{code}:型.{tail} のように型を一つ書いてください。"
            )
        return Chain(found, tuple(ways))


class _Unknown(BadSearch):
    """A parameter that the type does not have: may be passed over."""


def _known(type_name: str, code: str, name: str) -> Parameter:
    found = parameter(type_name, code)
    if code in REFUSED and (found is None or found.kind == "special"):
        raise BadSearch(name, REFUSED[code])
    if found is None:
        near = "、".join(each.code for each in parameters_of(type_name) if each.code[:3] == code[:3])
        hint = f"近いもの: {near}" if near else "CapabilityStatementの一覧を見てください。"
        raise _Unknown(name, f"{type_name} に検索パラメータ {code} はありません。{hint}")
    return found


def _reference(type_name: str, code: str, name: str) -> Parameter:
    found = _known(type_name, code, name)
    if found.kind != "reference":
        raise BadSearch(name, f"{type_name} の {code} は参照ではないため、連鎖できません。")
    if type_name == "Bundle":
        # They stand inside the Bundle: nothing of this store need have their id.
        raise BadSearch(name, f"Bundle の {code} は中にあるリソースです。連鎖も同梱もできません。")
    return found


def _check_modifier(found: Parameter, modifier: str, name: str) -> None:
    allowed = MODIFIERS.get(found.kind, ())
    if not modifier or modifier in allowed:
        return
    refused = REFUSED_MODIFIERS.get((found.kind, modifier))
    if refused:
        raise BadSearch(name, refused)
    if found.kind == "reference" and is_resource_type(modifier):
        if modifier in found.targets or not found.targets:
            return
        raise BadSearch(name, f"{found.code} は型 {modifier} を指しません。")
    usable = "、".join((*allowed, "missing"))
    raise BadSearch(name, f"修飾子 {modifier} は使えません。使えるもの: {usable}")


def _sort(type_name: str, text: str) -> Sort:
    code = text.removeprefix("-")
    found = _known(type_name, code, f"_sort={text}")
    if found.kind in ("composite", "special"):
        raise BadSearch("_sort", f"{code} では並べ替えられません。")
    return Sort(found, text.startswith("-"))


def _include(type_name: str, name: str, text: str) -> Include:
    code, _, modifier = name.partition(":")
    if modifier not in ("", "iterate", "recurse"):
        raise BadSearch(name, "修飾子は iterate だけです。")
    is_reverse = code == "_revinclude"
    if text == "*" and not is_reverse:
        return Include(is_reverse, type_name, None, "", bool(modifier))
    source, _, rest = text.partition(":")
    path, _, target = rest.partition(":")
    if not is_resource_type(source) or not path or (target and not is_resource_type(target)):
        raise BadSearch(name, "型:検索パラメータ または 型:検索パラメータ:指す先の型 の形で書いてください。")
    if not modifier and not is_reverse and source != type_name:
        raise BadSearch(
            name, f"{type_name} の検索です。{source} から同梱するには {name}:iterate と書きます。"
        )
    found = None if path == "*" else _reference(source, path, name)
    if found and target and found.targets and target not in found.targets:
        raise BadSearch(name, f"{path} は型 {target} を指しません。")
    return Include(is_reverse, source, found, target, bool(modifier))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadSearch("_count", "0以上の整数を書いてください。")
    return min(int(text), MOST_COUNT)


def _one_of(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise BadSearch(name, f"{'、'.join(allowed)} のどれかを書いてください。")
    return text
