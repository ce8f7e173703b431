# SPDX-License-Identifier: Apache-2.0
"""FHIR — `./tasuki fhir validate FILE…`, `convert FILE`, `compile-ig PACKAGE…`, `load FILE`, `client` and `narrow`.

Checking resources, JSON and XML, importing guides, filling the exchange, who may do what in it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.claims_stream import opened, plain
from tasuki_server.cli.fhir_clients import add_verbs as add_clients
from tasuki_server.cli.fhir_load import add_verb as add_load
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.kernel.finding import Finding
    from tasuki.sharing.ig import PackageFile
    from tasuki.sharing.validator import Validator

NAME = "fhir"
# What cannot be read at all: exit code 2.
UNREADABLE = frozenset(("FHIR-J-01", *(f"FHIR-X-0{number}" for number in range(1, 10))))
HELP = (
    "FHIRリソースを点検・取込みし、実装ガイドを取り込みます",
    "validate and load FHIR resources, import implementation guides",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    validate = verbs.add_parser(
        "validate",
        help=say(
            "FHIR R4・JP Core・JP-CLINS に合うか点検する", "check against FHIR R4, JP Core and JP-CLINS"
        ),
    )
    validate.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help=say("JSONまたはXMLのファイル（- は標準入力）", "JSON or XML files (- for stdin)"),
    )
    validate.add_argument(
        "--profile", metavar="URL", action="append", default=[],
        help=say("このプロファイルにも合うか点検する（何度でも）", "check against this profile too (repeatable)"),
    )  # fmt: skip
    validate.add_argument(
        "--ig", metavar="TABLE", action="append", default=[],
        help=say("compile-ig で作った制約表も使う（何度でも）", "use this compiled guide too (repeatable)"),
    )  # fmt: skip
    validate.add_argument(
        "--errors-only", action="store_true", help=say("誤りだけを表示する", "show errors only")
    )
    validate.set_defaults(verb=_validate)
    converting = verbs.add_parser(
        "convert",
        help=say(
            "リソースをJSONからXMLへ、XMLからJSONへ変える", "resource from JSON to XML or from XML to JSON"
        ),
    )
    converting.add_argument(
        "file",
        metavar="FILE",
        help=say("JSONまたはXMLのファイル（- は標準入力）", "JSON or XML file (- for stdin)"),
    )
    converting.add_argument(
        "--out",
        metavar="PATH",
        help=say("書き出すファイル。省略時は標準出力", "file to write (default: stdout)"),
    )
    converting.set_defaults(verb=_convert)
    importing = verbs.add_parser(
        "compile-ig",
        help=say("実装ガイドのパッケージを制約表にする", "compile packages of a guide to a table"),
    )
    importing.add_argument(
        "packages",
        metavar="PACKAGE",
        nargs="+",
        help=say("FHIRパッケージ（.tgz またはフォルダ）", "FHIR package (.tgz or folder)"),
    )
    importing.add_argument(
        "--out", metavar="TABLE", required=True, help=say("制約表のファイル", "table to write")
    )
    importing.add_argument("--name", metavar="NAME", help=say("制約表に記す名前", "name kept in the table"))
    importing.add_argument(
        "--ig", metavar="TABLE", action="append", default=[],
        help=say("先に取り込んだ制約表（何度でも）", "a table compiled before (repeatable)"),
    )  # fmt: skip
    importing.add_argument(
        "--most-codes", metavar="N", type=int, default=1_500,
        help=say("これより長いコードの一覧は入れない（既定 1500）", "leave out longer lists of codes (default 1500)"),
    )  # fmt: skip
    importing.add_argument(
        "--alone", action="store_true", help=say("組込みの制約表を使わない", "do not use the tables built in")
    )
    importing.set_defaults(verb=_compile)
    add_load(verbs)
    add_clients(verbs)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _read(name: str, most: int) -> bytes:
    with opened(name) as stream:
        return stream.read(most)


def _validate(args: argparse.Namespace) -> int:
    from tasuki.kernel.finding import Severity
    from tasuki.kernel.messages import sentence
    from tasuki.sharing.ig import read_table
    from tasuki.sharing.validator import MOST_BYTES, Validator, is_valid

    more = tuple(read_table(_read(name, MOST_BYTES), name) for name in args.ig)
    validator = Validator(more=more)
    code, shown = 0, []
    names = {Severity.BLOCK: "誤り", Severity.CONFIRM: "確認", Severity.ADVICE: "情報"}
    for name in args.files:
        findings = _findings(validator, _read(name, MOST_BYTES + 1), name, tuple(args.profile))
        valid = is_valid(findings)
        if args.errors_only:
            findings = tuple(each for each in findings if each.severity is Severity.BLOCK)
        code = max(code, 2 if any(each.code in UNREADABLE for each in findings) else int(not valid))
        if args.format == "json":
            shown.append({"file": name, "valid": valid, "findings": plain(findings)})
            continue
        counts = {each: sum(one.severity is each for one in findings) for each in names}
        verdict = "適合" if valid else "不適合"
        print(
            f"{name}: {verdict}（{'、'.join(f'{names[each]}{count}件' for each, count in counts.items())}）"
        )
        for each in findings:
            print(f"  [{names[each.severity]}] {sentence(each)} {each.code}")
    if args.format == "json":
        print(json.dumps({"files": shown}, ensure_ascii=False))
    return code


def _is_xml(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _findings(validator: Validator, data: bytes, name: str, profiles: tuple[str, ...]) -> tuple[Finding, ...]:
    """What is wrong in a resource of either form; XML that is no resource is answered as it is read."""
    from tasuki.kernel.finding import BadInput
    from tasuki.sharing.fhir_xml import read_fhir_xml

    if not _is_xml(data):
        return validator.validate(data, name, profiles)
    try:
        value = read_fhir_xml(data, name)
    except BadInput as wrong:
        return wrong.findings
    return validator.validate_value(value, name, profiles)


def _convert(args: argparse.Namespace) -> int:
    from tasuki.kernel.finding import BadInput
    from tasuki.kernel.messages import sentence
    from tasuki.kernel.strict_json import NotStrict, read_strictly
    from tasuki.sharing.checkups import write_json
    from tasuki.sharing.fhir_xml import read_fhir_xml, write_fhir_xml
    from tasuki.sharing.validator import DEPTH, MOST_BYTES

    data = _read(args.file, MOST_BYTES)
    try:
        if _is_xml(data):
            made = write_json(read_fhir_xml(data, args.file))
        else:
            made = write_fhir_xml(read_strictly(data, DEPTH), args.file)
    except NotStrict as wrong:
        raise Stop(
            f"{args.file} をJSONとして読めません（{wrong}）。", f"{args.file} is no JSON ({wrong})."
        ) from wrong
    except BadInput as wrong:
        for finding in wrong.findings:
            print(f"  [誤り] {sentence(finding)} {finding.code}", file=sys.stderr)
        return 2
    if args.out:
        Path(args.out).write_bytes(made)
        print(say(f"{args.out}: {len(made):,}バイト", f"{args.out}: {len(made):,} bytes"))
    else:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    return 0


def _compile(args: argparse.Namespace) -> int:
    from tasuki.kernel.messages import sentence
    from tasuki.sharing.builtin import builtin_tables
    from tasuki.sharing.ig import compile_ig, read_table, write_table
    from tasuki.sharing.ig.packages import MOST_FILE_BYTES

    known = tuple(read_table(_read(name, MOST_FILE_BYTES), name) for name in args.ig)
    if not args.alone:
        known += builtin_tables()
    names = (args.name,) if args.name else tuple(Path(each).name for each in args.packages)
    made = compile_ig(_files(args.packages), names, known, args.most_codes)
    for finding in made.findings:
        print(sentence(finding), file=sys.stderr)
    if not made.table.profiles and not made.table.code_systems:
        raise Stop(
            "取り込めるプロファイルがありません。FHIR R4 のパッケージか確かめてください。",
            "Nothing to import; check that this is a FHIR R4 package.",
        )
    data = write_table(made.table)
    Path(args.out).write_bytes(data)
    if args.format == "json":
        print(json.dumps({"out": args.out, "bytes": len(data), "profiles": len(made.table.profiles)}))
    else:
        print(
            f"{args.out}: プロファイル{len(made.table.profiles)}、値セット{len(made.table.value_sets)}、"
            f"コード体系{len(made.table.code_systems)}、不変条件{len(made.table.invariants)}、{len(data):,}バイト"
        )
    return 0


def _files(packages: list[str]) -> Iterator[PackageFile]:
    from tasuki.sharing.ig import PackageFile, read_archive

    for name in packages:
        folder = Path(name)
        if folder.is_dir():
            for each in sorted(folder.rglob("*.json")):
                yield PackageFile(str(each.relative_to(folder)), each.read_bytes())
        else:
            with opened(name) as stream:
                yield from read_archive(stream.read(), name)
        progress(f"{name} を読みました", f"read {name}")
