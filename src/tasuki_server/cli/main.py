# SPDX-License-Identifier: Apache-2.0
"""コマンドの入口 — parse, run one noun, and turn what happens into an exit code."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
import traceback
from collections.abc import Sequence

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.cli.nouns import NOUNS, noun_module, present_nouns
from tasuki_server.cli.words import Stop, argparse_word, say
from tasuki_server.cli.work_order import under_work_order
from tasuki_server.steady_heap import collect_seldom

FINE, FINDINGS, BAD_INPUT, OUR_FAULT = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """コマンドの実行 — 0 fine, 1 findings, 2 bad input, 3 our fault, 130 interrupted."""
    collect_seldom()
    words = list(sys.argv[1:] if argv is None else argv)
    argparse._ = argparse_word  # type: ignore[attr-defined]
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return FINE
    if words[0] in ("--version", "version"):
        from tasuki_server.cli.version import version_line

        print(version_line())
        return FINE
    noun = words[0]
    if noun not in present_nouns():
        print(_unknown(noun), file=sys.stderr)
        return BAD_INPUT
    try:
        return _run(noun, words[1:])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else BAD_INPUT
    except BrokenPipeError:
        # The reader went away (`| head`): nothing more to say, and nothing to flush into.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


def _run(noun: str, words: list[str]) -> int:
    module = noun_module(noun)
    parser = argparse.ArgumentParser(prog=f"./tasuki {noun}", description=say(*module.HELP))
    module.add_arguments(parser)
    for each in _parsers(parser):
        if not any(action.dest == "format" for action in each._actions):
            each.add_argument(
                "--format",
                choices=("text", "json"),
                default=argparse.SUPPRESS,
                help=say("結果の形（text か json）", "form of the result"),
            )
    args = parser.parse_args(words)
    if not hasattr(args, "format"):
        args.format = "text"
    try:
        return under_work_order(noun, words, lambda: int(module.run(args)))
    except BadInput as bad:
        _print_findings(bad, args.format)
        return BAD_INPUT
    except Stop as stop:
        print(stop, file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(say("中断しました。", "Interrupted."), file=sys.stderr)
        return 130
    except BrokenPipeError:
        raise
    except Exception as fault:  # noqa: BLE001 - the last door: everything becomes an exit code
        if os.environ.get("TASUKI_DEBUG"):
            traceback.print_exc()
        print(_our_fault(fault), file=sys.stderr)
        return OUR_FAULT


def _parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = [parser]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in dict.fromkeys(action.choices.values()):
                found.extend(_parsers(child))
    return found


def _print_findings(bad: BadInput, form: str) -> None:
    if form == "json":
        findings = [
            {
                "code": f.code,
                "severity": f.severity,
                "file": f.where.file,
                "line": f.where.line,
                "record": f.where.record,
                "field": f.where.field,
                "facts": {key: str(value) for key, value in f.facts.items()},
                "message": sentence(f),
            }
            for f in bad.findings
        ]
        print(json.dumps({"findings": findings}, ensure_ascii=False))
        return
    for finding in bad.findings:
        print(f"{finding.code} {sentence(finding)}", file=sys.stderr)


def _our_fault(fault: Exception) -> str:
    # The text of an exception may quote a record, so only its kind and place are shown.
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
    return say(
        f"襷の側の誤りです（{type(fault).__name__}、{place}）。TASUKI_DEBUG=1 を付けると詳しく表示します。",
        f"This is a fault of Tasuki ({type(fault).__name__}, {place}). Set TASUKI_DEBUG=1 for the details.",
    )


def _unknown(noun: str) -> str:
    near = difflib.get_close_matches(noun, present_nouns(), n=1, cutoff=0.5)
    text = say(f"「{noun}」というコマンドはありません。", f"There is no command “{noun}”.")
    if near:
        text += say(f" もしかして: ./tasuki {near[0]}", f" Did you mean: ./tasuki {near[0]}")
    return text + say(" 一覧は ./tasuki help で見られます。", " ./tasuki help lists them.")


def _overview() -> str:
    lines = [say("襷（たすき） — 使い方: ./tasuki コマンド …", "Tasuki — usage: ./tasuki COMMAND …"), ""]
    for noun in NOUNS:
        if noun in present_nouns():
            lines.append(f"  {noun:<10} {say(*noun_module(noun).HELP)}")
    lines += [
        "",
        say(
            "詳しくは ./tasuki コマンド --help。結果の形は --format text|json。",
            "Details: ./tasuki COMMAND --help. Form of the result: --format text|json.",
        ),
        say(
            "終了コード: 0 問題なし、1 指摘あり、2 入力や環境の誤り、3 襷の側の誤り",
            "Exit codes: 0 fine, 1 findings, 2 bad input or surroundings, 3 our fault",
        ),
    ]
    return "\n".join(lines)
