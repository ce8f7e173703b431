# SPDX-License-Identifier: Apache-2.0
"""JSONパッチ — add, remove, replace, move, copy and test over a resource, all or none.

Cite: RFC 6902, RFC 6901
"""

from __future__ import annotations

import copy
from typing import Any

from tasuki_server.exchange.bodies import DEPTH
from tasuki_server.exchange.outcome import refuse

MOST_STEPS = 1000
# 写しの上限: a copy of a copy doubles; in characters, each value counted as some more.
MOST_COPIED, EACH = 1_000_000, 16
_NEEDS = {
    "add": ("path", "value"), "remove": ("path",), "replace": ("path", "value"), "move": ("path", "from"),
    "copy": ("path", "from"), "test": ("path", "value"),
}  # fmt: skip
_MISSING = object()


def read_patch(value: Any) -> list[dict[str, Any]]:
    """パッチの読込み — a list of steps, each with what it needs."""
    if not isinstance(value, list) or not value:
        raise refuse("patch-form", found="手順の配列ではありません")
    if len(value) > MOST_STEPS:
        raise refuse("patch-form", found=f"手順は{MOST_STEPS}個までです")
    for n, step in enumerate(value):
        needs = (
            _NEEDS.get(step.get("op")) if isinstance(step, dict) and isinstance(step.get("op"), str) else None
        )
        if needs is None or any(name not in step for name in needs):
            raise refuse("patch-form", found=f"{n + 1}番目の手順")
        if any(not isinstance(step[name], str) for name in needs if name != "value"):
            raise refuse("patch-form", found=f"{n + 1}番目の手順の path")
    return value


def apply_patch(resource: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """パッチの適用 — gives a new resource; what was given stays as it is.

    >>> apply_patch({"a": [1, 2]}, [{"op": "add", "path": "/a/-", "value": 3}, {"op": "remove", "path": "/a/0"}])
    {'a': [2, 3]}
    """
    made: Any = copy.deepcopy(resource)
    copied = 0
    for step in steps:
        op, path = step["op"], step["path"]
        if op == "test":
            if not _same(_get(made, path), step["value"]):
                raise refuse("patch", path, found="値が違います")
        elif op == "remove":
            made, _ = _remove(made, path)
        elif op == "replace":
            _get(made, path)
            made, _ = _remove(made, path)
            made = _add(made, path, copy.deepcopy(step["value"]))
        elif op == "add":
            made = _add(made, path, copy.deepcopy(step["value"]))
        elif op == "copy":
            taken = _get(made, step["from"])
            copied += _size(taken, path, MOST_COPIED - copied)
            made = _add(made, path, copy.deepcopy(taken))
        else:
            if path.startswith(step["from"] + "/"):
                raise refuse("patch", path, found="自らの中へは移せません")
            made, taken = _remove(made, step["from"])
            made = _add(made, path, taken)
    if not isinstance(made, dict):
        raise refuse("patch", "/", found="リソースがなくなります")
    _size(made, "/")
    return made


def _size(value: Any, path: str, most: int | None = None) -> int:
    """How much a value holds; refused beyond what is allowed, and for being deeper than any body may be."""
    size, waiting = 0, [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        size += EACH
        if isinstance(each, str):
            size += len(each)
        elif isinstance(each, dict):
            size += sum(map(len, each))
            waiting.extend((inner, depth + 1) for inner in each.values())
        elif isinstance(each, list):
            waiting.extend((inner, depth + 1) for inner in each)
        if depth > DEPTH:
            raise refuse("patch", path, found=f"{DEPTH}段より深くなります")
        if most is not None and size > most:
            raise refuse("patch", path, found=f"写しが大きすぎます。合わせて{MOST_COPIED:,}文字までです")
    return size


def _steps(path: str) -> list[str]:
    if path == "":
        return []
    if not path.startswith("/"):
        raise refuse("patch", path, found="/ で始めてください")
    return [each.replace("~1", "/").replace("~0", "~") for each in path[1:].split("/")]


def _walk(value: Any, path: str, names: list[str]) -> Any:
    for name in names:
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _is_place(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise refuse("patch", path, found="ありません")
    return value


def _get(value: Any, path: str) -> Any:
    return _walk(value, path, _steps(path))


def _add(value: Any, path: str, what: Any) -> Any:
    names = _steps(path)
    if not names:
        return what
    held, name = _walk(value, path, names[:-1]), names[-1]
    if isinstance(held, dict):
        held[name] = what
    elif isinstance(held, list) and name == "-":
        held.append(what)
    elif isinstance(held, list) and _is_place(name) and int(name) <= len(held):
        held.insert(int(name), what)
    else:
        raise refuse("patch", path, found="置けません")
    return value


def _remove(value: Any, path: str) -> tuple[Any, Any]:
    names = _steps(path)
    taken = _walk(value, path, names)
    if not names:
        return _MISSING, taken
    held, name = _walk(value, path, names[:-1]), names[-1]
    del held[name if isinstance(held, dict) else int(name)]
    return value, taken


def _is_place(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 7 and (name == "0" or name[0] != "0")


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
