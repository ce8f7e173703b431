# SPDX-License-Identifier: Apache-2.0
"""健診結果 — `./tasuki checkup convert FILE…` and `./tasuki checkup check FILE…`: 特定健診XML and 健診結果報告書."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.claims_stream import opened, plain
from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.kernel.finding import Finding
    from tasuki.sharing.checkups import ReadCheckup

NAME = "checkup"
HELP = (
    "健診結果（特定健診XML・健診結果報告書）を点検し、相互に変換します",
    "check health checkups and convert them between 特定健診 XML and FHIR",
)
MOST_BYTES = 256 * 1024 * 1024 + 1
SUFFIXES = {"特定健診XML": ".xml", "健診結果報告書": ".json"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    check = verbs.add_parser("check", help=say("健診結果を点検する", "check results of checkups"))
    _files(check)
    check.set_defaults(verb=_check)
    convert = verbs.add_parser(
        "convert",
        help=say(
            "特定健診XMLを健診結果報告書に、報告書をXMLに変換する", "convert XML to FHIR and FHIR to XML"
        ),
    )
    _files(convert)
    convert.add_argument(
        "--to", choices=("xml", "fhir"), help=say("変換先（省略時はもう一方の形式）", "form to write (default: the other one)")
    )  # fmt: skip
    convert.add_argument(
        "--out", metavar="PATH",
        help=say("書き出すファイル（複数のときはフォルダ）。省略時は標準出力", "file to write, a folder for many (default: stdout)"),
    )  # fmt: skip
    convert.add_argument(
        "--doctor", metavar="NAME", default="",
        help=say("報告書の医師の氏名（XMLに医師の氏名がないとき）", "doctor of the report where XML names none"),
    )  # fmt: skip
    convert.add_argument(
        "--number", metavar="NUMBER", default="",
        help=say("文書の番号の最後の部分（英数字36文字以内、省略時は内容から作る）", "last part of the document's number (default: made from the content)"),
    )  # fmt: skip
    convert.add_argument(
        "--made-at", metavar="TIME", type=_moment,
        help=say("報告書の作成日時（例 2026-04-01T09:00:00+09:00、省略時は現在）", "time of the report (default: now)"),
    )  # fmt: skip
    convert.set_defaults(verb=_convert)


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+",
        help=say("特定健診XML、送付用のZIP、または健診結果報告書（- は標準入力）", "XML, its ZIP, or FHIR files (- for stdin)"),
    )  # fmt: skip


def _moment(text: str) -> datetime:
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        made = None  # type: ignore[assignment]
    if made is None or made.tzinfo is None:
        raise argparse.ArgumentTypeError(
            say(
                f"{text} は時差のある日時ではありません。例: 2026-04-01T09:00:00+09:00",
                f"{text} is no time with an offset",
            )
        )
    return made


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _each(names: Iterable[str]) -> Iterator[tuple[str, bytes | None, tuple[Finding, ...]]]:
    """Name and content; a ZIP gives itself, without content and with what is wrong with it, then each result in it."""
    from tasuki.kernel.finding import BadInput
    from tasuki.sharing.checkups import is_archive, open_archive

    for name in names:
        with opened(name) as stream:
            data = stream.read(MOST_BYTES)
        if not is_archive(data):
            yield name, data, ()
            continue
        try:
            archive = open_archive(data, name)
        except BadInput as wrong:
            yield name, None, wrong.findings
            continue
        yield name, None, archive.findings
        for inner, result in archive.results():
            yield f"{name}:{inner}", result, ()


def _check(args: argparse.Namespace) -> int:
    from tasuki.kernel.finding import BadInput, Severity
    from tasuki.sharing.checkups import check_checkup, kind_of, read_checkup, wire_of

    code, shown = 0, []
    for name, data, whole in _each(args.files):
        if data is None:
            worst = 2 if any(each.severity is Severity.BLOCK for each in whole) else 0
            code = max(code, worst)
            shown.append({"file": name, "form": "ZIP", "valid": not worst, "findings": plain(whole)})
            _tell(args, f"{name}: {say('送付用アーカイブ', 'archive')}", whole)
            continue
        said: dict[str, Any] = {"file": name, "form": wire_of(data).value}
        try:
            read: ReadCheckup = read_checkup(data, name)
        except BadInput as wrong:
            code = 2
            shown.append({**said, "valid": False, "findings": plain(wrong.findings)})
            _tell(args, f"{name}: {say('読み取れません', 'cannot be read')}", wrong.findings)
            continue
        checkup = read.checkup
        findings = (*read.left, *check_checkup(checkup, name))
        valid = not any(each.severity is Severity.BLOCK for each in findings)
        code = max(code, int(not valid))
        said |= {"kind": kind_of(checkup.program).value, "items": len(checkup.items()), "valid": valid}
        shown.append({**said, "findings": plain(findings)})
        verdict = say("適合", "valid") if valid else say("不適合", "invalid")
        _tell(args, f"{name}: {verdict}（{said['form']}、{said['kind']}、{said['items']}項目）", findings)
    if args.format == "json":
        print(json.dumps({"files": shown}, ensure_ascii=False))
    return code


def _tell(args: argparse.Namespace, head: str, findings: Iterable[Finding]) -> None:
    if args.format == "json":
        return
    print(head)
    _list(findings, sys.stdout)


def _list(findings: Iterable[Finding], stream: Any) -> None:
    from tasuki.kernel.finding import Severity
    from tasuki.kernel.messages import sentence

    names = {Severity.BLOCK: "誤り", Severity.CONFIRM: "確認", Severity.ADVICE: "情報"}
    for each in findings:
        print(f"  [{names[each.severity]}] {sentence(each)} {each.code}", file=stream)


def _convert(args: argparse.Namespace) -> int:
    from tasuki.kernel.finding import BadInput, Severity

    is_many = len(args.files) > 1
    if is_many and not args.out:
        raise Stop(
            "ファイルが複数あります。--out に書き出すフォルダを指定してください。",
            "Several files: name a folder with --out.",
        )
    code, shown = 0, []
    written: set[Path] = set()
    for name, data, whole in _each(args.files):
        if data is None:
            is_many = True
            if not args.out:
                raise Stop(
                    "ZIPです。--out に書き出すフォルダを指定してください。",
                    "A ZIP: name a folder with --out.",
                )
            stop = any(each.severity is Severity.BLOCK for each in whole)
            code = max(code, 2 if stop else int(bool(whole)))
            _list(whole, sys.stderr)
            shown.append({"file": name, "out": None, "findings": plain(whole)})
            continue
        try:
            said = _one(args, name, data, written, is_many=is_many)
        except BadInput as wrong:
            code = 2
            print(f"{name}: {say('変換できません', 'cannot be converted')}", file=sys.stderr)
            _list(wrong.findings, sys.stderr)
            said = {"file": name, "out": None, "findings": plain(wrong.findings)}
        else:
            code = max(code, int(bool(said["findings"])))
        shown.append(said)
    if args.format == "json":
        # Without --out the document itself is on stdout, and what was lost on stderr.
        print(json.dumps({"files": shown}, ensure_ascii=False), file=sys.stdout if args.out else sys.stderr)
    return code


def _one(
    args: argparse.Namespace, name: str, data: bytes, written: set[Path], *, is_many: bool
) -> dict[str, Any]:
    from tasuki.sharing.checkups import CheckupWire, numbered, read_checkup, wire_of, write_checkup
    from tasuki.sharing.checkups.report_writer import TOKYO

    if is_many and args.number:
        raise Stop(
            "--number は1件のときだけ使えます。省略すると内容から番号を作ります。",
            "--number is for one file; without it numbers are made from the content.",
        )
    asked = {"xml": CheckupWire.XML, "fhir": CheckupWire.FHIR}.get(args.to or "")
    other = CheckupWire.XML if wire_of(data) is CheckupWire.FHIR else CheckupWire.FHIR
    wire = asked or other
    read = read_checkup(data, name)
    checkup = read.checkup
    if wire is CheckupWire.FHIR:
        checkup = numbered(checkup, args.made_at or datetime.now(TOKYO), args.number, args.doctor)
    made = write_checkup(checkup, wire, name)
    lost = (*read.left, *made.lost)
    if not args.out:
        sys.stdout.buffer.write(made.data)
        sys.stdout.buffer.flush()
    else:
        path = Path(args.out)
        if is_many or path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            path = path / (Path(name.rpartition(":")[2]).stem + SUFFIXES[wire.value])
        if path in written:
            raise Stop(
                f"{name}: {path} に書き出したものが先にあります。フォルダを分けて変換してください。",
                f"{name}: {path} was written before; convert into another folder.",
            )
        written.add(path)
        path.write_bytes(made.data)
        if args.format != "json":
            print(f"{name} → {path}（{wire.value}、{len(checkup.items())}項目、{len(made.data):,}バイト）")
    if lost and args.format != "json":
        print(
            say(f"{name}: 引き継げないもの {len(lost)}件", f"{name}: {len(lost)} not carried"),
            file=sys.stderr,
        )
        _list(lost, sys.stderr)
    return {
        "file": name,
        "form": wire.value,
        "out": str(path) if args.out else None,
        "findings": plain(lost),
    }
