# SPDX-License-Identifier: Apache-2.0
"""資料のページ — settings, finding codes, commands and permissions, as Markdown."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import tasuki
import tasuki_server
from tasuki.claims.checks.catalogue import CATALOGUE
from tasuki.claims.content.catalogue import CONTENT_CATALOGUE
from tasuki.kernel.messages import registered
from tasuki.security.permissions import PERMISSIONS, Role
from tasuki_server.cli.nouns import noun_module, present_nouns
from tasuki_server.reference.case_index import case_index
from tasuki_server.reference.copayment_page import copayment_lines
from tasuki_server.reference.coverage_page import coverage_lines
from tasuki_server.reference.starter_page import starter_lines
from tasuki_server.reference.terms import terms_table
from tasuki_server.settings_table import SETTINGS

NOTE = "<!-- Made by ./tasuki docs from the code; changes by hand are lost. -->"


def settings_page() -> str:
    """設定の資料 — every TASUKI_* variable."""
    rows = [
        f"| `{each.name}` | {f'`{each.default}`' if each.default else ''} | {each.japanese} | {each.english} |"
        for each in SETTINGS
    ]
    return _page("設定 / Settings", ["| 変数 | 既定 | 意味 | meaning |", "|---|---|---|---|", *rows])


def findings_page() -> str:
    """指摘の資料 — every message a finding can carry; codes are public and never reused."""
    for module in pkgutil.walk_packages(tasuki.__path__, "tasuki."):
        importlib.import_module(module.name)
    # A room of the server keeps its sentences in a module of that name, which needs no database.
    for place in sorted(Path(tasuki_server.__path__[0]).glob("*/messages.py")):
        importlib.import_module(f"tasuki_server.{place.parent.name}.messages")
    rows = [f"| `{key}` | {_cell(text)} |" for key, text in sorted(registered().items())]
    return _page(
        "指摘コード / Finding codes",
        [
            "`{…}` は指摘ごとの値です。/ `{…}` stands for a fact of the finding.",
            "",
            "| 文言キー | 文 |",
            "|---|---|",
            *rows,
            "",
            "## レセプト点検 / Checks of claims",
            "",
            "| 指摘コード | 分類 | 出典 | 事例 |",
            "|---|---|---|---|",
            *_checks_of_claims(),
        ],
    )


def _checks_of_claims() -> list[str]:
    """点検項目 — class, source and cases of every check; "なし" where no case shows it."""
    return [
        f"| `{each.public_code}` | {each.asp_class} | {_cell(each.source)} | {each.case or 'なし'} |"
        for each in (*CATALOGUE.values(), *CONTENT_CATALOGUE.values())
    ]


def copayment_page() -> str:
    """窓口負担の資料 — tables, settings and reasons of the copayment."""
    return _page("窓口負担 / Copayment", copayment_lines())


def starter_page() -> str:
    """スターターセットの資料 — what the book that ships with the project holds."""
    return _page("スターターセット / Starter set", starter_lines())


def permissions_page() -> str:
    """権限の資料 — who may do what by default."""
    roles = list(Role)
    rows = []
    for permission, row in PERMISSIONS.items():
        marks = " | ".join("○" if role in row.roles else "" for role in roles)
        rows.append(f"| `{permission.value}` | {row.workplace} | {row.label} | {marks} |")
    header = "| 権限 | 部門 | できること | " + " | ".join(role.label for role in roles) + " |"
    return _page("権限 / Permissions", [header, "|---|---|---|" + "---|" * len(roles), *rows])


def commands_page() -> str:
    """コマンドの資料 — the help of every noun and verb."""
    lines: list[str] = []
    for noun in present_nouns():
        module = noun_module(noun)
        japanese, english = module.HELP
        lines += [f"## `./tasuki {noun}`", "", f"{japanese} / {english}", ""]
        parser = argparse.ArgumentParser(prog=f"./tasuki {noun}", add_help=False)
        module.add_arguments(parser)
        lines += [*_arguments(parser), ""]
    return _page("コマンド / Commands", lines)


def rules_page() -> str:
    """算定ルールの資料 — every rule of the calculation, with source and days."""
    from tasuki.calculation.rules_reference import rules_reference

    cases: dict[str, list[tuple[str, bool]]] = {}
    for case in case_index():
        for rule_id, fires in case.rules:
            cases.setdefault(rule_id, []).append((case.name, fires))
    return _page("算定ルール / Rules of calculation", rules_reference(cases).splitlines())


def coverage_page() -> str:
    """算定範囲の資料 — every 区分番号 of the fee table, and how far it can be billed."""
    return _page("算定範囲 / Coverage of the fee table", coverage_lines())


def terms_page() -> str:
    """用語の資料 — beside the glossary, which is written by hand."""
    return _page("用語 / Terms of the library", terms_table(Path(tasuki.__path__[0])))


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "finding-codes.md": findings_page,
    "commands.md": commands_page,
    "copayment.md": copayment_page,
    "permissions.md": permissions_page,
    "starter.md": starter_page,
    "rules.md": rules_page,
    "coverage.md": coverage_page,
    "terms.md": terms_page,
}


def stale_pages(folder: Path) -> Iterator[tuple[Path, str]]:
    """古い資料 — pages whose file differs from what the code says, with the right text."""
    for name, make in PAGES.items():
        path, text = folder / name, make()
        if not path.exists() or path.read_text() != text:
            yield path, text


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help for choice in action._choices_actions}
            for verb, child in action.choices.items():
                yield f"- `{verb}` — {helps.get(verb) or ''}"
                yield from ("  " + line for line in _arguments(child))
            continue
        if action.dest == "help" or action.help == argparse.SUPPRESS:
            continue
        name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        shown = (
            f" {action.metavar or action.dest.upper()}" if action.option_strings and action.nargs != 0 else ""
        )
        yield f"- `{name}{shown}` — {(action.help or '').replace('%(default)s', str(action.default))}"


def _page(title: str, lines: list[str]) -> str:
    return "\n".join([NOTE, f"# {title}", "", *lines]).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
